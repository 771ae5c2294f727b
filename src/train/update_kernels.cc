#include "train/update_kernels.h"

#include <emmintrin.h>

#include <algorithm>

// The layer is compiled with -O2, where GCC leaves loops of unknown length scalar; these are worth vector code.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

namespace dragoman::update_kernels {
namespace {

constexpr std::size_t block = 256;  // elements whose square roots are taken together; a multiple of 4

// Square roots of a whole block. A loop over std::sqrt would stay scalar, because of the error number that it may set.
void take_roots(float* values) {
  for (std::size_t i = 0; i < block; i += 4) _mm_storeu_ps(values + i, _mm_sqrt_ps(_mm_loadu_ps(values + i)));
}

}  // namespace

void sgd(float* __restrict values, const float* __restrict gradients, float* __restrict velocity, std::size_t size,
         GradientTerms terms, float rate, float momentum) {
  if (velocity == nullptr) {
    for (std::size_t i = 0; i < size; ++i) values[i] -= rate * (terms.scale * gradients[i] + terms.l2 * values[i]);
    return;
  }
  for (std::size_t i = 0; i < size; ++i) {
    velocity[i] = momentum * velocity[i] + (terms.scale * gradients[i] + terms.l2 * values[i]);
    values[i] -= rate * velocity[i];
  }
}

void adagrad(float* __restrict values, const float* __restrict gradients, float* __restrict sum, std::size_t size,
             GradientTerms terms, float rate, float epsilon) {
  float gradient[block] = {}, root[block] = {};
  for (std::size_t begin = 0; begin < size; begin += block) {
    const std::size_t count = std::min(block, size - begin);
    float* __restrict value = values + begin;
    for (std::size_t i = 0; i < count; ++i) {
      gradient[i] = terms.scale * gradients[begin + i] + terms.l2 * value[i];
      sum[begin + i] += gradient[i] * gradient[i];
      root[i] = sum[begin + i];
    }
    take_roots(root);
    for (std::size_t i = 0; i < count; ++i) value[i] -= rate * gradient[i] / (root[i] + epsilon);
  }
}

void adam(float* __restrict values, const float* __restrict gradients, float* __restrict m, float* __restrict v,
          std::size_t size, GradientTerms terms, const AdamStep& step) {
  const AdamStep s = step;  // a copy that no store through the pointers can change
  float root[block] = {};
  for (std::size_t begin = 0; begin < size; begin += block) {
    const std::size_t count = std::min(block, size - begin);
    float* __restrict value = values + begin;
    float* __restrict mean = m + begin;
    for (std::size_t i = 0; i < count; ++i) {
      const float gradient = terms.scale * gradients[begin + i] + terms.l2 * value[i];
      mean[i] = s.beta1 * mean[i] + (1 - s.beta1) * gradient;
      root[i] = v[begin + i] = s.beta2 * v[begin + i] + (1 - s.beta2) * (gradient * gradient);
    }
    take_roots(root);
    for (std::size_t i = 0; i < count; ++i) {
      value[i] = s.keep * value[i] - s.rate * mean[i] / (root[i] * s.root_scale + s.epsilon);
    }
  }
}

void blend(float* __restrict averages, const float* __restrict values, std::size_t size, float keep) {
  for (std::size_t i = 0; i < size; ++i) averages[i] += (1 - keep) * (values[i] - averages[i]);
}

double sum_of_squares(const float* values, std::size_t size) {
  constexpr std::size_t lanes = 8;  // independent sums, which the compiler may keep in vector registers
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (std::size_t j = 0; j < lanes; ++j) sums[j] += double(values[i + j]) * double(values[i + j]);
  }
  for (; i < size; ++i) sums[i % lanes] += double(values[i]) * double(values[i]);
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace dragoman::update_kernels
