#pragma once
// A recurrent layer made of oneDNN's RNN primitives, forward and backward: what bench_recurrent compares ours with.

#include <cstdint>
#include <dnnl.hpp>
#include <memory>
#include <span>
#include <vector>

#include "tensor/arena.h"

namespace dragoman {

/// lbr_gru ("linear before reset") is the GRU whose reset gate scales the product, as ours; in gru it scales what the
/// product reads, so that each time needs two products in turn.
enum class RnnPrimitive { lbr_gru, gru, lstm };

constexpr int gates_of(RnnPrimitive primitive) { return primitive == RnnPrimitive::lstm ? 4 : 3; }
/// lbr_gru has a second bias of its candidate.
constexpr int biases_of(RnnPrimitive primitive) { return primitive == RnnPrimitive::gru ? 3 : 4; }

/// Weights as the primitives' users keep them, gates in oneDNN's order (update, reset, candidate; input, forget,
/// candidate, output), and the sums of their gradients.
struct RnnWeights {
  RnnWeights(RnnPrimitive primitive, int in, int width);

  std::vector<float> input, recurrent, bias;     ///< [in, gates width], [width, gates width], [biases width]
  std::vector<float> dinput, drecurrent, dbias;  ///< set by each pass
};

/// The primitives for one batch of sentences, which are padded to the longest.
class OnednnRecurrent {
 public:
  OnednnRecurrent(RnnPrimitive primitive, int in, int width, std::span<const int> offsets);

  /// From x [tokens, in] and the gradient dy [tokens, width] to y [tokens, width], dx [tokens, in] and the gradients of
  /// weights. Everything that a batch needs is done here: padding and its removal, and the weights' order, which
  /// changes with each update.
  void run(RnnWeights& weights, Arena& arena, const float* x, const float* dy, float* y, float* dx);

  /// Tokens and padding.
  std::int64_t places() const { return std::int64_t(longest_) * sentences_; }

 private:
  /// What the primitives want to be given, and the primitives.
  struct Plan;
  Plan make_plan() const;

  RnnPrimitive primitive_;
  int in_, width_, sentences_, longest_ = 0;
  std::vector<int> place_of_token_;
  std::shared_ptr<const Plan> plan_;
};

}  // namespace dragoman
