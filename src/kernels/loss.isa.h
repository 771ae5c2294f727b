#pragma once
// Losses of rows of logits, each with its derivative.

#include "kernels/norm.isa.h"
#include "kernels/vector.isa.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

/// One row. With p the softmax, y the one-hot target, s the smoothing, V the width, c the weight of the cross-entropy,
/// x the extra weight, m that of the squared error and k = sum p (p - y), the derivative of
///     c ((1 - s) -log p_y + s mean(-log p)) + x (-log p_y) + m sum (p - y)^2
/// is (c + x - 2 m k) p + 2 m p^2 - c s / V, less c (1 - s) + x + 2 m p_y at the target.
template <bool squared>
DRAGOMAN_INLINE void softmax_loss_row(std::int64_t width, float* logits, int target, const RowLoss& loss, float extra,
                                      float* total_loss, float* cross_entropy, float* bias_gradient) {
  const float most = row_maximum(width, logits);  // taken off all logits first, so that large ones lose no digits
  const float target_logit = logits[target] - most;
  Vector total{}, logit_total{}, squares{};
  const bool gradient = loss.gradient_scale > 0;
  for_each_vector(width, [&](std::int64_t i, int c) {
    Vector x = load(logits + i, c) - most, e = exponential(x);
    if (c < vector_width) {
      for (int j = c; j < vector_width; ++j) x[j] = e[j] = 0;
    }
    logit_total += x;
    total += e;
    if constexpr (squared) squares += e * e;
    if (gradient) store(logits + i, e, c);
  });
  const float normaliser = sum(total), log_normaliser = __builtin_logf(normaliser), inverse = 1.0f / normaliser;
  const float plain = log_normaliser - target_logit;
  *cross_entropy = plain;
  *total_loss = loss.cross_entropy *
                ((1 - loss.smoothing) * plain + loss.smoothing * (log_normaliser - sum(logit_total) / float(width)));
  if (loss.extra_weights != nullptr) *total_loss += extra * plain;
  float square_sum = 0, target_probability = 0;
  if constexpr (squared) {
    square_sum = sum(squares) * inverse * inverse;
    target_probability = __builtin_expf(-plain);
    *total_loss += loss.squared_error * (square_sum - 2 * target_probability + 1);
  }
  if (!gradient) return;
  const float scale = loss.gradient_scale, spread = scale * loss.cross_entropy * loss.smoothing / float(width);
  const float twice = 2 * scale * loss.squared_error;
  float linear = scale * (loss.cross_entropy + extra),
        sure = scale * (loss.cross_entropy * (1 - loss.smoothing) + extra);
  if constexpr (squared) {
    linear -= twice * (square_sum - target_probability);
    sure += twice * target_probability;
  }
  const float factor = linear / normaliser, quadratic = twice * inverse * inverse;
  const auto derivative = [&](Vector e) {
    if constexpr (squared) return (factor + quadratic * e) * e - spread;
    return factor * e - spread;
  };
  if (bias_gradient != nullptr) {
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector g = derivative(load(logits + i, c));
      store(logits + i, g, c);
      store(bias_gradient + i, load(bias_gradient + i, c) + g, c);
    });
    bias_gradient[target] -= sure;
  } else {
    for_each_vector(width, [&](std::int64_t i, int c) { store(logits + i, derivative(load(logits + i, c)), c); });
  }
  logits[target] -= sure;
}

void softmax_loss(std::int64_t rows, std::int64_t width, float* logits, const int* targets, const RowLoss& loss,
                  float* losses, float* cross_entropies, float* bias_gradient) {
  for (std::int64_t r = 0; r < rows; ++r, logits += width) {
    const float extra = loss.extra_weights == nullptr ? 0 : loss.extra_weights[r];
    if (loss.squared_error != 0) {
      softmax_loss_row<true>(width, logits, targets[r], loss, extra, losses + r, cross_entropies + r, bias_gradient);
    } else {
      softmax_loss_row<false>(width, logits, targets[r], loss, extra, losses + r, cross_entropies + r, bias_gradient);
    }
  }
}

/// With l = log p - log q: the derivative of KL(p || q) with respect to a is p (l - KL(p || q)), that of KL(q || p) is
/// p - q; likewise for b.
void symmetric_divergence(std::int64_t rows, std::int64_t width, const float* a, const float* b, float scale,
                          float* divergences, float* da, float* db) {
  for (std::int64_t r = 0; r < rows; ++r, a += width, b += width, da += width, db += width) {
    const float most_a = row_maximum(width, a), most_b = row_maximum(width, b);
    const float offset_a = most_a + __builtin_logf(row_exponential_sum(width, a, most_a));
    const float offset_b = most_b + __builtin_logf(row_exponential_sum(width, b, most_b));
    Vector forward{}, backward{};
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector log_p = load(a + i, c) - offset_a, log_q = load(b + i, c) - offset_b;
      Vector p = exponential(log_p), q = exponential(log_q);
      if (c < vector_width) {
        for (int j = c; j < vector_width; ++j) p[j] = q[j] = 0;
      }
      forward += p * (log_p - log_q);
      backward += q * (log_q - log_p);
      store(da + i, p, c);
      store(db + i, q, c);
    });
    const float p_from_q = sum(forward), q_from_p = sum(backward);
    divergences[r] = p_from_q + q_from_p;
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector log_ratio = (load(a + i, c) - offset_a) - (load(b + i, c) - offset_b);
      const Vector p = load(da + i, c), q = load(db + i, c);
      store(da + i, scale * (p * (log_ratio - p_from_q) + p - q), c);
      store(db + i, scale * (q * (-log_ratio - q_from_p) + q - p), c);
    });
  }
}

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
