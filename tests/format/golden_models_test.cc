// Models of all kinds compute what an implementation of their own in PyTorch does: losses, decoder outputs and
// gradients of every parameter (tests/golden/make_transformer.py, make_recurrent.py,
// make_recurrent_forms.py). Here and not beside the model,
// because reading the files takes this layer.

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

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

class GoldenModel : public testing::TestWithParam<const char*> {
 protected:
  const Golden golden{GetParam()};
  const std::unique_ptr<Seq2Seq> model = build_model(golden.options());
  const std::vector<int> source_ids = golden.integers("source.ids"), source_offsets = golden.integers("source.offsets");
  const std::vector<int> target_ids = golden.integers("target.ids"), target_offsets = golden.integers("target.offsets");
  const TokenGrid source{source_ids, source_offsets}, target{target_ids, target_offsets};

  void SetUp() override { golden.read_values(model->parameters()); }
};
INSTANTIATE_TEST_SUITE_P(
    All, GoldenModel,
    testing::Values("transformer_post_norm", "transformer_pre_norm", "transformer_norm_keys", "transformer_all_norms",
                    "transformer_one_head", "transformer_dot", "transformer_general", "transformer_additive",
                    "transformer_gated_additive", "transformer_general_beside_additive", "transformer_ssru",
                    "transformer_average_attention", "transformer_average_attention_nogate", "recurrent_gru",
                    "recurrent_lstm_deep", "recurrent_gru_bi_unidirectional", "recurrent_lstm_alternating",
                    "recurrent_gru_luong", "recurrent_lstm_luong_fed", "recurrent_gru_additive",
                    "recurrent_lstm_gated_additive", "recurrent_gru_general", "recurrent_gru_dot",
                    "recurrent_marian_gru", "recurrent_marian_gru_norm", "recurrent_marian_gru_one_cell",
                    "recurrent_marian_lstm_norm", "recurrent_marian_gru_nematus_norm", "recurrent_nematus"),
    [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(GoldenModel, HasTheSameParameters) {
  std::set<std::string> expected, found;
  for (const StoredTensor& tensor : golden.file().tensors()) {
    if (tensor.name.rfind("value.", 0) == 0) expected.insert(tensor.name.substr(6));
  }
  for (const Parameter& p : model->parameters().list()) found.insert(p.name);
  EXPECT_EQ(found, expected);
}

TEST_P(GoldenModel, HasTheSameLossAndGradients) {
  Arena arena;
  Tape tape;
  Random random;
  std::vector<float> gradients(model->parameters().values().size(), 0.0f), losses(target_ids.size());
  const LossSums sums = model->loss({arena, &tape, &random, gradients.data()}, source, target,
                                    {.smoothing = float(golden.number("label-smoothing")), .token_losses = losses});
  tape.run_backward();
  EXPECT_NEAR(sums.smoothed / golden.number("smoothed"), 1, 1e-6);
  EXPECT_NEAR(sums.cross_entropy / golden.number("cross-entropy"), 1, 1e-6);
  EXPECT_EQ(sums.tokens, std::int64_t(target_ids.size()));
  EXPECT_LT(error(losses, golden.file().floats("losses")), 1e-5);
  double largest = 0;  // of all: where a gradient should be 0, rounding errors of this size are fair
  for (const Parameter& p : model->parameters().list()) {
    for (const float g : golden.file().floats("gradient." + p.name)) largest = std::max(largest, std::abs(double(g)));
  }
  for (const Parameter& p : model->parameters().list()) {
    const std::span<const float> found = std::span(gradients).subspan(p.offset, p.shape.size());
    const std::vector<float> expected = golden.file().floats("gradient." + p.name, stored_shape(p.shape));
    double most = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      most = std::max(most, std::abs(double(found[i]) - double(expected[i])));
    }
    if (most > 1e-7 * largest) {
      EXPECT_LT(error(found, expected), 1e-4) << p.name;
    }
  }
}

TEST_P(GoldenModel, HasTheSameDecoderOutputsWholeAndStepByStep) {
  const std::vector<float> expected = golden.file().floats("output");
  std::vector<int> fed;
  for (int s = 0; s < target.sentences(); ++s) {
    for (int i = target_offsets[s]; i < target_offsets[s + 1]; ++i) {
      fed.push_back(i == target_offsets[s] ? -1 : target_ids[i - 1]);
    }
  }
  Arena arena;
  const Context ctx{arena};
  const Memory memory = model->encode(ctx, source);
  const auto whole = model->start(ctx, memory, Decoding::whole);
  EXPECT_LT(error(model->step(ctx, *whole, {fed, target_offsets}).values(), expected), 1e-5);

  const auto stepwise = model->start(ctx, memory, Decoding::stepwise);
  const std::size_t width = std::size_t(model->options().dim_emb);
  for (int time = 0; time < target.longest(); ++time) {
    std::vector<int> ids, offsets = {0}, places;
    for (int s = 0; s < target.sentences(); ++s) {
      if (time < target.length(s)) {
        places.push_back(target_offsets[s] + time);
        ids.push_back(fed[places.back()]);
      }
      offsets.push_back(int(ids.size()));
    }
    const Tensor output = model->step(ctx, *stepwise, {ids, offsets});
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto begin = expected.begin() + long(std::size_t(places[i]) * width);
      EXPECT_LT(error({output.row(std::int64_t(i)), width}, {begin, begin + long(width)}), 1e-5);
    }
  }
}

}  // namespace
}  // namespace dragoman
