// Kernels on columns: sorting with the rows, cells and ranks out of a sort, two sorts merged, pair tables, row keys.
// What each of them answers is written in kernels/_columns.py, whose NumPy lines give the same bits.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "parallel.hpp"

namespace contrapeso {

// ---------------------------------------------------------------------------------------------------------- sorting
// A radix sort on eight bytes a row: the upper half holds the 32 highest bits in which the keys differ, the lower half
// the row. Passes run from the lowest digit, so equal keys stay in the order of their rows. Keys that agree in those 32
// bits lie side by side afterwards and are put in order by what is left of them: a few by insertion, many by the same
// sort again, whose 32 bits start lower then.

struct Doubles { // -0.0 is 0.0; NaN is absent
  const double *values;
  bool absent(uint32_t row) const { return values[row] != values[row]; }
  uint64_t key(uint32_t row) const {
    const uint64_t bits = std::bit_cast<uint64_t>(values[row] + 0.0);
    return bits ^ (static_cast<uint64_t>(-static_cast<int64_t>(bits >> 63)) | uint64_t{1} << 63);
  }
};

struct Words64 {
  const uint64_t *values;
  bool absent(uint32_t) const { return false; }
  uint64_t key(uint32_t row) const { return values[row]; }
};

constexpr int DIGIT = 11;
constexpr std::size_t FEW = 48;

struct SortSpace { // kept from one sort to the next
  std::unique_ptr<uint64_t[]> records, other;
  std::size_t size = 0;
  std::vector<uint32_t> counts;
};

template <class Source> void sort_few(const Source &source, uint32_t *rows, std::size_t n) {
  for (std::size_t i = 1; i < n; ++i) {
    const uint32_t row = rows[i];
    const uint64_t key = source.key(row);
    std::size_t at = i;
    for (; at > 0 && source.key(rows[at - 1]) > key; --at)
      rows[at] = rows[at - 1];
    rows[at] = row;
  }
}

// Sorts `rows`, which are ascending, by key; ties keep their order.
template <class Source> void sort_rows(const Source &source, uint32_t *rows, std::size_t n, SortSpace &space) {
  if (n <= FEW)
    return sort_few(source, rows, n);
  uint64_t some = 0, every = ~uint64_t{0};
  for (std::size_t i = 0; i < n; ++i) {
    const uint64_t key = source.key(rows[i]);
    some |= key, every &= key;
  }
  const uint64_t varying = some ^ every;
  if (varying == 0)
    return;
  const int high = 63 - std::countl_zero(varying), low = std::countr_zero(varying);
  const int width = std::min(32, high - low + 1), shift = high - width + 1;
  const int passes = (width + DIGIT - 1) / DIGIT, digit = (width + passes - 1) / passes;
  const uint64_t mask = (uint64_t{1} << digit) - 1, kept = (uint64_t{1} << width) - 1;
  const std::size_t buckets = std::size_t{1} << digit;
  if (space.size < n) {
    space.records.reset(new uint64_t[n]), space.other.reset(new uint64_t[n]);
    space.size = n;
  }
  space.counts.assign(buckets * static_cast<std::size_t>(passes), 0);
  uint32_t *counts = space.counts.data();
  uint64_t *from = space.records.get(), *to = space.other.get();
  for (std::size_t i = 0; i < n; ++i) {
    const uint64_t bits = source.key(rows[i]) >> shift & kept;
    from[i] = bits << 32 | rows[i];
    for (int pass = 0; pass < passes; ++pass)
      ++counts[static_cast<std::size_t>(pass) * buckets + (bits >> (pass * digit) & mask)];
  }
  for (int pass = 0; pass < passes; ++pass) {
    uint32_t *count = counts + static_cast<std::size_t>(pass) * buckets;
    const int down = 32 + pass * digit;
    if (count[from[0] >> down & mask] == n)
      continue; // one digit for all
    uint32_t sum = 0;
    for (std::size_t b = 0; b < buckets; ++b)
      sum += std::exchange(count[b], sum);
    for (std::size_t i = 0; i < n; ++i) {
      const uint64_t record = from[i];
      to[count[record >> down & mask]++] = record;
    }
    std::swap(from, to);
  }
  for (std::size_t i = 0; i < n; ++i)
    rows[i] = static_cast<uint32_t>(from[i]);
  if (shift <= low)
    return; // no bit is left
  std::vector<std::pair<std::size_t, std::size_t>> long_runs; // the records are overwritten by what sorts them
  for (std::size_t start = 0, end; start < n; start = end) {
    for (end = start + 1; end < n && from[end] >> 32 == from[start] >> 32;)
      ++end;
    if (end - start > FEW)
      long_runs.emplace_back(start, end);
    else if (end - start > 1)
      sort_few(source, rows + start, end - start);
  }
  for (const auto &[start, end] : long_runs)
    sort_rows(source, rows + start, end - start, space);
}

// Present rows in the order of their keys; returns how many there are.
template <class Source> std::size_t sort_source(const Source &source, std::size_t n, uint32_t *rows) {
  std::size_t present = 0;
  for (std::size_t row = 0; row < n; ++row) {
    rows[present] = static_cast<uint32_t>(row);
    present += !source.absent(static_cast<uint32_t>(row));
  }
  SortSpace space;
  sort_rows(source, rows, present, space);
  return present;
}

inline void gather(const double *values, const uint32_t *rows, std::size_t n, double *out) {
  for (std::size_t k = 0; k < n; ++k)
    out[k] = values[rows[k]] + 0.0;
}

// ------------------------------------------------------------------------------------------------ out of a sort
inline void scatter_cells(const uint32_t *rows, std::size_t present, const int64_t *cuts, std::size_t n_cuts,
                          std::size_t n_rows, uint16_t *codes) {
  if (present < n_rows)
    std::fill(codes, codes + n_rows, static_cast<uint16_t>(n_cuts + 1));
  std::size_t k = 0;
  for (std::size_t cell = 0; cell <= n_cuts; ++cell) {
    const std::size_t end = cell < n_cuts ? static_cast<std::size_t>(cuts[cell]) : present;
    for (; k < end; ++k)
      codes[rows[k]] = static_cast<uint16_t>(cell);
  }
}

// Mid-ranks less `centre`; `mass` may be null: then every row weighs the same.
inline void scatter_ranks(const double *values, const uint32_t *rows, std::size_t present, const double *mass,
                          std::size_t n_rows, double centre, double absent, double *ranks) {
  if (present < n_rows)
    std::fill(ranks, ranks + n_rows, absent);
  const double total = static_cast<double>(present);
  double lower = 0.0;
  for (std::size_t start = 0, end; start < present; start = end) {
    for (end = start + 1; end < present && values[end] == values[start];)
      ++end;
    const double upper = mass ? mass[end - 1] : static_cast<double>(end) / total;
    const double rank = (lower + upper) / 2 - centre;
    for (std::size_t k = start; k < end; ++k)
      ranks[rows[k]] = rank;
    lower = upper;
  }
}

struct Apart {
  double ks, transport;
};

// Steps through two ascending runs; `gap(i, j)` is the difference once i values of one and j of the other are passed.
template <class Gap> Apart merge(const double *a, std::size_t n, const double *b, std::size_t m, Gap &&gap) {
  double most = 0.0, sum = 0.0, before = std::min(a[0], b[0]), apart = 0.0;
  std::size_t i = 0, j = 0;
  const auto reach = [&](double next) {
    const double reached = std::max(most, apart);
    most = next > before ? reached : most; // only the last of equal values counts
    sum += apart * (next - before);
    before = next;
  };
  while (i < n && j < m) { // no branch on the values: which one is less cannot be foretold
    const double left = a[i], right = b[j], next = std::min(left, right);
    reach(next);
    i += left <= next, j += right <= next;
    apart = std::abs(gap(i, j));
  }
  for (; i < n; apart = std::abs(gap(++i, j)))
    reach(a[i]);
  for (; j < m; apart = std::abs(gap(i, ++j)))
    reach(b[j]);
  return {std::max(most, apart), sum};
}

// ------------------------------------------------------------------------------------------------ counting
// Rows lie in segments: group by group, and within a group class by class. Counts of a segment are whole numbers in a
// small table; they are weighted and added when the segment ends, so no sum depends on the order of its rows.

struct Segments {
  const int64_t *starts; // n_groups * n_classes + 1
  int64_t n_groups, n_classes;
  const double *weights; // one a class
};

inline void count_cells(const uint32_t *segment, const uint16_t *codes, std::size_t n, std::size_t n_cells, int64_t *counts) {
  for (std::size_t i = 0; i < n; ++i)
    ++counts[segment[i] * n_cells + codes[i]];
}

inline void used_cells(const uint16_t *codes, std::size_t n, bool *used) {
  for (std::size_t i = 0; i < n; ++i)
    used[codes[i]] = true;
}

template <class Code>
void arrange(const uint16_t *codes, const uint32_t *rows, const uint16_t *lookup, std::size_t n, Code *out) {
  for (std::size_t k = 0; k < n; ++k)
    out[k] = static_cast<Code>(lookup[codes[rows[k]]]);
}

// Key is wide enough for every cell of the table.
template <class Key, class Code>
void count_keys(const Code *left, const Code *right, int64_t n, int64_t n_right, uint32_t *const (&tables)[4]) {
  constexpr int64_t BLOCK = 1024;
  Key keys[BLOCK];
  const Key width = static_cast<Key>(n_right);
  for (int64_t start = 0; start < n; start += BLOCK) {
    const int64_t size = std::min(BLOCK, n - start);
    for (int64_t i = 0; i < size; ++i)
      keys[i] = static_cast<Key>(static_cast<Key>(left[start + i]) * width + right[start + i]);
    int64_t i = 0;
    for (; i + 3 < size; i += 4)
      ++tables[0][keys[i]], ++tables[1][keys[i + 1]], ++tables[2][keys[i + 2]], ++tables[3][keys[i + 3]];
    for (; i < size; ++i)
      ++tables[0][keys[i]];
  }
}

template <class Code>
void count_pair(const Code *left, const Code *right, int64_t n_left, int64_t n_right, const Segments &segments,
                double *grouped, double *classed, std::vector<uint32_t> &space) {
  const std::size_t cells = static_cast<std::size_t>(n_left * n_right);
  const std::size_t width = static_cast<std::size_t>(n_right);
  const std::size_t apart = cells <= 512 ? cells : 0; // four small tables: equal neighbours do not wait for each other
  space.assign(apart ? 4 * cells : cells, 0);
  uint32_t *const tables[4] = {space.data(), space.data() + apart, space.data() + 2 * apart, space.data() + 3 * apart};
  std::fill(grouped, grouped + static_cast<std::size_t>(segments.n_groups) * cells, 0.0);
  std::fill(classed, classed + static_cast<std::size_t>(segments.n_classes) * cells, 0.0);
  for (int64_t g = 0; g < segments.n_groups; ++g)
    for (int64_t c = 0; c < segments.n_classes; ++c) {
      const int64_t from = segments.starts[g * segments.n_classes + c], to = segments.starts[g * segments.n_classes + c + 1];
      double *group = grouped + static_cast<std::size_t>(g) * cells, *klass = classed + static_cast<std::size_t>(c) * cells;
      const double weight = segments.weights[c];
      if (cells <= 1u << 16)
        count_keys<uint16_t>(left + from, right + from, to - from, n_right, tables);
      else
        count_keys<uint32_t>(left + from, right + from, to - from, n_right, tables);
      const auto rows_of = [&](std::size_t cell) {
        return apart ? tables[0][cell] + tables[1][cell] + tables[2][cell] + tables[3][cell] : tables[0][cell];
      };
      const auto close = [&](std::size_t cell) {
        const double count = static_cast<double>(rows_of(cell));
        for (uint32_t *table : tables)
          table[cell] = 0;
        group[cell] += weight * count;
        klass[cell] += count;
      };
      if (static_cast<std::size_t>(to - from) * 2 < cells) { // few rows: look at their cells alone
        for (int64_t i = from; i < to; ++i) {
          const std::size_t cell = static_cast<std::size_t>(left[i]) * width + right[i];
          if (rows_of(cell) > 0)
            close(cell);
        }
      } else {
        for (std::size_t cell = 0; cell < cells; ++cell)
          close(cell);
      }
    }
}

// ------------------------------------------------------------------------------------------------ measuring pairs
// Replicates lie innermost, so that sums run over cells first to last, for all replicates side by side.

struct PairSums {
  double *real, *synthetic, *gap; // one a replicate
  double *whole;                  // phi2, used rows, used columns: of the real and of the synthetic table
};

struct PairSpace {
  std::vector<double> p, q, row_p, row_q, column_p, column_q, total;
};

// Shares (cells, replicates): the whole, each group left out, then halves of `halved`; column sums in `columns`.
inline void replicate(const double *grouped, const double *halved, std::size_t n_groups, std::size_t cells,
                      const double *splits, std::size_t n_splits, double side, std::vector<double> &total, double *shares) {
  const std::size_t width = 1 + n_groups + n_splits;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    double *share = shares + cell * width, whole = 0.0;
    for (std::size_t g = 0; g < n_groups; ++g)
      whole += grouped[g * cells + cell];
    share[0] = whole;
    for (std::size_t g = 0; g < n_groups; ++g)
      share[1 + g] = whole - grouped[g * cells + cell];
    for (std::size_t s = 0; s < n_splits; ++s) {
      double sum = 0.0;
      for (std::size_t g = 0; g < n_groups; ++g)
        sum += std::abs(splits[s * n_groups + g] - side) * halved[g * cells + cell];
      share[1 + n_groups + s] = sum;
    }
  }
  total.assign(width, 0.0);
  for (std::size_t cell = 0; cell < cells; ++cell)
    for (std::size_t r = 0; r < width; ++r)
      total[r] += shares[cell * width + r];
  for (double &sum : total)
    sum = sum > 0.0 ? sum : 1.0;
  for (std::size_t cell = 0; cell < cells; ++cell)
    for (std::size_t r = 0; r < width; ++r)
      shares[cell * width + r] /= total[r];
}

