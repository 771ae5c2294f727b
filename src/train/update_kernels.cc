#include "train/update_kernels.h"

#include <cmath>

// The layer is compiled with -O2, where GCC leaves loops of unknown length scalar; these are worth vector code. Without
// the error number of sqrt, a square root is one instruction. Neither changes any result.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "no-math-errno")
#endif

namespace dragoman::update_kernels {

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
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = terms.scale * gradients[i] + terms.l2 * values[i];
    sum[i] += gradient * gradient;
    values[i] -= rate * gradient / (std::sqrt(sum[i]) + epsilon);
  }
}

void adam(float* __restrict values, const float* __restrict gradients, float* __restrict m, float* __restrict v,
          std::size_t size, GradientTerms terms, const AdamStep& step) {
  const AdamStep s = step;  // a copy that no store through the pointers can change
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = terms.scale * gradients[i] + terms.l2 * values[i];
    m[i] = s.beta1 * m[i] + (1 - s.beta1) * gradient;
    v[i] = s.beta2 * v[i] + (1 - s.beta2) * (gradient * gradient);
    values[i] = s.keep * values[i] - s.rate * m[i] / (std::sqrt(v[i]) * s.root_scale + s.epsilon);
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
