#pragma once
// Recurrent encoders of the kinds that Marian names.

#include "dragoman/model_options.h"
#include "nn/recurrent/stack.h"

namespace dragoman {

/// enc-type bidirectional: two stacks of enc-depth layers, one from each end (Bahdanau et al. 2015); alternating: the
/// same, but each layer reads against its predecessor (Zhou et al. 2016); bi-unidirectional: one layer from each end
/// and enc-depth - 1 forward layers over both (Wu et al. 2016), in our own form of twice the width, in Marian's of
/// dim-rnn.
class RecurrentEncoder {
 public:
  RecurrentEncoder() = default;

  /// Throws Error for settings that make no encoder.
  RecurrentEncoder(const Scope& scope, const ModelOptions& options);

  int width() const { return width_; }

  /// x [tokens, dim-emb]; [tokens, width()].
  Tensor forward(const Context& ctx, Tensor x, std::span<const int> offsets, double dropout) const;

 private:
  int width_ = 0;
  RecurrentStack from_first_, from_last_, upper_;
};

}  // namespace dragoman