inline void margins(const double *shares, std::size_t a, std::size_t b, std::size_t width, std::vector<double> &rows,
                    std::vector<double> &columns) {
  rows.assign(a * width, 0.0);
  columns.assign(b * width, 0.0);
  for (std::size_t i = 0; i < a; ++i)
    for (std::size_t j = 0; j < b; ++j) {
      const double *share = shares + (i * b + j) * width;
      double *row = rows.data() + i * width, *column = columns.data() + j * width;
      for (std::size_t r = 0; r < width; ++r)
        row[r] += share[r], column[r] += share[r];
    }
}

// Phi squared of the whole (the first replicate), and rows and columns that are used.
inline void association(const double *shares, std::size_t a, std::size_t b, std::size_t width, const double *rows,
                        const double *columns, double *out) {
  double phi2 = 0.0;
  for (std::size_t i = 0; i < a; ++i)
    for (std::size_t j = 0; j < b; ++j) {
      const double expected = rows[i * width] * columns[j * width];
      const double apart = shares[(i * b + j) * width] - expected;
      phi2 += apart * apart / (expected > 0.0 ? expected : 1.0);
    }
  out[0] = phi2, out[1] = 0.0, out[2] = 0.0;
  for (std::size_t i = 0; i < a; ++i)
    out[1] += rows[i * width] > 0.0;
  for (std::size_t j = 0; j < b; ++j)
    out[2] += columns[j * width] > 0.0;
}

