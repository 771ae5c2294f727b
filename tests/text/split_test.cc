#include "text/split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"
#include "text/metrics/characters.h"

namespace dragoman {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

std::string joined(const std::vector<std::string_view>& pieces) {
  std::string text;
  for (const std::string_view piece : pieces) text += piece;
  return text;
}

/// The sentences without the white space around them, after a check that nothing was lost.
std::vector<std::string> sentences(const std::string& text, const std::string& language) {
  const auto pieces = split_sentences(text, language);
  EXPECT_EQ(joined(pieces), text);
  std::vector<std::string> stripped;
  for (const std::string_view piece : pieces) stripped.emplace_back(python::strip(piece));
  return stripped;
}

TEST(SplitSentences, EndsAtMarksAndKeepsTheSpacesWithTheSentenceBefore) {
  EXPECT_THAT(split_sentences("  One.  Two! Three?\tFour … Five", "en"),
              ElementsAre("  One.  ", "Two! ", "Three?\t", "Four … ", "Five"));
  EXPECT_THAT(split_sentences("", "en"), IsEmpty());
  EXPECT_THAT(split_sentences(" \n\n ", "en"), ElementsAre(" \n\n "));
  EXPECT_THAT(split_sentences("No mark at all", "en"), ElementsAre("No mark at all"));
  EXPECT_THAT(sentences("What?! Really... Yes!!! \nNext line.\n\nNew paragraph", "en"),
              ElementsAre("What?!", "Really...", "Yes!!!", "Next line.", "New paragraph"));
  EXPECT_THAT(sentences("A heading without a mark\n\nThe text", "en"),
              ElementsAre("A heading without a mark", "The text"));
}

TEST(SplitSentences, DoesNotEndWithinNumbersAndNames) {
  EXPECT_THAT(sentences("It cost 3.14 dollars at www.example.org. Then 1,000.50 more.", "en"),
              ElementsAre("It cost 3.14 dollars at www.example.org.", "Then 1,000.50 more."));
  EXPECT_THAT(sentences("J. S. Bach and John F. Kennedy met. So did A. С. Пушкин.", "en"),
              ElementsAre("J. S. Bach and John F. Kennedy met.", "So did A. С. Пушкин."));
  EXPECT_THAT(sentences("He left in 1990. Nobody knew. Neither did I. They asked.", "en"),
              ElementsAre("He left in 1990.", "Nobody knew.", "Neither did I.", "They asked."));
  EXPECT_THAT(sentences("1. Introduction. 2. Methods.", "en"), ElementsAre("1. Introduction.", "2. Methods."));
}

TEST(SplitSentences, KnowsAbbreviationsOfTheLanguage) {
  EXPECT_THAT(sentences("Mr. Smith, e.g. from the U.S. Army, saw Dr. Jones at 5 p.m. They spoke.", "en-GB"),
              ElementsAre("Mr. Smith, e.g. from the U.S. Army, saw Dr. Jones at 5 p.m.", "They spoke."));
  EXPECT_THAT(sentences("See No. 5 and Fig. 3. He said no. Then he left with Apples, etc. 12 of them.", "en"),
              ElementsAre("See No. 5 and Fig. 3.", "He said no.", "Then he left with Apples, etc. 12 of them."));
  EXPECT_THAT(
      sentences("Am 3. Mai kam z.B. Hr. Prof. Dr.-Ing. Meyer bzw. Frau Dr. Kurz an. Ludwig XIV. Band 2 fehlt.", "de"),
      ElementsAre("Am 3. Mai kam z.B. Hr. Prof. Dr.-Ing. Meyer bzw. Frau Dr. Kurz an.", "Ludwig XIV. Band 2 fehlt."));
  EXPECT_THAT(sentences("Das war 1990. Danach kam nichts usw. Ende.", "de_AT"),
              ElementsAre("Das war 1990.", "Danach kam nichts usw.", "Ende."));
  EXPECT_THAT(sentences("M. Dupont et Mme. Durand, p.ex. Paul, sont là. Bien !", "fr"),
              ElementsAre("M. Dupont et Mme. Durand, p.ex. Paul, sont là.", "Bien !"));
  EXPECT_THAT(sentences("El Sr. López vive en EE.UU. Núm. 5. ¿Y la Dra. Ruiz? ¡También! Sí.", "es"),
              ElementsAre("El Sr. López vive en EE.UU. Núm. 5.", "¿Y la Dra. Ruiz?", "¡También!", "Sí."));
  EXPECT_THAT(sentences("Он жил на ул. Ленина, т.е. в центре. А. С. Пушкин тоже и т.д. Конец.", "ru"),
              ElementsAre("Он жил на ул. Ленина, т.е. в центре.", "А. С. Пушкин тоже и т.д.", "Конец."));
  EXPECT_THAT(sentences("Ask Dr. Who. He knows.", "xx"), ElementsAre("Ask Dr. Who.", "He knows."));
}

TEST(SplitSentences, GoesOnBeforeLowerCaseAndPunctuation) {
  EXPECT_THAT(sentences("“Really?” he asked. Yahoo! is a name... or was. (Was it?), they said", "en"),
              ElementsAre("“Really?” he asked.", "Yahoo! is a name... or was.", "(Was it?), they said"));
}

TEST(SplitSentences, KeepsClosingQuotesAndBracketsWithTheirSentence) {
  EXPECT_THAT(sentences("\"Go!\" \"Where?\" (He left.) [Then.] He stopped.", "en"),
              ElementsAre("\"Go!\"", "\"Where?\"", "(He left.)", "[Then.]", "He stopped."));
  EXPECT_THAT(sentences("„Geh!“ „Wohin?“ »Dort.« – Nein.", "de"),
              ElementsAre("„Geh!“", "„Wohin?“", "»Dort.«", "– Nein."));
  EXPECT_THAT(sentences("« Oui. » Il part. — Non !", "fr"), ElementsAre("« Oui. »", "Il part.", "— Non !"));
}

TEST(SplitSentences, KnowsTheMarksOfOtherScripts) {
  EXPECT_THAT(sentences("今天下雨。我不去！真的？“是的。”他说。“好。”", "zh"),
              ElementsAre("今天下雨。", "我不去！", "真的？", "“是的。”", "他说。", "“好。”"));
  EXPECT_THAT(sentences("「はい。」と言った。「いいえ。」彼は去った。", "ja"),
              ElementsAre("「はい。」と言った。", "「いいえ。」", "彼は去った。"));
  EXPECT_THAT(sentences("यह घर है। वह कौन है? ठीक॥ अच्छा", "hi"), ElementsAre("यह घर है।", "वह कौन है?", "ठीक॥", "अच्छा"));
  EXPECT_THAT(sentences("كيف حالك؟ بخير. شكرا", "ar"), ElementsAre("كيف حالك؟", "بخير.", "شكرا"));
  EXPECT_THAT(sentences("یہ گھر ہے۔ وہ کون ہے؟", "ur"), ElementsAre("یہ گھر ہے۔", "وہ کون ہے؟"));
  EXPECT_THAT(sentences("ሰላም። እንዴት ነህ፧ ደህና።", "am"), ElementsAre("ሰላም።", "እንዴት ነህ፧", "ደህና።"));
}

std::size_t count_characters(std::string_view text) { return python::decode_utf8(text).size(); }

TEST(SplitLong, LeavesTextWithinTheLimitWhole) {
  EXPECT_THAT(split_long("One. Two. Three.", "en", 16, count_characters), ElementsAre("One. Two. Three."));
  EXPECT_THAT(split_long("", "en", 1, count_characters), IsEmpty());
}

TEST(SplitLong, CutsAtTheBestPlacesThereAre) {
  EXPECT_THAT(split_long("One. Two. Three.", "en", 15, count_characters), ElementsAre("One. ", "Two. ", "Three."));
  EXPECT_THAT(split_long("one two, three four; five six", "en", 25, count_characters),
              ElementsAre("one two, ", "three four; five six"));
  EXPECT_THAT(split_long("costs 1,000.5 at 12:30 or so", "en", 20, count_characters),
              ElementsAre("costs 1,000.5 ", "at 12:30 or so"));  // the comma is in a number: a space is better
  EXPECT_THAT(split_long("uninterrupted", "en", 5, count_characters), ElementsAre("unin", "terr", "upted"));
  EXPECT_THAT(split_long("我们今天，明天", "zh", 5, count_characters), ElementsAre("我们今天，", "明天"));
}

TEST(SplitLong, PartsAreOfSimilarLength) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "word ";
  const auto pieces = split_long(text, "en", 110, count_characters);
  ASSERT_THAT(pieces, SizeIs(3));
  for (const std::string_view piece : pieces) EXPECT_NEAR(static_cast<double>(piece.size()), 100, 10);
}

