#include "markup/no_break_spaces.h"

#include <gtest/gtest.h>

namespace dragoman {
namespace {

std::string kept(const char* source, const char* translation) {
  AlignedText text = {{source}, {translation}};
  std::vector<KeptRange> none;
  restore_no_break_spaces(text, none);
  return text.target();
}

TEST(NoBreakSpaces, ComeBackBetweenTheSameWordsAndBesideNumbers) {
  EXPECT_EQ(kept("about 10\u00A0km away", "a cerca de 10 km"), "a cerca de 10\u00A0km");
  EXPECT_EQ(kept("10\u00A0miles or more", "10 milhas ou mais"), "10\u00A0milhas ou mais");
  EXPECT_EQ(kept("see Fig.\u202F7 here", "ver Figura 7 aqui"), "ver Figura\u202F7 aqui");
  EXPECT_EQ(kept("the\u00A0house", "a casa"), "a casa");
  EXPECT_EQ(kept("10\u00A0km", "10 km e 10 km"), "10 km e 10 km");
  EXPECT_EQ(kept("10\u00A0km", "10\u00A0km"), "10\u00A0km");
  EXPECT_EQ(kept("\u00A0", ""), "");
  EXPECT_EQ(kept("plain text", "texto simples"), "texto simples");
}

TEST(NoBreakSpaces, MoveKeptRangesAndDoNotChangeThem) {
  AlignedText text = {{"{a 1\u00A0b} 10\u00A0km {c}"}, {"{a 1 b}", " 10 km", " {c}"}};
  std::vector<KeptRange> kept = {{0, 8, 0, 7}, {16, 19, 14, 17}};
  restore_no_break_spaces(text, kept);
  EXPECT_EQ(text.target(), "{a 1 b} 10\u00A0km {c}");
  EXPECT_EQ(kept[0].target_begin, 0u);
  EXPECT_EQ(text.target().substr(kept[1].target_begin, kept[1].target_end - kept[1].target_begin), "{c}");
}

}  // namespace
}  // namespace dragoman
