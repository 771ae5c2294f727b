#include "markup/projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "markup/html_document.h"
#include "markup/protected_text.h"

namespace dragoman {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> pieces(const std::string& text) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool sign = std::string_view(" .,:()").find(text[i]) != std::string_view::npos;
    const bool after_space = i > 0 && text[i - 1] == ' ';
    if (i == 0 || (sign && !after_space)) result.emplace_back();
    result.back() += text[i];
  }
  return result;
}

/// A translation of an HTML fragment of one segment; links "source-target" of pieces (a word with the space before it,
/// or a sign), each with weight 1 divided among those of a target piece.
std::string projected(const std::string& html, const std::string& translation,
                      const std::vector<std::pair<int, int>>& links, std::vector<std::string>* problems = nullptr) {
  const HtmlDocument document = parse_html(html);
  EXPECT_EQ(document.segments.size(), 1u) << html;
  const HtmlSegment& segment = document.segments.at(0);
  AlignedText text = {pieces(segment.text), pieces(translation)};
  for (const auto& [source, target] : links) {
    EXPECT_LT(source, int(text.source_pieces.size())) << html;
    EXPECT_LT(target, int(text.target_pieces.size())) << html;
    const auto same =
        std::count_if(links.begin(), links.end(), [&](const auto& link) { return link.second == target; });
    text.links.push_back({source, target, 1.0F / float(same)});
  }
  const Projection projection = project_tags(segment.tags, text);
  EXPECT_TRUE(is_well_formed(segment.tags, projection.marked));
  if (problems != nullptr) *problems = projection.problems;
  return assemble_html(document, {projection.marked});
}

TEST(ProjectTags, EnclosesTheWordsThatAreAligned) {
  EXPECT_EQ(projected("the <b>red</b> car", "o carro vermelho", {{0, 0}, {1, 2}, {2, 1}}), "o carro <b>vermelho</b>");
  EXPECT_EQ(projected("I <i>do not</i> know.", "Não sei.", {{1, 0}, {2, 0}, {3, 1}, {0, 1}, {4, 2}}),
            "<i>Não</i> sei.");
  EXPECT_EQ(projected("see <a href=x>the settings page</a> now", "veja a página de configurações agora",
                      {{0, 0}, {1, 1}, {3, 2}, {2, 4}, {4, 5}}),
            "veja <a href=x>a página de configurações</a> agora");
}

TEST(ProjectTags, KeepsNestingAndNeighbours) {
  EXPECT_EQ(
      projected("<b>very <i>big</i> dogs</b> bark", "ladram cães muito grandes", {{0, 2}, {1, 3}, {2, 1}, {3, 0}}),
      "ladram <b>cães muito <i>grandes</i></b>");
  EXPECT_EQ(projected("<b>red</b> <i>car</i> here", "carro vermelho aqui", {{0, 1}, {1, 0}, {2, 2}}),
            "<i>carro</i> <b>vermelho</b> aqui");
  EXPECT_EQ(projected("x <b><i><u>all</u></i></b> y", "y tudo x", {{0, 2}, {1, 1}, {2, 0}}),
            "y <b><i><u>tudo</u></i></b> x");
}

TEST(ProjectTags, TwoPairsOnOneWordDoNotCrossAndAreReported) {
  std::vector<std::string> problems;
  const std::string result =
      projected("<a href=1>contact</a> <a href=2>us</a> now", "contate-nos agora", {{0, 0}, {1, 0}, {2, 1}}, &problems);
  EXPECT_EQ(result, "<a href=1>contate-nos</a> <a href=2>agora</a>");
  EXPECT_THAT(problems, Not(IsEmpty()));
}

TEST(ProjectTags, TakesPunctuationInOnlyIfItWasIn) {
  EXPECT_EQ(projected("Click <b>here</b>.", "Clique aqui.", {{0, 0}, {1, 1}, {1, 2}}), "Clique <b>aqui</b>.");
  EXPECT_EQ(projected("<b>Note:</b> read this", "Nota: leia isto", {{0, 0}, {2, 2}, {3, 3}, {2, 1}}),
            "<b>Nota:</b> leia isto");
  EXPECT_EQ(projected("he said (<i>no</i>)", "disse (não)", {{1, 0}, {2, 1}, {3, 2}}), "disse (<i>não</i>)");
}

TEST(ProjectTags, KeepsSpacesInsideTagsIfTheyWereThere) {
  EXPECT_EQ(projected("Click<b> here</b> now", "Clique aqui já", {{0, 0}, {1, 1}, {2, 2}}), "Clique<b> aqui</b> já");
  EXPECT_EQ(projected("Click <b>here </b>now", "Clique aqui já", {{0, 0}, {1, 1}, {2, 2}}), "Clique <b>aqui </b>já");
}

