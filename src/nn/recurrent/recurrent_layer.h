#pragma once
// A layer of recurrent cells with its projection of the input.

#include "nn/normed_linear.h"
#include "nn/recurrent/time_order.h"
#include "ops/recurrent.h"

namespace dragoman {

/// Which share of the gates has their biases. Only for a GRU's candidate does it make a difference: the reset gate
/// scales what comes from the state.
enum class GateBias {
  usual,  ///< the input's share, and a GRU's candidate has one more in the state's (cuDNN, PyTorch)
  input,  ///< the input's share
  state,  ///< the state's share
};

struct RecurrentLayerOptions {
  Cell cell = Cell::gru;
  int in = 0;  ///< width of the input; 0: there is none, only the state goes on (a transition)
  int width = 0;
  GateBias bias = GateBias::usual;
  MapNorm norm = MapNorm::none;  ///< of each share of the gates
};

/// Parameters "input.weight" [in, gates width] and "recurrent.weight" [width, gates width], and as the options say
/// "input.bias" [gates width], "recurrent.bias" [gates width] or [width], and norms (see NormedLinear).
class RecurrentLayer {
 public:
  RecurrentLayer() = default;
  RecurrentLayer(const Scope& scope, const RecurrentLayerOptions& options);

  Cell cell() const { return options_.cell; }
  int width() const { return options_.width; }

  /// The input's share of the gates: [rows, gates width].
  Tensor project(const Context& ctx, Tensor x) const { return input_.forward(ctx, x); }

  /// The same for `rows` rows that come one after another.
  NormedLinear::Pass begin_input(const Context& ctx, int rows) const { return input_.begin(ctx, rows); }

  /// What stands for it in a transition, for `rows` rows: the biases.
  Tensor project_nothing(const Context& ctx, int rows) const;

  /// A way through `rows` rows in all, with variational dropout of the state.
  RecurrentPass begin(const Context& ctx, int rows, double dropout) const;

  /// All times at once: x [tokens, in] and the result in time order.
  RecurrentState forward(const Context& ctx, Tensor x, const TimeOrder& order, RecurrentState start,
                         double dropout) const {
    RecurrentPass pass = begin(ctx, int(x.rows()), dropout);
    return pass.run(ctx, project(ctx, x), 0, order.active, start);
  }

 private:
  RecurrentLayerOptions options_;
  NormedLinear input_, state_;
  Weight input_bias_;      ///< of a transition
  Weight candidate_bias_;  ///< the usual one
};

}  // namespace dragoman