inline void measure_pair(const double *real, const double *synthetic, std::size_t n_groups, std::size_t a, std::size_t b,
                         const double *splits, std::size_t n_splits, const PairSums &out, PairSpace &space) {
  const std::size_t cells = a * b, width = 1 + n_groups + n_splits;
  space.p.resize(cells * width), space.q.resize(cells * width);
  replicate(real, real, n_groups, cells, splits, n_splits, 0.0, space.total, space.p.data());
  replicate(synthetic, real, n_groups, cells, splits, n_splits, 1.0, space.total, space.q.data());
  margins(space.p.data(), a, b, width, space.row_p, space.column_p);
  margins(space.q.data(), a, b, width, space.row_q, space.column_q);
  std::fill(out.real, out.real + width, 0.0);
  std::fill(out.synthetic, out.synthetic + width, 0.0);
  std::fill(out.gap, out.gap + width, 0.0);
  for (std::size_t i = 0; i < a; ++i)
    for (std::size_t j = 0; j < b; ++j) {
      const double *p = space.p.data() + (i * b + j) * width, *q = space.q.data() + (i * b + j) * width;
      const double *row_p = space.row_p.data() + i * width, *row_q = space.row_q.data() + i * width;
      const double *column_p = space.column_p.data() + j * width, *column_q = space.column_q.data() + j * width;
      for (std::size_t r = 0; r < width; ++r) {
        const double apart = p[r] - row_p[r] * column_p[r], apart_s = q[r] - row_q[r] * column_q[r];
        out.real[r] += std::abs(apart);
        out.synthetic[r] += std::abs(apart_s);
        out.gap[r] += std::abs(apart - apart_s);
      }
    }
  association(space.p.data(), a, b, width, space.row_p.data(), space.column_p.data(), out.whole);
  association(space.q.data(), a, b, width, space.row_q.data(), space.column_q.data(), out.whole + 3);
}

