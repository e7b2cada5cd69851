// Sums of 16-bit words: the inner loop of the search by Gower's distance (gower.hpp).
//
// A panel holds 64 rows column by column: `numbers` columns of 64 words, which count by how far they are from the query's, at
// most `unit` each, then `labels` columns of 64 words, which count `unit` where they are not the query's. A panel of boxes
// holds 64 sets of rows in the same way: for each number the lowest and the highest word, for each label which of 16 kinds
// there are; the sum is the least that a row of the set can have. `unit` times the number of columns is a word: sums are exact.
#pragma once

#include <cstdint>

namespace contrapeso {

constexpr int GOWER_PANEL = 64;

struct GowerShape {
  int numbers = 0;
  int labels = 0;
  uint16_t unit = 0;
};

// Sums of the rows of `n` panels, 64 for each, and masks of those that are at most `limit`. `query`: numbers, then labels.
using GowerScan = void (*)(const uint16_t *panels, int64_t n, const GowerShape &shape, const uint16_t *query, uint16_t limit,
                           uint16_t *sums, uint64_t *masks);
// The same of `n` panels of boxes, without masks. `query`: numbers, then one bit for each label.
using GowerBounds = void (*)(const uint16_t *boxes, int64_t n, const GowerShape &shape, const uint16_t *query, uint16_t *sums);

// Written once for any vector type V of V::width words.
template <class V> struct GowerScanner {
  using Vec = typename V::Vec;
  static constexpr int NV = GOWER_PANEL / V::width;

  static void scan(const uint16_t *panels, int64_t n, const GowerShape &shape, const uint16_t *query, uint16_t limit,
                   uint16_t *sums, uint64_t *masks) {
    const Vec unit = V::all(shape.unit), edge = V::all(limit);
    for (int64_t panel = 0; panel < n; ++panel, sums += GOWER_PANEL) {
      Vec sum[NV];
      for (int v = 0; v < NV; ++v)
        sum[v] = V::all(0);
      for (int j = 0; j < shape.numbers; ++j, panels += GOWER_PANEL) {
        const Vec word = V::all(query[j]);
        for (int v = 0; v < NV; ++v)
          sum[v] = V::add(sum[v], V::smaller(V::apart(V::load(panels + v * V::width), word), unit));
      }
      for (int j = 0; j < shape.labels; ++j, panels += GOWER_PANEL) {
        const Vec word = V::all(query[shape.numbers + j]);
        for (int v = 0; v < NV; ++v)
          sum[v] = V::add_where_not(V::load(panels + v * V::width), word, unit, sum[v]);
      }
      uint64_t mask = 0;
      for (int v = 0; v < NV; ++v) {
        V::store(sums + v * V::width, sum[v]);
        mask |= V::at_most(sum[v], edge) << (v * V::width);
      }
      masks[panel] = mask;
    }
  }

  static void bounds(const uint16_t *boxes, int64_t n, const GowerShape &shape, const uint16_t *query, uint16_t *sums) {
    const Vec unit = V::all(shape.unit);
    for (int64_t panel = 0; panel < n; ++panel, sums += GOWER_PANEL) {
      Vec sum[NV];
      for (int v = 0; v < NV; ++v)
        sum[v] = V::all(0);
      for (int j = 0; j < shape.numbers; ++j, boxes += 2 * GOWER_PANEL) {
        const Vec word = V::all(query[j]);
        for (int v = 0; v < NV; ++v) {
          const Vec below = V::less(V::load(boxes + v * V::width), word);
          const Vec above = V::less(word, V::load(boxes + GOWER_PANEL + v * V::width));
          sum[v] = V::add(sum[v], V::smaller(V::add(below, above), unit)); // one of the two is 0
        }
      }
      for (int j = 0; j < shape.labels; ++j, boxes += GOWER_PANEL) {
        const Vec bit = V::all(query[shape.numbers + j]);
        for (int v = 0; v < NV; ++v)
          sum[v] = V::add_where_none(V::load(boxes + v * V::width), bit, unit, sum[v]);
      }
      for (int v = 0; v < NV; ++v)
        V::store(sums + v * V::width, sum[v]);
    }
  }
};

} // namespace contrapeso
