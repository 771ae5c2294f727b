#include "translate/score_summary.h"

#include <cmath>

#include "base/error.h"

namespace dragoman {

void ScoreSummary::add(double log_probability, std::int64_t tokens) {
  cost_ -= log_probability;
  ++sentences_;
  tokens_ += tokens;
}

double ScoreSummary::value(const std::string& kind) const {
  require(sentences_ > 0, "summary: there are no pairs to sum up");
  if (kind == "cross-entropy" || kind == "ce-mean") return cost_ / double(sentences_);
  if (kind == "ce-mean-words") return cost_ / double(tokens_);
  if (kind == "ce-sum") return cost_;
  if (kind == "perplexity") return std::exp(cost_ / double(tokens_));
  fail("summary: expected cross-entropy, ce-mean, ce-mean-words, ce-sum or perplexity, found '{}'", kind);
}

}  // namespace dragoman
