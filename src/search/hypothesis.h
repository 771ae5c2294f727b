#pragma once
// What a search finds: translations of a sentence with their scores.

#include <vector>

#include "search/step_scorer.h"

namespace dragoman {

/// One translation. The length that scoring counts is tokens.size() + 1, for it counts </s>.
struct Hypothesis {
  std::vector<TokenId> tokens = {};                 ///< without </s>
  double score = 0;                                 ///< what sorted it: with penalties, divided by length^normalize
  double log_probability = 0;                       ///< the model's own: the sum of token_log_probabilities
  std::vector<float> token_log_probabilities = {};  ///< of each token and, as the last, of </s>
  std::vector<float> attention = {};  ///< [tokens and </s>, source tokens], as StepScorer tells it; only if kept
  bool complete = true;               ///< false: </s> was forced, at the length limit or where all else was forbidden
};

/// The translations of one sentence, best first.
using NBest = std::vector<Hypothesis>;

}  // namespace dragoman
