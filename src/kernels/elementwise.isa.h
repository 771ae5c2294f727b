#pragma once
// Kernels that treat each element alone: sums, dropout, activations, the optimiser's step.

#include "kernels/vector.isa.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

void scale_add(std::int64_t n, float alpha, const float* x, float beta, float* y) {
  if (beta == 0) {
    for_each_vector(n, [&](std::int64_t i, int c) { store(y + i, alpha * load(x + i, c), c); });
  } else {
    for_each_vector(n, [&](std::int64_t i, int c) { store(y + i, alpha * load(x + i, c) + beta * load(y + i, c), c); });
  }
}

typedef std::uint16_t HalfWords __attribute__((vector_size(2 * vector_width)));

void to_bfloat16(std::int64_t n, const float* x, std::uint16_t* y) {
  for_each_vector(n, [&](std::int64_t i, int c) {
    const Vector v = load(x + i, c);
    UintVector bits;
    __builtin_memcpy(&bits, &v, sizeof bits);
    bits = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    bits = v == v ? bits : UintVector{} + 0x7fc0u;
    const HalfWords words = __builtin_convertvector(bits, HalfWords);
    if (c == vector_width) {
      __builtin_memcpy(y + i, &words, sizeof words);
    } else {
      for (int j = 0; j < c; ++j) y[i + j] = words[j];
    }
  });
}

void dropout(std::int64_t n, const float* x, float beta, float* y, const DropoutMask& mask) {
  if (mask.threshold == 0) return scale_add(n, 1, x, beta, y);
  for_each_vector(n, [&](std::int64_t i, int c) {
    Vector v = load(x + i, c) * dropout_factors(std::uint32_t(i), mask);
    if (beta != 0) v += beta * load(y + i, c);
    store(y + i, v, c);
  });
}

void residual_dropout(std::int64_t n, const float* x, const float* f, float* y, const DropoutMask& mask) {
  if (mask.threshold == 0) {
    for_each_vector(n, [&](std::int64_t i, int c) { store(y + i, load(x + i, c) + load(f + i, c), c); });
  } else {
    for_each_vector(n, [&](std::int64_t i, int c) {
      store(y + i, load(x + i, c) + load(f + i, c) * dropout_factors(std::uint32_t(i), mask), c);
    });
  }
}

constexpr float inverse_root_two = 0.70710678118654752f;
constexpr float inverse_root_two_pi = 0.39894228040143268f;

constexpr float root_eight_over_pi = 1.59576912160573071f;

template <Activation kind>
DRAGOMAN_INLINE Vector activate(Vector x) {
  if constexpr (kind == Activation::relu) return maximum(splat(0), x);
  if constexpr (kind == Activation::gelu) return 0.5f * x * (1.0f + error_function(x * inverse_root_two));
  if constexpr (kind == Activation::swish) return x * logistic(x);
  if constexpr (kind == Activation::tanh) return hyperbolic_tangent(x);
  if constexpr (kind == Activation::sigmoid) return logistic(x);
  if constexpr (kind == Activation::gelu_tanh) {  // (1 + tanh u) / 2 is logistic(2 u)
    return x * logistic(root_eight_over_pi * (x + 0.044715f * x * x * x));
  }
  if constexpr (kind == Activation::gelu_sigmoid) return x * logistic(1.702f * x);
}

template <Activation kind>
DRAGOMAN_INLINE Vector activation_slope(Vector x) {
  if constexpr (kind == Activation::relu) return x > 0.0f ? splat(1) : splat(0);
  if constexpr (kind == Activation::gelu) {
    return 0.5f * (1.0f + error_function(x * inverse_root_two)) + x * inverse_root_two_pi * exponential(-0.5f * x * x);
  }
  if constexpr (kind == Activation::swish) {
    const Vector s = logistic(x);
    return s * (1.0f + x * (1.0f - s));
  }
  if constexpr (kind == Activation::tanh) {
    const Vector t = hyperbolic_tangent(x);
    return 1.0f - t * t;
  }
  if constexpr (kind == Activation::sigmoid) {
    const Vector s = logistic(x);
    return s * (1.0f - s);
  }
  if constexpr (kind == Activation::gelu_tanh) {
    x = x > 20.0f ? splat(20) : x < -20.0f ? splat(-20) : x;  // beyond, the slope is 1 and 0 long since
    const Vector s = logistic(root_eight_over_pi * (x + 0.044715f * x * x * x));
    return s * (1.0f + x * (1.0f - s) * root_eight_over_pi * (1.0f + 0.134145f * x * x));
  }
  if constexpr (kind == Activation::gelu_sigmoid) {
    const Vector s = logistic(1.702f * x);
    return s * (1.0f + 1.702f * x * (1.0f - s));
  }
}

