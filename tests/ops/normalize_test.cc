#include "ops/normalize.h"

#include "ops/dropout.h"
#include "ops/ops_support.h"

namespace dragoman {
namespace {

TEST(LayerNorm, GradientsMatchDifferences) {
  for (const Shape& shape : {Shape{5, 13}, Shape{1, 7}, Shape{4, 33}, Shape{3, 1}}) {
    Numbers numbers;
    const int width = shape.width();
    const Tensor x = numbers.normal(shape, 2), scale = numbers.normal({width}), bias = numbers.normal({width});
    expect_gradients({x, scale, bias}, [](const Context& ctx, auto t) {
      return layer_norm(ctx, t[0], {t[1], t[2], 1e-2f});
    });
  }
}

TEST(LayerNorm, GradientsMatchDifferencesWithoutBiasAndInTwoGroups) {
  for (const int first : {0, 1, 5}) {
    for (const bool biased : {false, true}) {
      Numbers numbers;
      const Tensor x = numbers.normal({4, 13}, 2), scale = numbers.normal({13}), bias = numbers.normal({13});
      expect_gradients({x, scale, bias}, [=](const Context& ctx, auto t) {
        const Tensor y = layer_norm(ctx, t[0], {t[1], biased ? t[2] : Tensor{}, 1e-2f, first});
        return biased ? y : residual(ctx, y, layer_norm(ctx, t[0], {t[1], t[2], 1e-2f}), 0);
      });
    }
  }
}

TEST(LayerNorm, GroupsOfColumnsAreNormalisedApart) {
  Numbers numbers;
  Arena arena;
  const Context ctx{arena};
  const Tensor x = numbers.normal({3, 5}, 2), scale = numbers.normal({5}), bias = numbers.normal({5});
  const Tensor y = layer_norm(ctx, x, {scale, bias, 1e-2f, 2});
  for (const auto& [from, width] : {std::pair(0, 2), std::pair(2, 3)}) {
    const Tensor part = ctx.make({3, width});
    for (int r = 0; r < 3; ++r) std::copy_n(x.row(r) + from, width, part.row(r));
    const Tensor alone = layer_norm(ctx, part, {{{width}, scale.data + from}, {{width}, bias.data + from}, 1e-2f});
    for (int r = 0; r < 3; ++r) {
      for (int i = 0; i < width; ++i) EXPECT_EQ(y.row(r)[from + i], alone.row(r)[i]);
    }
  }
}

TEST(LayerNorm, GradientsAddUpWhereATensorIsUsedTwice) {
  Numbers numbers;
  const Tensor x = numbers.normal({3, 7}, 2), scale = numbers.normal({7}), bias = numbers.normal({7});
  expect_gradients({x, scale, bias}, [](const Context& ctx, auto t) {
    const Tensor y = layer_norm(ctx, t[0], {t[1], t[2]});
    return residual(ctx, t[0], layer_norm(ctx, y, {t[1], t[2]}), 0);
  });
}

}  // namespace
}  // namespace dragoman
