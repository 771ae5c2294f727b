#include "kernels/row_gemm.h"

#include <gtest/gtest.h>

#include <cstring>

#include "kernels/kernel_support.h"
#include "kernels/kernels.h"

namespace dragoman {
namespace {

/// Multiplies rows alone and with others.
template <class Weights>
void expect_independent_rows(const std::vector<float>& a, int k, const Weights& weights, int n, bool transposed) {
  const int most = 150;
  std::vector<float> alone(std::size_t(most) * n), together(std::size_t(most) * n);
  for (int i = 0; i < most; ++i) {
    row_gemm({a.data() + std::int64_t(i) * k, 1, k, k}, weights, {alone.data() + std::int64_t(i) * n, 1, n, n},
             {.transpose_b = transposed});
  }
  for (const int m : {2, 3, 5, 6, 7, 15, 16, 17, 18, 19, 31, 64, 71, 72, 73, 90, 96, 144, 149, 150}) {
    row_gemm({a.data(), m, k, k}, weights, {together.data(), m, n, n}, {.transpose_b = transposed});
    for (int i = 0; i < m; ++i) {
      ASSERT_EQ(0, std::memcmp(alone.data() + std::int64_t(i) * n, together.data() + std::int64_t(i) * n,
                               sizeof(float) * std::size_t(n)))
          << "row " << i << " of " << m << ", k " << k << " n " << n;
    }
  }
}

TEST(RowGemm, ARowHasTheSameBitsAmongAnyOthers) {
  use_one_thread_per_product();
  for (const auto& [k, n, transposed] :
       {std::tuple(16, 48, false), std::tuple(128, 384, false), std::tuple(512, 512, false),
        std::tuple(1024, 2048, false), std::tuple(2048, 512, false), std::tuple(128, 1000, true),
        std::tuple(512, 3001, true), std::tuple(33, 7, true)}) {
    const auto a = random_floats(std::int64_t(150) * k, 1), b = random_floats(std::int64_t(k) * n, 2);
    const int rows = transposed ? n : k, columns = transposed ? k : n;
    expect_independent_rows(a, k, Matrix{b.data(), rows, columns, columns}, n, transposed);
    if (!has_products_in(Precision::bfloat16)) continue;
    std::vector<std::uint16_t> rounded(b.size());
    kernels().to_bfloat16(std::int64_t(b.size()), b.data(), rounded.data());
    expect_independent_rows(a, k, Bfloat16Matrix{rounded.data(), rows, columns, columns}, n, transposed);
  }
}

TEST(RowGemm, WithWeightsInBfloat16IsTheProductThatRoundsThem) {
  if (!has_products_in(Precision::bfloat16)) GTEST_SKIP() << "this processor has no products in bfloat16";
  const int m = 77, k = 9, n = 5;
  const auto a = random_floats(m * k, 1), b = random_floats(k * n, 2), bias = random_floats(n, 3);
  std::vector<std::uint16_t> rounded(b.size());
  kernels().to_bfloat16(std::int64_t(b.size()), b.data(), rounded.data());
  std::vector<float> c(m * n), expected(m * n);
  for (const bool transposed : {false, true}) {
    const int rows = transposed ? n : k, columns = transposed ? k : n;
    const GemmOptions options{
        .transpose_b = transposed, .bias = bias.data(), .relu = true, .precision = Precision::bfloat16};
    row_gemm({a.data(), m, k, k}, Bfloat16Matrix{rounded.data(), rows, columns, columns}, {c.data(), m, n, n}, options);
    gemm({a.data(), m, k, k}, Matrix{b.data(), rows, columns, columns}, {expected.data(), m, n, n}, options);
    for (int i = 0; i < m * n; ++i) EXPECT_NEAR(c[i], expected[i], 1e-5);
  }
}

TEST(RowGemm, IsTheProductWithBiasAndRelu) {
  const int m = 77, k = 9, n = 5;
  const auto a = random_floats(m * k, 1), b = random_floats(k * n, 2), bias = random_floats(n, 3);
  std::vector<float> c(m * n), expected(m * n);
  row_gemm({a.data(), m, k, k}, {b.data(), k, n, n}, {c.data(), m, n, n}, {.bias = bias.data(), .relu = true});
  gemm({a.data(), m, k, k}, {b.data(), k, n, n}, {expected.data(), m, n, n}, {.bias = bias.data(), .relu = true});
  for (int i = 0; i < m * n; ++i) EXPECT_NEAR(c[i], expected[i], 1e-5);
}

}  // namespace
}  // namespace dragoman
