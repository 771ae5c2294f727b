#include <algorithm>

#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

class Elementwise : public KernelTest {};
DRAGOMAN_FOR_ALL_KERNELS(Elementwise);

const Activation all_activations[] = {Activation::relu,        Activation::gelu,    Activation::swish,
                                      Activation::tanh,        Activation::sigmoid, Activation::gelu_tanh,
                                      Activation::gelu_sigmoid};

double activate(Activation kind, double x) {
  switch (kind) {
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::gelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::swish:
      return x / (1 + std::exp(-x));
    case Activation::tanh:
      return std::tanh(x);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::gelu_sigmoid:
      return x / (1 + std::exp(-1.702 * x));
  }
  return 0;
}

double slope(Activation kind, double x) {
  const double s = 1 / (1 + std::exp(-x));
  switch (kind) {
    case Activation::relu:
      return x > 0 ? 1 : 0;
    case Activation::gelu:
      return 0.5 * std::erfc(-x / std::sqrt(2.0)) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * M_PI);
    case Activation::swish:
      return s * (1 + x * (1 - s));
    case Activation::tanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case Activation::sigmoid:
      return s * (1 - s);
    case Activation::gelu_tanh: {
      const double t = std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * std::sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x * x);
    }
    case Activation::gelu_sigmoid: {
      const double g = 1 / (1 + std::exp(-1.702 * x));
      return g * (1 + 1.702 * x * (1 - g));
    }
  }
  return 0;
}

TEST_P(Elementwise, ScaleAddScalesAndAdds) {
  for (const int n : odd_sizes) {
    const auto x = random_floats(n, 1), y = random_floats(n, 2);
    for (const float beta : {0.0f, 1.0f, -0.5f}) {
      auto result = beta == 0 ? std::vector<float>(std::size_t(n), nan) : y;
      k.scale_add(n, 1.5f, x.data(), beta, result.data());
      for (int i = 0; i < n; ++i) {
        EXPECT_NEAR(result[i], 1.5 * x[i] + (beta == 0 ? 0 : double(beta) * y[i]), 1e-6) << n << " " << i;
      }
    }
  }
}

TEST_P(Elementwise, DropoutZeroesByTheMaskAndScalesTheRest) {
  for (const int n : odd_sizes) {
    const auto x = random_floats(n, 1), y = random_floats(n, 2);
    for (const double p : {0.0, 0.3}) {
      const DropoutMask mask = some_mask(p);
      for (const float beta : {0.0f, 1.0f}) {
        auto result = beta == 0 ? std::vector<float>(std::size_t(n), nan) : y;
        k.dropout(n, x.data(), beta, result.data(), mask);
        for (int i = 0; i < n; ++i) {
          EXPECT_NEAR(result[i], x[i] * dropout_factor(std::uint32_t(i), mask) + (beta == 0 ? 0 : y[i]), 1e-6) << n;
        }
      }
    }
  }
}

TEST_P(Elementwise, ResidualDropoutAddsWhatIsKept) {
  for (const int n : odd_sizes) {
    const auto x = random_floats(n, 1), f = random_floats(n, 2);
    for (const double p : {0.0, 0.3}) {
      const DropoutMask mask = some_mask(p);
      std::vector<float> y(std::size_t(n), nan);
      k.residual_dropout(n, x.data(), f.data(), y.data(), mask);
      for (int i = 0; i < n; ++i) EXPECT_NEAR(y[i], x[i] + f[i] * dropout_factor(std::uint32_t(i), mask), 1e-6) << n;
    }
  }
}

TEST_P(Elementwise, ActivationsAndTheirSlopesAreRight) {
  for (const Activation kind : all_activations) {
    for (const int n : odd_sizes) {
      const auto x = random_floats(n, 1, 3), dy = random_floats(n, 2), before = random_floats(n, 3);
      for (const double p : {0.0, 0.3}) {
        const DropoutMask mask = some_mask(p);
        std::vector<float> y(std::size_t(n), nan);
        k.activation(kind, n, x.data(), y.data(), mask);
        for (const float beta : {0.0f, 1.0f}) {
          auto dx = beta == 0 ? std::vector<float>(std::size_t(n), nan) : before;
          k.activation_gradient(kind, n, x.data(), dy.data(), beta, dx.data(), mask);
          for (int i = 0; i < n; ++i) {
            const double factor = dropout_factor(std::uint32_t(i), mask);
            EXPECT_NEAR(y[i], factor * activate(kind, x[i]), 3e-6) << int(kind) << " at " << x[i];
            EXPECT_NEAR(dx[i], factor * dy[i] * slope(kind, x[i]) + (beta == 0 ? 0 : before[i]), 5e-6) << int(kind);
          }
        }
      }
    }
  }
}

TEST_P(Elementwise, ActivationsBearExtremeValuesAndPassNanOn) {
  for (const Activation kind : all_activations) {
    for (const float x : {-1e30f, -1000.0f, -100.0f, -89.0f, 0.0f, 89.0f, 1000.0f, 1e30f}) {
      float y = nan, dx = nan;
      const float dy = 1;
      k.activation(kind, 1, &x, &y, {});
      k.activation_gradient(kind, 1, &x, &dy, 0, &dx, {});
      EXPECT_NEAR(y, activate(kind, x), 1e-5 * std::abs(activate(kind, x)) + 1e-6) << int(kind) << " at " << x;
      EXPECT_TRUE(std::isfinite(dx)) << int(kind) << " at " << x;
      if (std::abs(x) < 1e20f) {
        EXPECT_NEAR(dx, slope(kind, x), 1e-5) << int(kind) << " at " << x;
      }
    }
    float y = 0;
    k.activation(kind, 1, &nan, &y, {});
    EXPECT_TRUE(std::isnan(y)) << int(kind) << ": a diverged model must not look sound";
  }
}

