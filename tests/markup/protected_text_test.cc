#include "markup/protected_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "base/random.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Words (with the space before them) as pieces, each aligned to the piece at the same place.
AlignedText in_words(const std::string& source, const std::string& target) {
  const auto cut = [](const std::string& text) {
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (i == 0 || text[i] == ' ') pieces.emplace_back();
      pieces.back() += text[i];
    }
    return pieces;
  };
  AlignedText result = {cut(source), cut(target)};
  for (int i = 0; i < int(std::min(result.source_pieces.size(), result.target_pieces.size())); ++i) {
    result.links.push_back({i, i, 1});
  }
  return result;
}

using Model = std::function<std::string(const std::string&)>;

ProtectedText translated(const std::string& text, const Model& model) {
  static const PlaceholderFinder finder;
  ProtectedText result(text, finder.find(text), known_mask_forms(), finder);
  for (int rounds = 0; !result.done(); ++rounds) {
    EXPECT_LT(rounds, 6) << text;
    std::vector<AlignedText> answers;
    for (const std::string& request : result.requests()) answers.push_back(in_words(request, model(request)));
    result.answer(answers);
  }
  EXPECT_EQ(result.result().source(), text);
  return result;
}

std::string lower(const std::string& text) {
  std::string result = text;
  for (char& c : result) c = char(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

TEST(ProtectedText, IsMaskedOnceIfTheModelCopiesMasks) {
  const auto text = translated("Cannot Open %s In {Name}", lower);
  EXPECT_EQ(text.result().target(), "cannot open %s in {Name}");
  EXPECT_EQ(text.protection(), Protection::masked);
  EXPECT_THAT(text.problems(), IsEmpty());
  ASSERT_EQ(text.kept().size(), 2u);
  EXPECT_EQ(text.kept()[1].source_begin, 18u);
  EXPECT_EQ(text.kept()[1].target_begin, 18u);
  EXPECT_THAT(text.result().source_pieces, ElementsAre("Cannot", " Open", " %s", " In", " {Name}"));
  EXPECT_THAT(text.result().target_pieces, ElementsAre("cannot", " open", " %s", " in", " {Name}"));
}

TEST(ProtectedText, WithoutPlaceholdersIsTranslatedAsItIs) {
  const auto text = translated("Just Text", lower);
  EXPECT_EQ(text.result().target(), "just text");
  EXPECT_EQ(text.protection(), Protection::none);
  EXPECT_THAT(text.kept(), IsEmpty());
}

TEST(ProtectedText, TriesOtherMasksThenPartsAndReports) {
  const auto no_urls = [](const std::string& text) { return text.find("http") == text.npos ? lower(text) : "nothing"; };
  const auto other = translated("Open %s Now", no_urls);
  EXPECT_EQ(other.result().target(), "open %s now");
  EXPECT_EQ(other.protection(), Protection::other_mask);
  EXPECT_THAT(other.problems(), IsEmpty());

  const auto loses_digits = [](const std::string& text) {
    std::string result;
    for (const char c : lower(text)) result += c >= '0' && c <= '9' ? 'o' : c;
    return result;
  };
  const auto parts = translated("  Open %s (%s) Now! {x}", loses_digits);
  EXPECT_EQ(parts.result().target(), "  open %s (%s) now! {x}");
  EXPECT_EQ(parts.protection(), Protection::split);
  EXPECT_THAT(parts.problems(), ElementsAre(HasSubstr("%s was lost"), HasSubstr("%s was lost"),
                                            HasSubstr("{x} was lost"), HasSubstr("in parts")));
}

TEST(ProtectedText, DoesNotAcceptPlaceholdersThatTheModelInvents) {
  const auto invents = [](const std::string& text) { return text + " %s"; };
  const auto plain = translated("Text", invents);
  EXPECT_EQ(plain.result().target(), "Text");
  EXPECT_EQ(plain.protection(), Protection::untranslated);
  const auto masked = translated("Open %d now", invents);
  EXPECT_EQ(masked.result().target(), "Open %d now");
  EXPECT_THAT(masked.problems(), ::testing::Not(IsEmpty()));
}

TEST(ProtectedText, KeepsTheOrderOfThoseWhoseArgumentIsTheNext) {
  const auto backwards = [](const std::string& text) {
    std::string result;
    for (const std::string& piece : in_words(text, "").source_pieces) {
      result = (piece[0] == ' ' ? piece.substr(1) : piece) + (result.empty() ? "" : " ") + result;
    }
    return result;
  };
  EXPECT_EQ(translated("a %1$s b %2$s", backwards).result().target(), "%2$s b %1$s a");
  EXPECT_EQ(translated("a %s b %s", backwards).result().target(), "a %s b %s");
}

TEST(ProtectedText, WithNothingToTranslateAsksForNothing) {
  for (const char* text : {"", "%s", "%s: %d - 5", " \n"}) {
    const PlaceholderFinder finder;
    const ProtectedText protected_text(text, finder.find(text), known_mask_forms(), finder);
    EXPECT_TRUE(protected_text.done()) << text;
    EXPECT_EQ(protected_text.result().target(), text);
    EXPECT_THAT(protected_text.problems(), IsEmpty());
  }
}

/// Occurrences of each placeholder of the source, counted as a user would.
std::map<std::string, int> counts(const std::string& text, const std::vector<std::string>& of) {
  std::map<std::string, int> result;
  for (const std::string& name : of) {
    for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) ++result[name];
  }
  return result;
}

TEST(ProtectedText, ArrivesWholeThroughAnyModel) {
  static const std::vector<std::string> names = {"{name}",     "%1$d", "%(x)s", "{{a.b}}", "${y}", "http://a.example/z",
                                                 "j@k.example"};
  static const std::vector<std::string> words = {"open",  "the",  "File", "of", "page", "100%",
                                                 "90017", "XPH0", "(",    ",",  "é"};
  Random random(3);
  const Model model = [&random](const std::string& text) {
    std::vector<std::string> pieces = in_words(text, "").source_pieces;
    for (std::uint64_t changes = random.below(4); changes > 0 && !pieces.empty(); --changes) {
      const std::size_t at = random.below(pieces.size());
      switch (random.below(6)) {
        case 0:
          pieces.erase(pieces.begin() + std::ptrdiff_t(at));
          break;
        case 1:
          pieces.insert(pieces.begin() + std::ptrdiff_t(at), pieces[at]);
          break;
        case 2:
          std::swap(pieces[at], pieces[0]);
          break;
        case 3:
          pieces[at] += "es";
          break;
        case 4:
          pieces[at] = lower(pieces[at]);
          break;
        default:
          pieces.push_back(" {name}");
          break;
      }
    }
    std::string result;
    for (const std::string& piece : pieces) result += piece;
    return result;
  };
  for (int n = 0; n < 3000; ++n) {
    std::string text;
    for (std::uint64_t i = random.below(9) + 1; i > 0; --i) {
      if (!text.empty()) text += ' ';
      text += random.below(3) == 0 ? names[random.below(names.size())] : words[random.below(words.size())];
    }
    const auto result = translated(text, model);
    ASSERT_EQ(counts(result.result().target(), names), counts(text, names))
        << text << " | " << result.result().target();
    for (const KeptRange& kept : result.kept()) {
      ASSERT_EQ(result.result().target().substr(kept.target_begin, kept.target_end - kept.target_begin),
                text.substr(kept.source_begin, kept.source_end - kept.source_begin));
    }
  }
}

}  // namespace
}  // namespace dragoman
