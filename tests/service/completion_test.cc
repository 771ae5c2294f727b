#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/random.h"
#include "service/service_support.h"
#include "service/target_prefix.h"
#include "service/word_alternatives.h"

namespace dragoman {
namespace {

using namespace testing;
using ::testing::StartsWith;

CompletionRequest toy_completion(std::string text, std::string prefix, int alternatives = 0) {
  return {.text = std::move(text),
          .prefix = std::move(prefix),
          .source = "aa",
          .target = "bb",
          .alternatives = alternatives};
}

/// Texts of the vocabulary's words, and others.
std::string random_prefix(Random& random, const std::vector<std::string>& lines) {
  static const std::vector<std::string> odd = {"ﬁ", "½", "  ", "\t", "世界", "\xF0\x9F\x98\x80", "ü", "Z", "!", " "};
  std::string text = lines[random.below(lines.size())];
  for (std::uint64_t i = random.below(3); i > 0; --i) {
    const std::size_t at = random.below(text.size() + 1);
    if (random.below(4) == 0) text.insert(at, odd[random.below(odd.size())]);
  }
  return text.substr(0, random.below(text.size() + 1));  // anywhere, inside characters too
}

TEST(TargetPrefix, TokensOfAPrefixCutAnywhereBeginWithItsBytes) {
  const auto lines = toy_lines(50);
  Random random(7);
  for (const std::string type : {"unigram", "bpe"}) {
    const Vocabulary& vocabulary = toy_vocabulary(type);
    const TokenTexts texts(vocabulary);
    for (int i = 0; i < 500; ++i) {
      const std::string text = random_prefix(random, lines);
      const TargetPrefix prefix(vocabulary, texts, text);
      // Walk through the rest by random tokens that are allowed, then some more.
      std::vector<TokenId> tokens;
      for (std::size_t at = 0; at < prefix.rest().size();) {
        std::vector<TokenId> allowed;
        prefix.allowed(at, [&](TokenId token) { allowed.push_back(token); });
        ASSERT_FALSE(allowed.empty()) << "a dead end in '" << text << "'";
        tokens.push_back(allowed[random.below(allowed.size())]);
        at = prefix.after(at, tokens.back());
      }
      tokens.push_back(vocabulary.id("▁the"));
      const auto all = prefix.token_texts(tokens);
      EXPECT_THAT(whole(all), StartsWith(text));
      EXPECT_GE(all.size(), prefix.forced().size() + tokens.size());
    }
  }
}

TEST(TargetPrefix, IsWhatTheTokensSpellWhereNothingIsNormalised) {
  const Vocabulary& vocabulary = toy_vocabulary();
  const TokenTexts texts(vocabulary);
  for (const std::string& line : toy_lines(50)) {
    for (std::size_t size = 0; size <= line.size(); ++size) {
      const TargetPrefix prefix(vocabulary, texts, line.substr(0, size));
      std::vector<TokenId> tokens = prefix.forced();
      for (std::size_t at = 0; at < prefix.rest().size();) {
        TokenId first = -1;
        prefix.allowed(at, [&](TokenId token) { first = token; });
        at = prefix.after(at, first);
        tokens.push_back(first);
      }
      EXPECT_EQ(whole(prefix.token_texts(std::span(tokens).subspan(prefix.forced().size()))),
                vocabulary.decode(tokens));
    }
  }
}

TEST(ServiceCompletion, AThousandPrefixesAreHonoured) {
  ToyService toy;
  Service service(toy.options);
  const auto lines = toy_lines(50);
  Random random(8);
  for (int i = 0; i < 1000; ++i) {
    const std::string prefix = random_prefix(random, lines);
    auto request = toy_completion(lines[random.below(lines.size())], prefix);
    request.options.beam_size = i % 4 == 0 ? 3 : 1;
    const auto answer = service.complete(request);
    EXPECT_EQ(whole(answer.pieces), prefix + answer.rest);
    EXPECT_EQ(whole(answer.source_pieces), request.text);
  }
}

TEST(ServiceCompletion, WithoutAPrefixIsTheTranslation) {
  ToyService toy;
  Service service(toy.options);
  for (const std::string& line : toy_lines(20)) {
    for (const int beam : {1, 4}) {
      auto request = toy_request({line});
      request.options.beam_size = beam;
      request.alignments = true;
      const auto translation = service.translate(request);
      auto completion = toy_completion(line, "");
      completion.options.beam_size = beam;
      const auto answer = service.complete(completion);
      EXPECT_EQ(answer.rest, translation.translations[0].text);
      ASSERT_EQ(translation.sentences.size(), 1u);
      EXPECT_EQ(answer.pieces, translation.sentences[0].target_pieces);
      EXPECT_EQ(answer.source_pieces, translation.sentences[0].source_pieces);
      ASSERT_EQ(answer.alignment.size(), translation.sentences[0].alignment.size());
      for (std::size_t i = 0; i < answer.alignment.size(); ++i) {
        EXPECT_NEAR(answer.alignment[i].weight, translation.sentences[0].alignment[i].weight, 1e-5);
      }
    }
  }
}

void expect_same_with_and_without_memory(const ModelOptions& model) {
  ToyService remembers(1, model), forgets(1, model);
  forgets.options.cache_bytes = 0;
  Service with(remembers.options), without(forgets.options);
  Random random(9);
  const auto lines = toy_lines(6);
  for (int i = 0; i < 150; ++i) {
    const std::string& line = lines[random.below(lines.size())];
    // Longer, shorter and changed beginnings of its own translations.
    std::string prefix = without.complete(toy_completion(line, "")).rest;
    prefix.resize(random.below(prefix.size() + 1));
    if (random.below(3) == 0) prefix += lines[random.below(lines.size())].substr(0, 5);
    const auto a = with.complete(toy_completion(line, prefix, 3)),
               b = without.complete(toy_completion(line, prefix, 3));
    EXPECT_EQ(a.rest, b.rest) << prefix;
    EXPECT_EQ(a.pieces, b.pieces);
    ASSERT_EQ(a.alignment.size(), b.alignment.size());
    for (std::size_t k = 0; k < a.alignment.size(); ++k) EXPECT_EQ(a.alignment[k].weight, b.alignment[k].weight);
    ASSERT_EQ(a.alternatives.size(), b.alternatives.size());
    for (std::size_t k = 0; k < a.alternatives.size(); ++k) {
      EXPECT_EQ(a.alternatives[k].word, b.alternatives[k].word);
      EXPECT_EQ(a.alternatives[k].probability, b.alternatives[k].probability);
      EXPECT_EQ(a.alternatives[k].preview, b.alternatives[k].preview);
    }
  }
  EXPECT_GT(with.statistics().cache_hits, 100);
  EXPECT_EQ(without.statistics().cache_hits, 0);
}

TEST(ServiceCompletion, WhatIsRememberedChangesNoBit) {
  expect_same_with_and_without_memory(toy_options());
  ModelOptions ssru = toy_options();
  ssru.transformer_decoder_autoreg = "rnn";
  ssru.dec_cell = "ssru";
  expect_same_with_and_without_memory(ssru);
  ModelOptions recurrent = toy_options();
  recurrent.type = "s2s";
  recurrent.dim_rnn = 16;
  expect_same_with_and_without_memory(recurrent);
}

TEST(ServiceCompletion, GoesOnWhereATranslationIsCutAtATokensEnd) {
  ToyService toy;
  Service service(toy.options);
  const auto lines = toy_lines(10);
  for (const std::string& line : lines) {
    const auto full = service.complete(toy_completion(line, ""));
    std::string prefix;
    for (const std::string& piece : full.pieces) {
      prefix += piece;
      if (!piece.empty()) {
        EXPECT_THAT(prefix + service.complete(toy_completion(line, prefix)).rest, StartsWith(prefix));
      }
    }
  }
}

TEST(ServiceCompletion, AlternativesAreDifferentWordsOfFallingProbability) {
  ToyService toy;
  Service service(toy.options);
  int found = 0;
  for (const std::string& line : toy_lines(20)) {
    const std::string translation = service.complete(toy_completion(line, "")).rest;
    for (const std::size_t size : {std::size_t(0), translation.size() / 3, translation.size() / 2}) {
      const auto answer = service.complete(toy_completion(line, translation.substr(0, size), 5));
      std::set<std::string> words = {std::string(first_word(answer.rest))};
      double last = 1.0001, sum = 0;
      for (const auto& alternative : answer.alternatives) {
        EXPECT_TRUE(words.insert(alternative.word).second) << alternative.word;
        EXPECT_FALSE(alternative.word.empty());
        EXPECT_LE(alternative.probability, last);
        EXPECT_GT(alternative.probability, 0);
        last = alternative.probability;
        sum += last;
        ++found;
      }
      EXPECT_LE(sum, 1.0001);
      EXPECT_LE(answer.alternatives.size(), 5u);
    }
  }
  EXPECT_GT(found, 100);
}

TEST(WordAlternatives, FirstWordHasItsSpaceAndNotItsMarks) {
  EXPECT_EQ(first_word("mundo, e"), "mundo");
  EXPECT_EQ(first_word(" mundo!"), " mundo");
  EXPECT_EQ(first_word("guarda-chuva."), "guarda-chuva");
  EXPECT_EQ(first_word("!? e"), "!?");
  EXPECT_EQ(first_word(" «ação» "), " «");
  EXPECT_EQ(first_word(""), "");
}

TEST(ServiceCompletion, TellsWhatCannotBe) {
  ModelOptions model = toy_options();
  model.transformer_train_position_embeddings = true;
  model.max_length = 12;
  ToyService toy(1, model);
  Service service(toy.options);
  std::string text;
  for (int i = 0; i < 30; ++i) text += "house ";
  using Kind = RequestError::Kind;
  EXPECT_EQ(error_of_request([&] { service.complete(toy_completion(text, "")); }).kind, Kind::bad_request);
  EXPECT_EQ(error_of_request([&] { service.complete(toy_completion("the", text)); }).kind, Kind::bad_request);
  EXPECT_EQ(error_of_request([&] { service.complete(toy_completion("the", "", 1000)); }).kind, Kind::bad_request);
  auto request = toy_completion("the", "");
  request.target = "cc";
  EXPECT_EQ(error_of_request([&] { service.complete(request); }).kind, Kind::unsupported);
  EXPECT_EQ(service.complete(toy_completion("", "the")).rest, "");
  EXPECT_EQ(service.complete(toy_completion("  ", "")).rest, "");
}

TEST(ServiceCompletion, HonoursAThousandPrefixesWithARealModel) {
  DRAGOMAN_SKIP_WITHOUT_TINY_MODEL();
  const std::string flores = std::string(DRAGOMAN_SOURCE_DIR) + "/../shared/data/flores/dev.";
  std::ifstream source(flores + "en"), target(flores + "pt");
  if (!source || !target) GTEST_SKIP() << "skipped: there is no ../shared/data/flores";
  Service service({.models = {{.path = tiny_model()}}, .threads = 1});
  Random random(10);
  int count = 0;
  for (std::string from, to; count < 1000 && std::getline(source, from) && std::getline(target, to);) {
    for (int i = 0; i < 2 && count < 1000; ++i, ++count) {
      const std::string prefix = to.substr(0, random.below(to.size() + 1));
      const auto answer = service.complete({.text = from, .prefix = prefix, .source = "en", .target = "pt"});
      EXPECT_EQ(whole(answer.pieces), prefix + answer.rest);
      EXPECT_EQ(whole(answer.source_pieces), from);
    }
  }
  EXPECT_EQ(count, 1000);
  const auto answer = service.complete(
      {.text = "Hello world!", .prefix = "Olá, mun", .source = "en", .target = "pt", .alternatives = 4});
  EXPECT_THAT(answer.rest, StartsWith("do"));
}

}  // namespace
}  // namespace dragoman
