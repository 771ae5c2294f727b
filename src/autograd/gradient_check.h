#pragma once
// Is an operation's backward side the derivative of its forward side? Checked against central differences; for tests
// of operations, layers and whole models.

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "autograd/context.h"

namespace dragoman {

/// The element whose gradient disagrees most with the differences.
struct GradientMismatch {
  double error = 0;  ///< |gradient - difference| over the largest of either in its tensor (or 0.01 if all are smaller)
  int input = 0;     ///< which input
  std::int64_t element = 0;
  double gradient = 0, difference = 0;

  /// As in "input 1, element 7: gradient 0.5, difference 0.25 (error 0.5)".
  std::string text() const;
};

struct GradientCheckOptions {
  double step = 0.03;      ///< of the differences: the check uses it and its half, so errors fall with its fourth power
  std::uint64_t seed = 1;  ///< of dropout, and of the weights with which the result's elements are summed
};

/// An operation of some tensors. It must compute the same each time that it is given the same random numbers.
using Operation = std::function<Tensor(const Context& ctx, std::span<const Tensor> inputs)>;

/// Records `operation`, runs it backward and compares the gradients of all inputs with differences of a randomly
/// weighted sum of its result, drawing the same dropout every time. The backward side is run twice, so that both its
/// duties are seen: the first contribution to a gradient overwrites memory (it holds NaN), later ones add. `inputs`:
/// views without gradients of numbers that are changed and restored meanwhile. Numbers are floats, so expect errors
/// below 1e-3, not 0; keep inputs further than `step` from kinks as that of relu.
GradientMismatch check_gradients(std::span<const Tensor> inputs, const Operation& operation,
                                 const GradientCheckOptions& options = {});

/// The same for anything that can be computed: compares `gradient` with differences of `function`, which reads
/// `values`.
GradientMismatch compare_with_differences(std::span<float> values, std::span<const float> gradient,
                                          const std::function<double()>& function, double step = 0.03);

}  // namespace dragoman