template <Activation kind>
void activation_of(std::int64_t n, const float* x, float* y, const DropoutMask& mask) {
  for_each_vector(n, [&](std::int64_t i, int c) {
    Vector v = activate<kind>(load(x + i, c));
    if (mask.threshold != 0) v *= dropout_factors(std::uint32_t(i), mask);
    store(y + i, v, c);
  });
}

template <Activation kind>
void activation_gradient_of(std::int64_t n, const float* x, const float* dy, float beta, float* dx,
                            const DropoutMask& mask) {
  for_each_vector(n, [&](std::int64_t i, int c) {
    Vector v = load(dy + i, c) * activation_slope<kind>(load(x + i, c));
    if (mask.threshold != 0) v *= dropout_factors(std::uint32_t(i), mask);
    if (beta != 0) v += beta * load(dx + i, c);
    store(dx + i, v, c);
  });
}

void activation(Activation kind, std::int64_t n, const float* x, float* y, const DropoutMask& mask) {
  switch (kind) {
    case Activation::relu:
      return activation_of<Activation::relu>(n, x, y, mask);
    case Activation::gelu:
      return activation_of<Activation::gelu>(n, x, y, mask);
    case Activation::swish:
      return activation_of<Activation::swish>(n, x, y, mask);
    case Activation::tanh:
      return activation_of<Activation::tanh>(n, x, y, mask);
    case Activation::sigmoid:
      return activation_of<Activation::sigmoid>(n, x, y, mask);
    case Activation::gelu_tanh:
      return activation_of<Activation::gelu_tanh>(n, x, y, mask);
    case Activation::gelu_sigmoid:
      return activation_of<Activation::gelu_sigmoid>(n, x, y, mask);
  }
}

void activation_gradient(Activation kind, std::int64_t n, const float* x, const float* dy, float beta, float* dx,
                         const DropoutMask& mask) {
  switch (kind) {
    case Activation::relu:
      return activation_gradient_of<Activation::relu>(n, x, dy, beta, dx, mask);
    case Activation::gelu:
      return activation_gradient_of<Activation::gelu>(n, x, dy, beta, dx, mask);
    case Activation::swish:
      return activation_gradient_of<Activation::swish>(n, x, dy, beta, dx, mask);
    case Activation::tanh:
      return activation_gradient_of<Activation::tanh>(n, x, dy, beta, dx, mask);
    case Activation::sigmoid:
      return activation_gradient_of<Activation::sigmoid>(n, x, dy, beta, dx, mask);
    case Activation::gelu_tanh:
      return activation_gradient_of<Activation::gelu_tanh>(n, x, dy, beta, dx, mask);
    case Activation::gelu_sigmoid:
      return activation_gradient_of<Activation::gelu_sigmoid>(n, x, dy, beta, dx, mask);
  }
}

void column_sums(std::int64_t rows, int width, const float* x, float* sums) {
  for_each_vector(width, [&](std::int64_t i, int c) {
    Vector total = load(sums + i, c);
    for (std::int64_t r = 0; r < rows; ++r) total += load(x + r * width + i, c);
    store(sums + i, total, c);
  });
}

DRAGOMAN_INLINE Vector square_root(Vector v) {
  for (int i = 0; i < vector_width; ++i) v[i] = __builtin_sqrtf(v[i]);
  return v;
}

void adam(std::int64_t n, float* values, const float* gradients, float* first, float* second, float gradient_scale,
          float beta1, float beta2, float step_size, float second_correction, float epsilon, float l2,
          float decoupled_decay) {
  for_each_vector(n, [&](std::int64_t i, int c) {
    const Vector value = load(values + i, c), g = load(gradients + i, c) * gradient_scale + l2 * value;
    const Vector m = beta1 * load(first + i, c) + (1 - beta1) * g;
    const Vector v = beta2 * load(second + i, c) + (1 - beta2) * (g * g);
    store(first + i, m, c);
    store(second + i, v, c);
    store(values + i, value - decoupled_decay * value - step_size * m / (square_root(v * second_correction) + epsilon),
          c);
  });
}

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
