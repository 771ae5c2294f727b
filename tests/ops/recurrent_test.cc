#include "ops/recurrent.h"

#include <cmath>

#include "base/error.h"
#include "ops/gather.h"
#include "ops/ops_support.h"
#include "ops/sentence_mean.h"

namespace dragoman {
namespace {

const std::vector<int> active = {4, 3, 3, 1};  // lengths 4, 3, 3, 1: 11 rows
constexpr int rows = 11;

/// What stands between the state and the gates besides the product.
enum class Between { candidate_bias, nothing, bias, norm, biased_norm };

struct Case {
  Cell cell;
  int width;
  double dropout;
  bool started;
  Between between = Between::candidate_bias;
};

class Recurrent : public testing::TestWithParam<Case> {
 protected:
  /// input [rows, gates w], weight, bias, start h, start c, all gates' bias, scale and bias of a norm
  std::vector<Tensor> numbers_for(Numbers& numbers) {
    const int w = GetParam().width, gates = gates_of(GetParam().cell) * w;
    return {numbers.normal({rows, gates}), numbers.normal({w, gates}, 0.4), numbers.normal({w}),
            numbers.normal({5, w}),        numbers.normal({5, w}),          numbers.normal({gates}),
            numbers.normal({gates}),       numbers.normal({gates})};
  }
  RecurrentState start(std::span<const Tensor> t) const {
    if (!GetParam().started) return {};
    return {t[3], GetParam().cell == Cell::lstm ? t[4] : Tensor{}};
  }
  RecurrentMap map(std::span<const Tensor> t) const {
    RecurrentMap result{.weight = t[1]};
    switch (GetParam().between) {
      case Between::candidate_bias:
        if (GetParam().cell == Cell::gru) result.bias = t[2];
        break;
      case Between::nothing:
        break;
      case Between::bias:
        result.bias = t[5];
        break;
      case Between::norm:
        result.norm = {t[6], {}, 0.1f};
        break;
      case Between::biased_norm:
        result.bias = t[5];
        result.norm = {t[6], t[7], 0.1f, GetParam().cell == Cell::gru ? 2 * GetParam().width : 0};
        break;
    }
    return result;
  }
};

TEST_P(Recurrent, GradientsMatchDifferences) {
  Numbers numbers;
  expect_gradients(numbers_for(numbers), [&](const Context& ctx, auto t) {
    RecurrentPass pass(ctx, GetParam().cell, map(t), rows, GetParam().dropout);
    const RecurrentState all = pass.run(ctx, t[0], 0, active, start(t));
    const auto parts = ctx.arena.array<Tensor>(2);
    parts[0] = all.output;
    parts[1] = GetParam().cell == Cell::lstm ? all.cell : all.output;
    return stack_rows(ctx, parts);
  });
}

TEST_P(Recurrent, PieceByPieceEqualsAllTimesAtOnce) {
  Numbers numbers;
  const std::vector<Tensor> t = numbers_for(numbers);
  expect_gradients(t, [&](const Context& ctx, auto in) {  // differences of pieces, too
    RecurrentPass pass(ctx, GetParam().cell, map(in), rows, GetParam().dropout);
    const auto parts = ctx.arena.array<Tensor>(active.size());
    RecurrentState state = start(in);
    int first = 0;
    for (std::size_t i = 0; i < active.size(); ++i) {
      state = pass.run(ctx, in[0], first, std::span(active).subspan(i, 1), state);
      parts[i] = state.output;
      first += active[i];
    }
    return stack_rows(ctx, parts);
  });
  Arena arena;
  const Context ctx{arena};
  RecurrentPass whole(ctx, GetParam().cell, map(t), rows, 0), pieces = whole;
  const Tensor expected = whole.run(ctx, t[0], 0, active, start(t)).output;
  RecurrentState state = start(t);
  int first = 0;
  for (std::size_t i = 0; i < active.size(); ++i) {
    state = pieces.run(ctx, t[0], first, std::span(active).subspan(i, 1), state);
    for (std::int64_t j = 0; j < state.output.size(); ++j) {
      EXPECT_EQ(state.output.data[j], expected.row(first)[j]) << "must be equal to the last bit";
    }
    first += active[i];
  }
}

TEST_P(Recurrent, OfASequenceDoesNotSeeOthers) {
  Numbers numbers;
  const std::vector<Tensor> t = numbers_for(numbers);
  Arena arena;
  const Context ctx{arena};
  RecurrentPass all(ctx, GetParam().cell, map(t), rows, 0), alone = all;
  const Tensor together = all.run(ctx, t[0], 0, active, start(t)).output;
  const std::vector<int> mine = {1, 5, 8};  // the second sequence's rows
  const std::vector<int> one = {1, 1, 1}, second = {1};
  RecurrentState begin = start(t);
  if (begin.output.data != nullptr) begin.output = gather_rows(ctx, begin.output, second);
  if (begin.cell.data != nullptr) begin.cell = gather_rows(ctx, begin.cell, second);
  const Tensor result = alone.run(ctx, gather_rows(ctx, t[0], mine), 0, one, begin).output;
  for (std::size_t i = 0; i < mine.size(); ++i) {
    for (int j = 0; j < result.width(); ++j) {
      EXPECT_EQ(result.row(std::int64_t(i))[j], together.row(mine[i])[j]) << "must be equal to the last bit";
    }
  }
}

std::string case_name(const testing::TestParamInfo<Case>& instance) {
  static const char* const names[] = {"", "nothing", "bias", "norm", "biasednorm"};
  const Case& c = instance.param;
  return std::string(c.cell == Cell::gru ? "gru" : "lstm") + names[int(c.between)] + std::to_string(c.width) +
         (c.dropout > 0 ? "dropout" : "") + (c.started ? "started" : "");
}

INSTANTIATE_TEST_SUITE_P(
    Cells, Recurrent,
    testing::Values(Case{Cell::gru, 1, 0, false}, Case{Cell::gru, 5, 0, true}, Case{Cell::gru, 17, 0.3, true},
                    Case{Cell::gru, 16, 0.3, false}, Case{Cell::lstm, 1, 0, false}, Case{Cell::lstm, 5, 0, true},
                    Case{Cell::lstm, 17, 0.3, true}, Case{Cell::lstm, 16, 0.3, false},
                    Case{Cell::gru, 5, 0.3, true, Between::nothing}, Case{Cell::gru, 5, 0.3, true, Between::bias},
                    Case{Cell::gru, 5, 0, false, Between::bias}, Case{Cell::gru, 5, 0.3, true, Between::norm},
                    Case{Cell::gru, 5, 0, false, Between::norm}, Case{Cell::gru, 5, 0.3, true, Between::biased_norm},
                    Case{Cell::gru, 5, 0, false, Between::biased_norm}, Case{Cell::lstm, 5, 0.3, true, Between::bias},
                    Case{Cell::lstm, 5, 0.3, true, Between::norm}, Case{Cell::lstm, 5, 0, false, Between::norm},
                    Case{Cell::lstm, 5, 0, false, Between::biased_norm}),
    case_name);

TEST(RecurrentDropout, ZeroesTheSameElementsOfAStateAtAllTimes) {
  // with a weight of the identity in the candidate's columns and gates wide open, the product shows what it read
  Numbers numbers;
  Arena arena;
  Tape tape;
  Random random(3);
  const int w = 64;
  const Context ctx{arena, &tape, &random};
  Tensor weight = numbers.normal({w, 4 * w}, 0), input = numbers.normal({3, 4 * w}, 0);
  for (int i = 0; i < w; ++i) weight.row(i)[2 * w + i] = 1;
  for (int t = 0; t < 3; ++t) {
    for (int i = 0; i < w; ++i) {
      input.row(t)[i] = 20;       // takes the candidate
      input.row(t)[w + i] = -20;  // forgets the cell
      input.row(t)[2 * w + i] = 0.1f;
      input.row(t)[3 * w + i] = 20;  // shows it
    }
  }
  RecurrentPass pass(ctx, Cell::lstm, {numbers.with_gradient(weight, 0)}, 3, 0.5);
  const std::vector<int> one = {1, 1, 1};
  const Tensor out = pass.run(ctx, numbers.with_gradient(input, 0), 0, one, {}).output;
  const float undropped = std::tanh(std::tanh(0.1f));
  int zeroed = 0;
  for (int i = 0; i < w; ++i) {
    const bool first = std::abs(out.row(1)[i] - undropped) < 1e-4f,
               second = std::abs(out.row(2)[i] - undropped) < 1e-4f;
    EXPECT_EQ(first, second);
    zeroed += first;
  }
  EXPECT_GT(zeroed, 15);
  EXPECT_LT(zeroed, 49);
}

TEST(Gather, GradientsMatchDifferences) {
  Numbers numbers;
  const std::vector<int> some = {2, 0, 2, 1}, others = {0, 4, 3, 3};
  expect_gradients({numbers.normal({3, 2}), numbers.normal({5, 3})}, [&](const Context& ctx, auto t) {
    const auto parts = ctx.arena.array<GatheredPart>(2);
    parts[0] = {t[0], some};
    parts[1] = {t[1], others};
    return gather(ctx, parts);
  });
}

TEST(Cell, HasNamesOfOursAndMarians) {
  EXPECT_EQ(parse_cell("gru", "enc-cell"), Cell::gru);
  EXPECT_EQ(parse_cell("gru-nematus", "enc-cell"), Cell::gru);
  EXPECT_EQ(parse_cell("lstm", "enc-cell"), Cell::lstm);
  EXPECT_THROW(parse_cell("ssru", "enc-cell"), Error);
}

TEST(Gather, TakesRows) {
  Arena arena;
  Numbers numbers;
  const Tensor x = numbers.normal({3, 2});
  const std::vector<int> some = {2, 0, 2, 1};
  const Tensor y = gather_rows({arena}, x, some);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 2; ++j) EXPECT_EQ(y.row(i)[j], x.row(some[i])[j]);
  }
}

TEST(SentenceMean, AndItsGradient) {
  Numbers numbers;
  const std::vector<int> offsets = {0, 2, 2, 5};
  const Tensor x = numbers.normal({5, 3});
  Arena arena;
  const Tensor mean = sentence_mean({arena}, x, offsets);
  for (int j = 0; j < 3; ++j) {
    EXPECT_FLOAT_EQ(mean.row(0)[j], (x.row(0)[j] + x.row(1)[j]) / 2);
    EXPECT_EQ(mean.row(1)[j], 0);
    EXPECT_NEAR(mean.row(2)[j], (x.row(2)[j] + x.row(3)[j] + x.row(4)[j]) / 3, 1e-6);
  }
  expect_gradients({x}, [&](const Context& ctx, auto t) { return sentence_mean(ctx, t[0], offsets); });
}

}  // namespace
}  // namespace dragoman
