#pragma once
// Who wants to see attention, or to train its weights: told of them where they are computed.

#include <cstdint>

namespace dragoman {

enum class AttentionKind { encoder, decoder, cross };  ///< the first two are self-attention

/// Which attention of a model.
struct AttentionPlace {
  AttentionKind kind = AttentionKind::encoder;
  int layer = 0;  ///< from 0, of its side
  bool operator==(const AttentionPlace&) const = default;
};

/// One head's softmax for some queries of one sentence, before dropout.
struct AttentionWeights {
  AttentionPlace place;
  int head;              ///< from 0
  int first_query;       ///< number of the first query among all tokens that the model was given
  int queries;           ///< as many follow one another
  int keys;              ///< what they attend to: all of the sentence, or in a step what there is so far
  const float* weights;  ///< [queries, keys], rows `stride` apart; each row sums to 1
  std::int64_t stride;
  float* gradient;  ///< as weights, zero until a loss adds to it before attention runs backward; null if not asked for

  float at(int query, int key) const { return weights[query * stride + key]; }
};

/// Belongs to one thread, as the context that names it.
class AttentionObserver {
 public:
  virtual ~AttentionObserver() = default;

  /// Whether a loss will give a gradient to these weights. Asked while recording, before they are observed.
  virtual bool trains(AttentionPlace) const { return false; }

  /// While recording, `seen` stays valid until the tape has run; else during the call only.
  virtual void observe(const AttentionWeights& seen) = 0;
};

}  // namespace dragoman
