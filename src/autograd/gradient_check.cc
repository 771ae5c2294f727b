#include "autograd/gradient_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace dragoman {
namespace {

constexpr double smallest_gradient = 0.01;  // below it rounding errors of floats would count as large

/// d function / d value by central differences.
double difference(float& value, const std::function<double()>& function, double step) {
  const float before = value, above = float(before + step), below = float(before - step);
  value = above;
  const double more = function();
  value = below;
  const double less = function();
  value = before;
  return (more - less) / (double(above) - double(below));
}

/// Worse of two, where a NaN is worst.
bool worse(double error, double than) { return std::isnan(error) || error > than; }

/// One pass forward and backward of the operation under test.
class Recording {
 public:
  Recording(std::span<const Tensor> inputs, const Operation& operation, std::uint64_t seed)
      : inputs_(inputs.begin(), inputs.end()), operation_(operation), seed_(seed), gradients_(inputs.size()) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      assert(inputs[i].gradient == nullptr);
      numbers_.emplace_back(inputs[i].size());
      inputs_[i].gradient = &gradients_[i];
    }
  }

  /// The weighted sum of the result's elements.
  double forward() {
    const Tensor y = record();
    double total = 0;
    for (std::int64_t i = 0; i < y.size(); ++i) total += double(weights_[i]) * y.data[i];
    return total;
  }

  /// The gradients of all inputs when the sums so far are `before`, or (NaN) when nothing has been written.
  std::vector<std::vector<float>> backward(float before) {
    const bool filled = !std::isnan(before);
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      std::fill(numbers_[i].begin(), numbers_[i].end(), before);
      gradients_[i] = {numbers_[i].data(), filled};
    }
    const Tensor y = record();
    float* dy = y.summed_gradient();
    for (std::int64_t i = 0; i < y.size(); ++i) dy[i] += weights_[i];
    tape_.run_backward();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!gradients_[i].filled) std::fill(numbers_[i].begin(), numbers_[i].end(), 0.0f);
    }
    return numbers_;
  }

 private:
  Tensor record() {
    arena_.reset();
    tape_.clear();
    Random random(seed_);
    const Tensor y = operation_({arena_, &tape_, &random, nullptr}, inputs_);
    if (std::int64_t(weights_.size()) != y.size()) {
      weights_.resize(std::size_t(y.size()));
      Random weight = Random(seed_).fork(1);
      for (float& w : weights_) w = float(2 * weight.uniform() - 1);
    }
    return y;
  }

  std::vector<Tensor> inputs_;
  const Operation& operation_;
  std::uint64_t seed_;
  std::vector<Gradient> gradients_;
  std::vector<std::vector<float>> numbers_;  ///< of the gradients
  std::vector<float> weights_;
  Arena arena_;
  Tape tape_;
};

}  // namespace

std::string GradientMismatch::text() const {
  return fmt::format("input {}, element {}: gradient {:.7g}, difference {:.7g} (error {:.2g})", input, element,
                     gradient, difference, error);
}

GradientMismatch compare_with_differences(std::span<float> values, std::span<const float> gradient,
                                          const std::function<double()>& function, double step) {
  assert(values.size() == gradient.size());
  std::vector<double> differences;
  double largest = smallest_gradient;
  for (std::size_t i = 0; i < values.size(); ++i) {
    // Richardson's extrapolation: the errors of both, in proportion to the squares of the steps, cancel
    differences.push_back((4 * difference(values[i], function, step / 2) - difference(values[i], function, step)) / 3);
    largest = std::max({largest, std::abs(differences.back()), std::abs(double(gradient[i]))});
  }
  GradientMismatch worst;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = std::abs(gradient[i] - differences[i]) / largest;
    if (worse(error, worst.error)) {
      worst = {error, 0, std::int64_t(i), gradient[i], differences[i]};
      if (std::isnan(error)) {
        worst.error = std::numeric_limits<double>::infinity();
        return worst;
      }
    }
  }
  return worst;
}

GradientMismatch check_gradients(std::span<const Tensor> inputs, const Operation& operation,
                                 const GradientCheckOptions& options) {
  Recording recording(inputs, operation, options.seed);
  const auto written = recording.backward(std::numeric_limits<float>::quiet_NaN());
  auto added = recording.backward(1);
  GradientMismatch worst;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (float& g : added[i]) g -= 1;
    for (const auto& gradient : {written[i], added[i]}) {
      GradientMismatch mismatch = compare_with_differences(
          inputs[i].values(), gradient, [&] { return recording.forward(); }, options.step);
      mismatch.input = int(i);
      if (worse(mismatch.error, worst.error)) worst = mismatch;
    }
  }
  return worst;
}

}  // namespace dragoman
