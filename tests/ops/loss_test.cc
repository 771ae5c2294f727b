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
    const LossSums sums = output_loss({arena}, in.hidden, in.weight, in.bias, in.targets,
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
      output_loss({arena, &tape, &random}, hidden, weight, bias, in.targets,
                  {.smoothing = c.smoothing, .gradient_scale = scale, .transposed = c.transposed ? &table : nullptr});
      for (const Tensor& tensor : {hidden, weight, bias}) {
        if (tensor.data == nullptr) continue;
        std::vector<float> gradient(tensor.gradient->data, tensor.gradient->data + tensor.size());
        if (before == 1) {
          for (float& g : gradient) g -= 1;
        }
        const GradientMismatch mismatch = compare_with_differences(tensor.values(), gradient, [&] {
          return double(scale) *
                 output_loss({arena}, in.hidden, in.weight, in.bias, in.targets, {.smoothing = c.smoothing}).smoothed;
        });
        EXPECT_LT(mismatch.error, 1e-3) << to_string(tensor.shape) << " " << mismatch.text();
      }
    }
  }
}

/// Other losses, alone and together; the last two take two blocks of rows.
struct MoreLosses {
  Case sizes;
  float cross_entropy, squared_error, token_weight, divergence;
};
const MoreLosses more_losses[] = {{{5, 3, 7, true, 0.1f}, 0, 1, 0, 0},     {{1, 4, 9, false, 0}, 0.5f, 2, 0, 0},
                                  {{6, 1, 5, true, 0.2f}, 0, 0, 1, 0},     {{3, 5, 1, true, 0.1f}, 1, 1, 1, 0},
                                  {{6, 3, 7, true, 0.1f}, 1, 0, 0, 1.5f},  {{2, 1, 1, true, 0}, 1, 1, 1, 1},
                                  {{4, 4, 17, false, 0}, 0, 0, 0, 2},      {{300, 3, 11, true, 0.1f}, 1, 1, 1, 0},
                                  {{600, 2, 5, true, 0.1f}, 1, 1, 1, 0.5f}};

/// Weights of tokens, as an attention loss has them.
std::vector<float> token_weights(const MoreLosses& c) {
  std::vector<float> weights;
  for (int t = 0; c.token_weight != 0 && t < c.sizes.tokens; ++t) weights.push_back(c.token_weight / float(1 + t % 3));
  return weights;
}

Inputs inputs_of(const MoreLosses& c) {
  Inputs in(c.sizes);
  const std::size_t half = in.targets.size() / 2;
  if (c.divergence != 0) std::copy_n(in.targets.begin(), half, in.targets.begin() + long(half));
  return in;
}

TEST(OutputLoss, SumsWhatTheFormulaSays) {
  for (const MoreLosses& c : more_losses) {
    Inputs in = inputs_of(c);
    Arena arena;
    const std::vector<float> weights = token_weights(c);
    const LossSums sums = output_loss({arena}, in.hidden, in.weight, in.bias, in.targets,
                                      {.smoothing = c.sizes.smoothing,
                                       .cross_entropy = c.cross_entropy,
                                       .squared_error = c.squared_error,
                                       .token_weights = weights,
                                       .divergence = c.divergence});
    const Tensor logs = log_softmax({arena}, linear_transposed({arena}, in.hidden, in.weight, in.bias));
    double expected = 0, plain = 0;
    for (int t = 0; t < c.sizes.tokens; ++t) {
      const double target = logs.row(t)[in.targets[t]];
      plain -= target;
      if (!weights.empty()) expected -= double(weights[t]) * target;
      expected -= double(c.cross_entropy) * (1 - double(c.sizes.smoothing)) * target;
      for (int v = 0; v < c.sizes.vocabulary; ++v) {
        const double log_p = logs.row(t)[v], p = std::exp(log_p), error = p - (v == in.targets[t]);
        expected -= double(c.cross_entropy) * double(c.sizes.smoothing) / c.sizes.vocabulary * log_p;
        expected += double(c.squared_error) * error * error;
        const int other = (t + c.sizes.tokens / 2) % c.sizes.tokens;
        if (c.divergence != 0) expected += double(c.divergence) * p * (log_p - logs.row(other)[v]);
      }
    }
    EXPECT_NEAR(sums.smoothed, expected, 2e-5 * (1 + expected));
    EXPECT_NEAR(sums.cross_entropy, plain, 2e-5 * (1 + plain));
  }
}