TEST(ProjectTags, PutsSingleTagsByTheWordTheyTouchOrBetween) {
  EXPECT_EQ(projected("red<sup/> car", "carro vermelho", {{0, 1}, {1, 0}}), "carro vermelho<sup/>");
  EXPECT_EQ(projected("red <img>car", "carro vermelho", {{0, 1}, {1, 0}}), "<img>carro vermelho");
  EXPECT_EQ(projected("one two <img> three", "um dois três", {{0, 0}, {1, 1}, {2, 2}}), "um dois <img> três");
  EXPECT_EQ(projected("one<img>two", "um dois", {{0, 0}, {1, 1}}), "um<img>dois");
  EXPECT_EQ(projected("a <b>red <img> car</b> is", "é um carro vermelho", {{0, 1}, {1, 3}, {2, 2}, {3, 0}}),
            "é um <b><img> carro vermelho</b>");
}

TEST(ProjectTags, GoesIntoWordsThatAreTheSame) {
  EXPECT_EQ(projected("drink H<sub>2</sub>O now", "beba H2O agora", {{0, 0}, {1, 1}, {2, 2}}),
            "beba H<sub>2</sub>O agora");
  EXPECT_EQ(projected("a <b>w</b>ord", "uma palavra", {{0, 0}, {1, 1}}), "uma <b>palavra</b>");
}

TEST(ProjectTags, FindsDigitsThatATagCutsOffAWord) {
  EXPECT_EQ(projected("a footnote<sup>1</sup> here", "uma nota de rodapé1 aqui", {{0, 0}, {1, 2}, {1, 3}, {2, 4}}),
            "uma nota de rodapé<sup>1</sup> aqui");
}

TEST(ProjectTags, KeepsTheOrderOfPairsThatCross) {
  EXPECT_EQ(projected("x <i>big <b>red</i> old</b> cars", "carros velhos vermelhos grandes x",
                      {{0, 4}, {1, 3}, {2, 2}, {3, 1}, {4, 0}})
                .find("</b>"),
            projected("x <i>big <b>red</i> old</b> cars", "carros velhos vermelhos grandes x",
                      {{0, 4}, {1, 3}, {2, 2}, {3, 1}, {4, 0}})
                .rfind("</"));
}

TEST(ProjectTags, TrustsWordsThatAreTheSameMoreThanAttention) {
  EXPECT_EQ(projected("use <b>Firefox</b> today", "hoje use Firefox", {{1, 0}, {0, 1}, {2, 2}}),
            "hoje use <b>Firefox</b>");
}

TEST(ProjectTags, KeepsElementsWhereTheirTextIs) {
  const HtmlDocument document = parse_html("run <b><code>ls <i>-l</i></code> twice</b> or <kbd>F1</kbd>{x} now");
  const HtmlSegment& segment = document.segments[0];
  const PlaceholderFinder finder;
  ProtectedText text(segment.text, placeholders_of(segment, finder), known_mask_forms(), finder);
  ASSERT_EQ(text.requests().at(0), "run http://ph0.x twice or http://ph1.x now");
  text.answer({{{"run", " http://ph0.x", " twice", " or", " http://ph1.x", " now"},
                {"agora", " corra", " http://ph1.x", " ou", " duas vezes", " http://ph0.x"},
                {{5, 0, 1}, {0, 1, 1}, {4, 2, 1}, {3, 3, 1}, {2, 4, 1}, {1, 5, 1}}}});
  ASSERT_TRUE(text.done());
  const Projection projection = project_tags(segment.tags, text.result(), text.kept());
  EXPECT_TRUE(is_well_formed(segment.tags, projection.marked));
  EXPECT_EQ(assemble_html(document, {projection.marked}),
            "agora corra <kbd>F1</kbd>{x} ou <b>duas vezes <code>ls <i>-l</i></code></b>");
}

TEST(ProjectTags, WithoutAlignmentPlacesByProportionAndSaysSo) {
  std::vector<std::string> problems;
  EXPECT_EQ(projected("one <b>two</b> three", "um dois três", {}, &problems), "um <b>dois</b> três");
  EXPECT_THAT(problems, Not(IsEmpty()));
  EXPECT_EQ(projected("one <b>two</b> three", "", {}), "<b></b>");
}

