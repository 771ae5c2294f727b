#pragma once
// The element-wise part of recurrent cells, forward and backward: what remains of a step once its products are made.

#include "kernels/vector.isa.h"

namespace dragoman::DRAGOMAN_ISA {
namespace {

void gru(int rows, int width, const float* x, const float* hidden, const float* bias, const float* previous, float* out,
         float* kept) {
  for (int row = 0; row < rows; ++row) {
    const float* xs = x + row * 3l * width;
    const float* hs = hidden == nullptr ? nullptr : hidden + row * 3l * width;
    const float* before = previous == nullptr ? nullptr : previous + row * std::int64_t(width);
    float* to = out + row * std::int64_t(width);
    float* keep = kept == nullptr ? nullptr : kept + row * 4l * width;
    for_each_vector(width, [&](std::int64_t i, int c) {
      Vector reset = load(xs + i, c), update = load(xs + width + i, c);
      Vector inner = bias == nullptr ? Vector{} : load(bias + i, c);
      if (hs != nullptr) {
        reset += load(hs + i, c);
        update += load(hs + width + i, c);
        inner += load(hs + 2 * width + i, c);
      }
      reset = logistic(reset);
      update = logistic(update);
      const Vector candidate = hyperbolic_tangent(load(xs + 2 * width + i, c) + reset * inner);
      const Vector old = before == nullptr ? Vector{} : load(before + i, c);
      store(to + i, candidate + update * (old - candidate), c);
      if (keep != nullptr) {
        store(keep + i, reset, c);
        store(keep + width + i, update, c);
        store(keep + 2 * width + i, candidate, c);
        store(keep + 3 * width + i, inner, c);
      }
    });
  }
}

void gru_gradient(int rows, int width, const float* kept, const float* previous, const float* dout, float* dx,
                  float* dhidden, float* dprevious) {
  for (int row = 0; row < rows; ++row) {
    const float* keep = kept + row * 4l * width;
    const float* before = previous == nullptr ? nullptr : previous + row * std::int64_t(width);
    const float* from = dout + row * std::int64_t(width);
    float* xs = dx + row * 3l * width;
    float* hs = dhidden + row * 3l * width;
    float* to = dprevious == nullptr ? nullptr : dprevious + row * std::int64_t(width);
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector d = load(from + i, c);
      const Vector reset = load(keep + i, c), update = load(keep + width + i, c);
      const Vector candidate = load(keep + 2 * width + i, c), inner = load(keep + 3 * width + i, c);
      const Vector old = before == nullptr ? Vector{} : load(before + i, c);
      const Vector dcandidate = d * (1.0f - update) * (1.0f - candidate * candidate);
      const Vector dupdate = d * (old - candidate) * update * (1.0f - update);
      const Vector dreset = dcandidate * inner * reset * (1.0f - reset);
      store(xs + i, load(xs + i, c) + dreset, c);
      store(xs + width + i, load(xs + width + i, c) + dupdate, c);
      store(xs + 2 * width + i, load(xs + 2 * width + i, c) + dcandidate, c);
      store(hs + i, dreset, c);
      store(hs + width + i, dupdate, c);
      store(hs + 2 * width + i, dcandidate * reset, c);
      if (to != nullptr) store(to + i, load(to + i, c) + d * update, c);
    });
  }
}

