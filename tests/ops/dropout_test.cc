#include "ops/dropout.h"

#include <algorithm>

#include "ops/ops_support.h"

namespace dragoman {
namespace {

TEST(Dropout, GradientsMatchDifferences) {
  for (const Shape& shape : {Shape{7, 9}, Shape{1, 5}, Shape{11, 1}}) {
    Numbers numbers;
    const Tensor x = numbers.normal(shape), f = numbers.normal(shape);
    for (const double p : {0.0, 0.4}) {
      expect_gradients({x}, [=](const Context& ctx, auto t) { return dropout(ctx, t[0], p); });
      expect_gradients({x, f}, [=](const Context& ctx, auto t) { return residual(ctx, t[0], t[1], p); });
    }
  }
}

TEST(Dropout, GradientsAddUpWhereATensorIsUsedTwice) {
  Numbers numbers;
  const Tensor x = numbers.normal({5, 7});
  expect_gradients({x}, [](const Context& ctx, auto t) { return residual(ctx, t[0], t[0], 0.3); });
  expect_gradients({x}, [](const Context& ctx, auto t) {
    return residual(ctx, dropout(ctx, t[0], 0.5), dropout(ctx, t[0], 0.2), 0.3);
  });
}

TEST(Dropout, DoesNothingWithoutATape) {
  Arena arena;
  Numbers numbers;
  const Tensor x = numbers.normal({3, 4}), f = numbers.normal({3, 4});
  EXPECT_EQ(dropout({arena}, x, 0.5).data, x.data);
  const Tensor y = residual({arena}, x, f, 0.5);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(y.data[i], x.data[i] + f.data[i]);
}

TEST(Dropout, DrawsADifferentMaskForEachUseAndTheSameForTheSameSeed) {
  Arena arena;
  Numbers numbers;
  const Tensor x = numbers.away_from_zero({40, 50}, 0.1);
  const auto twice = [&](std::uint64_t seed) {
    Tape tape;
    Random random(seed);
    const Context ctx{arena, &tape, &random};
    return std::pair(copy(dropout(ctx, x, 0.5)), copy(dropout(ctx, x, 0.5)));
  };
  const auto [first, second] = twice(3);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, twice(3).first);
  EXPECT_NE(first, twice(4).first);
  const auto zeros = std::count(first.begin(), first.end(), 0.0f);
  EXPECT_NEAR(double(zeros), 1000, 120);
}

}  // namespace
}  // namespace dragoman
