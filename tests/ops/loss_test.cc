#include "ops/loss.h"

#include <cmath>
#include <limits>

#include "ops/linear.h"
#include "ops/log_softmax.h"
#include "ops/ops_support.h"

namespace dragoman {
namespace {

struct Case {
  int tokens, width, vocabulary;
  bool bias;
  float smoothing;
  bool transposed = false;
};
const Case cases[] = {{5, 3, 7, true, 0.1f},          {5, 3, 7, false, 0.1f}, {1, 4, 9, true, 0},
                      {6, 1, 5, true, 0.2f},          {3, 5, 1, true, 0.1f},  {300, 3, 11, true, 0.1f},
                      {300, 3, 141, true, 0.1f, true}};  // the last two take two blocks of rows

struct Inputs {
  Numbers numbers;
  Tensor hidden, weight, bias;
  std::vector<int> targets;

  explicit Inputs(const Case& c)
      : hidden(numbers.normal({c.tokens, c.width})),
        weight(numbers.normal({c.vocabulary, c.width})),
        bias(c.bias ? numbers.normal({c.vocabulary}) : Tensor{}) {
    for (int i = 0; i < c.tokens; ++i) targets.push_back(i * 3 % c.vocabulary);
  }
};

TEST(OutputCrossEntropy, SumsWhatTheFormulaSays) {
  for (const Case& c : cases) {
    Inputs in(c);
    Arena arena;
    std::vector<float> each(in.targets.size());
    const LossSums sums = output_cross_entropy({arena}, in.hidden, in.weight, in.bias, in.targets,
                                               {.smoothing = c.smoothing, .token_losses = each});
    double smoothed = 0, plain = 0;
    for (int i = 0; i < c.tokens; ++i) {
      std::vector<double> logits;
      double total = 0, mean = 0;
      for (int j = 0; j < c.vocabulary; ++j) {
        double logit = c.bias ? in.bias.data[j] : 0;
        for (int d = 0; d < c.width; ++d) logit += double(in.hidden.row(i)[d]) * in.weight.row(j)[d];
        logits.push_back(logit);
        total += std::exp(logit);
        mean += logit / c.vocabulary;
      }
      const double loss = std::log(total) - logits[in.targets[i]];
      plain += loss;
      smoothed += (1 - double(c.smoothing)) * loss + double(c.smoothing) * (std::log(total) - mean);
      EXPECT_NEAR(each[i], loss, 1e-5);
    }
    EXPECT_NEAR(sums.cross_entropy, plain, 1e-6 * c.tokens + 1e-5);
    EXPECT_NEAR(sums.smoothed, smoothed, 1e-6 * c.tokens + 1e-5);
    EXPECT_EQ(sums.tokens, c.tokens);
  }
}

TEST(OutputCrossEntropy, GradientsMatchDifferences) {
  const float scale = 0.5f;
  for (const Case& c : cases) {
    Inputs in(c);
    Arena arena;
    Tape tape;
    Random random;
    TransposedTable table(in.weight);
    for (const float before : {std::numeric_limits<float>::quiet_NaN(), 1.0f}) {  // nothing yet, or something
      const Tensor hidden = in.numbers.with_gradient(in.hidden, before);
      const Tensor weight = in.numbers.with_gradient(in.weight, before);
      const Tensor bias = c.bias ? in.numbers.with_gradient(in.bias, before) : Tensor{};
      for (int part = 0; part < 3; ++part) table.fill(in.weight, part, 3);
      output_cross_entropy(
          {arena, &tape, &random}, hidden, weight, bias, in.targets,
          {.smoothing = c.smoothing, .gradient_scale = scale, .transposed = c.transposed ? &table : nullptr});
      for (const Tensor& tensor : {hidden, weight, bias}) {
        if (tensor.data == nullptr) continue;
        std::vector<float> gradient(tensor.gradient->data, tensor.gradient->data + tensor.size());
        if (before == 1) {
          for (float& g : gradient) g -= 1;
        }
        const GradientMismatch mismatch = compare_with_differences(tensor.values(), gradient, [&] {
          return double(scale) *
                 output_cross_entropy({arena}, in.hidden, in.weight, in.bias, in.targets, {.smoothing = c.smoothing})
                     .smoothed;
        });
        EXPECT_LT(mismatch.error, 1e-3) << to_string(tensor.shape) << " " << mismatch.text();
      }
    }
  }
}

TEST(OutputCrossEntropy, GivesNoGradientOfNothing) {
  Inputs in(cases[0]);
  Arena arena;
  Tape tape;
  Random random;
  const Tensor hidden = in.numbers.with_gradient(in.hidden, 1), weight = in.numbers.with_gradient(in.weight, 1);
  const Context ctx{arena, &tape, &random};
  const LossSums sums =
      output_cross_entropy(ctx, hidden, weight, {}, in.targets, {.smoothing = 0.1f, .gradient_scale = 0});
  EXPECT_GT(sums.smoothed, 0);
  for (int i = 0; i < hidden.size(); ++i) EXPECT_EQ(hidden.gradient->data[i], 1);
  for (int i = 0; i < weight.size(); ++i) EXPECT_EQ(weight.gradient->data[i], 1);
  const Tensor none{{0, 3}, nullptr, nullptr};
  EXPECT_EQ(output_cross_entropy(ctx, none, weight, {}, {}, {.smoothing = 0.1f}).tokens, 0);
}

TEST(LogSoftmax, OfTheLogitsIsWhatTheLossSums) {
  const Case c = cases[0];
  Inputs in(c);
  Arena arena;
  std::vector<float> each(in.targets.size());
  output_cross_entropy({arena}, in.hidden, in.weight, in.bias, in.targets, {.token_losses = each});
  const Tensor logs = log_softmax({arena}, linear_transposed({arena}, in.hidden, in.weight, in.bias));
  for (int i = 0; i < c.tokens; ++i) EXPECT_NEAR(logs.row(i)[in.targets[i]], -each[i], 2e-6);
}

}  // namespace
}  // namespace dragoman
