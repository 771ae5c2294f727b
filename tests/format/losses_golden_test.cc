// Every loss of training, and the gradients of all parameters by it, are those of PyTorch
// (tests/golden/make_losses.py). Here and not beside the model, because reading the file takes this layer.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/words.h"
#include "model/build.h"
#include "ops/threads.h"
#include "support/golden_model.h"

namespace dragoman {
namespace {

/// Operations of this size gain nothing from threads, and lose much when tests run beside each other.
const bool one_thread = (use_one_thread_per_operation(), true);

/// Largest difference in proportion to the largest expected number.
double error(std::span<const float> found, const std::vector<float>& expected) {
  EXPECT_EQ(found.size(), expected.size());
  double most = 0, size = 1e-6;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = std::abs(double(found[i]) - double(expected[i]));
    if (!(d <= most)) most = d;
    size = std::max(size, std::abs(double(expected[i])));
  }
  return most / size;
}

class GoldenLosses : public testing::Test {
 protected:
  const Golden golden{"losses"};

  double weight(const std::string& loss, const std::string& key, double otherwise) const {
    const auto found = golden.file().metadata().find(loss + "." + key);
    return found == golden.file().metadata().end() ? otherwise : std::stod(found->second);
  }

  LossWeights weights(const std::string& loss) const {
    const auto cost = golden.file().metadata().find(loss + ".cost");
    const std::string name = cost == golden.file().metadata().end() ? "ce" : cost->second;
    return {.cross_entropy = float(weight(loss, "cross-entropy", 1)),
            .squared_error = float(weight(loss, "mse", 0)),
            .embedding_error = float(weight(loss, "mse-embeddings", 0)),
            .attention = float(weight(loss, "attention", 0)),
            .guided_alignment = float(weight(loss, "guided", 0)),
            .alignment_cost = name == "ce"    ? AlignmentCost::cross_entropy
                              : name == "mse" ? AlignmentCost::squared_error
                                              : AlignmentCost::product,
            .alignment_layer = int(weight(loss, "layer", 0)) - 1};
  }
};

TEST_F(GoldenLosses, OfAModelAreThoseOfPyTorchWithAllGradients) {
  const auto model = build_model(golden.options());
  golden.read_values(model->parameters());
  const std::vector<int> source_ids = golden.integers("source.ids"), source_offsets = golden.integers("source.offsets");
  const std::vector<int> target_ids = golden.integers("target.ids"), target_offsets = golden.integers("target.offsets");
  const std::vector<int> offsets = golden.integers("alignment.offsets"), sources = golden.integers("alignment.sources");
  const std::vector<std::string> cases = split_words(golden.text("cases"));
  ASSERT_GE(cases.size(), 10u);
  for (const std::string& loss : cases) {
    SCOPED_TRACE(loss);
    Arena arena;
    Tape tape;
    Random random;
    std::vector<float> gradients(model->parameters().values().size(), 0.0f);
    const LossSums sums = model->loss(
        {arena, &tape, &random, gradients.data()}, {source_ids, source_offsets}, {target_ids, target_offsets},
        {.smoothing = float(weight(loss, "smoothing", 0)), .weights = weights(loss), .alignment = {offsets, sources}});
    tape.run_backward();
    EXPECT_NEAR(sums.smoothed / golden.number(loss + ".loss"), 1, 1e-6);
    double largest = 0;  // of all: where a gradient should be 0, rounding errors of this size are fair
    for (const Parameter& p : model->parameters().list()) {
      if (golden.file().find(loss + "." + p.name) == nullptr) continue;
      for (const float g : golden.file().floats(loss + "." + p.name)) largest = std::max(largest, std::abs(double(g)));
    }
    EXPECT_GT(largest, 1e-3);
    for (const Parameter& p : model->parameters().list()) {
      const std::span<const float> found = std::span(gradients).subspan(p.offset, std::size_t(p.shape.size()));
      std::vector<float> expected(found.size(), 0.0f);  // of what the loss does not depend on
      const std::string name = loss + "." + p.name;
      if (golden.file().find(name) != nullptr) expected = golden.file().floats(name, stored_shape(p.shape));
      double most = 0;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        most = std::max(most, std::abs(double(found[i]) - double(expected[i])));
      }
      if (most > 2e-7 * largest) {
        EXPECT_LT(error(found, expected), 1e-4) << p.name;
      }
    }
  }
}

TEST_F(GoldenLosses, OfRDropAreThoseOfPyTorchWithAllGradients) {
  std::vector<float> values[3], gradients[3];
  Gradient sums[3];
  Tensor tensors[3];
  const char* const names[3] = {"hidden", "weight", "bias"};
  const Shape shapes[3] = {{10, 3}, {7, 3}, {7}};
  for (int i = 0; i < 3; ++i) {
    values[i] = golden.file().floats(std::string("r_drop.") + names[i], stored_shape(shapes[i]));
    gradients[i].assign(values[i].size(), std::nanf(""));
    sums[i] = {gradients[i].data(), false};
    tensors[i] = {shapes[i], values[i].data(), &sums[i]};
  }
  Arena arena;
  Tape tape;
  const LossSums loss = output_loss(
      {arena, &tape}, tensors[0], tensors[1], tensors[2], golden.integers("r_drop.targets"),
      {.smoothing = float(golden.number("r_drop.smoothing")), .divergence = float(golden.number("r_drop.divergence"))});
  EXPECT_NEAR(loss.smoothed / golden.number("r_drop.loss"), 1, 1e-6);
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(error(gradients[i], golden.file().floats(std::string("r_drop.gradient.") + names[i])), 1e-5) << names[i];
  }
}

}  // namespace
}  // namespace dragoman
