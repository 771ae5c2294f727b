#pragma once
// The inner loops of everything that passes over all parameters: optimisers, the gradient's norm, smoothing. They are
// together here so that versions for newer processors have one place to go.
//
// All but sum_of_squares treat each element by itself, so a block may be cut into ranges anywhere and the result does
// not depend on the cuts.

#include <cstddef>

namespace dragoman::update_kernels {

/// `gradient` in the formulas is `scale * gradients[i] + l2 * values[i]`.
struct GradientTerms {
  float scale = 1;  ///< of clipping, or of summed batches
  float l2 = 0;     ///< L2 weight decay
};

/// velocity = momentum * velocity + gradient; value -= rate * velocity. `velocity` is null without momentum.
void sgd(float* values, const float* gradients, float* velocity, std::size_t size, GradientTerms terms, float rate,
         float momentum);

/// sum += gradient^2; value -= rate * gradient / (sqrt(sum) + epsilon).
void adagrad(float* values, const float* gradients, float* sum, std::size_t size, GradientTerms terms, float rate,
             float epsilon);

struct AdamStep {
  float beta1, beta2, epsilon;
  float rate;        ///< learning rate / (1 - beta1^t)
  float root_scale;  ///< 1 / sqrt(1 - beta2^t)
  float keep = 1;    ///< 1 - learning rate * decoupled weight decay
};

/// m = beta1 * m + (1 - beta1) * gradient; v = beta2 * v + (1 - beta2) * gradient^2;
/// value = keep * value - rate * m / (sqrt(v) * root_scale + epsilon).
void adam(float* values, const float* gradients, float* m, float* v, std::size_t size, GradientTerms terms,
          const AdamStep& step);

/// averages += (1 - keep) * (values - averages).
void blend(float* averages, const float* values, std::size_t size, float keep);

/// The sum of squares, in double precision and in an order that depends on `size` alone.
double sum_of_squares(const float* values, std::size_t size);

}  // namespace dragoman::update_kernels
