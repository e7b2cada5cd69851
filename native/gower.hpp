// Exact nearest rows by Gower's distance: a filter on 16-bit words that provably lets every true neighbour through, decided in
// float64.
//
// The distance of two rows is a sum over the columns divided by their number. A number adds min(1, |x - y| / range), a category 1
// where it differs. Equal values add 0 (so do two nulls, or twice the same infinity), a null and a value 1, and so does a pair of
// different numbers in a column whose range is no positive finite number. The one order of operations: the numbers first to last,
// then the number of differing categories, then the division, each rounded to float64. Ties go to the lower row.
//
// The filter. A number becomes floor((x - low) / range * unit), a 16-bit word, shifted and clamped, with words of their own, at
// least a unit from all others, for null and the infinities. Flooring moves a difference by less than 1 and clamping only makes
// it smaller, so the words of one of p number columns are at most 1 further apart than `unit` times what the column adds. A
// category (and a number without a range) becomes 16 bits of it: equal ones stay equal. So the sum of the words of a row is at
// most `unit` times its sum plus p, and with the sum of the k-th best row found so far as a limit (plus p, plus 1.5 for the
// roundings of float64, which are below 1e-9) no row that is as near or nearer is left out; the rows that pass are measured.
//
// Rows lie in leaves of at most 256, halved by the column that tells rows apart best, and each leaf has a box: the words that
// its rows have in each column. A query looks at the boxes first, then at the leaf that promises most, then at the others that
// may have a nearer row; groups of 64 queries that are alike do so together, so that a leaf is fetched once for all of them.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "parallel.hpp"
#include "scan.hpp"

namespace contrapeso {

struct GowerTable {
  const double *numbers = nullptr; // n x columns
  const int32_t *codes = nullptr;  // n x codes
  int64_t n = 0;
};

struct GowerColumns {
  int numbers = 0, codes = 0;
  const double *ranges = nullptr; // of the numbers
  bool ranged(int j) const { return ranges[j] > 0.0 && ranges[j] < std::numeric_limits<double>::infinity(); }
};

// What two values of a number column add.
inline double gower_part(double x, double y, double range, bool ranged) {
  if (x == y || (x != x && y != y))
    return 0.0;
  const double part = std::fabs(x - y) / range;
  return ranged && part < 1.0 ? part : 1.0; // not below 1: also where one is null
}

inline double gower_distance(const GowerColumns &columns, const double *x, const double *y, const int32_t *c, const int32_t *d) {
  double sum = 0.0;
  for (int j = 0; j < columns.numbers; ++j)
    sum += gower_part(x[j], y[j], columns.ranges[j], columns.ranged(j));
  int differing = 0;
  for (int j = 0; j < columns.codes; ++j)
    differing += c[j] != d[j];
  sum += differing;
  return sum / std::max(columns.numbers + columns.codes, 1);
}

// Turns rows into words: ranged numbers first, then labels.
class GowerCoder {
public:
  GowerCoder(const GowerColumns &columns, const GowerTable &reference) : columns_(columns) {
    const int64_t all = int64_t{columns.numbers} + columns.codes;
    unit_ = static_cast<uint16_t>(std::min<int64_t>(8192, all > 0 ? 65535 / all : 0));
    if (unit_ == 0) // none, or too many: every row is measured
      return;
    for (int j = 0; j < columns.numbers; ++j)
      (columns.ranged(j) ? ranged_ : plain_).push_back(j);
    lows_.assign(ranged_.size(), std::numeric_limits<double>::infinity());
    for (int64_t i = 0; i < reference.n; ++i)
      for (std::size_t j = 0; j < ranged_.size(); ++j) {
        const double x = reference.numbers[i * columns.numbers + ranged_[j]];
        if (x < lows_[j] && std::isfinite(x))
          lows_[j] = x;
      }
    for (double &low : lows_)
      low = std::isfinite(low) ? low : 0.0;
  }

  GowerShape shape() const {
    const std::size_t labels = unit_ == 0 ? 0 : plain_.size() + static_cast<std::size_t>(columns_.codes);
    return {static_cast<int>(ranged_.size()), static_cast<int>(labels), unit_};
  }

