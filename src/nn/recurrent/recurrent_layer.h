#pragma once
// A layer of recurrent cells with its projection of the input.

#include "nn/linear.h"
#include "nn/recurrent/time_order.h"
#include "ops/recurrent.h"

namespace dragoman {

/// Parameters "input.weight" [in, gates width], "input.bias", "recurrent.weight" [width, gates width] and, of a GRU,
/// "recurrent.bias" [width].
class RecurrentLayer {
 public:
  RecurrentLayer() = default;
  RecurrentLayer(const Scope& scope, Cell cell, int in, int width)
      : cell_(cell),
        width_(width),
        input_(scope / "input", in, gates_of(cell) * width, gates_of(cell)),
        recurrent_(
            (scope / "recurrent").parameter("weight", {width, gates_of(cell) * width}, Initial::glorot(width, width))) {
    if (cell == Cell::gru) bias_ = (scope / "recurrent").parameter("bias", {width}, Initial::constant(0));
  }

  Cell cell() const { return cell_; }
  int width() const { return width_; }

  /// The input's share of the gates: [rows, gates width].
  Tensor project(const Context& ctx, Tensor x) const { return input_.forward(ctx, x); }

  /// The same for `rows` rows that come one after another.
  LinearPass begin_input(const Context& ctx, int rows) const { return input_.begin(ctx, rows); }

  /// A way through `rows` rows in all, with variational dropout of the state.
  RecurrentPass begin(const Context& ctx, int rows, double dropout) const {
    return RecurrentPass(ctx, cell_, recurrent_.in(ctx), bias_.in(ctx), rows, dropout);
  }

  /// All times at once: x [tokens, in] and the result in time order.
  RecurrentState forward(const Context& ctx, Tensor x, const TimeOrder& order, RecurrentState start,
                         double dropout) const {
    RecurrentPass pass = begin(ctx, int(x.rows()), dropout);
    return pass.run(ctx, project(ctx, x), 0, order.active, start);
  }

 private:
  Cell cell_ = Cell::gru;
  int width_ = 0;
  Linear input_;
  Weight recurrent_, bias_;
};

}  // namespace dragoman
