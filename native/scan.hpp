// Float distances of a few queries to the 64 points of a panel: the inner loop of every neighbour search.
//
// A panel holds 64 points column by column: `columns` rows of 64 floats, then `codes` rows of 64 int32. What comes out is
// a mask of the points whose distance is at most the query's threshold. The distances are sums of squared differences in
// float32; they only propose. Columns come with the most spread first, so sums pass the threshold early and a panel none
// of whose points can matter is left after a few of them.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "gower_scan.hpp"

namespace contrapeso {

constexpr int PANEL = 64;

struct ScanShape {
  int columns;       // float columns of a panel
  int codes;         // int32 columns of a panel
  float mismatch_sq; // what one differing code adds
};

struct Query {
  const float *point;
  const int32_t *codes;
};

// Masks of the points within `thresholds`, for `n` queries (1 to 4).
using Scan = void (*)(const float *panel, const ScanShape &shape, const Query *queries, int n, const float *thresholds,
                      uint64_t *masks);
// What is least at each of the 64 places of `panels` panels: float distances of one query.
using Least = void (*)(const float *panels, int n_panels, const ScanShape &shape, const Query &query, float *least);
// The `rank`-th smallest of 16 floats.
using Nth = float (*)(const float *values, int rank);

// One new row on the line from a to b; the rules are in kernels/_rows.py.
template <class T> using Line = void (*)(const T *a, const T *b, double gap, int64_t columns, T *out);

// Coordinates of one point: less `centre`, along `axes` (columns x columns, the row of column j says where it goes; null leaves
// the columns as they are), times `scale`. `sums` is work space of as many columns.
using Turn = void (*)(const double *point, const double *centre, const double *axes, int64_t columns, double scale,
                      double *sums, float *out);

struct Kernel {
  const char *name;
  Scan scan;
  Least least;
  Nth nth_of_16;
  Line<double> line64;
  Line<float> line32;
  Turn turn;
  GowerScan gower_scan;
  GowerBounds gower_bounds;
};

extern const Kernel kernel_baseline;
#if defined(CONTRAPESO_X86)
extern const Kernel kernel_avx2;
extern const Kernel kernel_avx512;
#endif
#if defined(CONTRAPESO_NEON)
extern const Kernel kernel_neon;
#endif

// Plain enough for the compiler to vectorise; every operation is rounded as written, so all instruction sets agree.
// V is only there so that each instruction set has a copy of its own.
template <class V, class T> void line(const T *a, const T *b, double gap, int64_t columns, T *out) {
  const double rest = 1.0 - gap;
  if (gap >= 0.0 && gap <= 1.0) {
    for (int64_t j = 0; j < columns; ++j) {
      const double from = a[j];
      const double to = b[j] == b[j] ? static_cast<double>(b[j]) : from; // a missing neighbour value: the base's
      const double low = to < from ? to : from, high = to < from ? from : to;
      double point = rest * from + gap * to;
      point = point < low ? low : point;
      point = point > high ? high : point;
      out[j] = static_cast<T>(point + 0.0);
    }
    return;
  }
  for (int64_t j = 0; j < columns; ++j) {
    const double from = a[j];
    const double to = b[j] == b[j] ? static_cast<double>(b[j]) : from;
    const double point = from == to ? from : rest * from + gap * to; // on a line of one point there is only that point
    out[j] = static_cast<T>(point + 0.0);
  }
}

template <class V>
void turn(const double *point, const double *centre, const double *axes, int64_t columns, double scale, double *sums,
          float *out) {
  for (int64_t l = 0; l < columns; ++l)
    sums[l] = axes == nullptr ? point[l] - centre[l] : 0.0;
  for (int64_t j = 0; axes != nullptr && j < columns; ++j) {
    const double value = point[j] - centre[j];
    const double *axis = axes + j * columns;
    for (int64_t l = 0; l < columns; ++l)
      sums[l] += value * axis[l];
  }
  for (int64_t l = 0; l < columns; ++l)
    out[l] = static_cast<float>(sums[l] * scale);
}

// The loop, written once for any vector type V: V::width floats, V::registers of them for one query at a time.
template <class V> struct Scanner {
  static constexpr int CHUNK = 8; // columns between two looks at the thresholds
  using Vec = typename V::Vec;

  template <int NQ, int NV>
  static void accumulate(const float *column, const ScanShape &shape, const Query *queries, const float *thresholds,
                         Vec (&sum)[NQ][NV]) {
    for (int a = 0; a < NQ; ++a)
      for (int v = 0; v < NV; ++v)
        sum[a][v] = V::zero();
    for (int first = 0; first < shape.columns; first += CHUNK) {
      const int last = first + CHUNK < shape.columns ? first + CHUNK : shape.columns;
      for (int j = first; j < last; ++j) {
        Vec x[NV];
        for (int v = 0; v < NV; ++v)
          x[v] = V::load(column + j * PANEL + v * V::width);
        for (int a = 0; a < NQ; ++a) {
          const Vec q = V::all(queries[a].point[j]);
          for (int v = 0; v < NV; ++v)
            sum[a][v] = V::add_square(V::subtract(x[v], q), sum[a][v]);
        }
      }
      if (thresholds != nullptr && last < shape.columns + shape.codes && !any<NQ, NV>(sum, thresholds))
        return;
    }
    const int32_t *codes = reinterpret_cast<const int32_t *>(column) + shape.columns * PANEL;
    const Vec more = V::all(shape.mismatch_sq);
    for (int j = 0; j < shape.codes; ++j)
      for (int a = 0; a < NQ; ++a)
        for (int v = 0; v < NV; ++v)
          sum[a][v] = V::add_where_not(codes + j * PANEL + v * V::width, queries[a].codes[j], more, sum[a][v]);
  }

  template <int NQ, int NV> static bool any(const Vec (&sum)[NQ][NV], const float *thresholds) {
    uint64_t found = 0;
    for (int a = 0; a < NQ; ++a) {
      const Vec limit = V::all(thresholds[a]);
      for (int v = 0; v < NV; ++v)
        found |= V::at_most(sum[a][v], limit);
    }
    return found != 0;
  }

  template <int NQ>
  static void scan_block(const float *panel, const ScanShape &shape, const Query *queries, const float *thresholds,
                         uint64_t *masks) {
    constexpr int NV = V::vectors;
    for (int a = 0; a < NQ; ++a)
      masks[a] = 0;
    for (int start = 0; start < PANEL; start += NV * V::width) {
      Vec sum[NQ][NV];
      accumulate<NQ, NV>(panel + start, shape, queries, thresholds, sum);
      for (int a = 0; a < NQ; ++a) {
        const Vec limit = V::all(thresholds[a]);
        for (int v = 0; v < NV; ++v)
          masks[a] |= V::at_most(sum[a][v], limit) << (start + v * V::width);
      }
    }
  }

  static void scan(const float *panel, const ScanShape &shape, const Query *queries, int n, const float *thresholds,
                   uint64_t *masks) {
    switch (n) {
    case 4:
      return scan_block<4>(panel, shape, queries, thresholds, masks);
    case 3:
      return scan_block<3>(panel, shape, queries, thresholds, masks);
    case 2:
      return scan_block<2>(panel, shape, queries, thresholds, masks);
    default:
      return scan_block<1>(panel, shape, queries, thresholds, masks);
    }
  }

  static void least(const float *panels, int n_panels, const ScanShape &shape, const Query &query, float *least) {
    constexpr int NV = V::vectors;
    const int64_t stride = static_cast<int64_t>(PANEL) * (shape.columns + shape.codes);
    for (int start = 0; start < PANEL; start += NV * V::width) {
      Vec low[NV];
      for (int v = 0; v < NV; ++v)
        low[v] = V::all(std::numeric_limits<float>::infinity());
      for (int panel = 0; panel < n_panels; ++panel) {
        Vec sum[1][NV];
        accumulate<1, NV>(panels + panel * stride + start, shape, &query, nullptr, sum);
        for (int v = 0; v < NV; ++v)
          low[v] = V::smaller(low[v], sum[0][v]);
      }
      for (int v = 0; v < NV; ++v)
        V::store(least + start + v * V::width, low[v]);
    }
  }

  static float nth_of_16(const float *values, int rank) {
    float found = values[0];
    bool any = false;
    for (int i = 0; i < 16; ++i) {
      const Vec limit = V::all(values[i]);
      uint64_t below = 0;
      for (int v = 0; v < 16; v += V::width)
        below |= V::at_most(V::load(values + v), limit) << v;
      const int count = std::popcount(below);
      if (count >= rank && (!any || values[i] < found)) {
        found = values[i];
        any = true;
      }
    }
    return found;
  }
};

} // namespace contrapeso