  std::vector<uint16_t> words(const GowerTable &table) const { // n x (numbers + labels)
    const GowerShape shape = this->shape();
    std::vector<uint16_t> all(static_cast<std::size_t>(table.n) * static_cast<std::size_t>(shape.numbers + shape.labels));
    uint16_t *to = all.data();
    for (int64_t i = 0; i < (unit_ == 0 ? 0 : table.n); ++i) {
      const double *x = table.numbers + i * columns_.numbers;
      for (std::size_t j = 0; j < ranged_.size(); ++j)
        *to++ = word(x[ranged_[j]], lows_[j], columns_.ranges[ranged_[j]]);
      for (int j : plain_)
        *to++ = hash(x[j]);
      for (int j = 0; j < columns_.codes; ++j)
        *to++ = static_cast<uint16_t>(table.codes[i * columns_.codes + j]);
    }
    return all;
  }

private:
  // -infinity is 0, numbers are from `unit` to 65535 - 2 * unit, infinity a unit above that, null one above infinity.
  uint16_t word(double x, double low, double range) const {
    const int unit = unit_, top = 65535 - 2 * unit;
    if (x != x)
      return 65535;
    if (std::isinf(x))
      return static_cast<uint16_t>(x < 0.0 ? 0 : top + unit);
    const double place = std::floor((x - low) / range * unit) + 2 * unit; // the lowest is 2 units up
    return static_cast<uint16_t>(place < unit ? unit : place > top ? top : place);
  }

  static uint16_t hash(double x) {
    const double value = x != x ? std::numeric_limits<double>::quiet_NaN() : x + 0.0; // one null, one zero
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return static_cast<uint16_t>((bits * 0xD6E8FEB86659FD93u) >> 48);
  }

  GowerColumns columns_;
  uint16_t unit_ = 0;
  std::vector<int> ranged_, plain_;
  std::vector<double> lows_;
};

// Rows in an order in which those of a leaf are alike; leaf i is rows starts[i] to starts[i + 1].
class GowerOrder {
public:
  static constexpr int64_t LEAF = 4 * GOWER_PANEL;

  GowerOrder(const std::vector<uint16_t> &words, const GowerShape &shape, int64_t n)
      : rows(static_cast<std::size_t>(n)), words_(words), shape_(shape), width_(shape.numbers + shape.labels) {
    std::iota(rows.begin(), rows.end(), int64_t{0});
    if (n > 0)
      split(0, n);
    starts.push_back(n);
  }

  std::vector<int64_t> rows, starts;

private:
  static constexpr int SAMPLE = 128;

  void split(int64_t begin, int64_t end) {
    if (end - begin <= LEAF) {
      starts.push_back(begin);
      return;
    }
    int column = -1;
    uint16_t edge = 0;
    choose(begin, end, column, edge);
    int64_t middle = begin + (end - begin) / 2;
    if (column >= 0) // both parts have rows: the sample has
      middle = std::partition(rows.begin() + begin, rows.begin() + end,
                              [&](int64_t row) { return words_[row * width_ + column] <= edge; }) -
               rows.begin();
    split(begin, middle);
    split(middle, end);
  }

  // The column in which two rows of a sample differ most on average, and the cut between values nearest to the middle.
  void choose(int64_t begin, int64_t end, int &column, uint16_t &edge) const {
    uint16_t sample[SAMPLE];
    double most = 0.0;
    for (int j = 0; j < width_; ++j) {
      for (int i = 0; i < SAMPLE; ++i)
        sample[i] = words_[rows[begin + i * (end - begin) / SAMPLE] * width_ + j];
      std::sort(sample, sample + SAMPLE);
      const double apart = j < shape_.numbers ? spread(sample) / shape_.unit : differing(sample);
      if (apart <= most)
        continue;
      most = apart;
      column = j;
      edge = cut(sample);
    }
  }

  static double spread(const uint16_t *sorted) { // mean difference of two
    double sum = 0.0;
    for (int i = 0; i < SAMPLE; ++i)
      sum += static_cast<double>(sorted[i]) * (2 * i + 1 - SAMPLE);
    return sum * 2.0 / (SAMPLE * SAMPLE);
  }

