#include "markup/html_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "markup/html_tokens.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> texts(const std::string& html) {
  std::vector<std::string> result;
  for (const HtmlSegment& segment : parse_html(html).segments) result.push_back(segment.text);
  return result;
}

/// The segment's text with what is in it at its place: "a [<b>]c[</b>] d".
std::string shown(const HtmlSegment& segment) {
  std::string result;
  std::size_t at = 0;
  for (const InlineTag& tag : segment.tags) {
    result += segment.text.substr(at, tag.begin - at) + "[" + tag.raw + "]";
    at = tag.end;
  }
  return result + segment.text.substr(at);
}
std::vector<std::string> shown(const std::string& html) {
  std::vector<std::string> result;
  for (const HtmlSegment& segment : parse_html(html).segments) result.push_back(shown(segment));
  return result;
}

std::string unchanged(const std::string& html) {
  const HtmlDocument document = parse_html(html);
  std::vector<MarkedText> translations;
  for (const HtmlSegment& segment : document.segments) translations.push_back(untranslated(segment));
  return assemble_html(document, translations);
}

/// All texts in capitals, tags where they were.
std::string shouted(const std::string& html) {
  const HtmlDocument document = parse_html(html);
  std::vector<MarkedText> translations;
  for (const HtmlSegment& segment : document.segments) {
    translations.push_back(untranslated(segment));
    std::string& text = translations.back().text;
    for (std::size_t i = 0; i < text.size(); ++i) {
      bool kept = false;
      for (const InlineTag& tag : segment.tags) kept = kept || (tag.begin <= i && i < tag.end);
      if (!kept) text[i] = char(std::toupper(static_cast<unsigned char>(text[i])));
    }
  }
  return assemble_html(document, translations);
}

TEST(HtmlDocument, SegmentsAreBlocksWithWhiteSpaceFolded) {
  EXPECT_THAT(texts("<!DOCTYPE html><html><head><title>The &amp; title</title></head><body>\n<h1>A  "
                    "heading</h1><p>One\nsentence.\n"
                    "Two.</p><ul><li>First<li>Second</ul><table><tr><td>a</td><td>b c</td></tr></table></body></html>"),
              ElementsAre("The & title", "A heading", "One sentence. Two.", "First", "Second", "a", "b c"));
  EXPECT_THAT(texts("Line one<br>Line two<BR/>Line three"), ElementsAre("Line one", "Line two", "Line three"));
  EXPECT_THAT(texts("<button>Save</button><button>Cancel</button>"), ElementsAre("Save", "Cancel"));
  EXPECT_THAT(texts("plain text"), ElementsAre("plain text"));
  EXPECT_THAT(texts("<p>1.</p><p> - </p><p>&nbsp;</p><p></p>"), IsEmpty());
  EXPECT_THAT(texts(""), IsEmpty());
}

TEST(HtmlDocument, LeavesScriptsStylesCommentsPreAndWhatIsMarkedAlone) {
  EXPECT_THAT(
      texts("<style>p { color: red }</style><p>a<script>if (x < y) { f('</p>') }</script>b</p><pre>code  here</pre>"
            "<!-- a comment <p> --><textarea>typed <b>text</textarea><p translate=no>Brand <b>name</b></p>"
            "<div class='x notranslate'><p>inner</p></div><svg><text>drawn</text></svg><p translate=\"NO\">x<p>y"),
      ElementsAre("ab", "y"));
  EXPECT_THAT(shown("<p>Run <code>ls -l</code> or <kbd>F1</kbd>, <span translate='no'>Big <i>Co</i></span>.</p>"),
              ElementsAre("Run [<code>ls -l</code>] or [<kbd>F1</kbd>], [<span translate='no'>Big <i>Co</i></span>]."));
  const HtmlDocument document =
      parse_html("<p>Run <code>ls <b>-l</b>\n x</code> in http://a.example/<code>z</code> now</p>");
  const auto kept = placeholders_of(document.segments[0], PlaceholderFinder());
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_EQ(document.segments[0].text.substr(kept[0].begin, kept[0].end - kept[0].begin), "ls -l x");
  EXPECT_EQ(document.segments[0].text.substr(kept[1].begin, kept[1].end - kept[1].begin), "http://a.example/z");
}

TEST(HtmlDocument, KeepsInlineTagsAtTheirPlaces) {
  EXPECT_THAT(shown("<p>Click <a href=\"a>b\">here</a>, <b>or</b> <img src=x> there</p>"),
              ElementsAre("Click [<a href=\"a>b\">]here[</a>], [<b>]or[</b>] [<img src=x>]there"));
  EXPECT_THAT(shown("a<x/>b<!--c-->d &unknown; e"), ElementsAre("a[<x/>]b[<!--c-->]d [&unknown;]e"));
  EXPECT_THAT(shown("<p>foo<img>bar</p>"), ElementsAre("foo[<img>] bar"));
}

TEST(HtmlDocument, LeavesOutWhatIsAtTheEdges) {
  EXPECT_THAT(shown("<p> <b>All of it</b> </p>"), ElementsAre("All of it"));
  EXPECT_THAT(shown("<p><img> <b><i>All</i> of it</b><br></p>"), ElementsAre("[<i>]All[</i>] of it"));
  EXPECT_THAT(shown("<p><b>One<p>Two</b></p>"), ElementsAre("One", "Two"));
  EXPECT_THAT(shown("<p><a></a>Text<b><img></b></p>"), ElementsAre("Text"));
  EXPECT_THAT(shown("<p><b>A</b> and <b>B</b></p>"), ElementsAre("[<b>]A[</b>] and [<b>]B[</b>]"));
}

