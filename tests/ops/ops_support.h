#pragma once
// Shared by the tests of operations: tensors of random numbers, and expectations about gradients.

#include <gtest/gtest.h>

#include <list>
#include <vector>

#include "autograd/gradient_check.h"
#include "base/random.h"
#include "ops/threads.h"

namespace dragoman {

/// Operations of this size gain nothing from threads, and lose much when tests run beside each other.
inline const bool one_thread = (use_one_thread_per_operation(), true);

/// Owns the numbers of some tensors.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed = 1) : random_(seed) {}

  Tensor normal(Shape shape, double deviation = 1) {
    return make(shape, [&] { return deviation * random_.normal(); });
  }

  /// Numbers at least `gap` away from 0, for functions with a kink there.
  Tensor away_from_zero(Shape shape, double gap) {
    return make(shape, [&] {
      const double x = random_.normal();
      return x + (x < 0 ? -gap : gap);
    });
  }

  /// The same tensor with a gradient: `before` is what has been summed, or (NaN) nothing yet.
  Tensor with_gradient(Tensor tensor, float before) {
    numbers_.emplace_back(std::size_t(tensor.size()), before);
    gradients_.push_back({numbers_.back().data(), before == before});
    tensor.gradient = &gradients_.back();
    return tensor;
  }

 private:
  template <class Draw>
  Tensor make(Shape shape, Draw draw) {
    std::vector<float>& values = numbers_.emplace_back();
    for (std::int64_t i = 0; i < shape.size(); ++i) values.push_back(float(draw()));
    return {shape, values.data(), nullptr};
  }

  Random random_;
  std::list<std::vector<float>> numbers_;
  std::list<Gradient> gradients_;
};

inline void expect_gradients(const std::vector<Tensor>& inputs, const Operation& operation,
                             const GradientCheckOptions& options = {}) {
  const GradientMismatch mismatch = check_gradients(inputs, operation, options);
  EXPECT_LT(mismatch.error, 1e-3) << mismatch.text();
}

inline std::vector<float> copy(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

}  // namespace dragoman