void lstm(int rows, int width, const float* x, const float* hidden, const float* previous_cell, float* out, float* cell,
          float* kept) {
  for (int row = 0; row < rows; ++row) {
    const float* xs = x + row * 4l * width;
    const float* hs = hidden == nullptr ? nullptr : hidden + row * 4l * width;
    const float* before = previous_cell == nullptr ? nullptr : previous_cell + row * std::int64_t(width);
    float* to = out + row * std::int64_t(width);
    float* cells = cell + row * std::int64_t(width);
    float* keep = kept == nullptr ? nullptr : kept + row * 5l * width;
    for_each_vector(width, [&](std::int64_t i, int c) {
      Vector input = load(xs + i, c), forget = load(xs + width + i, c);
      Vector candidate = load(xs + 2 * width + i, c), output = load(xs + 3 * width + i, c);
      if (hs != nullptr) {
        input += load(hs + i, c);
        forget += load(hs + width + i, c);
        candidate += load(hs + 2 * width + i, c);
        output += load(hs + 3 * width + i, c);
      }
      input = logistic(input);
      forget = logistic(forget);
      candidate = hyperbolic_tangent(candidate);
      output = logistic(output);
      const Vector old = before == nullptr ? Vector{} : load(before + i, c);
      const Vector now = forget * old + input * candidate;
      const Vector squashed = hyperbolic_tangent(now);
      store(cells + i, now, c);
      store(to + i, output * squashed, c);
      if (keep != nullptr) {
        store(keep + i, input, c);
        store(keep + width + i, forget, c);
        store(keep + 2 * width + i, candidate, c);
        store(keep + 3 * width + i, output, c);
        store(keep + 4 * width + i, squashed, c);
      }
    });
  }
}

void lstm_gradient(int rows, int width, const float* kept, const float* previous_cell, const float* dout,
                   const float* dcell, float* dx, float* dhidden, float* dprevious_cell) {
  for (int row = 0; row < rows; ++row) {
    const float* keep = kept + row * 5l * width;
    const float* before = previous_cell == nullptr ? nullptr : previous_cell + row * std::int64_t(width);
    const float* from = dout + row * std::int64_t(width);
    const float* from_cell = dcell + row * std::int64_t(width);
    float* xs = dx + row * 4l * width;
    float* hs = dhidden + row * 4l * width;
    float* to = dprevious_cell == nullptr ? nullptr : dprevious_cell + row * std::int64_t(width);
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector input = load(keep + i, c), forget = load(keep + width + i, c);
      const Vector candidate = load(keep + 2 * width + i, c), output = load(keep + 3 * width + i, c);
      const Vector squashed = load(keep + 4 * width + i, c);
      const Vector d = load(from + i, c);
      const Vector old = before == nullptr ? Vector{} : load(before + i, c);
      const Vector dnow = load(from_cell + i, c) + d * output * (1.0f - squashed * squashed);
      const Vector parts[4] = {dnow * candidate * input * (1.0f - input), dnow * old * forget * (1.0f - forget),
                               dnow * input * (1.0f - candidate * candidate), d * squashed * output * (1.0f - output)};
      for (int gate = 0; gate < 4; ++gate) {
        const std::int64_t at = gate * std::int64_t(width) + i;
        store(hs + at, parts[gate], c);
        store(xs + at, load(xs + at, c) + parts[gate], c);
      }
      if (to != nullptr) store(to + i, load(to + i, c) + dnow * forget, c);
    });
  }
}

void gated_sum(int rows, int width, const float* x, const float* gate, float* state, float* out, float* kept_gate) {
  for (int row = 0; row < rows; ++row) {
    const std::int64_t at = row * std::int64_t(width);
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector keep = logistic(load(gate + at + i, c)), in = load(x + at + i, c);
      const Vector now = in + keep * (load(state + i, c) - in);
      store(state + i, now, c);
      store(out + at + i, now, c);
      if (kept_gate != nullptr) store(kept_gate + at + i, keep, c);
    });
  }
}

void gated_sum_gradient(int rows, int width, const float* x, const float* kept_gate, const float* out,
                        const float* dout, float* carried, float* dx, float* dgate) {
  for (int row = rows - 1; row >= 0; --row) {
    const std::int64_t at = row * std::int64_t(width);
    for_each_vector(width, [&](std::int64_t i, int c) {
      const Vector keep = load(kept_gate + at + i, c), in = load(x + at + i, c);
      const Vector old = row == 0 ? Vector{} : load(out + at - width + i, c);
      const Vector d = load(dout + at + i, c) + load(carried + i, c);
      store(dx + at + i, load(dx + at + i, c) + d * (1.0f - keep), c);
      store(dgate + at + i, load(dgate + at + i, c) + d * (old - in) * keep * (1.0f - keep), c);
      store(carried + i, d * keep, c);
    });
  }
}

}  // namespace
}  // namespace dragoman::DRAGOMAN_ISA
