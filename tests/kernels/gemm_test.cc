#include "kernels/gemm.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

/// Products of this size gain nothing from threads, and lose much when tests run beside each other.
const bool one_thread = (use_one_thread_per_product(), true);

struct Product {
  int m, n, k;
  GemmOptions options;
  int gap = 0;  ///< floats between rows, of a different number for each matrix
};

/// Computes a product in exactly sized memory and returns the largest error; untouched gaps are checked too.
double error_of(const Product& p, std::uint64_t seed = 1) {
  const auto [m, n, k, options, gap] = p;
  const auto matrix = [&](int rows, int columns, int extra, std::uint64_t which) {
    return random_floats(std::max<std::int64_t>(std::int64_t(rows) * (columns + extra) - extra, 0), seed + which);
  };
  const int a_rows = options.transpose_a ? k : m, a_columns = options.transpose_a ? m : k;
  const int b_rows = options.transpose_b ? n : k, b_columns = options.transpose_b ? k : n;
  const int a_gap = gap, b_gap = 2 * gap, c_gap = 3 * gap;
  const auto a = matrix(a_rows, a_columns, a_gap, 1), b = matrix(b_rows, b_columns, b_gap, 2),
             bias = random_floats(n, seed + 3);
  auto before = matrix(m, n, c_gap, 4);
  if (!options.accumulate) {
    for (float& value : before) value = nan;
  }
  auto c = before;
  GemmOptions with_bias = options;
  if (options.bias != nullptr) with_bias.bias = bias.data();
  gemm({a.data(), a_rows, a_columns, a_columns + a_gap}, {b.data(), b_rows, b_columns, b_columns + b_gap},
       {c.data(), m, n, n + c_gap}, with_bias);
  double worst = 0;
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n + c_gap; ++j) {
      const std::size_t at = std::size_t(i) * (n + c_gap) + j;
      if (at >= c.size()) continue;
      if (j >= n) {
        EXPECT_TRUE(c[at] == before[at] || (std::isnan(c[at]) && std::isnan(before[at]))) << "wrote between rows";
        continue;
      }
      double sum = (options.accumulate ? before[at] : 0) + (options.bias != nullptr ? bias[j] : 0);
      for (int x = 0; x < k; ++x) {
        const std::size_t in_a =
            options.transpose_a ? std::size_t(x) * (m + a_gap) + i : std::size_t(i) * (k + a_gap) + x;
        const std::size_t in_b =
            options.transpose_b ? std::size_t(j) * (k + b_gap) + x : std::size_t(x) * (n + b_gap) + j;
        sum += double(a[in_a]) * b[in_b];
      }
      if (options.relu) sum = std::max(sum, 0.0);
      const double error = std::abs(c[at] - sum);
      if (!(error <= worst)) worst = error;  // NaN too
    }
  }
  return worst;
}

/// All flags; a bias that is not null stands for one.
std::vector<GemmOptions> all_options() {
  static const float some = 0;
  std::vector<GemmOptions> result;
  for (int flags = 0; flags < 32; ++flags) {
    result.push_back({.transpose_a = (flags & 1) != 0,
                      .transpose_b = (flags & 2) != 0,
                      .accumulate = (flags & 4) != 0,
                      .bias = (flags & 8) != 0 ? &some : nullptr,
                      .relu = (flags & 16) != 0});
  }
  return result;
}

std::string text(const Product& p) {
  return testing::PrintToString(std::vector<int>{p.m, p.n, p.k, p.options.transpose_a, p.options.transpose_b,
                                                 p.options.accumulate, p.options.bias != nullptr, p.options.relu,
                                                 p.gap});
}

