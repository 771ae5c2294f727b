#include "train/optimizer.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/error.h"
#include "train/update_kernels.h"

namespace dragoman {
namespace {

bool needs_first(const OptimizerSettings& settings) {
  return settings.kind != OptimizerKind::sgd || settings.momentum != 0;
}
bool needs_second(const OptimizerSettings& settings) {
  return settings.kind == OptimizerKind::adam || settings.kind == OptimizerKind::adamw;
}

}  // namespace

OptimizerSettings optimizer_settings(const TrainingOptions& options) {
  OptimizerSettings settings;
  const std::vector<double>& given = options.optimizer_params;
  std::size_t most = 0;  // parameters that this kind takes
  if (options.optimizer == "sgd") {
    settings.kind = OptimizerKind::sgd;
    most = 1;
  } else if (options.optimizer == "adagrad") {
    settings.kind = OptimizerKind::adagrad;
    most = 1;
  } else if (options.optimizer == "adam") {
    settings.kind = OptimizerKind::adam;
    most = 4;
  } else if (options.optimizer == "adamw") {
    settings.kind = OptimizerKind::adamw;
    most = 3;
  } else {
    fail("optimizer: '{}', expected sgd, adagrad, adam or adamw", options.optimizer);
  }
  require(given.size() <= most, "optimizer-params: {} numbers, {} takes at most {}", given.size(), options.optimizer,
          most);
  const auto parameter = [&](std::size_t index, double& target, double low, double high, const char* what) {
    if (index >= given.size()) return;
    require(given[index] >= low && given[index] < high, "optimizer-params: the {} of {} is {}, expected {} to below {}",
            what, options.optimizer, given[index], low, high);
    target = given[index];
  };
  require(options.weight_decay >= 0 && std::isfinite(options.weight_decay), "weight-decay: {}, expected 0 or more",
          options.weight_decay);
  switch (settings.kind) {
    case OptimizerKind::sgd:
      parameter(0, settings.momentum, 0, 1, "momentum");
      break;
    case OptimizerKind::adagrad:
      parameter(0, settings.epsilon, 0, 1, "epsilon");
      break;
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      parameter(0, settings.beta1, 0, 1, "beta1");
      parameter(1, settings.beta2, 0, 1, "beta2");
      parameter(2, settings.epsilon, 0, 1, "epsilon");
      parameter(3, settings.decoupled_decay, 0, 1, "weight decay");
  }
  if (settings.kind == OptimizerKind::adamw) {
    settings.decoupled_decay = options.weight_decay;
  } else {
    require(options.weight_decay == 0 || settings.decoupled_decay == 0,
            "weight-decay: {}, but optimizer-params also gives a weight decay of {}", options.weight_decay,
            settings.decoupled_decay);
    settings.l2 = options.weight_decay;
  }
  return settings;
}

Optimizer::Optimizer(const OptimizerSettings& settings, std::size_t size)
    : settings_(settings),
      size_(size),
      first_(needs_first(settings) ? size : 0),
      second_(needs_second(settings) ? size : 0) {}

void Optimizer::update(std::span<float> values, std::span<const float> gradients, double learning_rate,
                       double gradient_scale) {
  begin_update(learning_rate, gradient_scale);
  update_range(values, gradients, 0, size_);
}

void Optimizer::begin_update(double learning_rate, double gradient_scale) {
  ++updates_;
  learning_rate_ = learning_rate;
  gradient_scale_ = gradient_scale;
}

void Optimizer::update_range(std::span<float> values, std::span<const float> gradients, std::size_t begin,
                             std::size_t end) {
  assert(values.size() == size_ && gradients.size() == size_ && begin <= end && end <= size_ && updates_ > 0);
  float* const value = values.data() + begin;
  const float* const gradient = gradients.data() + begin;
  const std::size_t size = end - begin;
  const update_kernels::GradientTerms terms{float(gradient_scale_), float(settings_.l2)};
  switch (settings_.kind) {
    case OptimizerKind::sgd:
      update_kernels::sgd(value, gradient, first_.empty() ? nullptr : first_.data() + begin, size, terms,
                          float(learning_rate_), float(settings_.momentum));
      break;
    case OptimizerKind::adagrad:
      update_kernels::adagrad(value, gradient, first_.data() + begin, size, terms, float(learning_rate_),
                              float(settings_.epsilon));
      break;
    case OptimizerKind::adam:
    case OptimizerKind::adamw: {
      const double t = double(updates_);
      const update_kernels::AdamStep step{
          .beta1 = float(settings_.beta1),
          .beta2 = float(settings_.beta2),
          .epsilon = float(settings_.epsilon),
          .rate = float(learning_rate_ / (1 - std::pow(settings_.beta1, t))),
          .root_scale = float(1 / std::sqrt(1 - std::pow(settings_.beta2, t))),
          .keep = float(1 - learning_rate_ * settings_.decoupled_decay),
      };
      update_kernels::adam(value, gradient, first_.data() + begin, second_.data() + begin, size, terms, step);
    }
  }
}

std::vector<NamedBlock> Optimizer::state() {
  switch (settings_.kind) {
    case OptimizerKind::sgd:
      if (first_.empty()) return {};
      return {{"sgd.velocity", first_}};
    case OptimizerKind::adagrad:
      return {{"adagrad.sum", first_}};
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      return {{"adam.mean", first_}, {"adam.square", second_}};
  }
  return {};
}

void Optimizer::reset() {
  std::fill(first_.begin(), first_.end(), 0.0f);
  std::fill(second_.begin(), second_.end(), 0.0f);
  updates_ = 0;
}

std::pair<std::size_t, std::size_t> share_of(std::size_t size, int index, int count) {
  assert(count > 0 && index >= 0 && index < count);
  constexpr std::size_t line = 16;  // floats
  const std::size_t lines = (size + line - 1) / line;
  const auto border = [&](int i) { return std::min(size, lines * std::size_t(i) / std::size_t(count) * line); };
  return {border(index), border(index + 1)};
}

}  // namespace dragoman