TEST(SplitLong, KeepsAccentsAndEmojiTogether) {
  const std::string family = "👩‍👩‍👧‍👦", accented = "e\u0301";
  EXPECT_THAT(split_long(family + family, "en", 7, count_characters), ElementsAre(family, family));
  EXPECT_THAT(split_long(accented + accented + accented, "en", 3, count_characters),
              ElementsAre(accented, accented, accented));
}

TEST(SplitLong, CutsACharacterThatIsTooLongByItself) {
  std::string pile = "e";
  for (int i = 0; i < 20; ++i) pile += "\u0301";
  const auto pieces = split_long(pile, "en", 6, count_characters);
  EXPECT_EQ(joined(pieces), pile);
  for (const std::string_view piece : pieces) EXPECT_THAT(count_characters(piece), Le(6u));
  // A code point has no parts that could be within this limit.
  const auto bytes = [](std::string_view text) { return text.size(); };
  EXPECT_THAT(split_long("😀😀", "en", 3, bytes), ElementsAre("😀", "😀"));
}

TEST(SplitLong, LosesNothingOfAnyText) {
  const std::vector<std::string> parts{"a",  "Wort", ".",  "!",   "? ",      " ",        "  ", ",", ", ",
                                       "\n", "。",   "，", "é",   "e\u0301", "👍🏽", "“",  "”", "(",
                                       ")",  "Dr",   "12", "z.B", "\xff",    "\u00a0",   "।",  "…"};
  Random random(3);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (auto n = random.below(60); n > 0; --n) text += parts[random.below(parts.size())];
    const std::size_t limit = 1 + random.below(12);
    EXPECT_EQ(joined(split_sentences(text, "de")), text);
    const auto pieces = split_long(text, "de", limit, count_characters);
    EXPECT_EQ(joined(pieces), text);
    std::vector<std::size_t> lengths;
    for (const std::string_view piece : pieces) lengths.push_back(count_characters(piece));
    EXPECT_THAT(lengths, Each(Le(limit))) << text;
    EXPECT_EQ(std::count(lengths.begin(), lengths.end(), 0u), 0) << text;
  }
}

}  // namespace
}  // namespace dragoman