  static double differing(const uint16_t *sorted) { // share of pairs that differ
    int same = 0;
    for (int i = 0, run = 0; i < SAMPLE; ++i) {
      run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
      same += 2 * run - 1;
    }
    return 1.0 - static_cast<double>(same) / (SAMPLE * SAMPLE);
  }

  static uint16_t cut(const uint16_t *sorted) { // not all are equal
    for (int off = 0;; ++off) {
      const int low = SAMPLE / 2 - off, high = SAMPLE / 2 + off;
      if (low > 0 && sorted[low - 1] != sorted[low])
        return sorted[low - 1];
      if (high < SAMPLE && sorted[high - 1] != sorted[high])
        return sorted[high - 1];
    }
  }

  const std::vector<uint16_t> &words_;
  GowerShape shape_;
  int64_t width_;
};

// The rows of a reference table, ready for searches.
class Gower {
public:
  Gower(const GowerTable &reference, const GowerColumns &columns, const Kernel &kernel)
      : reference_(reference), columns_(columns), kernel_(kernel), coder_(columns, reference), shape_(coder_.shape()),
        width_(shape_.numbers + shape_.labels) {
    const std::vector<uint16_t> words = coder_.words(reference);
    GowerOrder order(words, shape_, reference.n);
    rows_ = std::move(order.rows);
    starts_ = std::move(order.starts);
    fill_panels(words);
    fill_boxes(words);
  }

  // `rows` and `distances`: k for each query, nearest first; -1 and NaN where there are no more rows.
  void nearest(const GowerTable &queries, int64_t k, bool exclude_self, int64_t *rows, double *distances,
               const Crew &crew) const {
    std::fill(rows, rows + queries.n * k, int64_t{-1});
    std::fill(distances, distances + queries.n * k, std::numeric_limits<double>::quiet_NaN());
    const int64_t wanted = std::min(k, reference_.n - (exclude_self ? 1 : 0));
    if (wanted <= 0)
      return;
    const std::vector<uint16_t> words = coder_.words(queries);
    const GowerOrder order(words, shape_, queries.n); // neighbours look at the same leaves
    const std::size_t n = order.rows.size();
    parallel((n + GROUP - 1) / GROUP, crew, queries.n * reference_.n <= 1 << 20, [&](std::size_t task) {
      const std::size_t begin = task * GROUP, end = std::min(n, begin + GROUP);
      std::vector<Seeker> seekers(end - begin);
      for (std::size_t i = begin; i < end; ++i) {
        const int64_t at = order.rows[i];
        Seeker &seeker = seekers[i - begin];
        seeker.words = words.data() + at * width_;
        seeker.numbers = queries.numbers + at * columns_.numbers;
        seeker.codes = queries.codes + at * columns_.codes;
        seeker.self = exclude_self ? at : -1;
        seeker.wanted = wanted;
        seeker.rows = rows + at * k;
        seeker.distances = distances + at * k;
      }
      search(seekers);
    });
  }

private:
  static constexpr int64_t LEAF = GowerOrder::LEAF;
  static constexpr std::size_t GROUP = 64; // queries that look at a leaf one after another
  static constexpr uint16_t MOST = 65535;

  struct Seeker { // a query and what it has found
    const uint16_t *words = nullptr;
    const double *numbers = nullptr;
    const int32_t *codes = nullptr;
    int64_t self = -1; // row that does not count
    int64_t wanted = 0, found = 0;
    uint16_t limit = MOST; // sums of words beyond which nothing counts
    int64_t home = -1;     // the leaf looked at first
    int64_t *rows = nullptr;
    double *distances = nullptr;
  };
  struct Sight { // of a leaf
    uint16_t sums[LEAF];
    uint64_t masks[LEAF / GOWER_PANEL];
  };

  int64_t leaves() const { return static_cast<int64_t>(starts_.size()) - 1; }
  static int64_t panels_of(int64_t n) { return (n + GOWER_PANEL - 1) / GOWER_PANEL; }
  static uint16_t bit_of(uint16_t word) { return static_cast<uint16_t>(1u << (word & 15)); }

