#pragma once
// All that search may know of a model: rows of log-probabilities for the next token, one row per hypothesis.

#include <span>
#include <vector>

namespace dragoman {

using TokenId = int;

/// A model as beam search sees it. It keeps one state (decoder cache) per row; a row is one hypothesis of one
/// sentence. It starts with one row per sentence, in order. Test it with a Markov table against exhaustive search.
class StepScorer {
 public:
  virtual ~StepScorer() = default;

  /// Number of sentences, which is also the number of rows at the start.
  virtual int sentences() const = 0;

  /// The token that ends a sentence.
  virtual TokenId end_token() const = 0;

  /// Size of the vocabulary: the length of a row of scores.
  virtual int vocabulary_size() const = 0;

  /// Feeds each row its last token (at the very first call `last` is empty: the start of the sentence) and returns
  /// the log-probabilities of the next, row by row, each vocabulary_size() long or as long as its candidates; they
  /// stay valid until the next call.
  virtual std::span<const float> advance(std::span<const TokenId> last) = 0;

  /// After advance(): the tokens that a row has scores of, ascending, </s> among them; empty: all. The same in all rows
  /// of a sentence at all times.
  virtual std::span<const TokenId> candidates(int /*row*/) const { return {}; }

  /// After advance(): how much the newest token of a row looked at each token of its source; it sums to 1. Valid until
  /// the next call of any method. Empty if the scorer does not tell.
  virtual std::span<const float> attention(int /*row*/) { return {}; }

  /// Makes row i continue the state of old row parents[i]. The number of rows becomes parents.size(), which may grow
  /// (a beam opens), shrink (sentences finish) and name a parent many times or never.
  virtual void reorder(std::span<const int> parents) = 0;
};

}  // namespace dragoman
