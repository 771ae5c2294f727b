#include "report/attention_page.h"

#include <gmock/gmock.h>

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AttentionPanel panel(int head = 1) {
  return {.kind = "cross",
          .layer = 2,
          .head = head,
          .rows = {"<script>alert(1)</script>", "本を読む"},
          .columns = {"\"a&b\"", "كتاب", "</s>"},
          .weights = {0.5f, 0.25f, 0.25f, 0, 0.0001f, 0.9999f}};
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
  return found;
}

TEST(AttentionSvg, DrawsEachCellWithItsWeight) {
  const std::string svg = attention_svg({panel()});
  EXPECT_EQ(count(svg, "class=\"cell\""), 4u) << "cells without weight are left out";
  EXPECT_THAT(svg, HasSubstr("fill-opacity=\"0.250\""));
  EXPECT_THAT(svg, HasSubstr("本を読む → &lt;/s&gt;: 1.000"));
  EXPECT_THAT(svg, HasSubstr("cross, layer 2, head 1"));
  EXPECT_EQ(count(attention_svg({panel(1), panel(2), panel(3), panel(4), panel(5)}), "<g "), 5u);
}

TEST(AttentionSvg, EscapesTokens) {
  const std::string svg = attention_svg({panel()});
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_THAT(svg, HasSubstr("&quot;a&amp;b&quot;"));
}

TEST(AttentionPanels, HaveRoomForWideTokens) {
  AttentionPanel wide = panel();
  wide.rows[1] = "本を読む本を読む本を読む本を読む本を読む";
  EXPECT_GT(size_of(wide).left, size_of(panel()).left + 50);
  wide.columns[0] = std::string(60, 'x');
  EXPECT_GT(size_of(wide).top, size_of(panel()).top + 100);
}

TEST(AttentionPage, OffersWhatThereIsAndHoldsAllWeights) {
  const std::string page = attention_page({{"<b>", "كتاب", {panel(0), panel(3)}}}, "a & b");
  EXPECT_THAT(page, HasSubstr("<option value=\"3\">3</option>"));
  EXPECT_THAT(page, HasSubstr("<option value=\"0\" selected>mean</option>"));
  EXPECT_THAT(page, Not(HasSubstr("value=\"decoder\"")));
  EXPECT_THAT(page, HasSubstr("[0.5,0.25,0.25,0,0.0001,0.9999]"));
  EXPECT_THAT(page, HasSubstr("<title>a &amp; b</title>"));
  EXPECT_THAT(page, HasSubstr("<h2 dir=\"auto\">&lt;b&gt;</h2>"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("href=")));
}

}  // namespace
}  // namespace dragoman