TEST(HtmlDocument, TakesWhatIsNoMarkupForText) {
  EXPECT_THAT(texts("a < b & c > d, I <3 you, AT&T, x<y"), ElementsAre("a < b & c > d, I <3 you, AT&T, x<y"));
  EXPECT_EQ(shouted("a < b &amp; c"), "A &lt; B &amp; C");
  EXPECT_THAT(texts("if a <b and no end"), ElementsAre("if a <b and no end"));
  EXPECT_THAT(texts("</ p> x <> y </> z"), ElementsAre("</ p> x <> y </> z"));
  EXPECT_THAT(texts("end <"), ElementsAre("end <"));
  EXPECT_THAT(shown("mis<b>nes<i>ted</b> te</i>xt"), ElementsAre("mis[<b>]nes[<i>]ted[</b>] te[</i>]xt"));
}

TEST(HtmlDocument, DecodesReferencesAndWritesThemAsTheDocumentDid) {
  EXPECT_THAT(texts("caf&eacute; &#233;&#xE9; &lt;b&gt; &quot;q&quot; &copy 2020 &nbsp;x"),
              ElementsAre("café éé <b> \"q\" © 2020 \u00A0x"));
  EXPECT_EQ(shouted("caf&eacute; &lt;b&gt; &mdash; x"), "CAF&eacute; &lt;B&gt; &mdash; X");
  EXPECT_EQ(shouted("caf\xC3\xA9 a &mdash; \xE2\x80\x94"), "CAF\xC3\xA9 A &mdash; &mdash;");
  EXPECT_EQ(shouted("&#97;bc &bogus; &#0; &#x80; &#xD800; d"), "ABC &bogus; &#0; &#x80; &#xD800; D");
  EXPECT_EQ(shouted("bad \xff\xfe bytes"), "BAD \xEF\xBF\xBD\xEF\xBF\xBD BYTES");
}

TEST(HtmlDocument, KeepsTheSpacesAroundPictures) {
  EXPECT_EQ(shouted("<p>foo<img>bar, foo <img> bar, foo<img> bar, foo <img>bar</p>"),
            "<p>FOO<img>BAR, FOO <img> BAR, FOO<img> BAR, FOO <img>BAR</p>");
}

TEST(HtmlDocument, IsTheSameByteForByteIfNothingIsTranslated) {
  for (const char* html : {"<p>\n  One\t<b>two</b>\r\n&eacute; & &amp; \xff</p>",
                           "a<b",
                           "<a href='x>y' b=\"c'd\" e=f/g>t</a>",
                           "<!--",
                           "<!-->x<!--->y",
                           "<script>",
                           "<title>T",
                           "<svg>",
                           "<?php echo 1 ?>x",
                           "<![CDATA[x>y]]>z",
                           "\0x",
                           "<p",
                           "&",
                           "&#",
                           "&#x;",
                           "&#12345678901234567890;x",
                           "<b/>x",
                           "<a b==c =d>x",
                           "</b>x<b>",
                           "<plaintext><b>x</b>"}) {
    EXPECT_EQ(unchanged(html), html);
  }
}

TEST(HtmlDocument, SurvivesAnythingByteForByte) {
  static const std::vector<std::string> parts = {"<b>",
                                                 "</b>",
                                                 "<i>",
                                                 "</i>",
                                                 "<a href='x>y'>",
                                                 "</a>",
                                                 "<p>",
                                                 "</p>",
                                                 "<br>",
                                                 "<img>",
                                                 "text",
                                                 " ",
                                                 "\n",
                                                 "word",
                                                 "&amp;",
                                                 "&",
                                                 "&eacute;",
                                                 "<",
                                                 ">",
                                                 "<!--",
                                                 "-->",
                                                 "<code>",
                                                 "</code>",
                                                 "<script>",
                                                 "</script>",
                                                 "\xff",
                                                 "\xc3\xa9",
                                                 "&nbsp;",
                                                 "'",
                                                 "\"",
                                                 "<span translate=no>",
                                                 "</span>",
                                                 "<x/>",
                                                 "</",
                                                 "<svg>",
                                                 "</svg>",
                                                 "<title>",
                                                 "</title>",
                                                 "="};
  Random random(11);
  for (int n = 0; n < 20'000; ++n) {
    std::string html;
    for (std::uint64_t i = random.below(20); i > 0; --i) html += parts[random.below(parts.size())];
    std::string joined;
    for (const HtmlToken& token : html_tokens(html)) {
      ASSERT_EQ(token.begin, joined.size()) << html;
      joined += html.substr(token.begin, token.end - token.begin);
    }
    ASSERT_EQ(joined, html);
    ASSERT_EQ(unchanged(html), html);
    for (const HtmlSegment& segment : parse_html(html).segments) {
      ASSERT_TRUE(is_well_formed(segment.tags, untranslated(segment))) << html;
      ASSERT_EQ(segment.text.find_first_of("\n\r\t"), std::string::npos);
      ASSERT_EQ(segment.text.find("  "), std::string::npos) << html;
    }
    shouted(html);
  }
}

TEST(HtmlDocument, HostileDocumentsTakeLinearTimeAndNoStack) {
  for (const char* part : {"<b>x",     "<a",        "<a x='",   "<a x=\"<a x='",
                           "<!--",     "<![CDATA[", "&",        "&#1",
                           "<code>",   "</b>",      "<i></b>",  "<div translate=no>",
                           "<b>a</i>", "<script>",  "</script", "<",
                           "</",       "<a x=1 ",   "<b> ",     "<img>a",
                           "<svg>x"}) {
    std::string html;
    while (html.size() < 300'000) html += part;
    EXPECT_EQ(unchanged(html), html) << part;
    html += ">";
    EXPECT_EQ(unchanged(html), html) << part;
  }
}

}  // namespace
}  // namespace dragoman
