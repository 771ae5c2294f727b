#include "ops/activation.h"

#include "dragoman/error.h"
#include "ops/ops_support.h"

namespace dragoman {
namespace {

TEST(Activation, GradientsMatchDifferences) {
  for (const Activation kind : {Activation::relu, Activation::gelu, Activation::swish, Activation::tanh,
                                Activation::sigmoid, Activation::gelu_tanh, Activation::gelu_sigmoid}) {
    for (const Shape& shape : {Shape{5, 13}, Shape{1, 3}, Shape{19, 1}}) {
      for (const double p : {0.0, 0.3}) {
        Numbers numbers;
        expect_gradients({numbers.away_from_zero(shape, 0.05)},
                         [=](const Context& ctx, auto t) { return activation(ctx, kind, t[0], p); });
      }
    }
  }
}

TEST(Activation, GradientsAddUpWhereATensorIsUsedTwice) {
  Numbers numbers;
  expect_gradients({numbers.normal({3, 5})}, [](const Context& ctx, auto t) {
    const Tensor y = activation(ctx, Activation::tanh, t[0]);
    activation(ctx, Activation::swish, t[0]);  // a result that nobody uses contributes nothing
    return activation(ctx, Activation::gelu, y);
  });
}

TEST(Activation, IsNamedAsInMarian) {
  EXPECT_EQ(parse_activation("relu", "x"), Activation::relu);
  EXPECT_EQ(parse_activation("gelu", "x"), Activation::gelu);
  EXPECT_EQ(parse_activation("swish", "x"), Activation::swish);
  EXPECT_EQ(parse_activation("gelu-tanh", "x"), Activation::gelu_tanh);
  EXPECT_EQ(parse_activation("gelu-sigmoid", "x"), Activation::gelu_sigmoid);
  try {
    parse_activation("Relu", "transformer-ffn-activation");
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "transformer-ffn-activation: expected relu, gelu, gelu-tanh, gelu-sigmoid, swish, "
                 "tanh or sigmoid, found 'Relu'");
  }
}

}  // namespace
}  // namespace dragoman
