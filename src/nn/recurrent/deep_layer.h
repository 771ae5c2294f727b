#pragma once
// A recurrent layer whose step may be several cells.

#include <vector>

#include "nn/recurrent/recurrent_layer.h"

namespace dragoman {

/// A cell that reads the input, and after it in each step transitions, cells which only the state goes through (deep
/// transition, Pascanu et al. 2014). The first cell's parameters stand in the layer's scope, the others' in
/// "transition.0" and so on.
class DeepLayer {
 public:
  DeepLayer() = default;

  /// `options`: of the first cell; the others differ in their input. `depth`: cells, at least 1.
  DeepLayer(const Scope& scope, RecurrentLayerOptions options, int depth);

  /// As RecurrentLayer::forward: the states are those after the last cell of each step.
  RecurrentState forward(const Context& ctx, Tensor x, const TimeOrder& order, RecurrentState start,
                         double dropout) const;

 private:
  std::vector<RecurrentLayer> cells_;
};

/// Transitions "transition.0" and so on in `scope`, `count` of them.
std::vector<RecurrentLayer> make_transitions(const Scope& scope, RecurrentLayerOptions options, int count);

/// Transitions on their way through a batch, one time after another.
class TransitionsPass {
 public:
  /// `rows`: of the batch, of which `most` at one time.
  TransitionsPass(const Context& ctx, std::span<const RecurrentLayer> layers, int rows, int most, double dropout);

  /// The states of `now` sequences go through all cells.
  RecurrentState run(const Context& ctx, std::span<const int> now, RecurrentState state);

 private:
  struct Step {
    RecurrentPass pass;
    Tensor input;  ///< what stands for it, the same in all rows
  };
  std::vector<Step> steps_;
};

/// States of several times as those of one batch: the rows one below the other. While recording only their outputs, as
/// nothing goes on from there.
RecurrentState stack_states(const Context& ctx, std::span<const RecurrentState> states);

}  // namespace dragoman
