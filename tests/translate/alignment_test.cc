#include <gmock/gmock.h>

#include <numeric>

#include "base/error.h"
#include "translate/alignment_format.h"
#include "translate/translate_support.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::ElementsAre;

SoftAlignment two_by_two() { return {.sources = 2, .weights = {0.75f, 0.25f, 0.375f, 0.625f}}; }

std::string formatted(const std::string& style) {
  return format_alignment(two_by_two(), parse_alignment_style(style).value());
}

TEST(AlignmentFormat, WritesMariansForms) {
  EXPECT_EQ(formatted("soft"), "0.75,0.25 0.375,0.625");
  EXPECT_EQ(formatted("hard"), "0-0 1-1");
  EXPECT_EQ(formatted("1"), "0-0 1-1");
  EXPECT_EQ(formatted("0.3"), "0-0 0-1 1-1");
  EXPECT_EQ(formatted("0.7"), "0-0");
  EXPECT_EQ(format_alignment({}, {}), "");
  EXPECT_FALSE(parse_alignment_style("").has_value());
}

TEST(AlignmentFormat, RefusesOtherStyles) {
  for (const char* text : {"often", "0", "1.5", "-0.1", "0.5x", "nan", " soft"}) {
    EXPECT_THROW(parse_alignment_style(text), Error) << text;
  }
}

TEST(JoinedAlignments, KeepThePlacesOfTheWholeLine) {
  const SoftAlignment first{.sources = 2, .weights = {0.9f, 0.1f, 0.2f, 0.8f}};
  const SoftAlignment second{.sources = 3, .weights = {0.5f, 0.3f, 0.2f, 0.1f, 0.1f, 0.8f}};
  const SoftAlignment whole = join_alignments(std::vector{first, second});
  EXPECT_EQ(whole.sources, 4);
  EXPECT_THAT(whole.weights, ElementsAre(0.9f, 0, 0, 0.1f, 0, 0.5f, 0.3f, 0.2f, 0, 0.1f, 0.1f, 0.8f));
}

TranslatorOptions aligning(int mini_batch) {
  TranslatorOptions options;
  options.search.beam_size = 3;
  options.search.n_best = true;
  options.search.max_length_factor = 2;
  options.search.min_length = 3;
  options.batching.mini_batch = mini_batch;
  options.batching.cpu_threads = 2;
  options.align = true;
  return options;
}

TEST(AlignedTranslations, HaveARowOfWeightsForEachTokenOfEachCandidate) {
  const ModelSet models = toy_models({1, 2});
  const auto lines = numbered(toy_lines(20));
  const auto alone = Translator(models, aligning(1)).translate(lines);
  const auto batched = Translator(models, aligning(16)).translate(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t k = 0; k < alone[i].candidates.size(); ++k) {
      const auto& candidate = alone[i].candidates[k];
      EXPECT_EQ(candidate.alignment.weights, batched[i].candidates[k].alignment.weights) << "line " << i + 1;
      ASSERT_GE(std::size_t(candidate.alignment.targets()), candidate.token_log_probabilities.size());
      const auto& weights = candidate.alignment.weights;
      for (int t = 0; t < candidate.alignment.targets(); ++t) {
        const auto row = weights.begin() + std::ptrdiff_t(t) * candidate.alignment.sources;
        EXPECT_NEAR(std::accumulate(row, row + candidate.alignment.sources, 0.0), 1, 1e-5);
      }
    }
  }
}

TEST(AlignedTranslations, OfAnEnsembleAreTheMeanOfItsModels) {
  const ModelSet one = toy_models({1}), both = toy_models({1, 1});
  const auto lines = numbered(toy_lines(5));
  const auto alone = Translator(one, aligning(4)).translate(lines);
  const auto twice = Translator(both, aligning(4)).translate(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    ASSERT_EQ(alone[i].candidates[0].text, twice[i].candidates[0].text);
    EXPECT_EQ(alone[i].candidates[0].alignment.weights, twice[i].candidates[0].alignment.weights);
  }
}

}  // namespace
}  // namespace dragoman
