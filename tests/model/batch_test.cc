// A sentence is the same alone and in a batch, and a batch leaves nothing behind.

#include "model/model_support.h"

namespace dragoman {
namespace {

class Batch : public ModelTest {};
INSTANTIATE_TEST_SUITE_P(All, Batch, testing::ValuesIn(variants()), variant_name);

struct Pairs {
  Sentences source, target;
};

Pairs random_pairs(const Seq2Seq& model, std::initializer_list<std::pair<int, int>> lengths, std::uint64_t seed = 6) {
  Random random(seed);
  Pairs pairs;
  for (const auto& [source, target] : lengths) {
    pairs.source.add(random_sentence(random, model.source_vocabulary(), source));
    pairs.target.add(random_sentence(random, model.target_vocabulary(), target));
  }
  return pairs;
}

Sentences one_of(const Sentences& all, std::size_t s) {
  return Sentences({Sentence(all.ids.begin() + all.offsets[s], all.ids.begin() + all.offsets[s + 1])});
}

// Bit for bit: see kernels/row_gemm.h.
TEST_P(Batch, OfSeveralSentencesGivesEachWhatItGetsAlone) {
  const auto model = random_model(options());
  const Pairs pairs = random_pairs(*model, {{5, 3}, {0, 9}, {8, 0}, {3, 4}, {10, 10}, {1, 1}, {7, 6}});
  Arena arena;
  std::vector<float> losses(pairs.target.ids.size());
  model->loss({arena}, pairs.source.grid(), pairs.target.grid(), {.smoothing = 0.1f, .token_losses = losses});
  for (std::size_t s = 0; s + 1 < pairs.target.offsets.size(); ++s) {
    const Sentences source = one_of(pairs.source, s), target = one_of(pairs.target, s);
    std::vector<float> alone(target.ids.size());
    model->loss({arena}, source.grid(), target.grid(), {.smoothing = 0.1f, .token_losses = alone});
    EXPECT_EQ(largest_difference(alone, std::span(losses).subspan(pairs.target.offsets[s], alone.size())), 0);
  }
}

TEST_P(Batch, OfTheSameSentencesGivesTheSameBits) {
  const auto model = random_model(options(), {.transformer_dropout = 0.1, .transformer_dropout_attention = 0.1});
  const Pairs pairs = random_pairs(*model, {{5, 3}, {0, 9}, {8, 4}});
  const auto run = [&] {
    Arena arena;
    Tape tape;
    Random random(7);
    std::vector<float> gradients(model->parameters().values().size(), 0.0f);
    model->loss({arena, &tape, &random, gradients.data()}, pairs.source.grid(), pairs.target.grid(),
                {.smoothing = 0.1f});
    tape.run_backward();
    return gradients;
  };
  EXPECT_EQ(run(), run());
}

TEST_P(Batch, AddsUpTheGradientsOfItsSentences) {
  const auto model = random_model(options());
  const Pairs pairs = random_pairs(*model, {{5, 3}, {0, 9}, {8, 0}});
  const auto add = [&](const Sentences& source, const Sentences& target, std::vector<float>& gradients) {
    Arena arena;
    Tape tape;
    Random random(7);
    model->loss({arena, &tape, &random, gradients.data()}, source.grid(), target.grid(), {.smoothing = 0.1f});
    tape.run_backward();
  };
  std::vector<float> together(model->parameters().values().size(), 0.0f), apart = together;
  add(pairs.source, pairs.target, together);
  for (std::size_t s = 0; s < 3; ++s) add(one_of(pairs.source, s), one_of(pairs.target, s), apart);
  EXPECT_LT(largest_difference(together, apart), 1e-5);
}

TEST_P(Batch, WithoutATapeIsAsWithOneAndNoDropout) {
  const auto model = random_model(options());
  const auto dropping = random_model(options(), {0.3, 0.3, 0.3, 0.3, 0.3});
  const Pairs pairs = random_pairs(*model, {{5, 3}, {0, 9}});
  Arena arena;
  Tape tape;
  Random random(7);
  std::vector<float> gradients(model->parameters().values().size(), 0.0f);
  const auto loss = [&](const Seq2Seq& of, const Context& ctx) {
    tape.clear();
    return of.loss(ctx, pairs.source.grid(), pairs.target.grid(), {.smoothing = 0.1f}).smoothed;
  };
  const Context inference{arena}, training{arena, &tape, &random, gradients.data()};
  const double expected = loss(*model, inference);
  EXPECT_NEAR(loss(*model, training), expected, 1e-5 * expected);
  EXPECT_EQ(loss(*model, inference), loss(*dropping, inference)) << "dropout is for training only";
  EXPECT_NE(loss(*dropping, inference), loss(*dropping, training));
}

TEST_P(Batch, DoesNotMakeTheArenaGrowTheSecondTime) {
  const auto model = random_model(options(), {0.1, 0.1, 0.1, 0.1, 0.1});
  std::vector<std::pair<int, int>> lengths;
  Random random(8);
  Sentences source, target;
  for (int i = 0; i < 300; ++i) {  // several blocks of memory for most models
    source.add(random_sentence(random, model->source_vocabulary(), int(random.below(11))));
    target.add(random_sentence(random, model->target_vocabulary(), int(random.below(11))));
  }
  Arena arena;
  Tape tape;
  std::vector<float> gradients(model->parameters().values().size(), 0.0f);
  const auto pass = [&] {
    arena.reset();
    tape.clear();
    model->loss({arena, &tape, &random, gradients.data()}, source.grid(), target.grid(), {.smoothing = 0.1f});
    tape.run_backward();
    return arena.capacity();
  };
  const std::size_t first = pass();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pass(), first);
}

}  // namespace
}  // namespace dragoman
