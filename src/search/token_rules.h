#pragma once
// Tokens that a hypothesis may not have, or only at another score: unk, </s>, repetitions.

#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/search_options.h"
#include "search/score_row.h"

namespace dragoman {

/// Decides for one row of scores at a time which tokens do not simply have their log-probability as score. Rows of
/// scores are never changed or copied: searches leave out tokens with a rule and then add those that `adjusted` lists.
///
/// - </s> always has a rule, since searches treat it apart; it is never listed.
/// - unk is forbidden unless allow-unk.
/// - repetition-penalty r, as in CTranslate2: a token that the hypothesis has already gets its log-probability times r
///   (divided by r should it be above 0). Scores are log-probabilities here, not logits; the rest is not normalised
///   again.
/// - no-repeat-ngram-size n: tokens that would complete an n-gram which the hypothesis has already are forbidden.
class TokenRules {
 public:
  TokenRules(const SearchOptions& options, int vocabulary_size, TokenId end, TokenId unk);

  /// Whether rules depend on the hypothesis; if not, there is no need to call set().
  bool need_history() const { return repetition_penalty_ != 1 || ngram_size_ > 0; }

  /// Makes the rules for a hypothesis with these tokens and this row of scores.
  void set(std::span<const TokenId> history, const ScoreRow& row);

  bool has_rule(TokenId token) const { return marks_[std::size_t(token)] == serial_; }

  int vocabulary_size() const { return int(marks_.size()); }

  /// The tokens with a rule.
  std::span<const TokenId> ruled() const { return ruled_; }

  struct Adjusted {
    TokenId token;
    double score;           ///< to use instead of the log-probability
    float log_probability;  ///< as the model gave it
  };
  /// The tokens with a rule that are allowed, except </s>.
  std::span<const Adjusted> adjusted() const { return adjusted_; }

 private:
  bool mark(TokenId token);

  double repetition_penalty_;
  int ngram_size_;
  TokenId end_;
  TokenId unk_;                       // negative: allowed
  std::vector<std::uint32_t> marks_;  // [vocabulary]; a token has a rule if its mark is serial_
  std::uint32_t serial_ = 0;
  std::vector<TokenId> ruled_;
  std::vector<Adjusted> adjusted_;
};

}  // namespace dragoman
