// Exact nearest neighbours: a float32 filter that provably lets every true neighbour through, decided in float64.
//
// Rows that are equal are one point. Points live twice: as they came (float64, which decides) and as float32
// coordinates in a rotated, centred and scaled frame (which filters: most spread first, so that trees prune and sums pass
// a threshold early). A tree puts points into leaves of at most four panels of 64; queries go through it in groups of up to
// 64 that lie together, nearest leaf first.
//
// The filter. Let z be the exact image of a point in the frame and f its float32 coordinates: |f - z| <= kappa * |f|, kappa
// covering the rounding to float32 and the rotation. If two rows are within r of each other (in the frame's scale), their
// coordinates are within r + delta, delta = kappa * (|f| + |f'|), and the float32 sum of at most m terms is at most
// (r + delta)^2 * (1 + (m + 4) * 2^-24) plus what underflow adds. So with r the exact distance of the k-th best row found so far,
// no row that is as near or nearer is filtered out, and every row that passes is measured in float64 in the documented order of
// operations. There is nothing to certify afterwards, and ties, which all pass, are decided by row number. Squares that vanish
// in float64 make ties too, of rows that are not equal: so r has added to it what the square root of m of them may hide.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace contrapeso {

constexpr double INF = std::numeric_limits<double>::infinity();

struct Points {           // distinct points
  int64_t n = 0;          // points
  int columns = 0;        // float columns
  int codes = 0;          // code columns
  const double *exact;    // n x columns
  const int32_t *atoms;   // n x codes
  const float *frame;     // n x columns, the rotated coordinates
};

struct Frame {
  double scale = 1.0;       // from distances of rows to distances of coordinates
  double kappa = 0.0;       // relative error of a point's coordinates
  double mismatch_sq = 0.0; // what one differing code adds to an exact squared distance
};

inline float norm_of(const float *x, int n) {
  double sum = 0.0;
  for (int j = 0; j < n; ++j)
    sum += static_cast<double>(x[j]) * x[j];
  return static_cast<float>(std::sqrt(sum) * (1.0 + 1e-6));
}

// The one order of operations that decides.
inline double exact_distance(const double *a, const double *b, int columns, const int32_t *c, const int32_t *d, int codes,
                             double mismatch_sq) {
  double sum = 0.0;
  for (int j = 0; j < columns; ++j) {
    const double difference = a[j] - b[j];
    sum += difference * difference;
  }
  if (codes > 0) {
    int differing = 0;
    for (int j = 0; j < codes; ++j)
      differing += c[j] != d[j];
    sum += mismatch_sq * differing;
  }
  return sum;
}

class Judge { // rounding rules of the filter
public:
  Judge(const Frame &frame, int columns, int codes)
      : scale_(frame.scale), kappa_(frame.kappa), grow_(1.0 + columns * 0x1p-48),
        hidden_(std::sqrt(2.0 * (columns + 1)) * 0x1p-537 * frame.scale),
        slack_(1.0 + (columns + codes + 6) * 0x1p-23), tiny_((columns + 1) * 0x1p-120) {}

  double reach(double squared) const { return std::sqrt(squared) * scale_ * grow_ + hidden_; }
  double delta(double norm, double other) const { return kappa_ * (norm + other); }
  // Greatest float distance that a row within `reach` can have.
  float threshold(double reach, double delta) const {
    const double edge = (reach + delta) * (reach + delta) * slack_ + tiny_;
    return edge < 3e38 ? static_cast<float>(edge) * (1.0f + 0x1p-21f) : std::numeric_limits<float>::infinity();
  }
  // Greatest reach of a row whose float distance is `measured`.
  double reach_of(float measured, double delta) const { return std::sqrt(measured * slack_ + tiny_) + delta + hidden_; }
  double slack() const { return slack_; }

private:
  double scale_, kappa_, grow_;
  double hidden_; // distance of coordinates that squares lost to underflow may hide
  double slack_, tiny_;
};

} // namespace contrapeso
