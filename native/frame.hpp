// The frame in which the search filters: moments of a sample, and points turned into float32 coordinates.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "parallel.hpp"
#include "scan.hpp"

namespace contrapeso {

// The greatest distance of a number from the centre of its column; infinite or NaN where there is such a number.
inline double greatest_from(const double *numbers, int64_t n, int64_t columns, const double *centre) {
  uint64_t most = 0; // as bits, which order magnitudes and put NaN above all
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < columns; ++j) {
      const double apart = numbers[i * columns + j] - centre[j];
      uint64_t bits;
      std::memcpy(&bits, &apart, sizeof bits);
      bits &= ~uint64_t{0} >> 1;
      most = bits > most ? bits : most;
    }
  double greatest;
  std::memcpy(&greatest, &most, sizeof greatest);
  return greatest;
}

// Sums of products of the columns of every `step`-th row, less `centre`, times `unit`: `columns` x `columns`, one triangle.
inline void products(const double *numbers, int64_t n, int64_t columns, int64_t step, const double *centre, double unit,
                     double *out) {
  std::fill(out, out + columns * columns, 0.0);
  std::vector<double> row(static_cast<std::size_t>(columns));
  for (int64_t i = 0; i < n; i += step) {
    for (int64_t j = 0; j < columns; ++j)
      row[j] = (numbers[i * columns + j] - centre[j]) * unit;
    for (int64_t j = 0; j < columns; ++j) {
      const double x = row[j];
      double *to = out + j * columns;
      for (int64_t l = 0; l <= j; ++l)
        to[l] += x * row[l];
    }
  }
}

// Coordinates of points in the frame.
inline void project(Turn turn, const double *numbers, int64_t n, int64_t columns, const double *centre,
                    const double *axes, double scale, float *out, const Crew &crew) {
  constexpr int64_t BATCH = 1024;
  const std::size_t tasks = static_cast<std::size_t>((n + BATCH - 1) / BATCH);
  parallel(tasks, crew, n * columns * (axes ? columns : 1) < (1 << 22), [&](std::size_t task) {
    std::vector<double> sums(static_cast<std::size_t>(columns));
    const int64_t end = std::min(n, static_cast<int64_t>(task + 1) * BATCH);
    for (int64_t i = static_cast<int64_t>(task) * BATCH; i < end; ++i)
      turn(numbers + i * columns, centre, axes, columns, scale, sums.data(), out + i * columns);
  });
}

} // namespace contrapeso
