#include "ops/linear.h"

#include "ops/dropout.h"
#include "ops/ops_support.h"

namespace dragoman {
namespace {

struct Size {
  int rows, in, out;
};
const Size sizes[] = {{3, 5, 7}, {1, 9, 4}, {6, 1, 3}, {5, 3, 1}, {1, 1, 1}, {17, 16, 19}};

TEST(Linear, MultipliesAndAddsTheBias) {
  Arena arena;
  std::vector<float> x = {1, 2, 3, 4}, w = {1, 0, -1, 2, 1, 0}, wt = {1, 2, 0, 1, -1, 0}, b = {10, 20, 30};
  const Tensor input{{2, 2}, x.data(), nullptr}, bias{{3}, b.data(), nullptr};
  const std::vector<float> expected = {15, 22, 29, 21, 24, 27};
  EXPECT_EQ(copy(linear({arena}, input, {{2, 3}, w.data(), nullptr}, bias)), expected);
  EXPECT_EQ(copy(linear_transposed({arena}, input, {{3, 2}, wt.data(), nullptr}, bias)), expected);
  EXPECT_EQ(copy(linear({arena}, input, {{2, 3}, w.data(), nullptr})), (std::vector<float>{5, 2, -1, 11, 4, -3}));
}

TEST(Linear, GradientsMatchDifferences) {
  for (const auto& [rows, in, out] : sizes) {
    Numbers numbers;
    const Tensor x = numbers.normal({rows, in}), w = numbers.normal({in, out}), b = numbers.normal({out});
    expect_gradients({x, w, b}, [](const Context& ctx, auto t) { return linear(ctx, t[0], t[1], t[2]); });
    expect_gradients({x, w}, [](const Context& ctx, auto t) { return linear(ctx, t[0], t[1]); });
  }
}

TEST(LinearTransposed, GradientsMatchDifferences) {
  for (const auto& [rows, in, out] : sizes) {
    Numbers numbers;
    const Tensor x = numbers.normal({rows, in}), w = numbers.normal({out, in}), b = numbers.normal({out});
    expect_gradients({x, w, b}, [](const Context& ctx, auto t) { return linear_transposed(ctx, t[0], t[1], t[2]); });
    expect_gradients({x, w}, [](const Context& ctx, auto t) { return linear_transposed(ctx, t[0], t[1]); });
  }
}

TEST(Linear, GradientsReachOnlyWhatNeedsThem) {
  Numbers numbers;
  const Tensor x = numbers.normal({3, 5}), w = numbers.normal({5, 4}), b = numbers.normal({4});
  expect_gradients({x}, [&](const Context& ctx, auto t) { return linear(ctx, t[0], w, b); });
  expect_gradients({w}, [&](const Context& ctx, auto t) { return linear(ctx, x, t[0], b); });
  expect_gradients({b}, [&](const Context& ctx, auto t) { return linear(ctx, x, w, t[0]); });
}

TEST(Linear, GradientsAddUpWhereATensorIsUsedTwice) {
  Numbers numbers;
  const Tensor x = numbers.normal({3, 5}), w = numbers.normal({5, 5}), b = numbers.normal({5});
  expect_gradients({x, w, b}, [](const Context& ctx, auto t) {
    const Tensor y = linear(ctx, linear(ctx, t[0], t[1], t[2]), t[1], t[2]);  // tied weights
    return residual(ctx, residual(ctx, y, t[0], 0), linear_transposed(ctx, t[0], t[1]), 0);
  });
}

TEST(Linear, OfNoRowsGivesNone) {
  Arena arena;
  Numbers numbers;
  EXPECT_EQ(linear({arena}, {{0, 5}, nullptr, nullptr}, numbers.normal({5, 4})).size(), 0);
}

}  // namespace
}  // namespace dragoman
