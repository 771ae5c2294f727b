#include "kernels/row_gemm.h"

#include <gtest/gtest.h>

#include <cstring>

#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

TEST(RowGemm, ARowHasTheSameBitsAmongAnyOthers) {
  use_one_thread_per_product();
  for (const auto& [k, n, transposed] :
       {std::tuple(16, 48, false), std::tuple(128, 384, false), std::tuple(512, 512, false),
        std::tuple(1024, 2048, false), std::tuple(2048, 512, false), std::tuple(128, 1000, true),
        std::tuple(512, 3001, true), std::tuple(33, 7, true)}) {
    const int most = 150;
    const auto a = random_floats(std::int64_t(most) * k, 1), b = random_floats(std::int64_t(k) * n, 2);
    const Matrix weights{b.data(), transposed ? n : k, transposed ? k : n, transposed ? k : n};
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