  void fill_panels(const std::vector<uint16_t> &words) {
    int64_t panels = 0;
    for (int64_t leaf = 0; leaf < leaves(); ++leaf) {
      first_panels_.push_back(panels);
      panels += panels_of(starts_[leaf + 1] - starts_[leaf]);
    }
    panels_.assign(static_cast<std::size_t>(panels * width_ * GOWER_PANEL), 0);
    for (int64_t leaf = 0; leaf < leaves(); ++leaf)
      for (int64_t i = 0; i < starts_[leaf + 1] - starts_[leaf]; ++i) {
        uint16_t *to = panels_.data() + (first_panels_[leaf] + i / GOWER_PANEL) * width_ * GOWER_PANEL + i % GOWER_PANEL;
        const uint16_t *from = words.data() + rows_[starts_[leaf] + i] * width_;
        for (int64_t j = 0; j < width_; ++j)
          to[j * GOWER_PANEL] = from[j];
      }
  }

  void fill_boxes(const std::vector<uint16_t> &words) {
    const int64_t height = 2 * int64_t{shape_.numbers} + shape_.labels;
    boxes_.assign(static_cast<std::size_t>(panels_of(leaves()) * height * GOWER_PANEL), 0);
    for (int64_t leaf = 0; leaf < leaves(); ++leaf) {
      uint16_t *box = boxes_.data() + leaf / GOWER_PANEL * height * GOWER_PANEL + leaf % GOWER_PANEL;
      for (int j = 0; j < shape_.numbers; ++j)
        box[2 * j * GOWER_PANEL] = MOST;
      for (int64_t i = starts_[leaf]; i < starts_[leaf + 1]; ++i) {
        const uint16_t *row = words.data() + rows_[i] * width_;
        for (int j = 0; j < shape_.numbers; ++j) {
          uint16_t &low = box[2 * j * GOWER_PANEL], &high = box[(2 * j + 1) * GOWER_PANEL];
          low = std::min(low, row[j]);
          high = std::max(high, row[j]);
        }
        for (int j = 0; j < shape_.labels; ++j) {
          uint16_t &set = box[(2 * shape_.numbers + j) * GOWER_PANEL];
          set = static_cast<uint16_t>(set | bit_of(row[shape_.numbers + j]));
        }
      }
    }
  }

  void search(std::vector<Seeker> &seekers) const {
    const int64_t stride = panels_of(leaves()) * GOWER_PANEL;
    std::vector<uint16_t> bounds(seekers.size() * static_cast<std::size_t>(stride)), words(static_cast<std::size_t>(width_));
    std::vector<uint16_t> promise(static_cast<std::size_t>(leaves()), MOST); // the least bound of any
    Sight sight;
    for (std::size_t i = 0; i < seekers.size(); ++i) {
      Seeker &seeker = seekers[i];
      uint16_t *const own = bounds.data() + static_cast<int64_t>(i) * stride;
      for (int64_t j = 0; j < width_; ++j)
        words[j] = j < shape_.numbers ? seeker.words[j] : bit_of(seeker.words[j]);
      kernel_.gower_bounds(boxes_.data(), panels_of(leaves()), shape_, words.data(), own);
      seeker.home = std::min_element(own, own + leaves()) - own;
      settle(seeker, seeker.home, sight);
      for (int64_t leaf = 0; leaf < leaves(); ++leaf)
        promise[leaf] = std::min(promise[leaf], own[leaf]);
    }
    std::vector<int64_t> next(promise.size());
    std::iota(next.begin(), next.end(), int64_t{0});
    std::sort(next.begin(), next.end(),
              [&](int64_t a, int64_t b) { return promise[a] < promise[b] || (promise[a] == promise[b] && a < b); });
    for (int64_t leaf : next)
      for (std::size_t i = 0; i < seekers.size(); ++i)
        if (bounds[i * static_cast<std::size_t>(stride) + leaf] <= seekers[i].limit && leaf != seekers[i].home)
          visit(seekers[i], leaf, -1, sight);
  }

