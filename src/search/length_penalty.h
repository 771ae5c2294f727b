#pragma once
// How a hypothesis' log-probability and length become the score that hypotheses are ranked by.

#include "dragoman/search_options.h"

namespace dragoman {

/// Marian's score of a hypothesis with summed log-probability s and n tokens, </s> counted:
///     score(s, n) = (s - word_penalty * n) / n^normalize
/// For 0 < normalize <= 1 this favours longer outputs, since s is negative.
struct LengthPenalty {
  double normalize = 0;     ///< REQUIRES: not negative
  double word_penalty = 0;  ///< negative values reward length

  double score(double log_probability, int length) const;

  /// An upper bound of the score that a hypothesis can end with, given its sum so far and the range of its final
  /// length. It is tight up to rounding a length to a whole number: later tokens can only lower the sum s, so the score
  /// is at most g(n) = (s - w n) / n^a, whose derivative has the sign of -a s - w (1 - a) n. As -a s >= 0, g rises up
  /// to n* = -a s / (w (1 - a)) and then falls if w (1 - a) > 0, and rises for ever otherwise.
  /// REQUIRES: 1 <= shortest <= longest.
  double best_attainable(double log_probability, int shortest, int longest) const;
};

/// The most tokens that a translation may have, </s> counted: the smaller of max-length-factor times the source's
/// length (with </s>), rounded up, and max-length + 1; but always room for </s> after the forced prefix.
/// A source of nothing but </s> has an empty translation, as in Marian.
int length_limit(const SearchOptions& options, int source_length, int prefix_length);

}  // namespace dragoman
