// What training does in blocks, micro-batches and threads follows the losses of plain operations in PyTorch
// (tests/golden/make_training_curve.py), update by update.

#include <gtest/gtest.h>

#include <cmath>

#include "model/build.h"
#include "ops/processor.h"
#include "support/golden_model.h"
#include "train/clip.h"
#include "train/gradient_workers.h"
#include "train/optimizer.h"

namespace dragoman {
namespace {

class TrainingCurve : public testing::Test {
 protected:
  const Golden golden{"training_curve"};
  const std::vector<int> source_ids = golden.integers("source.ids"), source_offsets = golden.integers("source.offsets");
  const std::vector<int> target_ids = golden.integers("target.ids"), target_offsets = golden.integers("target.offsets");
  const std::vector<float> expected = golden.file().floats("losses");

  Batch batch(int update) const {
    const int sentences = int(golden.number("sentences"));
    Batch result;
    for (int s = update * sentences; s < (update + 1) * sentences; ++s) {
      const auto part = [s](const std::vector<int>& ids, const std::vector<int>& offsets) {
        return std::vector<int>(ids.begin() + offsets[s], ids.begin() + offsets[s + 1] - 1);
      };
      result.add({part(source_ids, source_offsets), part(target_ids, target_offsets), s + 1}, 0, 0);
    }
    return result;
  }

  /// The cost of each update in proportion to what is expected, less 1: the largest.
  double deviation(int threads, int micro_batch_words, Precision precision) const {
    const auto model = build_model(golden.options());
    golden.read_values(model->parameters());
    ThreadTeam team(threads);
    GradientWorkers workers(*model, team, micro_batch_words, precision);
    OptimizerSettings settings;
    settings.beta2 = 0.98;
    settings.epsilon = 1e-9;
    const std::span<float> values = model->parameters().values();
    Optimizer optimizer(settings, values.size());
    double most = 0;
    for (std::size_t update = 0; update < expected.size(); ++update) {
      const std::vector<Batch> batches = {batch(int(update))};
      const double tokens = batches.front().target_words();
      const GradientResult result =
          workers.compute(batches, float(golden.number("label-smoothing")), float(1 / tokens), Random(update));
      const double norm = gradient_norm(workers.gradients());
      optimizer.update(values, workers.gradients(), golden.number("rate"), clip_scale(norm, golden.number("clip")));
      most = std::max(most, std::abs(result.loss.smoothed / tokens / expected[update] - 1));
    }
    return most;
  }
};

TEST_F(TrainingCurve, IsThatOfPlainOperations) {
  ASSERT_EQ(expected.size(), 200u);
  EXPECT_LT(deviation(1, 1000, Precision::float32), 1e-3) << "one thread, whole batches";
  EXPECT_LT(deviation(2, 9, Precision::float32), 1e-3) << "two threads, micro-batches of 9 tokens";
}

TEST_F(TrainingCurve, IsNearItWithProductsInBfloat16) {
  if (!has_operations_in(Precision::bfloat16)) GTEST_SKIP() << "this processor has no products in bfloat16";
  const double most = deviation(2, 9, Precision::bfloat16);
  EXPECT_LT(most, 0.05);
  EXPECT_GT(most, 1e-5) << "were they in bfloat16 at all?";
}

}  // namespace
}  // namespace dragoman
