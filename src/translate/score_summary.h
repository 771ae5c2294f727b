#pragma once
// One figure for the scores of many pairs.

#include <cstdint>
#include <string>

namespace dragoman {

/// Sums up scores in Marian's ways.
class ScoreSummary {
 public:
  /// `tokens` counts </s>.
  void add(double log_probability, std::int64_t tokens);

  /// cross-entropy (the same as ce-mean): mean cost per sentence; ce-mean-words: per token; ce-sum: the sum;
  /// perplexity: e to the cost per token. Costs are negative log-probabilities in nats. Throws Error for another name
  /// and if there was no pair.
  double value(const std::string& kind) const;

 private:
  double cost_ = 0;
  std::int64_t sentences_ = 0, tokens_ = 0;
};

}  // namespace dragoman