TEST(OutputLoss, GradientsMatchDifferences) {
  const float scale = 0.5f;
  for (const MoreLosses& c : more_losses) {
    Inputs in = inputs_of(c);
    Arena arena;
    Tape tape;
    const std::vector<float> weights = token_weights(c);
    const OutputLossOptions options{.smoothing = c.sizes.smoothing,
                                    .gradient_scale = scale,
                                    .cross_entropy = c.cross_entropy,
                                    .squared_error = c.squared_error,
                                    .token_weights = weights,
                                    .divergence = c.divergence};
    for (const float before : {std::numeric_limits<float>::quiet_NaN(), 1.0f}) {  // nothing yet, or something
      const Tensor hidden = in.numbers.with_gradient(in.hidden, before);
      const Tensor weight = in.numbers.with_gradient(in.weight, before);
      const Tensor bias = c.sizes.bias ? in.numbers.with_gradient(in.bias, before) : Tensor{};
      output_loss({arena, &tape}, hidden, weight, bias, in.targets, options);
      for (const Tensor& tensor : {hidden, weight, bias}) {
        if (tensor.data == nullptr) continue;
        std::vector<float> gradient(tensor.gradient->data, tensor.gradient->data + tensor.size());
        if (before == 1) {
          for (float& g : gradient) g -= 1;
        }
        const GradientMismatch mismatch = compare_with_differences(tensor.values(), gradient, [&] {
          return double(scale) * output_loss({arena}, in.hidden, in.weight, in.bias, in.targets, options).smoothed;
        });
        EXPECT_LT(mismatch.error, 1e-3) << to_string(tensor.shape) << " " << mismatch.text();
      }
    }
  }
}

TEST(OutputLoss, SmoothingSpreadsItsShareOfTheReferenceEvenly) {
  // the gradient by the logits is p less the reference: with logits of 0 and an identity for W it shows the reference
  const int vocabulary = 5;
  const float smoothing = 0.2f;
  Numbers numbers;
  const Tensor hidden = numbers.with_gradient(numbers.normal({1, vocabulary}, 0), 0.0f);
  const Tensor identity = numbers.normal({vocabulary, vocabulary}, 0);
  for (int v = 0; v < vocabulary; ++v) identity.row(v)[v] = 1;
  Arena arena;
  Tape tape;
  const std::vector<int> targets = {3};
  const LossSums sums = output_loss({arena, &tape}, hidden, identity, {}, targets, {.smoothing = smoothing});
  EXPECT_NEAR(sums.smoothed, std::log(5.0), 1e-6);
  double total = 0;
  for (int v = 0; v < vocabulary; ++v) {
    const float reference = 1.0f / vocabulary - hidden.gradient->data[v];
    EXPECT_NEAR(reference, v == 3 ? 0.84 : 0.04, 1e-6);
    total += double(reference);
  }
  EXPECT_NEAR(total, 1, 1e-6);
}

TEST(OutputCrossEntropy, GivesNoGradientOfNothing) {
  Inputs in(cases[0]);
  Arena arena;
  Tape tape;
  Random random;
  const Tensor hidden = in.numbers.with_gradient(in.hidden, 1), weight = in.numbers.with_gradient(in.weight, 1);
  const Context ctx{arena, &tape, &random};
  const LossSums sums = output_loss(ctx, hidden, weight, {}, in.targets, {.smoothing = 0.1f, .gradient_scale = 0});
  EXPECT_GT(sums.smoothed, 0);
  for (int i = 0; i < hidden.size(); ++i) EXPECT_EQ(hidden.gradient->data[i], 1);
  for (int i = 0; i < weight.size(); ++i) EXPECT_EQ(weight.gradient->data[i], 1);
  const Tensor none{{0, 3}, nullptr, nullptr};
  EXPECT_EQ(output_loss(ctx, none, weight, {}, {}, {.smoothing = 0.1f}).tokens, 0);
}

TEST(LogSoftmax, OfTheLogitsIsWhatTheLossSums) {
  const Case c = cases[0];
  Inputs in(c);
  Arena arena;
  std::vector<float> each(in.targets.size());
  output_loss({arena}, in.hidden, in.weight, in.bias, in.targets, {.token_losses = each});
  const Tensor logs = log_softmax({arena}, linear_transposed({arena}, in.hidden, in.weight, in.bias));
  for (int i = 0; i < c.tokens; ++i) EXPECT_NEAR(logs.row(i)[in.targets[i]], -each[i], 2e-6);
}

}  // namespace
}  // namespace dragoman
