#pragma once
// The encoder-decoder as everybody else sees it: training, search and scoring know no more of a model than this.

#include <memory>
#include <span>

#include "autograd/context.h"
#include "dragoman/model_options.h"
#include "model/loss_options.h"
#include "model/word_tables.h"
#include "nn/parameters.h"
#include "tensor/token_grid.h"

namespace dragoman {

/// The encoded source: one vector per token, [tokens, width], in the arena of the context that encoded it.
struct Memory {
  Tensor encoded;
  std::span<const int> offsets;  ///< of the sentences, as in TokenGrid
};

/// What a decoder carries from step to step for its rows (hypotheses).
class DecoderState {
 public:
  virtual ~DecoderState() = default;

  /// Row i continues old row parents[i]; the number of rows becomes parents.size().
  virtual void reorder(std::span<const int> parents) = 0;

  /// A copy of one row that owns its numbers, so that it needs no arena. Copies of such a copy share what they have of
  /// the source. Only of a state for many steps.
  virtual std::unique_ptr<DecoderState> kept(int row) const = 0;

  /// Whether it can forget its newest tokens; some decoders remember a sum of their past.
  virtual bool can_go_back() const { return false; }

  /// Forgets the last `tokens` tokens of a state of one row. REQUIRES: can_go_back().
  virtual void go_back(int /*tokens*/) {}

  /// Memory of a kept state, without what it shares with its copies, and with that.
  struct Size {
    std::size_t own = 0, shared = 0;
  };
  virtual Size bytes() const = 0;
};

/// Whether a state is for one step with all the tokens, as in training, or for many steps.
enum class Decoding { whole, stepwise };

/// An encoder-decoder. Its forward passes are const and safe to run in many threads, each with its own Context; with a
/// tape in the context they are recorded for a backward pass. All parameters lie in one flat block.
class Seq2Seq {
 public:
  /// Throws Error for vocabularies that make no tables.
  explicit Seq2Seq(ModelOptions options) : options_(std::move(options)), words_(Scope(parameters_), options_) {}
  virtual ~Seq2Seq() = default;
  Seq2Seq(const Seq2Seq&) = delete;
  Seq2Seq& operator=(const Seq2Seq&) = delete;

  const ModelOptions& options() const { return options_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  int source_vocabulary() const { return options_.dim_vocabs.front(); }
  int target_vocabulary() const { return options_.dim_vocabs.back(); }

  /// Most tokens (with </s>) that a sentence may have on either side; 0: no limit.
  virtual int longest_sentence() const { return 0; }

  /// How many decoder layers, from the first on, have attention to the source.
  virtual int cross_attention_layers() const { return options_.dec_depth; }

  /// The decoder layer, from 0, whose attention to the source (the mean of its heads) is taken for an alignment, as
  /// transformer-guided-alignment-layer says. Throws Error if there is no such layer.
  int alignment_layer() const { return alignment_layer(options_.transformer_guided_alignment_layer); }
  /// The same for another value of the setting.
  int alignment_layer(const std::string& setting) const;

  /// Encodes sentences that each end with </s>.
  virtual Memory encode(const Context& ctx, const TokenGrid& source) const = 0;

  /// The state at the start of the target: row r belongs to sentence r of the memory. What it prepares lies in the
  /// arena and must outlive all steps.
  virtual std::unique_ptr<DecoderState> start(const Context& ctx, const Memory& memory, Decoding decoding) const = 0;

  /// Feeds each row its next tokens and returns the decoder's output after each, [tokens, width]. The very first
  /// token of a row is -1, the start of a sentence. Teacher forcing is one step of many tokens, decoding is many
  /// steps of one (or, with a forced prefix, of several).
  virtual Tensor step(const Context& ctx, DecoderState& state, const TokenGrid& tokens) const = 0;

  /// The output layer: logits [rows, target vocabulary] of decoder outputs.
  Tensor logits(const Context& ctx, Tensor output) const;

  /// Their log-softmax. Not while recording.
  Tensor log_probabilities(const Context& ctx, Tensor output) const;

  /// Teacher forcing with the output layer and its losses in one: see LossWeights. Sentences of target end with </s>.
  /// With a tape, the gradient of gradient_scale * (sum over tokens) goes to ctx.gradients when the tape is run.
  LossSums loss(const Context& ctx, const TokenGrid& source, const TokenGrid& target, const LossOptions& options) const;

  /// Table and bias of the output layer (an empty tensor if there is no bias).
  struct OutputLayer {
    Tensor weight, bias;
  };
  OutputLayer output_layer(const Context& ctx) const { return {words_.output.in(ctx), words_.bias.in(ctx)}; }

 private:
  LossSums loss_of_pass(const Context& ctx, const TokenGrid& source, const TokenGrid& target,
                        const LossOptions& options) const;

 protected:
  ModelOptions options_;
  Parameters parameters_;
  WordTables words_;
};

}  // namespace dragoman
