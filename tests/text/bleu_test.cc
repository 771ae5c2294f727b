#include "text/metrics/bleu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/error.h"
#include "text/metrics/characters.h"
#include "text/metrics_golden.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Lines;

TEST(Bleu, EqualsSacrebleuForAllOptions) { testing::expect_golden_scores("bleu"); }

TEST(Bleu, IsHundredForThePerfectTranslation) {
  const Lines lines{"one two three four five", "six seven eight nine"};
  const std::vector<Lines> references{lines};
  const BleuScore score = corpus_bleu(lines, references);
  EXPECT_NEAR(score.score, 100, 1e-12);
  EXPECT_EQ(score.brevity_penalty, 1);
  EXPECT_EQ(score.format(), "BLEU = 100.00 100.0/100.0/100.0/100.0 (BP = 1.000 ratio = 1.000 hyp_len = 9 ref_len = 9)");
}

TEST(Bleu, ComputesTheTextbookExample) {
  // Papineni et al. 2002, example 2: of seven "the" only two count.
  const Lines hypothesis{"the the the the the the the"};
  const std::vector<Lines> references{{"The cat is on the mat"}, {"There is a cat on the mat"}};
  const BleuScore score = corpus_bleu(hypothesis, references, {.lowercase = true});
  EXPECT_NEAR(score.precisions[0], 100 * 2.0 / 7, 1e-12);
  EXPECT_EQ(score.hypothesis_length, 7);
  EXPECT_EQ(score.reference_length, 7);  // the nearest of 6 and 7
}

TEST(Bleu, SentenceScoresUseTheEffectiveOrder) {
  EXPECT_NEAR(sentence_bleu("two words", Lines{"two words"}).score, 100, 1e-12);
  EXPECT_EQ(corpus_bleu(Lines{"two words"}, std::vector<Lines>{{"two words"}}).score, 0);
}

TEST(Bleu, SmoothingNeedsAKnownName) {
  EXPECT_EQ(bleu_smoothing("add-k"), BleuSmoothing::add_k);
  EXPECT_THAT([] { bleu_smoothing("expo"); },
              ::testing::ThrowsMessage<Error>(HasSubstr("add-k or none, found 'expo'")));
}

TEST(Bleu, TokenizerNeedsAKnownName) {
  for (const char* name : {"13a", "none", "intl", "char", "zh"}) EXPECT_EQ(name_of(bleu_tokenizer(name)), name);
  EXPECT_THAT([] { bleu_tokenizer("14a"); }, ::testing::ThrowsMessage<Error>(HasSubstr("expected 13a, none, intl")));
}

TEST(Bleu, UnequalNumbersOfLinesAreAnError) {
  const Lines two{"a", "b"};
  EXPECT_THAT(
      [&] {
        corpus_bleu(two, std::vector<Lines>{{"a", "b"}, {"a"}});
      },
      ::testing::ThrowsMessage<Error>(HasSubstr("2 hypotheses, but 1 lines of reference 2")));
  EXPECT_THAT([&] { corpus_bleu(two, std::vector<Lines>{}); },
              ::testing::ThrowsMessage<Error>(HasSubstr("no references")));
}

TEST(Bleu, SurvivesBytesThatAreNotUtf8) {
  const Lines broken{std::string("a \xff\xc3 \0 b", 8)};
  for (const char* name : {"13a", "none", "intl", "char", "zh"}) {
    const BleuOptions options{.lowercase = true, .tokenizer = bleu_tokenizer(name), .effective_order = true};
    EXPECT_NEAR(corpus_bleu(broken, std::vector<Lines>{broken}, options).score, 100, 1e-9) << name;
  }
}

TEST(Metrics, SignatureNamesTheVersionOfTheProject) {
  const std::string build = read_file(std::string(DRAGOMAN_SOURCE_DIR) + "/CMakeLists.txt");
  const std::size_t found = build.find("VERSION ", build.find("project(dragoman")) + 8;
  const std::string version = build.substr(found, build.find(' ', found) - found);
  EXPECT_EQ(Bleu().signature(2), "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:dragoman-" + version);
  EXPECT_EQ(Bleu().signature(1, ConfidenceInterval{.mean = 1, .half_width = 1, .samples = 500, .seed = 7}),
            "nrefs:1|bs:500|seed:7|case:mixed|eff:no|tok:13a|smooth:exp|version:dragoman-" + version);
}

TEST(Metrics, UnknownNameSuggestsTheNearest) {
  EXPECT_EQ(make_metric("BLEU")->name(), "BLEU");
  EXPECT_EQ(make_metric("chrf++")->name(), "chrF2++");
  EXPECT_THAT([] { make_metric("blue"); }, ::testing::ThrowsMessage<Error>(HasSubstr("did you mean 'bleu'")));
}

TEST(Metrics, CharactersAreThoseOfPython) {
  EXPECT_THAT(python::split_words(" a\u00a0b\x1c \u2028\u3000ç\u200b \t"), ElementsAre("a", "b", "ç\u200b"));
  EXPECT_THAT(python::split_words(""), ElementsAre());
  EXPECT_EQ(python::strip("\u3000 x y\u00a0\x85 \u2009"), "x y\u00a0\x85");  // a lone byte 85 is no character
  EXPECT_EQ(python::strip(" \u2003 "), "");
  EXPECT_EQ(python::lowercase("ΟΔΟΣ ΣΟΦΟΣ. Σ İI ẞ Ǆ ΑΣ\u0301Β"), "οδος σοφος. σ i\u0307i ß ǆ ασ\u0301β");
}

}  // namespace
}  // namespace dragoman
