#include "search/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace dragoman {
namespace {

std::vector<Candidate> by_full_sort(const std::vector<std::vector<float>>& rows, const std::vector<double>& sums,
                                    std::size_t k, TokenId left_out) {
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows[i].size(); ++j) {
      if (TokenId(j) == left_out || !(rows[i][j] > -INFINITY)) continue;
      all.push_back({sums[i] + rows[i][j], TokenId(j), int(i), rows[i][j]});
    }
  }
  std::sort(all.begin(), all.end(), better);
  all.resize(std::min(all.size(), k));
  return all;
}

TEST(TopK, EqualsAFullSortWithManyTies) {
  Random random(3);
  TopK top;
  for (int trial = 0; trial < 2000; ++trial) {
    const std::size_t width = 2 + random.below(300), k = 1 + random.below(12);
    std::vector<std::vector<float>> rows(1 + random.below(4), std::vector<float>(width));
    std::vector<double> sums(rows.size());
    for (auto& sum : sums) sum = -double(random.below(3));
    for (auto& row : rows) {
      for (float& score : row) score = -0.25f * float(random.below(trial % 2 == 0 ? 12 : 100000));
      row[random.below(width)] = -INFINITY;
      row[random.below(width)] = NAN;
    }
    const TokenId end = TokenId(random.below(width));
    const TokenRules rules({}, int(width), end, -1);
    top.reset(int(k));
    for (std::size_t i = 0; i < rows.size(); ++i) top.scan(rows[i], sums[i], int(i), rules);
    const auto expected = by_full_sort(rows, sums, k, end);
    ASSERT_EQ(top.best().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(top.best()[i].score, expected[i].score);
      ASSERT_EQ(top.best()[i].token, expected[i].token);
      ASSERT_EQ(top.best()[i].parent, expected[i].parent);
      ASSERT_EQ(top.best()[i].log_probability, expected[i].log_probability);
    }
  }
}

TEST(TopK, KeepsNothingOfARowWithoutNumbers) {
  const TokenRules rules({}, 100, 0, -1);
  TopK top;
  top.reset(3);
  top.scan(std::vector<float>(100, NAN), 0, 0, rules);
  top.scan(std::vector<float>(100, -INFINITY), 0, 1, rules);
  EXPECT_TRUE(top.best().empty());
}

TEST(TokenRules, ForbidUnkUnlessAllowed) {
  EXPECT_TRUE(TokenRules({}, 5, 0, 1).has_rule(1));
  EXPECT_FALSE(TokenRules({.allow_unk = true}, 5, 0, 1).has_rule(1));
  EXPECT_FALSE(TokenRules({}, 5, 0, -1).has_rule(1));
  EXPECT_TRUE(TokenRules({}, 5, 0, 1).has_rule(0));  // </s> is treated apart
}

TEST(TokenRules, BlockTokensThatCompleteASeenNgram) {
  TokenRules rules({.no_repeat_ngram_size = 2}, 8, 0, -1);
  const std::vector<float> row(8, -1.0f);
  const std::vector<TokenId> history = {3, 4, 3, 5, 3};
  rules.set(history, row);
  for (TokenId token = 1; token < 8; ++token) EXPECT_EQ(rules.has_rule(token), token == 4 || token == 5) << token;
  EXPECT_TRUE(rules.adjusted().empty());
}

TEST(TokenRules, BlockEverythingSeenWithUnigrams) {
  TokenRules rules({.no_repeat_ngram_size = 1}, 8, 0, -1);
  const std::vector<TokenId> history = {3, 4};
  rules.set(history, std::vector<float>(8, -1.0f));
  for (TokenId token = 1; token < 8; ++token) EXPECT_EQ(rules.has_rule(token), token == 3 || token == 4) << token;
}

TEST(TokenRules, PenaliseEachRepeatedTokenOnce) {
  TokenRules rules({.repetition_penalty = 1.5}, 8, 0, -1);
  std::vector<float> row(8, -2.0f);
  row[4] = 0.5f;
  const std::vector<TokenId> history = {3, 4, 3, 3};
  rules.set(history, row);
  ASSERT_EQ(rules.adjusted().size(), 2u);
  EXPECT_EQ(rules.adjusted()[0].token, 3);
  EXPECT_DOUBLE_EQ(rules.adjusted()[0].score, -3);
  EXPECT_FLOAT_EQ(rules.adjusted()[0].log_probability, -2);
  EXPECT_EQ(rules.adjusted()[1].token, 4);
  EXPECT_DOUBLE_EQ(rules.adjusted()[1].score, 0.5 / 1.5);
  const std::vector<TokenId> other = {5};
  rules.set(other, row);
  EXPECT_FALSE(rules.has_rule(3));
  EXPECT_TRUE(rules.has_rule(5));
}

}  // namespace
}  // namespace dragoman
