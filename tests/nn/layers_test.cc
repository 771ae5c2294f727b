// Layers: their parameters' gradients, and the small languages that settings bring.

#include <gtest/gtest.h>

#include <functional>

#include "autograd/gradient_check.h"
#include "dragoman/error.h"
#include "nn/attention/multi_head.h"
#include "nn/feed_forward.h"
#include "nn/process.h"
#include "ops/dropout.h"
#include "ops/threads.h"

namespace dragoman {
namespace {

const bool one_thread = (use_one_thread_per_operation(), true);

std::vector<float> normal(std::int64_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(float(random.normal()));
  return values;
}

/// Checks the gradients of a layer's input [rows, width] and of its parameters, which become random.
void expect_gradients(Parameters& parameters, int rows, int width,
                      const std::function<Tensor(const Context&, Tensor)>& layer) {
  parameters.allocate();
  Random random(3);
  for (const Parameter& p : parameters.list()) {
    for (float& value : parameters.values_of(p)) value = float(0.5 * random.normal());
  }
  std::vector<float> x = normal(std::int64_t(rows) * width, 4), gradients(parameters.values().size(), 0.0f);
  const Tensor input{{rows, width}, x.data(), nullptr};
  const GradientMismatch of_input = check_gradients(std::span(&input, 1), [&](const Context& ctx, auto in) {
    Context with = ctx;
    with.gradients = gradients.data();
    return layer(with, in[0]);
  });
  EXPECT_LT(of_input.error, 1e-3) << of_input.text();

  Arena arena;
  const auto run = [&](bool backward) {
    arena.reset();
    Tape tape;
    Random dropout(5);
    const Tensor y = layer({arena, &tape, &dropout, gradients.data()}, input);
    const std::vector<float> weights = normal(y.size(), 6);
    double total = 0;
    for (std::int64_t i = 0; i < y.size(); ++i) total += double(weights[i]) * y.data[i];
    std::copy(weights.begin(), weights.end(), y.summed_gradient());
    if (backward) tape.run_backward();
    return total;
  };
  std::fill(gradients.begin(), gradients.end(), 0.0f);
  run(true);
  for (const Parameter& p : parameters.list()) {
    const GradientMismatch mismatch = compare_with_differences(
        parameters.values_of(p), std::span(gradients).subspan(p.offset, p.shape.size()), [&] { return run(false); });
    EXPECT_LT(mismatch.error, 1e-3) << p.name << " " << mismatch.text();
  }
}

const std::vector<int> offsets = {0, 3, 4, 9};

const std::string scores[] = {"dot", "scaled-dot", "general", "additive", "gated-additive"};

TEST(SelfAttention, GradientsMatchDifferences) {
  for (const std::string& score : scores) {
    for (const bool causal : {false, true}) {
      for (const double dropout : {0.0, 0.3}) {
        SCOPED_TRACE(score);
        Parameters fused, apart;
        const SelfAttention one(Scope(fused), score, 6, 3, causal, true),
            other(Scope(apart), score, 6, 2, causal, false);
        expect_gradients(fused, 9, 6,
                         [&](const Context& ctx, Tensor x) { return one.forward(ctx, x, x, offsets, dropout); });
        expect_gradients(apart, 9, 6, [&](const Context& ctx, Tensor x) {
          return other.forward(ctx, x, activation(ctx, Activation::tanh, x), offsets, dropout);
        });
      }
    }
  }
}

TEST(CrossAttention, GradientsMatchDifferences) {
  for (const std::string& score : scores) {
    SCOPED_TRACE(score);
    Parameters parameters;
    const CrossAttention layer(Scope(parameters), {.score = score,
                                                   .query_width = 5,
                                                   .memory_width = 7,
                                                   .width = 6,  // all widths differ
                                                   .heads = 2});
    const std::vector<int> queries = {0, 2, 3, 4};
    std::vector<float> x = normal(20, 7);
    expect_gradients(parameters, 9, 7, [&](const Context& ctx, Tensor memory) {
      Tensor targets = ctx.make({4, 5});
      std::copy(x.begin(), x.end(), targets.data);
      return layer.forward(ctx, targets, layer.prepare(ctx, memory), queries, offsets, 0.2);
    });
  }
}

TEST(CrossAttention, GradientsOfPlainValuesMatchDifferences) {
  for (const MapNorm norm : {MapNorm::none, MapNorm::marian, MapNorm::nematus}) {
    Parameters parameters;
    const CrossAttention layer(
        Scope(parameters),
        {.score = "additive", .query_width = 5, .memory_width = 7, .width = 7, .plain_values = true, .norm = norm});
    const std::vector<int> queries = {0, 2, 3, 4};
    std::vector<float> x = normal(20, 7);
    expect_gradients(parameters, 9, 7, [&](const Context& ctx, Tensor memory) {
      Tensor targets = ctx.make({4, 5});
      std::copy(x.begin(), x.end(), targets.data);
      return layer.forward(ctx, targets, layer.prepare(ctx, memory), queries, offsets, 0);
    });
  }
}

TEST(FeedForward, GradientsMatchDifferences) {
  for (const Activation kind : {Activation::gelu, Activation::swish}) {
    Parameters parameters;
    const FeedForward layer(Scope(parameters), 5, 7, kind);
    expect_gradients(parameters, 3, 5, [&](const Context& ctx, Tensor x) { return layer.forward(ctx, x, 0.3); });
  }
}

TEST(Process, GradientsMatchDifferences) {
  for (const std::string steps : {"dan", "da", "nda", "adn", "and", "n", "d", "a", ""}) {
    Parameters parameters;
    const Process process(Scope(parameters), 7, steps, "dan", "x");
    expect_gradients(parameters, 3, 7, [&](const Context& ctx, Tensor x) {
      return process.forward(ctx, activation(ctx, Activation::tanh, x), x, 0.3);
    });
  }
}

TEST(Process, DoesItsStepsFromLeftToRight) {
  Arena arena;
  std::vector<float> x = {1, 3}, input = {10, 0};
  const auto run = [&](const std::string& steps) {
    Parameters parameters;
    const Process process(Scope(parameters), 2, steps, "dan", "x");
    parameters.allocate();
    parameters.initialise(1);
    const Tensor y = process.forward({arena}, {{1, 2}, x.data(), nullptr}, {{1, 2}, input.data(), nullptr}, 0.5);
    return std::vector<float>{std::round(y.data[0] * 100) / 100, std::round(y.data[1] * 100) / 100};
  };
  EXPECT_EQ(run(""), (std::vector<float>{1, 3}));
  EXPECT_EQ(run("d"), (std::vector<float>{1, 3}));
  EXPECT_EQ(run("a"), (std::vector<float>{11, 3}));
  EXPECT_EQ(run("n"), (std::vector<float>{-1, 1}));
  EXPECT_EQ(run("dan"), (std::vector<float>{1, -1}));
  EXPECT_EQ(run("nda"), (std::vector<float>{9, 1}));
}

TEST(Process, RefusesStepsThatMakeNoSense) {
  const auto message = [](const std::string& steps, const std::string& allowed) -> std::string {
    Parameters parameters;
    try {
      Process(Scope(parameters), 4, steps, allowed, "transformer-preprocess");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("nx", "dan"), "transformer-preprocess: expected letters of 'dan', found 'x' in 'nx'");
  EXPECT_EQ(message("a", "nd"), "transformer-preprocess: expected letters of 'nd', found 'a' in 'a'");
  EXPECT_EQ(message("ndn", "nd"), "transformer-preprocess: expected at most one n, found 'ndn'");
  EXPECT_EQ(message("nd", "nd"), "");
}

}  // namespace
}  // namespace dragoman
