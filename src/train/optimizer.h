#pragma once
// Optimisers: from gradients to new parameters. All parameters lie in one flat block, and so do gradients and moments,
// so an update is one pass, which threads may share.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dragoman/training_options.h"

namespace dragoman {

enum class OptimizerKind { sgd, adagrad, adam, adamw };

struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::adam;
  double beta1 = 0.9, beta2 = 0.999;  ///< adam and adamw: decay of the means of the gradient and of its square
  double epsilon = 1e-8;              ///< adagrad, adam and adamw
  double momentum = 0;                ///< sgd
  double l2 = 0;                      ///< this times the parameter is added to its gradient
  double decoupled_decay = 0;         ///< adam and adamw: each update also takes away rate * this * the parameter
};

/// From `optimizer`, `optimizer-params` and `weight-decay`. As in Marian, a fourth parameter of adam is a decoupled
/// weight decay. Throws Error naming the setting.
OptimizerSettings optimizer_settings(const TrainingOptions& options);

/// A block of numbers that must be stored to continue: its name and a view of it.
struct NamedBlock {
  std::string name;
  std::span<float> values;
};

/// SGD with momentum, Adagrad (Duchi et al. 2011), Adam with bias correction (Kingma and Ba 2015, algorithm 1) or
/// AdamW (Loshchilov and Hutter 2019, algorithm 2).
class Optimizer {
 public:
  /// For a block of `size` parameters; the moments begin at zero.
  Optimizer(const OptimizerSettings& settings, std::size_t size);

  /// One whole update of `values`. `gradient_scale` multiplies the gradients (clipping).
  /// REQUIRES: both have the size that the optimiser was made for.
  void update(std::span<float> values, std::span<const float> gradients, double learning_rate,
              double gradient_scale = 1);

  /// The same in shares: begin_update() once, then update_range() once for each of a set of ranges that cover the
  /// block, each in any thread. The result does not depend on the ranges. `values` and `gradients` are the whole
  /// blocks.
  void begin_update(double learning_rate, double gradient_scale = 1);
  void update_range(std::span<float> values, std::span<const float> gradients, std::size_t begin, std::size_t end);

  /// What a checkpoint must hold: these blocks, to be stored and overwritten in place, and the number of updates.
  std::vector<NamedBlock> state();
  std::uint64_t updates() const { return updates_; }
  void set_updates(std::uint64_t updates) { updates_ = updates; }

  /// Forgets all moments, as at the start.
  void reset();

 private:
  OptimizerSettings settings_;
  std::size_t size_;
  std::vector<float> first_;   // velocity (sgd), sum of squares (adagrad), mean gradient (adam)
  std::vector<float> second_;  // mean square (adam)
  std::uint64_t updates_ = 0;
  double learning_rate_ = 0, gradient_scale_ = 1;  // of the update under way
};

/// The part of a block that thread `index` of `count` works on: [first, second). Ends lie on whole cache lines.
std::pair<std::size_t, std::size_t> share_of(std::size_t size, int index, int count);

}  // namespace dragoman