/// A random fragment of words and inline tags, tags at the edges of words.
std::string random_html(Random& random, int words) {
  static const std::vector<std::string> names = {"b", "i", "a", "span"};
  std::vector<std::string> open;
  std::string html = "start";
  for (int i = 0; i < words; ++i) {
    html += ' ';
    while (random.below(4) == 0) {
      open.push_back(names[random.below(names.size())]);
      html += "<" + open.back() + ">";
    }
    html += std::string(1, char('a' + random.below(26))) + "w" + std::to_string(random.below(5));
    if (random.below(6) == 0) html += "<img>";
    while (!open.empty() && random.below(3) == 0) {
      html += "</" + open.back() + ">";
      open.pop_back();
    }
  }
  for (; !open.empty(); open.pop_back()) html += "</" + open.back() + ">";
  return html + " end";
}

TEST(ProjectTags, OfATranslationWordForWordGivesEveryTagItsPlace) {
  Random random(5);
  for (int n = 0; n < 2000; ++n) {
    const std::string html = random_html(random, 8);
    const HtmlDocument document = parse_html(html);
    const HtmlSegment& segment = document.segments.at(0);
    AlignedText text = {pieces(segment.text), {}};
    text.target_pieces = text.source_pieces;
    for (std::string& piece : text.target_pieces) {
      for (char& c : piece) c = char(std::toupper(static_cast<unsigned char>(c)));
    }
    std::string expected = html;
    bool tag = false;
    for (char& c : expected) {
      if (c == '<') tag = true;
      if (c == '>') tag = false;
      if (!tag) c = char(std::toupper(static_cast<unsigned char>(c)));
    }
    for (int i = 0; i < int(text.source_pieces.size()); ++i) text.links.push_back({i, i, 1});
    const Projection projection = project_tags(segment.tags, text);
    ASSERT_EQ(assemble_html(document, {projection.marked}), expected);
    ASSERT_THAT(projection.problems, IsEmpty()) << html;
  }
}

TEST(ProjectTags, IsWellFormedWhateverTheAlignment) {
  static const std::vector<std::string> parts = {"<b>",  "</b>",    "<i>",  "</i>", "<a>",  "</a>",           "<img>",
                                                 "word", "two ",    " ",    ",",    "<x/>", "H<sub>2</sub>O", "&amp;",
                                                 "é",    "&bogus;", "Same4"};
  static const std::vector<std::string> targets = {" palavra", " dois", ",", "",   " ",
                                                   " Same4",   " H2O",  "é", "页", " ("};
  Random random(17);
  for (int n = 0; n < 20'000; ++n) {
    std::string html = "x";
    for (std::uint64_t i = random.below(16); i > 0; --i) html += parts[random.below(parts.size())];
    html += "y";
    const HtmlDocument document = parse_html(html);
    std::vector<MarkedText> translations;
    for (const HtmlSegment& segment : document.segments) {
      AlignedText text = {pieces(segment.text), {}};
      for (std::uint64_t i = random.below(10); i > 0; --i)
        text.target_pieces.push_back(targets[random.below(targets.size())]);
      for (std::uint64_t i = random.below(30); i > 0; --i) {
        text.links.push_back(
            {int(random.below(text.source_pieces.size() + 1)), int(random.below(11)), float(random.uniform())});
      }
      const Projection projection = project_tags(segment.tags, text);
      ASSERT_TRUE(is_well_formed(segment.tags, projection.marked)) << html << " | " << text.target();
      ASSERT_EQ(projection.marked.text, text.target());
      translations.push_back(projection.marked);
    }
    const std::string result = assemble_html(document, translations);
    for (const char* tag :
         {"<b>", "</b>", "<i>", "</i>", "<a>", "</a>", "<img>", "<x/>", "<sub>", "</sub>", "&bogus;"}) {
      const auto count = [&](const std::string& text) {
        int times = 0;
        for (std::size_t at = text.find(tag); at != text.npos; at = text.find(tag, at + 1)) ++times;
        return times;
      };
      ASSERT_EQ(count(result), count(html)) << html << " | " << result;
    }
  }
}

TEST(ProjectTags, TakesManyAndDeepTags) {
  std::string deep, flat;
  for (int i = 0; i < 20'000; ++i) deep += "<b>w ";
  deep += "end";
  for (int i = 0; i < 20'000; ++i) deep += "</b>";
  for (int i = 0; i < 20'000; ++i) flat += "<b>w</b> ";
  for (const std::string& html : {"x " + deep + " y", flat}) {
    const HtmlDocument document = parse_html(html);
    const HtmlSegment& segment = document.segments.at(0);
    AlignedText text = {pieces(segment.text), pieces(segment.text)};
    for (int i = 0; i < int(text.source_pieces.size()); ++i) text.links.push_back({i, i, 1});
    const Projection projection = project_tags(segment.tags, text);
    EXPECT_TRUE(is_well_formed(segment.tags, projection.marked));
  }
}

}  // namespace
}  // namespace dragoman
