#pragma once
// Search without pruning: every output that the settings allow, scored by the definition. What beam search is held to.

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "dragoman/search_options.h"
#include "random_model.h"
#include "search/hypothesis.h"

namespace dragoman {

/// What one sentence is searched for with.
struct ExhaustiveTask {
  RandomModel model;
  SearchOptions options;
  int limit = 5;  ///< most tokens, with </s>
  std::vector<TokenId> prefix = {};
  TokenId unk = -1;
};

namespace exhaustive {

inline bool completes_repeated_ngram(const std::vector<TokenId>& history, TokenId token, int n) {
  std::vector<TokenId> all = history;
  all.push_back(token);
  if (n == 0 || int(all.size()) < n) return false;
  std::set<std::vector<TokenId>> seen;
  for (std::size_t i = 0; i + std::size_t(n) < all.size(); ++i) {
    seen.insert({all.begin() + std::ptrdiff_t(i), all.begin() + std::ptrdiff_t(i) + n});
  }
  return seen.contains({all.end() - n, all.end()});
}

inline void visit(const ExhaustiveTask& task, Hypothesis& partial, double sum, NBest& found) {
  const auto row = task.model.row(partial.tokens);
  const int length = int(partial.tokens.size());
  const auto with = [&](TokenId token, double score) {
    const float log_probability = row[std::size_t(token)];
    partial.token_log_probabilities.push_back(log_probability);
    if (token == task.model.end) {
      found.push_back(partial);
      found.back().complete = length + 1 < task.limit;
      for (const float each : partial.token_log_probabilities) found.back().log_probability += each;
      const double words = length + 1;
      double covered[3] = {};
      for (int t = 0; t <= length; ++t) {
        const auto weights = random_attention(task.model, {partial.tokens.begin(), partial.tokens.begin() + t});
        for (int i = 0; i < 3; ++i) covered[i] += double(weights[std::size_t(i)]);
      }
      double coverage = 0;
      for (const double c : covered) coverage += std::log(std::min(1.0, c));
      found.back().score = task.options.coverage_penalty * coverage +
                           (sum + score - task.options.word_penalty * words) / std::pow(words, task.options.normalize);
    } else {
      partial.tokens.push_back(token);
      visit(task, partial, sum + score, found);
      partial.tokens.pop_back();
    }
    partial.token_log_probabilities.pop_back();
  };
  if (length < int(task.prefix.size())) {
    const TokenId token = task.prefix[std::size_t(length)];
    return with(token, row[std::size_t(token)]);
  }
  if (length + 1 >= task.limit) return with(task.model.end, row[std::size_t(task.model.end)]);
  for (int token = 0; token < task.model.vocabulary; ++token) {
    double score = row[std::size_t(token)];
    if (token == task.model.end) {
      if (length < task.options.min_length) continue;
    } else {
      if (token == task.unk && !task.options.allow_unk) continue;
      if (completes_repeated_ngram(partial.tokens, token, task.options.no_repeat_ngram_size)) continue;
      if (std::ranges::count(partial.tokens, token) > 0) score *= task.options.repetition_penalty;
    }
    with(token, score);
  }
}

}  // namespace exhaustive

/// All outputs, best first.
inline NBest exhaustive_search(const ExhaustiveTask& task) {
  NBest found;
  Hypothesis empty;
  exhaustive::visit(task, empty, 0, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
  return found;
}

}  // namespace dragoman