// ------------------------------------------------------------------------------------------------ words and keys
// The finalizer of splitmix64: every input bit changes about half of the output bits.
inline uint64_t mixed(uint64_t bits) {
  bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
  return bits ^ bits >> 31;
}

inline void add_keys(const double *values, std::size_t n, uint64_t salt, uint64_t null, uint64_t *keys) {
  for (std::size_t i = 0; i < n; ++i) {
    const double value = values[i];
    const uint64_t bits = std::bit_cast<uint64_t>(value + 0.0);
    keys[i] += mixed((value != value ? null : bits) ^ salt);
  }
}

// Number of each word in the order in which they appear, and the first row of each; false where there are more than `most`.
inline bool number_words(const uint64_t *words, std::size_t n, std::size_t most, int64_t *numbers, std::vector<int64_t> &first) {
  std::size_t size = 64;
  std::vector<std::pair<uint64_t, int64_t>> table(size, {0, -1});
  int shift = 64 - 6;
  const auto place = [&](uint64_t word) {
    std::size_t at = static_cast<std::size_t>(word * 0x9E3779B97F4A7C15u >> shift);
    while (table[at].second >= 0 && table[at].first != word)
      at = (at + 1) & (size - 1);
    return at;
  };
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t at = place(words[i]);
    if (table[at].second < 0) {
      if (first.size() == most)
        return false;
      table[at] = {words[i], static_cast<int64_t>(first.size())};
      first.push_back(static_cast<int64_t>(i));
      numbers[i] = static_cast<int64_t>(first.size()) - 1;
      if (first.size() * 2 > size) {
        size *= 4, shift -= 2;
        table.assign(size, {0, -1});
        for (std::size_t k = 0; k < first.size(); ++k)
          table[place(words[first[k]])] = {words[first[k]], static_cast<int64_t>(k)};
      }
      continue;
    }
    numbers[i] = table[at].second;
  }
  return true;
}

} // namespace contrapeso