TEST_P(Elementwise, ExponentialIsRightToAFewUnitsInTheLastPlace) {
  // sigmoid(-x) = 1 / (1 + e^x) shows e^x for large x, and one attention weight of two shows e^x for negative x
  std::vector<float> x, y;
  for (double at = 20; at < 87; at += 0.0137) x.push_back(float(-at));
  y.resize(x.size());
  k.activation(Activation::sigmoid, std::int64_t(x.size()), x.data(), y.data(), {});
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double exact = 1 / (1 + std::exp(-double(x[i])));
    EXPECT_NEAR(y[i] / exact, 1, 4e-7) << x[i];
  }
  for (double at = -87; at < -1e-3; at += 0.0531) {
    const float query = float(at), keys[2] = {0, 1}, values[2] = {0, 0};
    float out, weights[2];
    k.attention_step(1, 1, &query, keys, values, 1, nullptr, 2, 1, nullptr, &out, weights);
    const double e = std::exp(double(query));
    EXPECT_NEAR(weights[1] / (e / (1 + e)), 1, 5e-7) << at;
  }
}

TEST_P(Elementwise, RoundsToBfloat16) {
  const float infinity = std::numeric_limits<float>::infinity();
  // 0x3f80 is 1, one place is worth 2^-7 there: halves go to the even neighbour
  const std::vector<std::pair<float, int>> cases = {
      {0.0f, 0},         {-0.0f, 0x8000},    {1.0f, 0x3f80},     {1.00390625f, 0x3f80}, {1.01171875f, 0x3f82},
      {1.0040f, 0x3f81}, {-1.0040f, 0xbf81}, {infinity, 0x7f80}, {-infinity, 0xff80},   {3.4028235e38f, 0x7f80},
      {1e-45f, 0},       {nan, 0x7fc0}};
  for (std::size_t repeat = 1; repeat < 4; ++repeat) {
    std::vector<float> x;
    for (std::size_t i = 0; i < repeat * cases.size(); ++i) x.push_back(cases[i % cases.size()].first);
    std::vector<std::uint16_t> y(x.size());
    k.to_bfloat16(std::int64_t(x.size()), x.data(), y.data());
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(y[i], cases[i % cases.size()].second) << x[i];
  }
}

TEST_P(Elementwise, TransposesAnySize) {
  const int lanes = k.vector_width;
  for (const int width : odd_sizes) {
    for (const int rows : {1, 2, 7, 16, 40}) {
      const int padded = (rows + lanes - 1) / lanes * lanes, from_row = width + 3, to_row = padded + 5;
      const auto from = random_floats(std::int64_t(rows - 1) * from_row + width, 1);
      std::vector<float> to(std::size_t(width - 1) * to_row + padded, 7.0f);
      k.transpose(rows, width, from.data(), from_row, to.data(), to_row);
      for (int j = 0; j < width; ++j) {
        for (int i = 0; i < padded; ++i) {
          ASSERT_EQ(to[std::size_t(j) * to_row + i], i < rows ? from[std::size_t(i) * from_row + j] : 0.0f)
              << rows << " x " << width;
        }
        for (int i = padded; j + 1 < width && i < to_row; ++i) ASSERT_EQ(to[std::size_t(j) * to_row + i], 7.0f);
      }
    }
  }
}

TEST_P(Elementwise, ColumnSumsAreAdded) {
  for (const int width : odd_sizes) {
    for (const int rows : {0, 1, 2, 7, 40}) {
      const auto x = random_floats(std::int64_t(rows) * width, 1), before = random_floats(width, 2);
      auto sums = before;
      k.column_sums(rows, width, x.data(), sums.data());
      for (int j = 0; j < width; ++j) {
        double expected = before[j];
        for (int r = 0; r < rows; ++r) expected += x[std::size_t(r) * width + j];
        EXPECT_NEAR(sums[j], expected, 1e-5) << rows << " x " << width;
      }
    }
  }
}

TEST_P(Elementwise, AdamFollowsItsFormula) {
  for (const int n : odd_sizes) {
    for (const auto& [l2, decay] : {std::pair(0.0f, 0.0f), std::pair(0.1f, 0.0f), std::pair(0.0f, 0.05f)}) {
      auto values = random_floats(n, 1), first = random_floats(n, 2), second = random_floats(n, 3);
      const auto gradients = random_floats(n, 4);
      for (float& s : second) s = s * s;
      const auto v0 = values, m0 = first, s0 = second;
      k.adam(n, values.data(), gradients.data(), first.data(), second.data(), 0.5f, 0.9f, 0.98f, 0.01f, 1.7f, 1e-6f, l2,
             decay);
      for (int i = 0; i < n; ++i) {
        const double g = 0.5 * gradients[i] + double(l2) * v0[i];
        const double m = 0.9 * m0[i] + 0.1 * g, s = 0.98 * s0[i] + 0.02 * g * g;
        EXPECT_NEAR(first[i], m, 1e-6);
        EXPECT_NEAR(second[i], s, 1e-6 * (1 + s));
        EXPECT_NEAR(values[i], v0[i] - double(decay) * v0[i] - 0.01 * m / (std::sqrt(s * 1.7) + 1e-6), 1e-6) << n;
      }
    }
  }
}

}  // namespace
}  // namespace dragoman
