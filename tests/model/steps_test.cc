// Decoding step by step computes what decoding everything at once does, for every option.

#include "model/model_support.h"

namespace dragoman {
namespace {

class Steps : public ModelTest {
 protected:
  /// Feeds `chunks[r]` more tokens to each row until all are fed; compares each output with the whole.
  template <class Chunk>
  void check(Chunk chunk) {
    const auto model = random_model(options());
    Random random(2);
    Sentences source;
    std::vector<Sentence> fed;
    for (const auto& [words, targets] : {std::pair(5, 4), std::pair(0, 7), std::pair(8, 0), std::pair(2, 9)}) {
      source.add(random_sentence(random, model->source_vocabulary(), words));
      fed.push_back(shifted(random_sentence(random, model->target_vocabulary(), targets)));
    }
    const Sentences all(fed);
    const std::vector<float> whole = whole_outputs(*model, source, all);
    const int width = options().dim_emb;

    Arena arena;
    const Context ctx{arena};
    const auto state = model->start(ctx, model->encode(ctx, source.grid()), Decoding::stepwise);
    std::vector<std::size_t> done(fed.size(), 0);
    std::vector<float> stepwise(whole.size(), -1e9f);
    for (int step = 0; step < 100; ++step) {
      Sentences now;
      std::vector<std::size_t> places;
      for (std::size_t r = 0; r < fed.size(); ++r) {
        const std::size_t count = std::min<std::size_t>(chunk(step, r), fed[r].size() - done[r]);
        now.add({fed[r].begin() + long(done[r]), fed[r].begin() + long(done[r] + count)});
        for (std::size_t i = 0; i < count; ++i) places.push_back(std::size_t(all.offsets[r]) + done[r]++);
      }
      const Tensor output = model->step(ctx, *state, now.grid());
      ASSERT_EQ(output.rows(), std::int64_t(places.size()));
      for (std::size_t i = 0; i < places.size(); ++i) {
        std::copy_n(output.row(std::int64_t(i)), width, stepwise.data() + places[i] * std::size_t(width));
      }
    }
    EXPECT_LT(largest_difference(whole, stepwise), 1e-5);
  }
};
INSTANTIATE_TEST_SUITE_P(All, Steps, testing::ValuesIn(variants()), variant_name);

TEST_P(Steps, OfOneTokenEqualWhole) {
  check([](int, std::size_t) { return 1; });
}

TEST_P(Steps, OfSeveralTokensEqualWhole) {
  check([](int, std::size_t) { return 3; });
}

TEST_P(Steps, OfDifferentNumbersOfTokensEqualWhole) {
  check([random = Random(3)](int, std::size_t) mutable { return int(random.below(4)); });
}

TEST_P(Steps, WithReorderingEqualWhole) {
  const auto model = random_model(options());
  Random random(4);
  std::vector<Sentence> sources;
  for (const int words : {4, 0, 7}) sources.push_back(random_sentence(random, model->source_vocabulary(), words));
  const Sentences source(sources);
  Arena arena;
  const Context ctx{arena};
  const auto state = model->start(ctx, model->encode(ctx, source.grid()), Decoding::stepwise);
  struct Row {
    std::size_t sentence;
    Sentence fed;
  };
  std::vector<Row> rows = {{0, {}}, {1, {}}, {2, {}}};
  for (int step = 0; step < 9; ++step) {
    if (step > 0 || GetParam().name == "wide") {  // rows may even be multiplied before the first step
      std::vector<int> parents;
      std::vector<Row> next;
      const std::size_t count = step == 5 ? 1 : 1 + random.below(7);  // fewer and more rows than before
      for (std::size_t r = 0; r < count; ++r) {
        parents.push_back(int(random.below(rows.size())));
        next.push_back(rows[parents.back()]);
      }
      state->reorder(parents);
      rows = next;
    }
    Sentences now;
    for (Row& row : rows) {
      const int word = row.fed.empty() ? -1 : int(random.below(std::uint64_t(model->target_vocabulary())));
      row.fed.push_back(word);
      now.add({word});
    }
    const Tensor output = model->step(ctx, *state, now.grid());
    Sentences repeated, fed;
    for (const Row& row : rows) {
      repeated.add(sources[row.sentence]);
      fed.add(row.fed);
    }
    const std::vector<float> whole = whole_outputs(*model, repeated, fed);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const std::size_t width = std::size_t(options().dim_emb), last = std::size_t(fed.offsets[r + 1]) - 1;
      EXPECT_LT(largest_difference(std::span(whole).subspan(last * width, width), {output.row(std::int64_t(r)), width}),
                1e-5)
          << "step " << step << " row " << r;
    }
  }
}

TEST_P(Steps, GiveTheLogProbabilitiesThatTheLossSums) {
  const auto model = random_model(options());
  Random random(5);
  const Sentences source({random_sentence(random, model->source_vocabulary(), 5)});
  const Sentence target = random_sentence(random, model->target_vocabulary(), 6);
  const Sentences targets({target});
  Arena arena;
  const Context ctx{arena};
  std::vector<float> losses(target.size());
  const LossSums sums = model->loss(ctx, source.grid(), targets.grid(), {.token_losses = losses});
  const auto state = model->start(ctx, model->encode(ctx, source.grid()), Decoding::stepwise);
  double total = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    Sentences fed;
    fed.add({shifted(target)[i]});
    const Tensor logs = model->log_probabilities(ctx, model->step(ctx, *state, fed.grid()));
    EXPECT_NEAR(-logs.data[target[i]], losses[i], 2e-5);
    total -= logs.data[target[i]];
  }
  EXPECT_NEAR(sums.cross_entropy, total, 1e-4);
  EXPECT_NEAR(sums.smoothed, total, 1e-4) << "no smoothing was asked for";
  EXPECT_EQ(sums.tokens, std::int64_t(target.size()));
}

