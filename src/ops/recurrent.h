#pragma once
// Recurrent layers over many sequences at once, forward and backward through time.

#include <span>
#include <string>

#include "autograd/context.h"
#include "kernels/kernels.h"
#include "ops/normalize.h"

namespace dragoman {

/// GRU: Cho et al. 2014, in the form whose reset gate scales the product (kernels.h); LSTM: Hochreiter and Schmidhuber
/// 1997, Gers et al. 2000.
enum class Cell { gru, lstm };

/// gru, lstm, or gru-nematus: Marian's name for a GRU that differs in how it normalises layers inside the cell. Throws
/// Error that names the setting.
Cell parse_cell(const std::string& name, const std::string& setting);

/// Gates (and candidates) of a cell: 3 or 4.
constexpr int gates_of(Cell cell) { return cell == Cell::gru ? 3 : 4; }

/// What a layer carries from one time to the next for some sequences.
struct RecurrentState {
  Tensor output;  ///< [sequences, width]
  Tensor cell;    ///< the same of an LSTM, else empty
};

/// What the gates get from the state before: norm(state W + bias).
struct RecurrentMap {
  Tensor weight;     ///< [width, gates * width]
  Tensor bias = {};  ///< [gates * width]; or [width], of a GRU's candidate alone and not normalised; or empty
  Norm norm = {};    ///< of the products; without scale there is none
};

/// One layer's way through the times of a batch, perhaps in several pieces. Sequences are ordered by falling length,
/// and their elements by time: at time t there are active[t] rows, those of the sequences that are longer than t. So
/// nothing is padded, and each time is one product.
class RecurrentPass {
 public:
  /// `rows`: of all pieces together. `dropout`: probability that an element of a sequence's state is zeroed where the
  /// product reads it, the same elements at all times (variational dropout, Gal and Ghahramani 2016). Make it before
  /// the first piece: while recording, the gradient of the weights is summed when the tape comes back to here.
  RecurrentPass(const Context& ctx, Cell cell, const RecurrentMap& map, int rows, double dropout);

  /// The next piece. projected [rows, gates * width]: the input's share x W + b, of which this piece reads the rows
  /// from `first` on. start: the states before it, at least active[0] rows, or empty tensors for zero. Returns the
  /// states after each time, in the order of `projected`. The span must live until the backward pass.
  RecurrentState run(const Context& ctx, Tensor projected, int first, std::span<const int> active,
                     RecurrentState start);

 private:
  Cell cell_;
  RecurrentMap map_;
  DropoutMask mask_;
  int done_ = 0;               ///< rows of earlier pieces
  float* previous_ = nullptr;  ///< [rows, width], what the products read; while recording
  float* kept_ = nullptr;      ///< what the cell's gradient needs, per row
  float* products_ = nullptr;  ///< [rows, gates * width], what is normalised
  float* dhidden_ = nullptr;   ///< [rows, gates * width], gradient of the products
};

}  // namespace dragoman
