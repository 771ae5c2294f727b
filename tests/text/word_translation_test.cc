#include "text/word_translation.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace dragoman {
namespace {

TEST(WordTranslationTest, FindsTheTranslationsThatExplainAllPairs) {
  WordTranslation words(4);  // das Haus: the house, das Buch: the book, ein Buch: a book (Knight 1999)
  words.add(std::vector<int>{0, 1}, std::vector<int>{10, 11});
  words.add(std::vector<int>{0, 2}, std::vector<int>{10, 12});
  words.add(std::vector<int>{3, 2}, std::vector<int>{13, 12});
  words.learn(30);
  const int expected[] = {10, 11, 12, 13};
  for (int source = 0; source < 4; ++source) {
    const auto found = words.translations(source, 1);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].target, expected[source]);
  }
  double sum = 0;
  for (const auto& translation : words.translations(0, 99)) sum += double(translation.probability);
  EXPECT_NEAR(sum, 1, 1e-5);
  EXPECT_THROW(words.add(std::vector<int>{4}, std::vector<int>{1}), Error);
}

TEST(WordTranslationTest, OneRoundIsTheFormula) {
  // After one round from equal probabilities a word's count is 1 / (words beside it + 1) for each time.
  WordTranslation words(2);
  words.add(std::vector<int>{0}, std::vector<int>{5});
  words.add(std::vector<int>{0, 1}, std::vector<int>{6});
  words.learn(1);
  const auto found = words.translations(0, 9);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].target, 5);
  EXPECT_FLOAT_EQ(found[0].probability, (1.0f / 2) / (1.0f / 2 + 1.0f / 3));
  EXPECT_FLOAT_EQ(found[1].probability, (1.0f / 3) / (1.0f / 2 + 1.0f / 3));
}

}  // namespace
}  // namespace dragoman