TEST_P(Steps, OfAKeptStateEqualThoseOfTheStateItself) {
  const auto model = random_model(options());
  Random random(5);
  std::vector<Sentence> sources;
  for (const int words : {4, 6, 7}) sources.push_back(random_sentence(random, model->source_vocabulary(), words));
  const Sentences source(sources);
  const Sentence fed = shifted(random_sentence(random, model->target_vocabulary(), 8));
  const auto outputs = [&](Arena& arena, DecoderState& state, int rows, std::size_t first, std::size_t count) {
    Sentences tokens;
    for (int r = 0; r < rows; ++r) tokens.add({fed.begin() + long(first), fed.begin() + long(first + count)});
    const auto values = model->step({arena}, state, tokens.grid()).values();
    return std::vector<float>(values.end() - options().dim_emb, values.end());  // of the last token of the last row
  };
  std::unique_ptr<DecoderState> kept, begun;
  std::vector<float> expected;
  {
    Arena arena;
    const Context ctx{arena};
    const auto state = model->start(ctx, model->encode(ctx, source.grid()), Decoding::stepwise);
    begun = state->kept(2);
    outputs(arena, *state, 3, 0, 3);
    state->reorder(std::vector<int>{0, 2, 2});
    kept = state->kept(2);
    outputs(arena, *state, 3, 3, 1);
    expected = outputs(arena, *state, 3, 4, 1);
  }
  EXPECT_GT(kept->bytes().shared, 0u);
  Arena arena;
  const auto copy = kept->kept(0);
  for (DecoderState* state : {kept.get(), copy.get()}) {
    outputs(arena, *state, 1, 3, 1);
    EXPECT_EQ(outputs(arena, *state, 1, 4, 1), expected);
  }
  EXPECT_EQ(outputs(arena, *begun, 1, 0, 5), expected) << "from the start, in one step of five tokens";
  if (copy->can_go_back()) {
    copy->go_back(2);
    EXPECT_EQ(outputs(arena, *copy, 1, 3, 2), expected);
  } else {
    EXPECT_TRUE(options().type != "transformer" || options().transformer_decoder_autoreg != "self-attention");
  }
}

}  // namespace
}  // namespace dragoman
