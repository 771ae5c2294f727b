#pragma once
// A small model of random tables whose scores depend on the whole history, so that a row that is moved to the wrong
// place, or fed the wrong token, changes the result.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.h"
#include "search/step_scorer.h"

namespace dragoman {

/// The conditional distributions of one "sentence".
struct RandomModel {
  std::uint64_t seed = 0;
  int vocabulary = 4;
  double sharpness = 2;  ///< standard deviation of logits
  double end_bonus = 0;  ///< added to the logit of </s>
  bool markov = false;   ///< look at the last token and nothing else
  TokenId end = 0;

  /// log p(token | history), normalised.
  std::vector<float> row(const std::vector<TokenId>& history) const {
    Random random = Random(seed).fork(history.empty() ? 0 : 1);
    if (markov) {
      if (!history.empty()) random = random.fork(std::uint64_t(history.back()));
    } else {
      for (const TokenId token : history) random = random.fork(std::uint64_t(token));
    }
    std::vector<double> logits(static_cast<std::size_t>(vocabulary));
    double sum = 0;
    for (int i = 0; i < vocabulary; ++i) {
      logits[std::size_t(i)] = sharpness * random.normal() + (i == end ? end_bonus : 0);
      sum += std::exp(logits[std::size_t(i)]);
    }
    std::vector<float> result;
    for (const double logit : logits) result.push_back(float(logit - std::log(sum)));
    return result;
  }
};

/// What the token after `history` looks at, of three source tokens; like row(), of nothing but the history.
inline std::vector<float> random_attention(const RandomModel& model, const std::vector<TokenId>& history) {
  Random random = Random(model.seed).fork(99);
  for (const TokenId token : history) random = random.fork(std::uint64_t(token));
  std::vector<float> weights;
  float sum = 0;
  for (int i = 0; i < 3; ++i) sum += weights.emplace_back(float(std::exp(2 * random.normal())));
  for (float& weight : weights) weight /= sum;
  return weights;
}

/// Scores a batch of such sentences and counts what it is asked for.
class RandomScorer : public StepScorer {
 public:
  explicit RandomScorer(std::vector<RandomModel> models) : models_(std::move(models)) {
    for (std::size_t i = 0; i < models_.size(); ++i) rows_.push_back({.sentence = int(i), .history = {}});
  }

  int sentences() const override { return int(models_.size()); }
  TokenId end_token() const override { return models_.front().end; }
  int vocabulary_size() const override { return models_.front().vocabulary; }

  std::span<const float> advance(std::span<const TokenId> last) override {
    EXPECT_EQ(last.size(), steps == 0 ? 0 : rows_.size());
    ++steps;
    rows_per_step.push_back(int(rows_.size()));
    scores_.clear();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!last.empty()) rows_[i].history.push_back(last[i]);
      const auto row = models_[std::size_t(rows_[i].sentence)].row(rows_[i].history);
      scores_.insert(scores_.end(), row.begin(), row.end());
    }
    return scores_;
  }

  std::span<const float> attention(int row) override {
    const Row& which = rows_.at(std::size_t(row));
    attention_ = random_attention(models_[std::size_t(which.sentence)], which.history);
    return attention_;
  }

  void reorder(std::span<const int> parents) override {
    EXPECT_GT(steps, 0);
    EXPECT_FALSE(parents.empty());
    std::vector<Row> next;
    for (const int parent : parents) next.push_back(rows_.at(std::size_t(parent)));
    rows_ = std::move(next);
  }

  int steps = 0;
  std::vector<int> rows_per_step;

 private:
  struct Row {
    int sentence;
    std::vector<TokenId> history;
  };
  std::vector<RandomModel> models_;
  std::vector<Row> rows_;
  std::vector<float> scores_, attention_;
};

}  // namespace dragoman
