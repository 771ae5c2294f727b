#pragma once
// Layer normalisation (Ba, Kiros and Hinton 2016).

#include "autograd/context.h"

namespace dragoman {

/// scale (x - mean) / sqrt(variance + epsilon) + bias over the last axis, with the biased variance.
struct Norm {
  Tensor scale;  ///< [width]
  Tensor bias;   ///< [width], or empty: zero
  float epsilon = 1e-6f;
  int first = 0;  ///< columns before this one are normalised apart from the others; 0: all together
};

/// The norm of each row of x [rows, width]. While recording, x, scale and bias (if there is one) must have gradients.
Tensor layer_norm(const Context& ctx, Tensor x, const Norm& norm);

/// For operations that have a norm inside: floats that norm_rows keeps for norm_rows_gradient.
std::size_t norm_moments(const Norm& norm, std::int64_t rows);

/// y = norm(x), [rows, width].
void norm_rows(const Norm& norm, std::int64_t rows, const float* x, float* y, float* moments);

/// dx = gradient + beta dx, where dx may be dy; those of scale and bias are added to.
void norm_rows_gradient(const Norm& norm, std::int64_t rows, const float* x, const float* moments, const float* dy,
                        float beta, float* dx);

}  // namespace dragoman
