// Kernels on rows: random numbers keyed by row, points between two rows, votes, distinct rows, value differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "parallel.hpp"
#include "scan.hpp"

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace contrapeso {

constexpr std::size_t ROWS_PER_TASK = 4096;

inline std::size_t tasks_of(std::size_t n, std::size_t size = ROWS_PER_TASK) { return (n + size - 1) / size; }

// Philox-4x64-10 (Salmon et al., SC 2011, Sec. 3.3): the four words of a counter under a key.
struct Words {
  uint64_t at[4];
};

inline uint64_t multiply(uint64_t a, uint64_t b, uint64_t &high) {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  high = static_cast<uint64_t>(product >> 64);
  return static_cast<uint64_t>(product);
#else
  return _umul128(a, b, &high);
#endif
}

inline Words philox(uint64_t row, uint64_t lane, uint64_t key0, uint64_t key1) {
  uint64_t c[4] = {row + 1, lane + (row + 1 == 0), 0, 0}; // NumPy counts before it draws
  for (int round = 0; round < 10; ++round) {
    uint64_t high0, high1;
    const uint64_t low0 = multiply(0xD2E7470EE14C6C93u, c[0], high0);
    const uint64_t low1 = multiply(0xCA5A826395121157u, c[2], high1);
    const uint64_t next[4] = {high1 ^ c[1] ^ key0, low1, high0 ^ c[3] ^ key1, low0};
    std::copy(next, next + 4, c);
    key0 += 0x9E3779B97F4A7C15u;
    key1 += 0xBB67AE8584CAA73Bu;
  }
  return {{c[0], c[1], c[2], c[3]}};
}

inline int64_t below(uint64_t word, uint64_t bound) { return static_cast<int64_t>(((word >> 32) * bound) >> 32); }
inline double unit(uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

constexpr std::size_t AHEAD = 4;

template <class T> inline void fetch(const T *row, int64_t columns) {
#if defined(__GNUC__)
  const char *from = reinterpret_cast<const char *>(row);
  const int64_t bytes = std::min<int64_t>(columns * static_cast<int64_t>(sizeof(T)), 512);
  for (int64_t at = 0; at < bytes; at += 64)
    __builtin_prefetch(from + at);
#else
  (void)row, (void)columns;
#endif
}

struct Key {
  uint64_t first, second;
};

inline void pick(const int64_t *neighbors, int64_t k, const int64_t *base, std::size_t n, Key key, int64_t *other,
                 double *gap, const Crew &crew) {
  parallel(tasks_of(n), crew, n <= 2 * ROWS_PER_TASK, [&](std::size_t task) {
    const std::size_t end = std::min(n, (task + 1) * ROWS_PER_TASK);
    for (std::size_t i = task * ROWS_PER_TASK; i < end; ++i) {
      const Words words = philox(i, 0, key.first, key.second);
      other[i] = neighbors[base[i] * k + below(words.at[0], static_cast<uint64_t>(k))];
      gap[i] = unit(words.at[1]);
    }
  });
}

template <class T>
void interpolate(Line<T> line, const T *source, int64_t columns, const int64_t *base, const int64_t *neighbor,
                 const double *gap, std::size_t n, T *out, const Crew &crew) {
  parallel(tasks_of(n), crew, n * static_cast<std::size_t>(columns) <= 1u << 16, [&](std::size_t task) {
    const std::size_t end = std::min(n, (task + 1) * ROWS_PER_TASK);
    for (std::size_t i = task * ROWS_PER_TASK; i < end; ++i) {
      if (i + AHEAD < end) { // parents lie anywhere in the table
        fetch(source + base[i + AHEAD] * columns, columns);
        fetch(source + neighbor[i + AHEAD] * columns, columns);
      }
      line(source + base[i] * columns, source + neighbor[i] * columns, gap[i], columns,
           out + static_cast<int64_t>(i) * columns);
    }
  });
}

// Most frequent code among the neighbours of each base; a draw among equals. See kernels/_rows.py.
inline void vote(const int32_t *codes, int64_t columns, const int64_t *neighbors, int64_t k, const int64_t *base,
                 std::size_t n, Key key, int32_t *out, const Crew &crew) {
  parallel(tasks_of(n), crew, n <= ROWS_PER_TASK, [&](std::size_t task) {
    std::vector<int32_t> ballots(static_cast<std::size_t>(k));
    std::vector<int64_t> support(static_cast<std::size_t>(k));
    const std::size_t end = std::min(n, (task + 1) * ROWS_PER_TASK);
    for (std::size_t i = task * ROWS_PER_TASK; i < end; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        const int32_t own = codes[base[i] * columns + j];
        int32_t &chosen = out[static_cast<int64_t>(i) * columns + j];
        chosen = own;
        if (own < 0 || k == 0)
          continue;
        int64_t most = 0, places = 0;
        for (int64_t a = 0; a < k; ++a)
          ballots[a] = codes[neighbors[base[i] * k + a] * columns + j];
        for (int64_t a = 0; a < k; ++a) {
          support[a] = ballots[a] < 0 ? 0 : std::count(ballots.begin(), ballots.end(), ballots[a]);
          if (support[a] > most) {
            most = support[a];
            places = 0;
          }
          places += support[a] == most;
        }
        if (most == 0) // all null
          continue;
        int64_t wanted = most == places ? 0 : below(philox(i, j, key.first, key.second).at[0], places);
        for (int64_t a = 0; a < k; ++a)
          if (support[a] == most && wanted-- == 0) {
            chosen = ballots[a];
            break;
          }
      }
  });
}

// First row of each distinct row, ascending, and the distinct row that each row is; 0.0 equals -0.0.
inline void distinct(const double *numbers, int64_t columns, const int32_t *codes, int64_t atoms, int64_t n,
                     std::vector<int64_t> &first, int64_t *which) {
  std::size_t size = 16;
  while (size < static_cast<std::size_t>(n) * 2)
    size *= 2;
  std::vector<int64_t> table(size, -1);
  std::vector<uint64_t> hashes;
  for (int64_t row = 0; row < n; ++row) {
    const double *x = numbers + row * columns;
    const int32_t *c = codes + row * atoms;
    uint64_t hash = 0x9E3779B97F4A7C15u;
    for (int64_t j = 0; j < columns; ++j) {
      const double value = x[j] + 0.0;
      uint64_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      hash = (hash ^ bits) * 0xD6E8FEB86659FD93u;
      hash ^= hash >> 32;
    }
    for (int64_t j = 0; j < atoms; ++j) {
      hash = (hash ^ static_cast<uint32_t>(c[j])) * 0xD6E8FEB86659FD93u;
      hash ^= hash >> 32;
    }
    std::size_t at = hash & (size - 1);
    for (;; at = (at + 1) & (size - 1)) {
      const int64_t known = table[at];
      if (known < 0) {
        table[at] = which[row] = static_cast<int64_t>(first.size());
        first.push_back(row);
        hashes.push_back(hash);
        break;
      }
      const double *y = numbers + first[known] * columns;
      if (hashes[known] == hash && std::equal(x, x + columns, y) &&
          std::equal(c, c + atoms, codes + first[known] * atoms)) {
        which[row] = known;
        break;
      }
    }
  }
}

// Nearest others by the value difference metric. `codes` is n x columns; `shares` holds, column after column, the
// class shares of each of its `sizes` values (n_values x classes).
inline void value_neighbors(const int32_t *codes, int64_t n, int64_t columns, const int64_t *sizes, const double *shares,
                            int64_t classes, int k, int64_t *found, double *near, const Crew &crew) {
  std::vector<int32_t> by_column(static_cast<std::size_t>(n * columns));
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < columns; ++j)
      by_column[j * n + i] = codes[i * columns + j];
  constexpr std::size_t BATCH = 16;
  parallel(tasks_of(static_cast<std::size_t>(n), BATCH), crew, n <= 256, [&](std::size_t task) {
    std::vector<double> distance(static_cast<std::size_t>(n)), apart;
    const int64_t end = std::min<int64_t>(n, static_cast<int64_t>((task + 1) * BATCH));
    for (int64_t i = static_cast<int64_t>(task * BATCH); i < end; ++i) {
      std::fill(distance.begin(), distance.end(), 0.0);
      const double *share = shares;
      for (int64_t j = 0; j < columns; ++j) {
        apart.assign(static_cast<std::size_t>(sizes[j]), 0.0);
        const double *own = share + codes[i * columns + j] * classes;
        for (int64_t value = 0; value < sizes[j]; ++value) {
          double sum = 0.0;
          for (int64_t c = 0; c < classes; ++c)
            sum += std::fabs(own[c] - share[value * classes + c]);
          apart[value] = sum * sum;
        }
        const int32_t *column = by_column.data() + j * n;
        for (int64_t other = 0; other < n; ++other)
          distance[other] += apart[column[other]];
        share += sizes[j] * classes;
      }
      int64_t *rows = found + i * k;
      double *best = near + i * k;
      int kept = 0;
      for (int64_t other = 0; other < n; ++other) {
        const double d = distance[other];
        if (other == i || (kept == k && !(d < best[k - 1])))
          continue;
        int at = kept < k ? kept++ : k - 1;
        for (; at > 0 && best[at - 1] > d; --at) {
          best[at] = best[at - 1];
          rows[at] = rows[at - 1];
        }
        best[at] = d;
        rows[at] = other;
      }
    }
  });
}

} // namespace contrapeso
