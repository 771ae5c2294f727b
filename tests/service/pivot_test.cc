// Requests about one sentence where a pair goes through a third language.

#include <gmock/gmock.h>

#include "base/random.h"
#include "service/service_support.h"

namespace dragoman {
namespace {

using namespace testing;

/// Models from aa to bb and from bb to cc.
struct PivotService : ToyService {
  PivotService() { options.models.push_back(toy_service_model(folder, "bb", "cc", 2)); }
};

TEST(ServicePivot, CompletionWithoutAPrefixIsTheTranslation) {
  PivotService toy;
  Service service(toy.options);
  for (const std::string& line : toy_lines(20)) {
    auto request = toy_request({line});
    request.target = "cc";
    request.alignments = true;
    const auto translation = service.translate(request);
    const auto answer = service.complete({.text = line, .source = "aa", .target = "cc"});
    ASSERT_EQ(translation.sentences.size(), 1u);
    const SentenceTranslation& sentence = translation.sentences[0];
    EXPECT_EQ(answer.rest, translation.translations[0].text);
    EXPECT_EQ(answer.pieces, sentence.target_pieces);
    EXPECT_EQ(answer.source_pieces, sentence.source_pieces);
    ASSERT_EQ(answer.alignment.size(), sentence.alignment.size());
    for (std::size_t i = 0; i < answer.alignment.size(); ++i) {
      EXPECT_EQ(answer.alignment[i].source, sentence.alignment[i].source);
      EXPECT_EQ(answer.alignment[i].target, sentence.alignment[i].target);
      EXPECT_NEAR(answer.alignment[i].weight, sentence.alignment[i].weight, 1e-5);
    }
    request.target = "bb";
    EXPECT_EQ(answer.pivot.language, "bb");
    EXPECT_EQ(answer.pivot.text, service.translate(request).translations[0].text);
  }
}

TEST(ServicePivot, APrefixIsCompletedByTheSecondModelFromWhatTheFirstWrote) {
  PivotService toy;
  Service service(toy.options);
  const auto lines = toy_lines(20);
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    const std::string& line = lines[random.below(lines.size())];
    const std::string& other = lines[random.below(lines.size())];
    const std::string prefix = other.substr(0, random.below(other.size() + 1));
    CompletionRequest request{.text = line, .prefix = prefix, .source = "aa", .target = "cc", .alternatives = 3};
    request.options.beam_size = i % 4 == 0 ? 3 : 1;
    const auto answer = service.complete(request);
    EXPECT_EQ(whole(answer.pieces), prefix + answer.rest);
    EXPECT_EQ(whole(answer.source_pieces), line);
    request.source = "bb";
    request.text = answer.pivot.text;
    const auto second = service.complete(request);
    EXPECT_EQ(answer.rest, second.rest);
    EXPECT_EQ(second.pivot.language, "");
    ASSERT_EQ(answer.alternatives.size(), second.alternatives.size());
    for (std::size_t k = 0; k < second.alternatives.size(); ++k) {
      EXPECT_EQ(answer.alternatives[k].word, second.alternatives[k].word);
      EXPECT_EQ(answer.alternatives[k].preview, second.alternatives[k].preview);
    }
  }
  EXPECT_EQ(service.complete({.text = " ", .prefix = "a", .source = "aa", .target = "cc"}).rest, "");
}

TEST(ServicePivot, AttentionAndScoresAreThoseOfTheSecondModel) {
  PivotService toy;
  Service service(toy.options);
  for (const std::string& line : toy_lines(5)) {
    const std::string translation = "the old house";
    AttentionRequest request{.text = line, .translation = translation, .source = "aa", .target = "cc"};
    const auto attention = service.attention(request);
    EXPECT_EQ(attention.pivot.language, "bb");
    request.source = "bb";
    request.text = attention.pivot.text;
    const auto second = service.attention(request);
    EXPECT_EQ(attention.source_pieces, second.source_pieces);
    EXPECT_EQ(attention.target_pieces, second.target_pieces);
    EXPECT_EQ(attention.weights, second.weights);
    EXPECT_EQ(second.pivot.language, "");

    ScoreRequest scored{.text = line, .translation = translation, .source = "aa", .target = "cc"};
    const auto score = service.score(scored);
    EXPECT_EQ(score.pivot.text, attention.pivot.text);
    scored.source = "bb";
    scored.text = score.pivot.text;
    EXPECT_EQ(score.log_probability, service.score(scored).log_probability);
    EXPECT_EQ(score.token_log_probabilities, service.score(scored).token_log_probabilities);
  }
}

}  // namespace
}  // namespace dragoman
