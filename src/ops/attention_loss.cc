#include "ops/attention_loss.h"

#include <cassert>
#include <cmath>
#include <vector>

namespace dragoman {
namespace {

constexpr double epsilon = 1e-6;  // as in Marian: a weight of 0 costs 14, not infinitely much

}  // namespace

void sum_squares(const MeanAttention& attention, std::span<float> squares) {
  for (std::size_t t = 0; t < squares.size(); ++t) {
    float sum = 0;
    for (const float weight : attention.of(int(t))) sum += weight * weight;
    squares[t] = sum;
  }
}

void attention_loss_gradient(MeanAttention& attention, std::span<const float> losses, float scale) {
  std::vector<float> gradient;
  for (std::size_t t = 0; t < losses.size(); ++t) {
    const std::span<const float> weights = attention.of(int(t));
    gradient.assign(weights.begin(), weights.end());
    for (float& g : gradient) g *= 2 * scale * losses[t];
    attention.add_gradient(int(t), gradient);
  }
}

double guided_alignment_loss(MeanAttention& attention, int queries, const AlignmentView& alignment, AlignmentCost cost,
                             float gradient_scale) {
  const int tokens = alignment.tokens();
  assert(tokens == 0 || queries % tokens == 0);
  double total = 0;
  std::vector<float> gradient;
  for (int t = 0; tokens > 0 && t < queries; ++t) {
    const std::span<const int> sources = alignment.of(t % tokens);
    if (sources.empty()) continue;
    const std::span<const float> weights = attention.of(t);
    const double share = 1.0 / double(sources.size());
    gradient.assign(weights.size(), 0.0f);
    switch (cost) {
      case AlignmentCost::cross_entropy:
        for (const int j : sources) {
          total -= share * std::log(double(weights[std::size_t(j)]) + epsilon);
          gradient[std::size_t(j)] = float(-share / (double(weights[std::size_t(j)]) + epsilon));
        }
        break;
      case AlignmentCost::squared_error:
        for (std::size_t j = 0; j < weights.size(); ++j) gradient[j] = weights[j];
        for (const int j : sources) gradient[std::size_t(j)] -= float(share);
        for (const float difference : gradient) total += 0.5 * double(difference) * double(difference);
        break;
      case AlignmentCost::product: {
        double mass = epsilon;
        for (const int j : sources) mass += double(weights[std::size_t(j)]);
        total -= std::log(mass);
        for (const int j : sources) gradient[std::size_t(j)] = float(-1 / mass);
      }
    }
    if (gradient_scale == 0) continue;
    for (float& g : gradient) g *= gradient_scale;
    attention.add_gradient(t, gradient);
  }
  return total;
}

}  // namespace dragoman
