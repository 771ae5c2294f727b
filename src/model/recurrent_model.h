#pragma once
// Recurrent encoder-decoders with attention (Bahdanau et al. 2015, Luong et al. 2015): Marian's type s2s.

#include <memory>

#include "model/recurrent_decoder.h"
#include "model/recurrent_encoder.h"
#include "model/seq2seq.h"

namespace dragoman {

/// The decoder's states begin as tanh(W mean of the encoded source + b): parameters "decoder.start".
class RecurrentModel : public Seq2Seq {
 public:
  /// Throws Error for settings that make no model. The parameters are described only, see build_model.
  explicit RecurrentModel(const ModelOptions& options, const DropoutOptions& dropout = {});

  int cross_attention_layers() const override { return 1; }
  Memory encode(const Context& ctx, const TokenGrid& source) const override;
  std::unique_ptr<DecoderState> start(const Context& ctx, const Memory& memory, Decoding decoding) const override;
  Tensor step(const Context& ctx, DecoderState& state, const TokenGrid& tokens) const override;

 private:
  struct State;

  DropoutOptions dropout_;
  RecurrentEncoder encoder_;
  NormedLinear start_;
  std::unique_ptr<RecurrentDecoder> decoder_;
};

}  // namespace dragoman
