#include "ops/embedding.h"

#include <cmath>

#include "ops/ops_support.h"

namespace dragoman {
namespace {

const std::vector<int> ids = {3, 0, -1, 3, 2, 3, -1}, places = {0, 1, 2, 0, 1, 2, 3};  // word 3 three times, 1 never

TEST(Embed, AddsThePositionToTheScaledWord) {
  Arena arena;
  Numbers numbers;
  const Tensor table = numbers.normal({4, 5}), positions = numbers.normal({4, 5});
  const Tensor y = embed({arena}, table, ids, positions, places, {.scale = 3, .word_dropout = 0.5, .dropout = 0.5});
  ASSERT_EQ(y.shape, Shape({7, 5}));
  for (int i = 0; i < 7; ++i) {
    for (int d = 0; d < 5; ++d) {
      const float word = ids[i] < 0 ? 0 : 3 * table.row(ids[i])[d];
      EXPECT_NEAR(y.row(i)[d], word + positions.row(places[i])[d], 1e-6) << "token " << i;
    }
  }
}

TEST(Embed, GradientsMatchDifferences) {
  for (const int width : {1, 9}) {
    for (const double word_dropout : {0.0, 0.4}) {
      for (const double p : {0.0, 0.3}) {
        Numbers numbers;
        const Tensor table = numbers.normal({4, width}), positions = numbers.normal({4, width});
        const EmbeddingOptions options{.scale = 1.7f, .word_dropout = word_dropout, .dropout = p};
        expect_gradients({table, positions},
                         [&](const Context& ctx, auto t) { return embed(ctx, t[0], ids, t[1], places, options); });
        expect_gradients({table},
                         [&](const Context& ctx, auto t) { return embed(ctx, t[0], ids, positions, places, options); });
      }
    }
  }
}

TEST(Embed, WordDropoutTakesWholeWordsAndLeavesPositions) {
  Arena arena;
  Tape tape;
  Random random(7);
  Numbers numbers;
  const Tensor table = numbers.away_from_zero({2, 3}, 0.5), positions = numbers.normal({1, 3});
  const std::vector<int> many(2000, 1), first(2000, 0);
  const Tensor y = embed({arena, &tape, &random}, table, many, positions, first, {.scale = 2, .word_dropout = 0.25});
  int dropped = 0;
  for (int i = 0; i < 2000; ++i) {
    const bool gone = y.row(i)[0] == positions.data[0];
    dropped += gone;
    for (int d = 0; d < 3; ++d) {
      EXPECT_NEAR(y.row(i)[d] - positions.data[d], gone ? 0 : 2 / 0.75 * table.row(1)[d], 1e-5);
    }
  }
  EXPECT_NEAR(dropped, 500, 5 * std::sqrt(2000 * 0.25 * 0.75));
}

}  // namespace
}  // namespace dragoman
