// The losses beside cross-entropy: their gradients through a whole model are those of differences, and they are what
// their definitions say.

#include <cmath>
#include <functional>

#include "autograd/gradient_check.h"
#include "dragoman/error.h"
#include "model/model_support.h"

namespace dragoman {
namespace {

/// A batch with alignments.
struct Pairs {
  Sentences source, target;
  std::vector<int> offsets = {0}, sources;

  explicit Pairs(const Seq2Seq& model) {
    Random random(9);
    for (const auto& [words, targets] : {std::pair(3, 2), std::pair(0, 4), std::pair(5, 0)}) {
      source.add(random_sentence(random, model.source_vocabulary(), words));
      target.add(random_sentence(random, model.target_vocabulary(), targets));
      for (int t = 0; t <= targets; ++t) {
        for (int j = t % 2; j <= words && j < 2 * t; j += 2) sources.push_back(j);  // none for the first token
        offsets.push_back(int(sources.size()));
      }
    }
  }
  AlignmentView alignment() const { return {offsets, sources}; }
};

LossSums loss_of(const Seq2Seq& model, const Pairs& pairs, const LossWeights& weights, std::vector<float>* gradients,
                 float smoothing = 0.1f, AttentionObserver* observer = nullptr) {
  Arena arena;
  Tape tape;
  Random masks(10);
  std::vector<float> ignored(model.parameters().values().size());
  Context ctx{arena, &tape, &masks, (gradients ? *gradients : ignored).data()};
  ctx.observer = observer;
  const LossSums sums = model.loss(ctx, pairs.source.grid(), pairs.target.grid(),
                                   {.smoothing = smoothing, .weights = weights, .alignment = pairs.alignment()});
  if (gradients != nullptr) tape.run_backward();
  return sums;
}

struct Loss {
  const char* name;
  LossWeights weights;
};
const Loss losses[] = {
    {"squared_error", {.cross_entropy = 0, .squared_error = 3}},
    {"squared_error_and_cross_entropy", {.cross_entropy = 0.5f, .squared_error = 2}},
    {"embedding_error", {.cross_entropy = 0.5f, .embedding_error = 0.2f}},
    {"attention", {.cross_entropy = 0, .attention = 1.5f}},
    {"attention_and_cross_entropy", {.attention = 1}},
    {"attention_of_the_first_layer", {.attention = 1, .alignment_layer = 0}},
    {"guided_cross_entropy", {.cross_entropy = 0.1f, .guided_alignment = 1}},
    {"guided_squared_error",
     {.cross_entropy = 0.1f, .guided_alignment = 5, .alignment_cost = AlignmentCost::squared_error}},
    {"guided_product", {.cross_entropy = 0.1f, .guided_alignment = 1, .alignment_cost = AlignmentCost::product}},
    {"r_drop", {.r_drop = 3}},
    {"everything",
     {.cross_entropy = 0.7f, .squared_error = 0.5f, .attention = 0.5f, .guided_alignment = 0.5f, .r_drop = 1}},
};

void PrintTo(const Loss& loss, std::ostream* out) { *out << loss.name; }

class ModelLosses : public testing::TestWithParam<Loss> {};
INSTANTIATE_TEST_SUITE_P(All, ModelLosses, testing::ValuesIn(losses),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

/// Untied, so that the loss of embeddings gives its table no gradient that differences would see.
std::unique_ptr<Seq2Seq> model_of(const DropoutOptions& dropout) {
  ModelOptions options = variant("deep_pre_norm").options;
  options.dim_vocabs = {9, 13};
  return random_model(options, dropout);
}

void check(const Loss& loss, const DropoutOptions& dropout, std::unique_ptr<Seq2Seq> model = nullptr) {
  if (model == nullptr) model = model_of(dropout);
  const Pairs pairs(*model);
  Parameters& parameters = model->parameters();
  std::vector<float> gradients(parameters.values().size(), 0.0f);
  loss_of(*model, pairs, loss.weights, &gradients);
  for (const Parameter& p : parameters.list()) {
    if (loss.weights.embedding_error != 0 && p.name == "target_embedding.weight") continue;  // taken as constant
    const GradientMismatch mismatch = compare_with_differences(
        parameters.values_of(p), std::span(gradients).subspan(p.offset, std::size_t(p.shape.size())),
        [&] { return loss_of(*model, pairs, loss.weights, nullptr).smoothed; }, 0.015);
    const double rounding = 1e-3;  // of a loss of some 30 in floats, divided by the step
    if (std::abs(mismatch.gradient - mismatch.difference) < rounding) continue;
    EXPECT_LT(mismatch.error, 3e-3) << p.name << " " << mismatch.text();
  }
}

TEST_P(ModelLosses, HaveGradientsThatMatchDifferences) { check(GetParam(), {}); }

TEST_P(ModelLosses, WithDropoutHaveGradientsThatMatchDifferences) { check(GetParam(), {0.2, 0.2, 0.2, 0.2, 0.2}); }

class RecurrentLosses : public ModelTest {};
INSTANTIATE_TEST_SUITE_P(All, RecurrentLosses,
                         testing::Values(variant("gru"), variant("gru_heads"), variant("lstm_luong_deep"),
                                         variant("gru_luong"), variant("gru_luong_fed")),
                         variant_name);

TEST_P(RecurrentLosses, HaveGradientsThatMatchDifferences) {
  const DropoutOptions dropout{.dropout_src = 0.2, .dropout_trg = 0.2};
  check({"everything",
         {.cross_entropy = 0.7f, .squared_error = 0.5f, .attention = 0.8f, .guided_alignment = 0.5f, .r_drop = 1}},
        dropout, random_model(options(), dropout));
}

/// Keeps the cross-attention of the last layer: for each token and head, its weights.
struct Recorder : AttentionObserver {
  int layer;
  std::vector<std::vector<std::vector<float>>> of_token;
  explicit Recorder(int which) : layer(which) {}
  void observe(const AttentionWeights& seen) override {
    if (!(seen.place == AttentionPlace{AttentionKind::cross, layer})) return;
    of_token.resize(std::max(of_token.size(), std::size_t(seen.first_query + seen.queries)));
    for (int i = 0; i < seen.queries; ++i) {
      const float* row = seen.weights + i * seen.stride;
      of_token[std::size_t(seen.first_query + i)].emplace_back(row, row + seen.keys);
    }
  }
};

TEST(AttentionLoss, IsTheSumOverTokensOfMinusLogProbabilityTimesSquaredMeanWeights) {
  const auto model = model_of({});
  const Pairs pairs(*model);
  Recorder seen(1);
  const LossSums found =
      loss_of(*model, pairs, {.cross_entropy = 0, .attention = 0.7f}, nullptr, 0, &seen);  // observers may be chained
  std::vector<float> token_losses(pairs.target.ids.size());
  Arena arena;
  model->loss({arena}, pairs.source.grid(), pairs.target.grid(), {.token_losses = token_losses});
  ASSERT_EQ(seen.of_token.size(), token_losses.size());
  double expected = 0;
  for (std::size_t t = 0; t < token_losses.size(); ++t) {
    const auto& heads = seen.of_token[t];
    double squares = 0;
    for (std::size_t j = 0; j < heads[0].size(); ++j) {
      double mean = 0;
      for (const auto& head : heads) mean += double(head[j]) / double(heads.size());
      squares += mean * mean;
    }
    expected += 0.7 * double(token_losses[t]) * squares;
  }
  EXPECT_NEAR(found.smoothed / expected, 1, 1e-5);
}

TEST(Losses, AddUpWithTheirWeights) {
  const auto model = model_of({});
  const Pairs pairs(*model);
  const auto sum = [&](const LossWeights& weights) { return loss_of(*model, pairs, weights, nullptr).smoothed; };
  const double parts = 0.5 * sum({}) + 2 * sum({.cross_entropy = 0, .squared_error = 1}) +
                       3 * sum({.cross_entropy = 0, .embedding_error = 1}) +
                       4 * sum({.cross_entropy = 0, .attention = 1}) +
                       5 * sum({.cross_entropy = 0, .guided_alignment = 1});
  EXPECT_NEAR(
      sum({.cross_entropy = 0.5f, .squared_error = 2, .embedding_error = 3, .attention = 4, .guided_alignment = 5}) /
          parts,
      1, 1e-5);
}

TEST(Losses, OtherThanCrossEntropyDoNotChangeTheReportedCrossEntropy) {
  const auto model = model_of({});
  const Pairs pairs(*model);
  const LossSums plain = loss_of(*model, pairs, {}, nullptr);
  for (const Loss& loss : losses) {
    const LossSums sums = loss_of(*model, pairs, loss.weights, nullptr);
    EXPECT_NEAR(sums.cross_entropy / plain.cross_entropy, 1, 1e-5) << loss.name;
    EXPECT_EQ(sums.tokens, plain.tokens) << loss.name;
  }
}

TEST(RDrop, WithoutDropoutIsTheLossOfOnePass) {
  const auto model = model_of({});
  const Pairs pairs(*model);
  std::vector<float> once(model->parameters().values().size(), 0.0f), twice = once;
  const double one = loss_of(*model, pairs, {}, &once).smoothed;
  EXPECT_NEAR(loss_of(*model, pairs, {.r_drop = 5}, &twice).smoothed / one, 1, 1e-5);
  for (std::size_t i = 0; i < once.size(); ++i)
    ASSERT_NEAR(twice[i], once[i], 1e-4 * std::max(1.0f, std::abs(once[i])));
}

TEST(RDrop, PassesTwiceWithOtherMasks) {
  const auto model = model_of({.transformer_dropout = 0.3});
  const Pairs pairs(*model);
  const double a0 = loss_of(*model, pairs, {.r_drop = 1e-12f}, nullptr).smoothed;
  const double a1 = loss_of(*model, pairs, {.r_drop = 1}, nullptr).smoothed;
  const double a3 = loss_of(*model, pairs, {.r_drop = 3}, nullptr).smoothed;
  EXPECT_GT(a1 - a0, 0.01) << "the passes differ";
  EXPECT_NEAR(a3 - a0, 3 * (a1 - a0), 1e-3 * (a3 - a0)) << "the divergence has the weight";
}

TEST(AttentionLoss, OfALayerThatIsNotThereIsAnError) {
  const auto model = model_of({});
  const Pairs pairs(*model);
  try {
    loss_of(*model, pairs, {.attention = 1, .alignment_layer = 7}, nullptr);
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "this model has no attention to the source in decoder layer 8");
  }
}

}  // namespace
}  // namespace dragoman
