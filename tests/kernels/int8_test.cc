#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "kernels/int8_weights.h"
#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

class Int8 : public KernelTest {};
DRAGOMAN_FOR_ALL_KERNELS(Int8);

std::vector<std::int8_t> integers(std::size_t n, Random& random) {
  std::vector<std::int8_t> numbers(n);
  for (auto& x : numbers) x = std::int8_t(std::min(254, int(random.uniform() * 255)) - 127);
  return numbers;
}

/// Rows as int8_product wants them: with the shift that quantize() gives them, and rows to read beyond the last.
std::vector<std::int8_t> as_rows(std::vector<std::int8_t> a, int inputs, const KernelTable& k) {
  for (auto& x : a) x = static_cast<std::int8_t>(x + k.int8_shift);
  a.resize((a.size() / std::size_t(inputs) + 15) / 16 * 16 * std::size_t(inputs), std::int8_t(99));
  return a;
}

/// The layout that int8_product wants.
struct Laid {
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> sums;
  Laid(const std::vector<std::int8_t>& rows, int outputs, int inputs)
      : weights(std::size_t((outputs + 63) / 64 * 64 * inputs)), sums(std::size_t((outputs + 63) / 64 * 64)) {
    for (int o = 0; o < outputs; ++o) {
      for (int i = 0; i < inputs; ++i) {
        const std::int8_t x = rows[std::size_t(o * inputs + i)];
        weights[std::size_t(((o / 16) * (inputs / 4) + i / 4) * 64 + o % 16 * 4 + i % 4)] = x;
        sums[std::size_t(o)] += x;
      }
    }
  }
};

TEST_P(Int8, ProductsAreExactForAllSizesAndExtremes) {
  Random random(3);
  for (const int rows : {1, 2, 3, 4, 5, 6, 7, 13, 16, 17, 31, 32, 33, 49}) {
    for (const int outputs : {1, 7, 8, 9, 16, 17, 31, 48, 63, 64, 65, 100, 128, 130}) {
      for (const int inputs : {4, 64, 516}) {
        auto a = integers(std::size_t(rows * inputs), random), w = integers(std::size_t(outputs * inputs), random);
        if (outputs == 64) {  // the largest sums there are: pairs that saturate 16 bits where that is possible
          std::fill(a.begin(), a.end(), std::int8_t(rows % 2 ? 127 : -127));
          std::fill(w.begin(), w.end(), std::int8_t(127));
        }
        const Laid laid(w, outputs, inputs);
        const auto shifted = as_rows(a, inputs, k);
        const std::vector<float> ones(std::size_t(outputs), 1.0f);
        std::vector<float> c(std::size_t(rows * (outputs + 3)), -1.0f);
        k.int8_product({.rows = rows,
                        .inputs = inputs,
                        .outputs = outputs,
                        .a = shifted.data(),
                        .a_stride = inputs,
                        .weights = laid.weights.data(),
                        .weight_sums = laid.sums.data(),
                        .factors = ones.data(),
                        .row_factors = nullptr,
                        .bias = nullptr,
                        .relu = false,
                        .c = c.data(),
                        .c_stride = outputs + 3});
        for (int r = 0; r < rows; ++r) {
          for (int o = 0; o < outputs + 3; ++o) {
            int sum = 0;
            for (int i = 0; i < inputs; ++i) {
              sum += o < outputs ? a[std::size_t(r * inputs + i)] * w[std::size_t(o * inputs + i)] : 0;
            }
            const float expected = o < outputs ? float(sum) : -1.0f;  // what lies beyond is left alone
            ASSERT_EQ(c[std::size_t(r * (outputs + 3) + o)], expected)
                << rows << " x " << inputs << " x " << outputs << " at " << r << ", " << o;
          }
        }
      }
    }
  }
}

TEST_P(Int8, FactorsBiasAndReluAreApplied) {
  Random random(4);
  const int rows = 8, inputs = 64, outputs = 21;
  const auto a = integers(rows * inputs, random), w = integers(outputs * inputs, random);
  const Laid laid(w, outputs, inputs);
  const auto shifted = as_rows(a, inputs, k);
  std::vector<float> factors, bias, row_factors;
  for (int o = 0; o < outputs; ++o) {
    factors.push_back(0.001f * float(o + 1));
    bias.push_back(float(o) - 10);
  }
  for (int r = 0; r < rows; ++r) row_factors.push_back(0.5f + float(r));
  for (const bool relu : {false, true}) {
    std::vector<float> c(rows * outputs);
    k.int8_product({rows, inputs, outputs, shifted.data(), inputs, laid.weights.data(), laid.sums.data(),
                    factors.data(), row_factors.data(), bias.data(), relu, c.data(), outputs});
    for (int r = 0; r < rows; ++r) {
      for (int o = 0; o < outputs; ++o) {
        double sum = 0;
        for (int i = 0; i < inputs; ++i) sum += double(a[std::size_t(r * inputs + i)]) * w[std::size_t(o * inputs + i)];
        double y = sum * factors[std::size_t(o)] * row_factors[std::size_t(r)] + bias[std::size_t(o)];
        if (relu) y = std::max(y, 0.0);
        EXPECT_NEAR(c[std::size_t(r * outputs + o)], y, 1e-4 * (1 + std::abs(y)));
      }
    }
  }
}

