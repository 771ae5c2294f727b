#pragma once
// How translations are searched for.

#include <string>
#include <vector>

namespace dragoman {

/// Settings of decoding; names and meanings are Marian's, those marked CT2 are CTranslate2's.
struct SearchOptions {
  int beam_size = 12;            ///< hypotheses kept per sentence; 1 is greedy search
  double normalize = 0;          ///< divide a hypothesis' score by length^normalize (length with </s>)
  double word_penalty = 0;       ///< subtract this for each token
  double coverage_penalty = 0;   ///< (ours) beta of Wu et al. 2016's penalty for source left unattended; 0: off
  double max_length_factor = 3;  ///< longest output, as a multiple of the source's length (both with </s>)
  int max_length = 0;            ///< longest output in tokens (without </s>) whatever the source's; 0: no such limit
  int min_length = 0;            ///< (ours) no </s> before this many tokens
  bool allow_unk = false;        ///< the unknown token may be produced
  bool n_best = false;           ///< give all beam-size hypotheses instead of the best
  std::vector<std::string> output_sampling =
      {};                         ///< draw instead of search: full [T] | topk N [T] | nucleus P [T] | epsilon E [T]
  double repetition_penalty = 1;  ///< (CT2) multiply the log-probability of tokens already produced by this; 1: off
  int no_repeat_ngram_size = 0;   ///< (CT2) no n-gram of this size twice; 0: off
  double patience = 0;  ///< (CT2) stop at patience * beam-size finished hypotheses; 0: when none can get better
  std::vector<double> weights = {};  ///< of each model of an ensemble; empty: equal
};

}  // namespace dragoman
