#pragma once
// How probable given translations are.

#include <cstdint>
#include <deque>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "decode/align.h"
#include "dragoman/translate_settings.h"
#include "text/pair_reader.h"
#include "translate/model_set.h"

namespace dragoman {

/// The score of one pair under a model: log p(target | source).
struct PairScore {
  double log_probability = 0;                  ///< the sum over tokens
  std::vector<float> token_log_probabilities;  ///< of each target token and, as the last, of </s>
  SoftAlignment alignment = {};                ///< if asked for
  bool cropped = false;                        ///< a side was longer than max-length
};

struct PairScorerOptions {
  BatchingOptions batching = {.maxi_batch_sort = "trg"};
  int max_length = 1000;             ///< most tokens of a side, without </s>
  bool crop = false;                 ///< cut longer ones instead of refusing them
  bool align = false;                ///< scores have alignments
  std::string alignment_layer = {};  ///< as transformer-guided-alignment-layer; empty: the model's own
};

/// Scores pairs with one model, by teacher forcing. The score of a pair does not depend on the others. Use one object
/// from one thread at a time.
class PairScorer {
 public:
  /// `models` must outlive the scorer. Throws Error unless it is a single model.
  PairScorer(const ModelSet& models, PairScorerOptions options);

  /// One score per pair, in order. Throws Error naming names[side] and the line for a sentence over max-length, and
  /// Interrupted if `stop` is triggered.
  std::vector<PairScore> score(std::span<const TextPair> pairs, std::span<const std::string> names,
                               const std::stop_token& stop = {});

 private:
  struct Encoded {
    std::vector<int> source, target;
  };
  std::vector<int> encode(const std::string& text, const Vocabulary& vocabulary, const std::string& name,
                          std::int64_t line, bool& cropped) const;
  void score_batch(std::span<const int> batch, std::span<const Encoded> pairs, Arena& arena,
                   std::vector<PairScore>& scores) const;

  const ModelSet& models_;
  PairScorerOptions options_;
  int threads_;
  int alignment_layer_ = 0;   ///< from 0
  std::deque<Arena> arenas_;  ///< per worker
};

}  // namespace dragoman
