#include "model/quantize.h"

#include <cmath>

#include "model/model_support.h"
#include "ops/processor.h"

namespace dragoman {
namespace {

struct Scores {
  std::vector<float> whole, stepwise;
};

Scores scores(const Seq2Seq& model) {
  Arena arena;
  const Context ctx{arena};
  const std::vector<int> source = {4, 5, 6, 0}, target = {-1, 7, 8, 3}, s = {0, 4}, t = {0, 4};
  Scores result;
  const Memory memory = model.encode(ctx, {source, s});
  auto state = model.start(ctx, memory, Decoding::whole);
  const auto all = model.log_probabilities(ctx, model.step(ctx, *state, {target, t})).values();
  result.whole.assign(all.begin(), all.end());
  state = model.start(ctx, memory, Decoding::stepwise);
  for (const int token : target) {
    const std::vector<int> one = {token}, o = {0, 1};
    const auto row = model.log_probabilities(ctx, model.step(ctx, *state, {one, o})).values();
    result.stepwise.insert(result.stepwise.end(), row.begin(), row.end());
  }
  return result;
}

TEST(Quantize, EveryVariantComputesNearlyTheSame) {
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    auto model = build_model(variant.options);
    model->parameters().initialise(7);
    const auto small = quantized(*model);
    EXPECT_TRUE(small->parameters().has_int8());
    const Scores exact = scores(*model), rounded = scores(*small);
    double most = 0;
    for (std::size_t i = 0; i < exact.whole.size(); ++i) {
      most = std::max(most, std::abs(double(exact.whole[i]) - double(rounded.whole[i])));
      EXPECT_NEAR(rounded.whole[i], rounded.stepwise[i], 2e-2);  // a rounding may tip
    }
    EXPECT_LT(most, variant.options.enc_cell_depth > 1 ? 0.5 : 0.25) << "norms between many cells enlarge roundings";
    EXPECT_GT(most, 0) << "something was rounded";
  }
}

TEST(Quantize, InBfloat16EveryVariantComputesNearlyTheSameForARowAloneAndAmongOthers) {
  if (!has_operations_in(Precision::bfloat16)) GTEST_SKIP() << "this processor has no products in bfloat16";
  for (const Variant& variant : variants()) {
    SCOPED_TRACE(variant.name);
    auto model = build_model(variant.options);
    model->parameters().initialise(7);
    const auto small = in_bfloat16(*model);
    const Scores exact = scores(*model), rounded = scores(*small), again = scores(*in_bfloat16(*small));
    EXPECT_EQ(again.whole, rounded.whole);
    double most = 0;
    for (std::size_t i = 0; i < exact.whole.size(); ++i) {
      most = std::max(most, std::abs(double(exact.whole[i]) - double(rounded.whole[i])));
      EXPECT_NEAR(rounded.whole[i], rounded.stepwise[i], 2e-2);  // a rounding may tip
    }
    EXPECT_LT(most, variant.options.enc_cell_depth > 1 ? 0.2 : 0.1) << "norms between many cells enlarge roundings";
    EXPECT_GT(most, 0) << "something was rounded";
  }
}

TEST(Quantize, FixedScalesComeFromWhatWentIn) {
  auto model = build_model(small_options());
  model->parameters().initialise(7);
  const auto dynamic = quantized(*model);
  watch_inputs(*dynamic);
  scores(*dynamic);
  const auto fixed = with_fixed_scales(*dynamic);
  int with_scale = 0;
  for (const Parameter& p : fixed->parameters().list()) {
    if (p.int8 != nullptr) with_scale += p.int8->parts()[0].activation_scale > 0;
  }
  EXPECT_GT(with_scale, 5);
  const Scores a = scores(*model), b = scores(*fixed);
  for (std::size_t i = 0; i < a.whole.size(); ++i) EXPECT_NEAR(a.whole[i], b.whole[i], 0.3);
}

TEST(Quantize, RowsKeepTheirLargestNumber) {
  const std::vector<float> values = {0.5f, -1.0f, 0.25f, 0, 0, 0};
  const auto rows = quantize_rows(values, 2, 3);
  EXPECT_EQ(rows->row(0)[1], -127);
  EXPECT_EQ(rows->row(0)[0], 64);  // 63.5 to even
  std::vector<float> back(3);
  rows->row_values(0, 1, back.data());
  EXPECT_NEAR(back[0], 0.5, 0.5 / 127);
  rows->row_values(1, 1, back.data());
  EXPECT_EQ(back, std::vector<float>(3, 0.0f));
}

}  // namespace
}  // namespace dragoman
