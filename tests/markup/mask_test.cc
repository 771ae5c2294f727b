#include "markup/mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/random.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const MaskForm url = known_mask_forms()[0], word = known_mask_forms()[1], bracket = known_mask_forms()[2],
               number = known_mask_forms()[3];

MaskedText masked(const std::string& text, const MaskForm& form) {
  static const PlaceholderFinder finder;
  const auto result = mask(text, finder.find(text), form);
  EXPECT_TRUE(result) << text;
  return result.value_or(MaskedText{});
}
std::string restored(const std::string& translation, const MaskedText& masked) {
  const RestoredText result = restore(translation, masked);
  EXPECT_THAT(result.problems, IsEmpty()) << translation;
  return result.text;
}
std::vector<MaskProblem::Kind> problems(const std::string& translation, const MaskedText& masked) {
  std::vector<MaskProblem::Kind> kinds;
  for (const MaskProblem& problem : restore(translation, masked).problems) kinds.push_back(problem.kind);
  return kinds;
}

TEST(Mask, StandsForAPlaceholderAndKeepsTheRest) {
  EXPECT_EQ(masked("Cannot open %s: {name}.", url).text, "Cannot open http://ph0.x: http://ph1.x.");
  EXPECT_EQ(masked("Cannot open %s: {name}.", word).text, "Cannot open XPH0: XPH1.");
  EXPECT_EQ(masked("Cannot open %s: {name}.", bracket).text, "Cannot open [X0X]: [X1X].");
  EXPECT_EQ(masked("Cannot open %s: {name}.", number).text, "Cannot open 90017: 90018.");
  EXPECT_EQ(masked("no placeholder", word).text, "no placeholder");
}

TEST(Mask, IsAWordOfItsOwnAndNeighboursWithNothingBetweenAreOne) {
  const MaskedText glued = masked("%dpx, v%s%s and (%s)", word);
  EXPECT_EQ(glued.text, "XPH0 px, v XPH1 and (XPH2)");
  EXPECT_EQ(restored("(XPH2) e v XPH1, XPH0 px", masked("%1$dpx, v%2$s%3$s and (%4$s)", word)),
            "(%4$s) e v%2$s%3$s, %1$dpx");
  EXPECT_EQ(restored(glued.text, glued), "%dpx, v%s%s and (%s)");
}

TEST(Mask, IsNeverWhatIsInTheTextAlready) {
  EXPECT_EQ(masked("XPH0 and xph2 are %s, %s", word).text, "XPH0 and xph2 are XPH1, XPH3");
  EXPECT_EQ(masked("90 017 of %d, 90018", number).text, "90 017 of 90019, 90018");
  const std::string text = "900 %s and 900";  // a numeric mask would be read as part of the number before it
  EXPECT_FALSE(mask(text, PlaceholderFinder().find(text), number));
}

TEST(Restore, PutsTheOriginalBytesBackInAnyOrderOfNumberedOnes) {
  const MaskedText text = masked("%1$s of %2$s", word);
  EXPECT_EQ(restored("XPH1: XPH0", text), "%2$s: %1$s");
  const MaskedText names = masked("{a} {b}", url);
  EXPECT_EQ(restored("http://ph1.x, http://ph0.x.", names), "{b}, {a}.");
}

TEST(Restore, ToleratesWhatModelsDoToMasks) {
  const MaskedText a = masked("Open %s now", word), b = masked("Open %s now", url), c = masked("Open %s now", bracket),
                   d = masked("Open %s now", number);
  EXPECT_EQ(restored("Abra xph0 agora", a), "Abra %s agora");
  EXPECT_EQ(restored("Abra XPH 0 agora", a), "Abra %s agora");
  EXPECT_EQ(restored("Abra XPH0s agora", a), "Abra %s agora");
  EXPECT_EQ(restored("Avaa XPH0:n nyt", a), "Avaa %s:n nyt");
  EXPECT_EQ(restored("现在打开XPH0。", a), "现在打开%s。");
  EXPECT_EQ(restored("Abra HTTP: // ph0. x agora", b), "Abra %s agora");
  EXPECT_EQ(restored("Abra http://ph0.x/ agora", b), "Abra %s agora");
  EXPECT_EQ(restored("Abra [ X0X ] agora", c), "Abra %s agora");
  EXPECT_EQ(restored("Abra [x0x] agora", c), "Abra %s agora");
  EXPECT_EQ(restored("Abra 90.017 agora", d), "Abra %s agora");
  EXPECT_EQ(restored("Abra 90 017, agora", d), "Abra %s, agora");
}

