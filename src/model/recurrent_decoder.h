#pragma once
// Recurrent decoders with attention to the source.

#include <memory>
#include <span>
#include <vector>

#include "dragoman/model_options.h"
#include "nn/attention/multi_head.h"
#include "nn/layer_norm.h"
#include "nn/recurrent/recurrent_layer.h"
#include "nn/recurrent/time_order.h"

namespace dragoman {

/// The source as a decoder attends to it, and which sentence each row belongs to.
struct SourceView {
  Tensor prepared;  ///< keys and values of all source tokens
  std::span<const int> offsets;
  std::span<const int> sentence_of_row;
};

/// States before some target tokens, or after them. Rows are those of the decoder's batch.
struct RecurrentStates {
  std::vector<RecurrentState> layers;
  Tensor fed;  ///< the last output, where it is fed back; else empty
};

/// A decoder over embedded target tokens. Its output is tanh(W [words, states, context]) as wide as the embeddings
/// (Luong et al. 2015; the deep output of Pascanu et al. 2014 where the words stand in it too).
class RecurrentDecoder {
 public:
  virtual ~RecurrentDecoder() = default;

  /// States that the decoder carries besides what is fed back.
  int depth() const { return depth_; }
  int state_width() const { return width_; }
  bool has_cells() const { return cell_ == Cell::lstm; }
  virtual bool feeds_back() const { return false; }

  Tensor prepare(const Context& ctx, Tensor encoded) const { return attention_.prepare(ctx, encoded); }

  /// x [tokens, dim-emb] in the order of time. Returns the outputs of the same order; `after`, unless null, receives
  /// the states after each token (not after each row), in that order too.
  virtual Tensor run(const Context& ctx, Tensor x, const TimeOrder& order, const RecurrentStates& before,
                     const SourceView& source, double dropout, RecurrentStates* after) const = 0;

 protected:
  RecurrentDecoder(const Scope& scope, const ModelOptions& options, int memory_width);

  Cell cell_;
  int width_, depth_;
  CrossAttention attention_;
};

/// The decoder that the settings ask for: rnn-attention bahdanau (conditional) or luong. Throws Error for settings that
/// make none.
std::unique_ptr<RecurrentDecoder> make_recurrent_decoder(const Scope& scope, const ModelOptions& options,
                                                         int memory_width);

}  // namespace dragoman
