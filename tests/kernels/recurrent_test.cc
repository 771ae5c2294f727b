// Recurrent cells and additive scores of every instruction set compute what plain loops in double precision do.

#include <cmath>

#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

template <class Run>
void for_all_kernels(Run run) {
  for (const KernelTable* k : all_kernels()) {
    SCOPED_TRACE(k->name);
    run(*k);
  }
}

class RecurrentKernel : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Widths, RecurrentKernel, testing::Values(1, 3, 16, 37));

TEST_P(RecurrentKernel, GruIsTheFormula) {
  const int w = GetParam(), rows = 3;
  const auto x = random_floats(rows * 3 * w, 1), hidden = random_floats(rows * 3 * w, 2), bias = random_floats(w, 3);
  const auto previous = random_floats(rows * w, 4);
  for_all_kernels([&](const KernelTable& k) {
    for (const auto& [started, biased] : {std::pair(false, true), std::pair(true, true), std::pair(true, false)}) {
      std::vector<float> out(std::size_t(rows) * w), kept(std::size_t(rows) * 4 * w);
      k.gru(rows, w, x.data(), started ? hidden.data() : nullptr, biased ? bias.data() : nullptr,
            started ? previous.data() : nullptr, out.data(), kept.data());
      for (int r = 0; r < rows; ++r) {
        for (int i = 0; i < w; ++i) {
          const auto at = [&](const std::vector<float>& v, int gate) {
            return double(v[std::size_t((r * 3 + gate) * w + i)]);
          };
          const auto h = [&](int gate) { return started ? at(hidden, gate) : 0.0; };
          const double old = started ? previous[std::size_t(r * w + i)] : 0.0;
          const double reset = logistic(at(x, 0) + h(0)), update = logistic(at(x, 1) + h(1));
          const double candidate = std::tanh(at(x, 2) + reset * (h(2) + (biased ? bias[std::size_t(i)] : 0.0f)));
          EXPECT_NEAR(out[std::size_t(r * w + i)], (1 - update) * candidate + update * old, 2e-6);
        }
      }
    }
  });
}

TEST_P(RecurrentKernel, LstmIsTheFormula) {
  const int w = GetParam(), rows = 3;
  const auto x = random_floats(rows * 4 * w, 1), hidden = random_floats(rows * 4 * w, 2);
  const auto previous = random_floats(rows * w, 4);
  for_all_kernels([&](const KernelTable& k) {
    for (const bool started : {false, true}) {
      std::vector<float> out(std::size_t(rows) * w), cell = out;
      k.lstm(rows, w, x.data(), started ? hidden.data() : nullptr, started ? previous.data() : nullptr, out.data(),
             cell.data(), nullptr);
      for (int r = 0; r < rows; ++r) {
        for (int i = 0; i < w; ++i) {
          const auto gate = [&](int g) {
            const std::size_t at = std::size_t((r * 4 + g) * w + i);
            return double(x[at]) + (started ? hidden[at] : 0.0f);
          };
          const double old = started ? previous[std::size_t(r * w + i)] : 0.0;
          const double now = logistic(gate(1)) * old + logistic(gate(0)) * std::tanh(gate(2));
          EXPECT_NEAR(cell[std::size_t(r * w + i)], now, 2e-6);
          EXPECT_NEAR(out[std::size_t(r * w + i)], logistic(gate(3)) * std::tanh(now), 2e-6);
        }
      }
    }
  });
}

TEST_P(RecurrentKernel, GatedSumIsTheFormula) {
  const int w = GetParam(), rows = 5;
  const auto x = random_floats(rows * w, 1), gate = random_floats(rows * w, 2), begin = random_floats(w, 3);
  for_all_kernels([&](const KernelTable& k) {
    std::vector<float> state = begin, out(std::size_t(rows) * w), kept(std::size_t(rows) * w);
    k.gated_sum(rows, w, x.data(), gate.data(), state.data(), out.data(), kept.data());
    for (int i = 0; i < w; ++i) {
      double now = begin[std::size_t(i)];
      for (int r = 0; r < rows; ++r) {
        const std::size_t at = std::size_t(r * w + i);
        const double keep = logistic(gate[at]);
        now = keep * now + (1 - keep) * x[at];
        EXPECT_NEAR(out[at], now, 2e-6);
        EXPECT_NEAR(kept[at], keep, 1e-6);
      }
      EXPECT_NEAR(state[std::size_t(i)], now, 2e-6);
    }
  });
}

TEST_P(RecurrentKernel, AdditiveScoresOfOneQueryAreTheFormula) {
  const int w = GetParam(), heads = 2, keys = 7, all = heads * w;
  const auto q = random_floats(all, 1), store = random_floats(keys * 2 * all, 2), v = random_floats(all, 3);
  for_all_kernels([&](const KernelTable& k) {
    std::vector<float> out(std::size_t(all), 0.0f), weights(std::size_t(heads) * keys);
    k.attention_step(heads, w, q.data(), store.data(), store.data() + all, 2 * all, nullptr, keys, 1, v.data(),
                     out.data(), weights.data());
    for (int h = 0; h < heads; ++h) {
      std::vector<double> expected;
      double total = 0;
      for (int t = 0; t < keys; ++t) {
        double score = 0;
        for (int i = h * w; i < (h + 1) * w; ++i) {
          score += v[std::size_t(i)] * std::tanh(double(q[std::size_t(i)]) + store[std::size_t(t * 2 * all + i)]);
        }
        expected.push_back(std::exp(score));
        total += expected.back();
      }
      for (int t = 0; t < keys; ++t)
        EXPECT_NEAR(weights[std::size_t(h * keys + t)], expected[std::size_t(t)] / total, 3e-6);
    }
  });
}

}  // namespace
}  // namespace dragoman