TEST(Restore, ReportsWhatIsLostDoubledInventedOrOutOfOrder) {
  using Kind = MaskProblem::Kind;
  const MaskedText text = masked("%s of %s", word);
  EXPECT_THAT(problems("XPH0 de", text), ElementsAre(Kind::lost));
  EXPECT_THAT(problems("XPH0 de XPH1 XPH1 XPH1", text), ElementsAre(Kind::doubled));
  EXPECT_THAT(problems("XPH1 de XPH0", text), ElementsAre(Kind::out_of_order));
  EXPECT_THAT(problems("XPH0 de XPH1 e XPH2", text), ElementsAre(Kind::invented));
  EXPECT_THAT(problems("XPH0 de XPH10", text), ElementsAre(Kind::invented, Kind::lost));
  EXPECT_THAT(problems("TXPH0 de XPH1", text), ElementsAre(Kind::lost));
  EXPECT_THAT(problems("XPH0 de XPH1ilhões", text), ElementsAre(Kind::lost));
  EXPECT_THAT(problems("", text), ElementsAre(Kind::lost, Kind::lost));
  EXPECT_THAT(problems("190017 90018", masked("%s of %s", number)), ElementsAre(Kind::lost));
}

TEST(Restore, GivesTheTextBackWhateverItIs) {
  static const std::vector<std::string> parts = {
      "%s", "%d",   "{x}", "%1$s", "word", " ",   "XPH0", "[X1X]", "90017", "http://ph0.x", "é",
      "页", "\xff", "5",   ".",    "900",  "xph", "%%",   "(",     "[",     "http://",      "0"};
  Random random(7);
  const PlaceholderFinder finder;
  int usable = 0;
  for (int n = 0; n < 4000; ++n) {
    std::string text;
    for (std::uint64_t i = random.below(12); i > 0; --i) text += parts[random.below(parts.size())];
    const auto placeholders = finder.find(text);
    std::string joined;
    for (const TextPart& part : split_at_placeholders(text, placeholders)) joined += part.text;
    ASSERT_EQ(joined, text);
    for (const MaskForm& form : known_mask_forms()) {
      const auto result = mask(text, placeholders, form);
      if (!result) continue;
      ++usable;
      ASSERT_EQ(restored(result->text, *result), text);
      ASSERT_EQ(replaced(result->text, result->replacements), text);
    }
  }
  EXPECT_GT(usable, 12'000);
}

TEST(SplitAtPlaceholders, KeepsSpaceAndWhatHasNoLetters) {
  const std::string text = " Copy %s, %s to {x}:  done ";
  std::vector<std::string> translatable;
  std::string all;
  for (const TextPart& part : split_at_placeholders(text, PlaceholderFinder().find(text))) {
    all += part.text;
    if (part.kind == TextPart::Kind::translatable) translatable.push_back(part.text);
  }
  EXPECT_EQ(all, text);
  EXPECT_THAT(translatable, ElementsAre("Copy", "to", ":  done"));
}

TEST(ChooseMaskForms, TakesThoseThatTheVocabularyHasAndSortsThemByWhatTheModelKeeps) {
  const auto names = [](const std::vector<MaskForm>& forms) {
    std::vector<std::string> result;
    for (const MaskForm& form : forms) result.push_back(form.mask(0));
    return result;
  };
  const auto all = [](const std::string&) { return true; };
  EXPECT_THAT(names(choose_mask_forms({.round_trip = all})), ElementsAre("http://ph0.x", "XPH0", "[X0X]", "90017"));
  const auto no_brackets = [](const std::string& text) { return text.find('[') == text.npos; };
  EXPECT_THAT(names(choose_mask_forms({.round_trip = no_brackets})), ElementsAre("http://ph0.x", "XPH0", "90017"));
  MaskTests tests = {.round_trip = all};
  tests.translate = [](const std::string& text) {
    if (text.starts_with("Hello, http")) return std::string("Olá!");
    return text.find("XPH") == text.npos ? text : std::string("nada");
  };
  EXPECT_THAT(names(choose_mask_forms(tests)), ElementsAre("[X0X]", "90017", "http://ph0.x"));
}

}  // namespace
}  // namespace dragoman
