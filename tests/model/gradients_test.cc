// The gradient of a whole model's loss is that of differences. (Not where there are norms inside cells, which at a
// sentence's beginning divide by next to nothing: there see tests/golden/make_recurrent_forms.py.)

#include <cmath>

#include "autograd/gradient_check.h"
#include "model/model_support.h"

namespace dragoman {
namespace {

void check(const ModelOptions& options, const DropoutOptions& dropout) {
  const auto model = random_model(options, dropout);
  Random random(9);
  Sentences source, target;
  for (const auto& [words, targets] : {std::pair(3, 2), std::pair(0, 4), std::pair(5, 0)}) {
    source.add(random_sentence(random, model->source_vocabulary(), words));
    target.add(random_sentence(random, model->target_vocabulary(), targets));
  }
  Parameters& parameters = model->parameters();
  std::vector<float> gradients(parameters.values().size(), 0.0f), ignored = gradients;
  Arena arena;
  Tape tape;
  const auto loss = [&](std::vector<float>& sums) {
    arena.reset();
    tape.clear();
    Random masks(10);
    return model->loss({arena, &tape, &masks, sums.data()}, source.grid(), target.grid(), {.smoothing = 0.1f}).smoothed;
  };
  loss(gradients);
  tape.run_backward();
  for (const Parameter& p : parameters.list()) {
    const GradientMismatch mismatch = compare_with_differences(
        parameters.values_of(p), std::span(gradients).subspan(p.offset, p.shape.size()), [&] { return loss(ignored); },
        0.015);
    const double rounding = 6e-4;  // of a loss of some 30 in floats, divided by the step
    if (std::abs(mismatch.gradient - mismatch.difference) < rounding) continue;
    EXPECT_LT(mismatch.error, 3e-3) << p.name << " " << mismatch.text();
  }
}

class ModelGradients : public ModelTest {};
INSTANTIATE_TEST_SUITE_P(
    All, ModelGradients,
    testing::Values(variant("post_norm"), variant("pre_norm"), variant("pre_norm_keys"), variant("norms_everywhere"),
                    variant("learned_positions_pre_norm"), variant("tied"), variant("tied_all"), variant("gelu"),
                    variant("odd_widths"), variant("deep_pre_norm"), variant("average_attention"),
                    variant("average_attention_nogate"), variant("score_dot"), variant("score_general"),
                    variant("score_additive"), variant("score_gated"), variant("gru_additive"),
                    variant("gru_general_heads"), variant("gru"), variant("lstm"), variant("marian_gru"),
                    variant("marian_lstm_bi_unidirectional"), variant("marian_gru_one_cell"),
                    variant("gru_bi_unidirectional"), variant("gru_luong"), variant("lstm_luong_deep"),
                    variant("gru_luong_fed"), variant("lstm_luong_fed_deep"), variant("gru_tied_odd")),
    variant_name);

TEST_P(ModelGradients, MatchDifferences) { check(options(), {}); }

TEST_P(ModelGradients, WithDropoutEverywhereMatchDifferences) { check(options(), {0.2, 0.2, 0.2, 0.2, 0.2, 0.2}); }

}  // namespace
}  // namespace dragoman
