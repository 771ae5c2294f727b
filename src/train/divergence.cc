#include "train/divergence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace dragoman {

bool FiniteGuard::accepts(double cost, double gradient_norm) {
  if (std::isfinite(cost) && std::isfinite(gradient_norm)) {
    in_a_row_ = 0;
    return true;
  }
  ++skipped_;
  ++in_a_row_;
  require(
      in_a_row_ <= longest_,
      "training stopped: {} batches in a row had a cost or gradient that is not finite (the last: cost {}, gradient "
      "norm {}); a lower learn-rate, a longer lr-warmup or a smaller clip-norm may help",
      in_a_row_, cost, gradient_norm);
  return false;
}

void FiniteGuard::save(SavedFields& fields) const {
  fields.set_integer("not-finite.in-a-row", in_a_row_);
  fields.set_integer("not-finite.skipped", skipped_);
}

void FiniteGuard::restore(const SavedFields& fields) {
  in_a_row_ = fields.integer("not-finite.in-a-row");
  skipped_ = fields.integer("not-finite.skipped");
}

std::optional<std::string> DivergenceDetector::update(double cost) {
  const double value = std::log(std::max(cost, 1e-10));
  if (count_++ == 0) {
    fast_ = slow_ = value;
    return std::nullopt;
  }
  // Moving averages with a weight of 2 / (window + 1); until a window is full they are those of all there is. The
  // variance is that about the fast average: about the slow one it would measure how fast the cost falls.
  const auto weight = [&](double window) { return std::max(2 / (window + 1), 1 / double(count_)); };
  const bool is_ready = double(count_) > settings_.slow_window;
  const double sigma = std::max(std::sqrt(variance_), settings_.smallest_sigma);
  // A jump must neither widen the variance nor lift the slow average so fast that it hides itself.
  const double most = is_ready ? 3 * sigma : std::numeric_limits<double>::infinity();
  const double surprise = std::clamp(value - fast_, -most, most);
  const double slow_weight = weight(settings_.slow_window);
  variance_ += slow_weight * (surprise * surprise - variance_);
  slow_ += slow_weight * std::clamp(value - slow_, -most, most);
  fast_ += weight(settings_.fast_window) * (value - fast_);
  if (!is_ready || fast_ - slow_ <= settings_.sigmas * sigma) return std::nullopt;
  return fmt::format(
      "the cost per token over the last {:.0f} updates is {:.4g}, over the last {:.0f} it was "
      "{:.4g}; "
      "that is {:.1f} standard deviations more, at most {:.1f} are allowed",
      settings_.fast_window, std::exp(fast_), settings_.slow_window, std::exp(slow_), (fast_ - slow_) / sigma,
      settings_.sigmas);
}

void DivergenceDetector::save(SavedFields& fields) const {
  fields.set_integer("divergence.count", count_);
  fields.set_number("divergence.fast", fast_);
  fields.set_number("divergence.slow", slow_);
  fields.set_number("divergence.variance", variance_);
}

void DivergenceDetector::restore(const SavedFields& fields) {
  count_ = fields.integer("divergence.count");
  fast_ = fields.number("divergence.fast");
  slow_ = fields.number("divergence.slow");
  variance_ = fields.number("divergence.variance");
}

}  // namespace dragoman