  // The first leaf: rows with small sums, as many as are wanted, give a limit for the others.
  void settle(Seeker &seeker, int64_t leaf, Sight &sight) const {
    const int64_t n = starts_[leaf + 1] - starts_[leaf], wanted = seeker.wanted + (seeker.self >= 0);
    if (wanted >= n)
      return visit(seeker, leaf, -1, sight);
    scan(seeker, leaf, sight);
    const uint16_t seen = seeker.limit = enough(sight.sums, n, wanted);
    visit(seeker, leaf, -1, sight);
    if (seeker.limit > seen)
      visit(seeker, leaf, seen, sight);
  }

  // A sum that at least `wanted` of the `n` are within: a small one, found fast where few are wanted.
  static uint16_t enough(uint16_t *sums, int64_t n, int64_t wanted) {
    constexpr int PLACES = 16;
    if (wanted > PLACES / 2) {
      std::nth_element(sums, sums + wanted - 1, sums + n);
      return sums[wanted - 1];
    }
    std::fill(sums + n, sums + panels_of(n) * GOWER_PANEL, MOST);
    uint16_t least[PLACES];
    std::copy_n(sums, PLACES, least);
    for (int64_t i = PLACES; i < panels_of(n) * GOWER_PANEL; i += PLACES)
      for (int l = 0; l < PLACES; ++l)
        least[l] = std::min(least[l], sums[i + l]);
    std::nth_element(least, least + wanted - 1, least + PLACES);
    return least[wanted - 1];
  }

  void scan(const Seeker &seeker, int64_t leaf, Sight &sight) const {
    kernel_.gower_scan(panels_.data() + first_panels_[leaf] * width_ * GOWER_PANEL, panels_of(starts_[leaf + 1] - starts_[leaf]),
                       shape_, seeker.words, seeker.limit, sight.sums, sight.masks);
  }

  // Measures the rows of a leaf whose sums are beyond `seen` and within the limit.
  void visit(Seeker &seeker, int64_t leaf, int seen, Sight &sight) const {
    scan(seeker, leaf, sight);
    const int64_t begin = starts_[leaf], n = starts_[leaf + 1] - begin;
    for (int64_t start = 0; start < n; start += GOWER_PANEL) {
      uint64_t mask = sight.masks[start / GOWER_PANEL];
      if (n - start < GOWER_PANEL)
        mask &= (uint64_t{1} << (n - start)) - 1;
      for (; mask != 0; mask &= mask - 1) {
        const int64_t i = start + std::countr_zero(mask);
        if (sight.sums[i] <= seeker.limit && sight.sums[i] > seen)
          weigh(seeker, rows_[begin + i]);
      }
    }
  }

  void weigh(Seeker &seeker, int64_t row) const {
    if (row == seeker.self)
      return;
    const double distance = gower_distance(columns_, seeker.numbers, reference_.numbers + row * columns_.numbers,
                                           seeker.codes, reference_.codes + row * columns_.codes);
    const auto nearer = [&](int64_t at) {
      return distance < seeker.distances[at] || (distance == seeker.distances[at] && row < seeker.rows[at]);
    };
    if (seeker.found == seeker.wanted && !nearer(seeker.wanted - 1))
      return;
    int64_t at = seeker.found < seeker.wanted ? seeker.found++ : seeker.wanted - 1;
    for (; at > 0 && nearer(at - 1); --at) {
      seeker.distances[at] = seeker.distances[at - 1];
      seeker.rows[at] = seeker.rows[at - 1];
    }
    seeker.distances[at] = distance;
    seeker.rows[at] = row;
    if (seeker.found == seeker.wanted)
      seeker.limit = limit_of(seeker.distances[seeker.wanted - 1]);
  }

  // The greatest sum of words that a row at this distance can have.
  uint16_t limit_of(double distance) const {
    const double columns = static_cast<double>(columns_.numbers) + columns_.codes;
    const double edge = distance * columns * shape_.unit * (1.0 + 1e-12) + shape_.numbers + 1.5;
    return edge < MOST ? static_cast<uint16_t>(edge) : MOST;
  }

  GowerTable reference_;
  GowerColumns columns_;
  const Kernel &kernel_;
  GowerCoder coder_;
  GowerShape shape_;
  int64_t width_;
  std::vector<int64_t> rows_, starts_, first_panels_;
  std::vector<uint16_t> panels_, boxes_;
};

} // namespace contrapeso