TEST_P(Int8, RoundsHalfToEvenAndClips) {
  std::vector<float> x = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 126.5f, 127.5f, 1e30f, -1e30f, -127.5f, -128, 0, 0.49f};
  std::vector<int> expected = {0, 2, 2, 0, -2, 126, 127, 127, -127, -127, -127, 0, 0};
  for (int copies = 0; copies < 3; ++copies) {  // vectors and what is left over
    x.insert(x.end(), x.begin(), x.begin() + 13);
    expected.insert(expected.end(), expected.begin(), expected.begin() + 13);
  }
  std::vector<std::int8_t> y(x.size());
  k.quantize(std::int64_t(x.size()), x.data(), 1, 0, y.data());
  EXPECT_EQ(std::vector<int>(y.begin(), y.end()), expected);
  k.quantize(std::int64_t(x.size()), x.data(), 1, 128, y.data());
  for (auto& q : y) q = static_cast<std::int8_t>(q - 128);
  EXPECT_EQ(std::vector<int>(y.begin(), y.end()), expected);
  EXPECT_EQ(k.largest_magnitude(11, x.data()), 1e30f);
  EXPECT_EQ(k.largest_magnitude(7, x.data()), 127.5f);
  EXPECT_EQ(k.largest_magnitude(0, x.data()), 0);
}

std::vector<float> product(const Int8Weights::Packed& w, const std::vector<float>& a, int inputs,
                           const float* bias = nullptr) {
  const int rows = int(a.size()) / inputs;
  std::vector<float> c(std::size_t(rows * w.outputs()));
  w.multiply({a.data(), rows, inputs, inputs}, bias, false, {c.data(), rows, w.outputs(), w.outputs()});
  return c;
}

TEST(Int8Weights, PartsHaveScalesOfTheirOwnAndRowsDoNotDependOnTheirBatch) {
  Random random(5);
  const int outputs = 50, inputs = 37;
  const auto numbers = integers(outputs * inputs, random);
  std::vector<float> scales;
  for (int o = 0; o < outputs; ++o) scales.push_back(0.01f * float(1 + o % 7));
  const Int8Weights w(outputs, inputs, numbers, scales, {{0, 20.0f}, {16, 0.0f}, {33, 30.0f}}, nullptr);
  std::vector<float> a(200 * inputs), bias(outputs, 0.25f);
  for (float& x : a) x = float(random.uniform() * 8 - 4);
  const auto c = product(w.packed(), a, inputs, bias.data());
  for (int r = 0; r < 200; ++r) {
    const std::vector<float> row(a.begin() + r * inputs, a.begin() + (r + 1) * inputs);
    EXPECT_TRUE(std::equal(c.begin() + r * outputs, c.begin() + (r + 1) * outputs,
                           product(w.packed(), row, inputs, bias.data()).begin()));
    float most = 0;
    for (const float x : row) most = std::max(most, std::abs(x));
    for (int o = 0; o < outputs; ++o) {
      const float scale = o < 16 ? 20.0f : o < 33 ? 127 / most : 30.0f;
      double sum = 0;
      for (int i = 0; i < inputs; ++i) {
        const double rounded = std::clamp(std::nearbyint(row[std::size_t(i)] * scale), -127.0f, 127.0f);
        sum += rounded * numbers[std::size_t(o * inputs + i)];
      }
      EXPECT_NEAR(c[std::size_t(r * outputs + o)], sum * scales[std::size_t(o)] / scale + 0.25, 1e-3);
    }
  }
}

/// Weights like those of trained models, of which few are large, and some whose neighbours are all large.
TEST_P(Int8, PackedWeightsOfAnySizeGiveExactProducts) {
  Random random(7);
  const int outputs = 150, inputs = 130, rows = 21;
  for (const double deviation : {10.0, 30.0, 200.0}) {
    std::vector<std::int8_t> numbers(outputs * inputs);
    for (auto& x : numbers) x = std::int8_t(std::clamp(std::nearbyint(random.normal() * deviation), -127.0, 127.0));
    for (int i = 0; i < inputs; ++i) numbers[std::size_t(140 * inputs + i)] = std::int8_t(i % 4 < 2 ? 127 : -127);
    const Int8Weights w(outputs, inputs, numbers, {1.0f}, {{0, 1.0f}}, nullptr);
    std::vector<int> all(outputs);
    std::iota(all.begin(), all.end(), 0);
    const Int8Weights::Packed packed(w, all, k);
    std::vector<float> a(std::size_t(rows) * inputs);
    for (float& x : a) x = float(std::min(254, int(random.uniform() * 255)) - 127);
    std::fill_n(a.begin(), inputs, 127.0f);
    const auto c = product(packed, a, inputs);
    for (int r = 0; r < rows; ++r) {
      for (int o = 0; o < outputs; ++o) {
        int sum = 0;
        for (int i = 0; i < inputs; ++i) {
          sum += int(a[std::size_t(r * inputs + i)]) * numbers[std::size_t(o * inputs + i)];
        }
        ASSERT_EQ(c[std::size_t(r * outputs + o)], float(sum)) << deviation << " at " << r << ", " << o;
      }
    }
  }
}

TEST(Int8Weights, SomeRowsGiveTheirOutputsOnly) {
  Random random(6);
  const int outputs = 90, inputs = 64;
  const auto numbers = integers(outputs * inputs, random);
  const Int8Weights w(outputs, inputs, numbers, {0.02f}, {{0, 25.0f}}, nullptr);
  std::vector<float> a(3 * inputs);
  for (float& x : a) x = float(random.uniform() * 8 - 4);
  const std::vector<int> some = {3, 0, 89, 44, 17, 16, 15};
  const auto all = product(w.packed(), a, inputs), few = product(w.packed(some), a, inputs);
  for (int r = 0; r < 3; ++r) {
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_EQ(few[std::size_t(r) * some.size() + i], all[std::size_t(r * outputs + some[i])]);
    }
  }
  std::vector<float> values(inputs);
  w.row_values(89, 2.0f, values.data());
  EXPECT_FLOAT_EQ(values[5], float(numbers[89 * inputs + 5]) * 0.04f);
}

}  // namespace
}  // namespace dragoman
