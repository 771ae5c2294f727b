#pragma once
// The Transformer encoder-decoder (Vaswani et al. 2017), with the variations that Marian's settings name: pre- and
// post-norm, sinusoidal and learned positions, tied embeddings, depths and widths.

#include <memory>
#include <optional>
#include <vector>

#include "model/positions.h"
#include "model/seq2seq.h"
#include "nn/attention/multi_head.h"
#include "nn/feed_forward.h"
#include "nn/process.h"

namespace dragoman {

class Transformer : public Seq2Seq {
 public:
  /// Throws Error for settings that make no model. The parameters are described only, see build_model.
  explicit Transformer(const ModelOptions& options, const DropoutOptions& dropout = {});

  int longest_sentence() const override;
  Memory encode(const Context& ctx, const TokenGrid& source) const override;
  std::unique_ptr<DecoderState> start(const Context& ctx, const Memory& memory, Decoding decoding) const override;
  Tensor step(const Context& ctx, DecoderState& state, const TokenGrid& tokens) const override;

 private:
  struct State;

  /// A sublayer's surroundings.
  struct Around {
    Around(const Scope& scope, const ModelOptions& options);
    Process before, after;
  };
  struct EncoderLayer {
    SelfAttention self;
    Around around_self;
    FeedForward feed_forward;
    Around around_feed_forward;
  };
  struct DecoderLayer {
    std::unique_ptr<const Autoregression> self;
    Around around_self;
    CrossAttention cross;
    Around around_cross;
    FeedForward feed_forward;
    Around around_feed_forward;
  };

  /// Embeds tokens; row r's first token stands at position first[r] (all 0 if empty).
  Tensor embed_tokens(const Context& ctx, const TokenGrid& tokens, std::span<const int> first, Weight table,
                      Weight positions, const Process& after, double word_dropout) const;

  /// The source as encoder-start-token and encoder-omit-end say.
  TokenGrid as_encoder_sees(const Context& ctx, const TokenGrid& source) const;

  /// after(sublayer(before(x)), x), where run(normed, keys) is the sublayer.
  template <class Run>
  Tensor around(const Context& ctx, const Around& around, Tensor x, Run run) const;

  DropoutOptions dropout_;
  Weight positions_, target_positions_;  ///< learned; the same, or two tables
  std::optional<Sinusoids> sinusoids_;
  Process after_source_embedding_, after_target_embedding_, encoder_top_, decoder_top_;
  std::vector<EncoderLayer> encoder_;
  std::vector<DecoderLayer> decoder_;
};

}  // namespace dragoman
