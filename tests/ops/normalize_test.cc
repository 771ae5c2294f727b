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
    expect_gradients({x, scale, bias},
                     [](const Context& ctx, auto t) { return layer_norm(ctx, t[0], t[1], t[2], 1e-2f); });
  }
}

TEST(LayerNorm, GradientsAddUpWhereATensorIsUsedTwice) {
  Numbers numbers;
  const Tensor x = numbers.normal({3, 7}, 2), scale = numbers.normal({7}), bias = numbers.normal({7});
  expect_gradients({x, scale, bias}, [](const Context& ctx, auto t) {
    const Tensor y = layer_norm(ctx, t[0], t[1], t[2]);
    return residual(ctx, t[0], layer_norm(ctx, y, t[1], t[2]), 0);
  });
}

}  // namespace
}  // namespace dragoman
