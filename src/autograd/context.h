#pragma once
// All that a forward pass needs besides its arguments.

#include <algorithm>

#include "autograd/attention_observer.h"
#include "autograd/tape.h"
#include "base/random.h"
#include "tensor/arena.h"
#include "tensor/precision.h"
#include "tensor/tensor.h"

namespace dragoman {

/// Belongs to one thread. Without a tape a forward pass is inference: nothing is recorded and dropout does nothing.
struct Context {
  Arena& arena;
  Tape* tape = nullptr;
  Random* random = nullptr;                  ///< of dropout; REQUIRED with a tape
  float* gradients = nullptr;                ///< flat block where the gradients of the model's parameters are summed
  Precision precision = Precision::float32;  ///< of matrix products, while recording
  AttentionObserver* observer = nullptr;     ///< is shown the weights of every attention

  bool recording() const { return tape != nullptr; }

  /// A new uninitialised tensor, with room for its gradient when recording.
  Tensor make(Shape shape) const {
    Tensor tensor{shape, arena.array<float>(std::size_t(shape.size())).data(), nullptr};
    if (recording()) {
      tensor.gradient =
          new (arena.allocate(sizeof(Gradient))) Gradient{arena.array<float>(std::size_t(shape.size())).data(), false};
    }
    return tensor;
  }

  /// What compute() returns, and of the memory that it takes only that result: inference needs no more. While recording
  /// all is kept.
  template <class F>
  Tensor only_result(Shape shape, F compute) const {
    if (recording()) return compute();
    const Tensor kept = make(shape);
    const Arena::Mark mark = arena.mark();
    const Tensor result = compute();
    std::copy_n(result.data, result.size(), kept.data);
    arena.rewind(mark);
    return kept;
  }

  /// Records what an operation does on the way back.
  template <class F>
  void on_backward(F backward) const {
    if (recording()) tape->record(arena, backward);
  }
};

}  // namespace dragoman
