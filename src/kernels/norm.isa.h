#pragma once
// Kernels over rows: layer normalisation and softmax.

#include "kernels/vector.isa.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

void layer_norm(std::int64_t rows, int width, std::int64_t stride, const float* x, const float* scale,
                const float* bias, float epsilon, float* y, float* mean, float* inverse_deviation) {
  for (std::int64_t r = 0; r < rows; ++r, x += stride, y += stride) {
    Vector total{};
    for_each_vector(width, [&](std::int64_t i, int c) { total += load(x + i, c); });
    const float average = sum(total) / float(width);
    Vector squares{};
    for_each_vector(width, [&](std::int64_t i, int c) {
      Vector d = load(x + i, c) - average;
      if (c < vector_width) {
        for (int j = c; j < vector_width; ++j) d[j] = 0;
      }
      squares += d * d;
    });
    const float inverse = 1.0f / __builtin_sqrtf(sum(squares) / float(width) + epsilon);
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector scaled = load(scale + i, c) * ((load(x + i, c) - average) * inverse);
      store(y + i, bias == nullptr ? scaled : scaled + load(bias + i, c), c);
    });
    mean[r] = average;
    inverse_deviation[r] = inverse;
  }
}

/// With h = (x - mean) / deviation and g = dy * scale: dx = (g - mean(g) - h mean(g h)) / deviation.
void layer_norm_gradient(std::int64_t rows, int width, std::int64_t stride, const float* x, const float* scale,
                         const float* mean, const float* inverse_deviation, const float* dy, float beta, float* dx,
                         float* dscale, float* dbias) {
  for (std::int64_t r = 0; r < rows; ++r, x += stride, dy += stride, dx += stride) {
    const float average = mean[r], inverse = inverse_deviation[r];
    Vector sum_g{}, sum_gh{};
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector d = load(dy + i, c), h = (load(x + i, c) - average) * inverse, g = d * load(scale + i, c);
      sum_g += g;
      sum_gh += g * h;  // beyond the last column g is 0
      store(dscale + i, load(dscale + i, c) + d * h, c);
      if (dbias != nullptr) store(dbias + i, load(dbias + i, c) + d, c);
    });
    const float mean_g = sum(sum_g) / float(width), mean_gh = sum(sum_gh) / float(width);
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector h = (load(x + i, c) - average) * inverse;
      Vector v = (load(dy + i, c) * load(scale + i, c) - mean_g - h * mean_gh) * inverse;
      if (beta != 0) v += beta * load(dx + i, c);
      store(dx + i, v, c);
    });
  }
}

DRAGOMAN_INLINE float row_maximum(std::int64_t width, const float* x) {
  Vector most = splat(-3.4e38f);
  std::int64_t i = 0;
  for (; i + vector_width <= width; i += vector_width) most = maximum(most, load(x + i));
  float result = largest(most);
  for (; i < width; ++i) result = result > x[i] ? result : x[i];
  return result;
}

/// Sum of e^(x - offset) over a row; what lies beyond the row does not count.
DRAGOMAN_INLINE float row_exponential_sum(std::int64_t width, const float* x, float offset) {
  Vector total{};
  std::int64_t i = 0;
  for (; i + vector_width <= width; i += vector_width) total += exponential(load(x + i) - offset);
  if (i < width) {
    const int rest = int(width - i);
    const Vector last = exponential(load_part(x + i, rest) - offset);
    for (int j = 0; j < rest; ++j) total[j] += last[j];
  }
  return sum(total);
}

void log_softmax(std::int64_t rows, std::int64_t width, float* x) {
  for (std::int64_t r = 0; r < rows; ++r, x += width) {
    const float most = row_maximum(width, x);
    const float offset = most + __builtin_logf(row_exponential_sum(width, x, most));
    for_each_vector(width, [&](std::int64_t i, int c) { store(x + i, load(x + i, c) - offset, c); });
  }
}

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
