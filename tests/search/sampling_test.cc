#include "search/sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "dragoman/error.h"
#include "random_model.h"

namespace dragoman {
namespace {

using testing::HasSubstr;
using Lengths = std::vector<int>;
using Prefixes = std::vector<std::vector<TokenId>>;
using Method = Sampling::Method;

std::string error_of(const std::vector<std::string>& setting) {
  try {
    parse_sampling(setting);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseSampling, ReadsMariansNotation) {
  EXPECT_EQ(parse_sampling({}), std::nullopt);
  EXPECT_EQ(parse_sampling({"0"}), std::nullopt);
  EXPECT_EQ(parse_sampling({"1"}), (Sampling{.method = Method::full}));
  EXPECT_EQ(parse_sampling({"full"}), (Sampling{.method = Method::full}));
  EXPECT_EQ(parse_sampling({"full", "0.5"}), (Sampling{.method = Method::full, .temperature = 0.5}));
  EXPECT_EQ(parse_sampling({"topk"}), (Sampling{.method = Method::topk, .size = 10}));
  EXPECT_EQ(parse_sampling({"topk", "3", "2"}), (Sampling{.method = Method::topk, .size = 3, .temperature = 2}));
  EXPECT_EQ(parse_sampling({"topk 3 2"}), (Sampling{.method = Method::topk, .size = 3, .temperature = 2}));
  EXPECT_EQ(parse_sampling({"nucleus"}), (Sampling{.method = Method::nucleus, .threshold = 0.9}));
  EXPECT_EQ(parse_sampling({"nucleus", "0.5", "0.7"}),
            (Sampling{.method = Method::nucleus, .threshold = 0.5, .temperature = 0.7}));
  EXPECT_EQ(parse_sampling({"epsilon"}), (Sampling{.method = Method::epsilon, .threshold = 0.02}));
  EXPECT_EQ(parse_sampling({"epsilon", "0.1"}), (Sampling{.method = Method::epsilon, .threshold = 0.1}));
}

TEST(ParseSampling, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(error_of({"gumbel"}), HasSubstr("method \"gumbel\""));
  EXPECT_THAT(error_of({"full", "hot"}), HasSubstr("temperature \"hot\""));
  EXPECT_THAT(error_of({"full", "0"}), HasSubstr("temperature \"0\""));
  EXPECT_THAT(error_of({"full", "inf"}), HasSubstr("temperature"));
  EXPECT_THAT(error_of({"topk", "2.5"}), HasSubstr("size of topk \"2.5\""));
  EXPECT_THAT(error_of({"topk", "0"}), HasSubstr("size of topk"));
  EXPECT_THAT(error_of({"nucleus", "1.5"}), HasSubstr("probability of nucleus"));
  EXPECT_THAT(error_of({"epsilon", "-1"}), HasSubstr("probability of epsilon"));
  EXPECT_THAT(error_of({"topk", "5", "1", "7"}), HasSubstr("\"7\" is one value too many for topk"));
}

/// Pearson's statistic of counts against probabilities; with d degrees of freedom its mean is d and its variance 2 d.
double chi_square(const std::map<std::vector<TokenId>, int>& counts,
                  const std::map<std::vector<TokenId>, double>& expected, int n) {
  double sum = 0;
  for (const auto& [tokens, probability] : expected) {
    const auto found = counts.find(tokens);
    const double count = found == counts.end() ? 0 : found->second;
    sum += std::pow(count - n * probability, 2) / (n * probability);
  }
  return sum;
}

TEST(Sample, DrawsWholeOutputsWithTheModelsProbabilities) {
  const RandomModel model = {.seed = 5, .vocabulary = 4, .sharpness = 0.5};
  // All outputs of up to 2 tokens, unk (1) excluded; the third token is a forced </s>.
  const auto allowed = [](std::vector<float> row) {
    std::vector<double> p(4);
    double sum = 0;
    for (const std::size_t i : {0u, 2u, 3u}) sum += p[i] = std::exp(double(row[i]));
    for (double& each : p) each /= sum;
    return p;
  };
  std::map<std::vector<TokenId>, double> expected;
  const auto start = allowed(model.row({}));
  expected[{}] = start[0];
  for (const TokenId a : {2, 3}) {
    const auto next = allowed(model.row({a}));
    expected[{a}] = start[std::size_t(a)] * next[0];
    for (const TokenId b : {2, 3}) expected[{a, b}] = start[std::size_t(a)] * next[std::size_t(b)];
  }
  const int n = 20000;
  RandomScorer scorer({model});
  const SearchOptions options = {.beam_size = n, .max_length_factor = 1, .n_best = true, .output_sampling = {"full"}};
  const auto results = sample(scorer, Lengths{3}, options, {.unk_token = 1, .seed = 9});
  ASSERT_EQ(results[0].size(), std::size_t(n));
  std::map<std::vector<TokenId>, int> counts;
  for (const auto& hypothesis : results[0]) ++counts[hypothesis.tokens];
  EXPECT_EQ(counts.size(), expected.size());
  EXPECT_LT(chi_square(counts, expected, n), 6 + 5 * std::sqrt(12));  // 6 degrees of freedom
  EXPECT_TRUE(std::ranges::is_sorted(results[0], [](const auto& a, const auto& b) { return a.score > b.score; }));
}

TEST(Sample, DependsOnSeedAndSentenceButNotOnTheBatch) {
  std::vector<RandomModel> models;
  std::vector<std::uint64_t> ids;
  std::vector<int> lengths;
  std::vector<std::vector<TokenId>> prefixes;
  for (int i = 0; i < 12; ++i) {
    models.push_back({.seed = std::uint64_t(i), .vocabulary = 50, .sharpness = 1, .end_bonus = 2});
    ids.push_back(100 + std::uint64_t(i));
    lengths.push_back(2 + i % 5);
    prefixes.push_back(std::vector<TokenId>(std::size_t(i % 3), 4));
  }
  const SearchOptions options = {.beam_size = 3, .n_best = true, .output_sampling = {"nucleus", "0.9"}};
  RandomScorer together(models);
  const SearchContext context = {.prefixes = prefixes, .sentence_ids = ids, .seed = 1};
  const auto results = search(together, lengths, options, context);
  int different = 0;
  for (std::size_t i = 0; i < models.size(); ++i) {
    SCOPED_TRACE(i);
    const auto run = [&](std::uint64_t seed, bool n_best) {
      RandomScorer alone({models[i]});
      SearchOptions single = options;
      single.n_best = n_best;
      return search(
          alone, Lengths{lengths[i]}, single,
          {.prefixes = Prefixes{prefixes[i]}, .sentence_ids = std::vector<std::uint64_t>{ids[i]}, .seed = seed})[0];
    };
    const NBest same = run(1, true);
    ASSERT_EQ(same.size(), 3u);
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_EQ(same[j].tokens, results[i][j].tokens);
      EXPECT_TRUE(std::equal(prefixes[i].begin(), prefixes[i].end(), same[j].tokens.begin()));
      std::vector<TokenId> history;
      for (std::size_t t = 0; t <= same[j].tokens.size(); ++t) {
        const TokenId token = t < same[j].tokens.size() ? same[j].tokens[t] : models[i].end;
        EXPECT_EQ(same[j].token_log_probabilities[t], models[i].row(history)[std::size_t(token)]);
        history.push_back(token);
      }
      different += same[j].tokens != same[(j + 1) % 3].tokens;
    }
    const NBest one = run(1, false);
    ASSERT_EQ(one.size(), 1u);
    EXPECT_TRUE(std::ranges::any_of(same, [&](const auto& hypothesis) { return hypothesis.tokens == one[0].tokens; }));
    different += run(2, false)[0].tokens != one[0].tokens;
  }
  EXPECT_GT(different, 10);
}

TEST(Sample, UsesOneRowWhileAPrefixIsForced) {
  RandomScorer scorer({{.seed = 2, .vocabulary = 50, .end_bonus = -20}});
  const std::vector<TokenId> prefix = {7, 8};
  const SearchOptions options = {.beam_size = 4, .max_length_factor = 1, .n_best = true, .output_sampling = {"full"}};
  const auto results = sample(scorer, Lengths{5}, options, {.prefixes = Prefixes{prefix}});
  EXPECT_THAT(scorer.rows_per_step, testing::ElementsAre(1, 1, 1, 4, 4));
  for (const auto& hypothesis : results[0]) {
    EXPECT_EQ(hypothesis.tokens.size(), 4u);
    EXPECT_FALSE(hypothesis.complete);
  }
}

TEST(Sample, HonoursMinLengthAndBlockedNgrams) {
  RandomScorer scorer({{.seed = 2, .vocabulary = 6, .sharpness = 1, .end_bonus = 2}});
  const SearchOptions options = {.beam_size = 200,
                                 .max_length_factor = 1,
                                 .min_length = 3,
                                 .n_best = true,
                                 .output_sampling = {"full"},
                                 .no_repeat_ngram_size = 1};
  const auto results = sample(scorer, Lengths{5}, options, {.seed = 3});
  for (const auto& hypothesis : results[0]) {
    EXPECT_GE(hypothesis.tokens.size(), 3u);
    std::vector<TokenId> sorted = hypothesis.tokens;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::unique(sorted.begin(), sorted.end()), sorted.end());
  }
}

TEST(Sample, ReportsScoresThatAreNotNumbers) {
  class Broken : public RandomScorer {
   public:
    using RandomScorer::RandomScorer;
    std::span<const float> advance(std::span<const TokenId>) override { return scores_; }

   private:
    std::vector<float> scores_ = std::vector<float>(4, NAN);
  };
  Broken scorer(std::vector<RandomModel>{{.seed = 1}});
  EXPECT_THROW(sample(scorer, Lengths{5}, {.output_sampling = {"full"}}), Error);
}

}  // namespace
}  // namespace dragoman