TEST(Gemm, IsRightForAllFlagsSizesAndStrides) {
  const std::array<int, 3> sizes[] = {{1, 1, 1},   {1, 5, 3},    {3, 1, 5},    {5, 3, 1},
                                      {7, 17, 33}, {16, 16, 16}, {33, 48, 65}, {1, 64, 31}};
  for (const GemmOptions& options : all_options()) {
    for (const auto& [m, n, k] : sizes) {
      for (const int gap : {0, 3}) {
        const Product p{m, n, k, options, gap};
        EXPECT_LT(error_of(p), 1e-4) << text(p);
      }
    }
  }
}

TEST(Gemm, InBfloat16RoundsTheFactorsOnly) {
  if (!has_products_in(Precision::bfloat16)) GTEST_SKIP() << "this processor has no products in bfloat16";
  for (GemmOptions options : all_options()) {
    options.precision = Precision::bfloat16;
    for (const auto& [m, n, k] : {std::array{7, 17, 33}, {33, 48, 65}, {1, 64, 31}, {5, 3, 1}}) {
      const double error = error_of({m, n, k, options, 3});
      EXPECT_LT(error, 0.15) << m << " " << n << " " << k;
      if (k > 1) {
        EXPECT_GT(error, 1e-4) << "as exact as single precision?";
      }
    }
  }
}

TEST(Gemm, OfNothingLeavesOrClearsTheResult) {
  for (const bool accumulate : {false, true}) {
    for (const bool ta : {false, true}) {
      EXPECT_EQ(error_of({4, 5, 0, {.transpose_a = ta, .accumulate = accumulate}, 2}), 0);
      EXPECT_EQ(error_of({0, 5, 3, {.transpose_a = ta, .accumulate = accumulate}, 2}), 0);
      EXPECT_EQ(error_of({4, 0, 3, {.transpose_a = ta, .accumulate = accumulate}, 0}), 0);
    }
  }
}

TEST(Gemm, StaysRightBeyondTheNumberOfSizesThatItKeeps) {
  // memory objects are kept for 8192 numbers of rows (or summed rows, with a transposed)
  const int most = 9000, n = 2;
  std::vector<float> a(most, 1.0f), b(most * n, 0.5f), c(most * n, nan);
  for (int pass = 0; pass < 2; ++pass) {
    for (int m = 1; m <= most; ++m) {
      gemm({a.data(), m, 1, 1}, {b.data(), 1, n, n}, {c.data(), m, n, n});
      ASSERT_EQ(c[0], 0.5f) << m;
      ASSERT_EQ(c[std::size_t(m) * n - 1], 0.5f) << m;
      c[0] = c[std::size_t(m) * n - 1] = nan;
    }
  }
  for (const int k : {1, 100, 8191, 8193, 9000, 100}) {
    gemm({a.data(), k, 1, 1}, {b.data(), k, n, n}, {c.data(), 1, n, n}, {.transpose_a = true});
    ASSERT_EQ(c[1], 0.5f * float(k));
  }
}

TEST(Gemm, WorksInSeveralThreadsAtOnce) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      use_one_thread_per_product();
      for (int round = 0; round < 3; ++round) {
        for (const GemmOptions& options : all_options()) {
          if (!(error_of({5 + round + t, 19, 23, options, t % 2}, std::uint64_t(t)) < 1e-4)) ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Gemm, OfTheSameMatricesGivesTheSameBits) {
  const auto a = random_floats(40 * 96, 1), b = random_floats(96 * 80, 2);
  std::vector<float> first(40 * 80, nan), second(40 * 80, nan);
  gemm({a.data(), 40, 96, 96}, {b.data(), 96, 80, 80}, {first.data(), 40, 80, 80});
  for (int i = 0; i < 10; ++i) {
    gemm({a.data(), 40, 96, 96}, {b.data(), 96, 80, 80}, {second.data(), 40, 80, 80});
    ASSERT_EQ(first, second);
  }
}

TEST(Gemm, NamesTheLibraryInUse) {
  EXPECT_THAT(dnn_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_NE(std::string(dnn_instruction_set()), "");
}

}  // namespace
}  // namespace dragoman
