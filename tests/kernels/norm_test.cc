#include <algorithm>

#include "kernels/kernel_support.h"

namespace dragoman {
namespace {

class Norm : public KernelTest {};
DRAGOMAN_FOR_ALL_KERNELS(Norm);

TEST_P(Norm, LayerNormAndItsGradientAreRight) {
  for (const int width : odd_sizes) {
    for (const int rows : {1, 3}) {
      const std::int64_t n = std::int64_t(rows) * width;
      auto x = random_floats(n, 1, 2);
      for (float& v : x) v += 3;  // a mean that is not small
      const auto scale = random_floats(width, 2), bias = random_floats(width, 3), dy = random_floats(n, 4);
      const auto dx_before = random_floats(n, 5), dscale_before = random_floats(width, 6);
      const auto dbias_before = random_floats(width, 7);
      std::vector<float> y(std::size_t(n), nan), mean(std::size_t(rows), nan), inverse(std::size_t(rows), nan);
      const float epsilon = 1e-3f;
      k.layer_norm(rows, width, width, x.data(), scale.data(), bias.data(), epsilon, y.data(), mean.data(),
                   inverse.data());
      for (const float beta : {0.0f, 1.0f}) {
        auto dx = beta == 0 ? std::vector<float>(std::size_t(n), nan) : dx_before;
        auto dscale = dscale_before, dbias = dbias_before;
        k.layer_norm_gradient(rows, width, width, x.data(), scale.data(), mean.data(), inverse.data(), dy.data(), beta,
                              dx.data(), dscale.data(), dbias.data());
        std::vector<double> dscale_sum(dscale_before.begin(), dscale_before.end());
        std::vector<double> dbias_sum(dbias_before.begin(), dbias_before.end());
        for (int r = 0; r < rows; ++r) {
          const float *row = &x[std::size_t(r) * width], *d = &dy[std::size_t(r) * width];
          double average = 0, variance = 0, mean_g = 0, mean_gh = 0;
          for (int j = 0; j < width; ++j) average += row[j] / double(width);
          for (int j = 0; j < width; ++j) variance += (row[j] - average) * (row[j] - average) / width;
          const double factor = 1 / std::sqrt(variance + double(epsilon));
          for (int j = 0; j < width; ++j) {
            const double h = (row[j] - average) * factor, g = double(d[j]) * scale[j];
            mean_g += g / width;
            mean_gh += g * h / width;
            dscale_sum[j] += d[j] * h;
            dbias_sum[j] += d[j];
          }
          EXPECT_NEAR(mean[r], average, 1e-5);
          EXPECT_NEAR(inverse[r] / factor, 1, 1e-5);
          for (int j = 0; j < width; ++j) {
            const double h = (row[j] - average) * factor, g = double(d[j]) * scale[j];
            const std::size_t at = std::size_t(r) * width + j;
            EXPECT_NEAR(y[at], scale[j] * h + bias[j], 2e-5) << rows << " x " << width;
            const double slope = (g - mean_g - h * mean_gh) * factor;
            EXPECT_NEAR(dx[at], slope + (beta == 0 ? 0 : dx_before[at]), 2e-5 * (1 + factor)) << rows << " x " << width;
          }
        }
        for (int j = 0; j < width; ++j) {
          EXPECT_NEAR(dscale[j], dscale_sum[j], 5e-5);
          EXPECT_NEAR(dbias[j], dbias_sum[j], 1e-5);
        }
      }
    }
  }
}

TEST_P(Norm, LayerNormOfARowThatDoesNotVaryIsItsBias) {
  for (const int width : {1, 8, 17}) {
    const std::vector<float> x(std::size_t(width), 1e4f), ones(std::size_t(width), 1.0f);
    const auto bias = random_floats(width, 1);
    std::vector<float> y(std::size_t(width), nan);
    float mean, inverse;
    k.layer_norm(1, width, width, x.data(), ones.data(), bias.data(), 1e-6f, y.data(), &mean, &inverse);
    for (int j = 0; j < width; ++j) EXPECT_NEAR(y[j], bias[j], 1e-6);
  }
}

TEST_P(Norm, LayerNormOfSomeColumnsLeavesTheOthersAlone) {
  const int rows = 3, stride = 40;
  for (const int width : {1, 8, 17}) {
    const auto x = random_floats(rows * stride, 1), dy = random_floats(rows * stride, 2),
               scale = random_floats(width, 3);
    std::vector<float> y(rows * stride, 7.0f), dx = dy, mean(rows), inverse(rows), dscale(std::size_t(width), 0.0f);
    k.layer_norm(rows, width, stride, x.data(), scale.data(), nullptr, 1e-3f, y.data(), mean.data(), inverse.data());
    k.layer_norm_gradient(rows, width, stride, x.data(), scale.data(), mean.data(), inverse.data(), dx.data(), 0,
                          dx.data(), dscale.data(), nullptr);
    std::vector<float> dscale_alone(std::size_t(width), 0.0f);
    const std::vector<float> zeros(std::size_t(width), 0.0f);
    for (int r = 0; r < rows; ++r) {
      const std::size_t at = std::size_t(r) * stride;
      std::vector<float> alone(zeros), dbias(zeros), slope(zeros);
      float m, i;
      k.layer_norm(1, width, width, &x[at], scale.data(), zeros.data(), 1e-3f, alone.data(), &m, &i);
      k.layer_norm_gradient(1, width, width, &x[at], scale.data(), &m, &i, &dy[at], 0, slope.data(),
                            dscale_alone.data(), dbias.data());
      for (int j = 0; j < stride; ++j) {
        EXPECT_EQ(y[at + std::size_t(j)], j < width ? alone[std::size_t(j)] : 7.0f);
        EXPECT_EQ(dx[at + std::size_t(j)], j < width ? slope[std::size_t(j)] : dy[at + std::size_t(j)]);
      }
    }
    EXPECT_EQ(dscale, dscale_alone);
  }
}

TEST_P(Norm, LogSoftmaxIsNormalised) {
  for (const int width : odd_sizes) {
    const auto x = random_floats(3 * width, 1, 4);
    auto y = x;
    k.log_softmax(3, width, y.data());
    for (int r = 0; r < 3; ++r) {
      double total = 0;
      for (int j = 0; j < width; ++j) total += std::exp(double(x[std::size_t(r) * width + j]));
      for (int j = 0; j < width; ++j) {
        const std::size_t at = std::size_t(r) * width + j;
        EXPECT_NEAR(y[at], x[at] - std::log(total), 3e-6) << width;
      }
    }
  }
}

TEST_P(Norm, LogSoftmaxBearsForbiddenAndHugeLogits) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> x = {-infinity, 2, -1e30f, 2, -infinity};
  k.log_softmax(1, 5, x.data());
  EXPECT_EQ(x[0], -infinity);
  EXPECT_EQ(x[4], -infinity);
  EXPECT_NEAR(x[1], -std::log(2.0), 1e-6);
  EXPECT_NEAR(x[3], -std::log(2.0), 1e-6);
  x = {1e30f, 0, 1e30f};
  k.log_softmax(1, 3, x.data());
  EXPECT_TRUE(std::isfinite(x[0]) && std::isfinite(x[1]) && std::isfinite(x[2]));
  x = {0, nan, 1};
  k.log_softmax(1, 3, x.data());
  for (const float value : x) EXPECT_TRUE(std::isnan(value)) << "a diverged model must not look sound";
}

/// Compares with the formula in double precision; `tolerance` is relative to the largest logit.
void check_cross_entropy(const KernelTable& k, int width, const std::vector<float>& logits,
                         const std::vector<int>& targets, float smoothing, double tolerance) {
  const int rows = int(targets.size());
  std::vector<float> losses(targets.size(), nan), plain(targets.size(), nan);
  auto untouched = logits, gradients = logits;
  k.softmax_loss(rows, width, untouched.data(), targets.data(), {.smoothing = smoothing}, losses.data(), plain.data(),
                 nullptr);
  EXPECT_EQ(untouched, logits) << "without a gradient the logits stay";
  const auto first_losses = losses;
  k.softmax_loss(rows, width, gradients.data(), targets.data(), {.smoothing = smoothing, .gradient_scale = 2.5f},
                 losses.data(), plain.data(), nullptr);
  EXPECT_EQ(losses, first_losses);
  auto summed = logits;
  std::vector<float> sums(std::size_t(width), 0.25f);
  k.softmax_loss(rows, width, summed.data(), targets.data(), {.smoothing = smoothing, .gradient_scale = 2.5f},
                 losses.data(), plain.data(), sums.data());
  EXPECT_EQ(summed, gradients);
  for (int j = 0; j < width; ++j) {
    double expected = 0.25;
    for (int r = 0; r < rows; ++r) expected += gradients[std::size_t(r) * width + j];
    EXPECT_NEAR(sums[std::size_t(j)], expected, 2e-6) << "bias gradient " << j << " of " << width;
  }
  for (int r = 0; r < rows; ++r) {
    const float* x = &logits[std::size_t(r) * width];
    const double most = *std::max_element(x, x + width);
    double total = 0, mean = 0, size = 1;
    for (int j = 0; j < width; ++j) {
      total += std::exp(x[j] - most);
      mean += x[j] / double(width);
      size = std::max(size, std::abs(double(x[j])));
    }
    const double normaliser = most + std::log(total), expected = normaliser - x[targets[r]];
    EXPECT_NEAR(plain[r], expected, tolerance * size) << width;
    EXPECT_NEAR(losses[r], (1 - double(smoothing)) * expected + double(smoothing) * (normaliser - mean),
                tolerance * size)
        << width;
    for (int j = 0; j < width; ++j) {
      const double reference = double(smoothing) / width + (j == targets[r] ? 1 - double(smoothing) : 0);
      EXPECT_NEAR(gradients[std::size_t(r) * width + j], 2.5 * (std::exp(x[j] - most) / total - reference), 2e-6)
          << width;
    }
  }
}

TEST_P(Norm, CrossEntropyAndItsGradientAreRight) {
  for (const int width : odd_sizes) {
    for (const float smoothing : {0.0f, 0.1f}) {
      check_cross_entropy(k, width, random_floats(3 * width, 1, 3), {0, width - 1, width / 2}, smoothing, 1e-6);
    }
  }
}

TEST_P(Norm, CrossEntropyOfExtremeLogits) {
  const int width = 37;
  std::vector<float> logits;
  for (const float base : {0.0f, 1e4f, -1e4f, 3e5f}) {  // the same distribution, shifted
    for (int j = 0; j < width; ++j) logits.push_back(base + float(j % 3));
  }
  check_cross_entropy(k, width, logits, {1, 1, 2, 0}, 0.1f, 1e-6);
  for (const float peak : {200.0f, -200.0f, 1e8f, -1e8f, 1e30f, -1e30f}) {  // one stands out
    std::vector<float> row(width, 0.0f);
    row[5] = peak;
    check_cross_entropy(k, width, row, {5}, 0.1f, 1e-6);
    check_cross_entropy(k, width, row, {6}, 0.1f, 1e-6);
  }
}

TEST_P(Norm, CrossEntropyDoesNotLosePrecisionWhereAllLogitsAreLarge) {
  std::vector<float> logits = {4096, 4097, 4095.5f};
  const int target = 1;
  float loss, plain;
  k.softmax_loss(1, 3, logits.data(), &target, {.smoothing = 0.1f}, &loss, &plain, nullptr);
  const double expected = std::log(std::exp(-1.0) + 1 + std::exp(-1.5));
  EXPECT_NEAR(plain, expected, 1e-6);
  EXPECT_NEAR(loss, 0.9 * expected + 0.1 * (expected + 2.5 / 3), 1e-6);
}

TEST_P(Norm, CrossEntropyOfNanIsNan) {
  for (const int width : {3, 20}) {
    std::vector<float> logits(std::size_t(width), 0.5f);
    logits[1] = nan;
    const int target = 0;
    float loss, plain;
    k.softmax_loss(1, width, logits.data(), &target, {}, &loss, &plain, nullptr);
    EXPECT_TRUE(std::isnan(loss)) << "a diverged model must not look sound";
    EXPECT_TRUE(std::isnan(plain));
  }
}

TEST_P(Norm, LossesAndDivergencesAreThoseOfTheFormulaInDoubles) {
  for (const int width : odd_sizes) {
    const int rows = 2;
    const auto a = random_floats(rows * width, 1, 2), b = random_floats(rows * width, 2, 2);
    const std::vector<int> targets = {0, width - 1};
    const std::vector<float> extra = {0.5f, 2};
    std::vector<float> losses(rows, nan), plain(rows, nan), divergences(rows, nan), da(a.size(), nan),
        db(a.size(), nan);
    auto gradient = a;
    k.softmax_loss(rows, width, gradient.data(), targets.data(),
                   {.cross_entropy = 0.25f,
                    .smoothing = 0.1f,
                    .squared_error = 3,
                    .extra_weights = extra.data(),
                    .gradient_scale = 2},
                   losses.data(), plain.data(), nullptr);
    k.symmetric_divergence(rows, width, a.data(), b.data(), 2, divergences.data(), da.data(), db.data());
    for (int r = 0; r < rows; ++r) {
      const float *x = &a[std::size_t(r) * width], *z = &b[std::size_t(r) * width];
      const auto logs = [&](const float* row) {
        double total = 0;
        for (int j = 0; j < width; ++j) total += std::exp(double(row[j]));
        std::vector<double> result;
        for (int j = 0; j < width; ++j) result.push_back(row[j] - std::log(total));
        return result;
      };
      const auto p = logs(x), q = logs(z);
      double squares = 0, inner = 0, mean = 0, forward = 0, backward = 0;
      for (int j = 0; j < width; ++j) {
        const double e = std::exp(p[j]) - (j == targets[r]);
        squares += e * e;
        inner += e * std::exp(p[j]);
        mean += p[j] / width;
        forward += std::exp(p[j]) * (p[j] - q[j]);
        backward += std::exp(q[j]) * (q[j] - p[j]);
      }
      const double loss = -0.25 * (0.9 * p[targets[r]] + 0.1 * mean) + 3 * squares - double(extra[r]) * p[targets[r]];
      EXPECT_NEAR(losses[r], loss, 2e-5) << width;
      EXPECT_NEAR(divergences[r], forward + backward, 2e-5) << width;
      for (int j = 0; j < width; ++j) {
        const double pj = std::exp(p[j]), qj = std::exp(q[j]), y = j == targets[r];
        const double expected =
            0.25 * (pj - 0.9 * y - 0.1 / width) + double(extra[r]) * (pj - y) + 3 * 2 * pj * (pj - y - inner);
        EXPECT_NEAR(gradient[std::size_t(r) * width + j], 2 * expected, 1e-5) << width;
        EXPECT_NEAR(da[std::size_t(r) * width + j], 2 * (pj * (p[j] - q[j] - forward) + pj - qj), 2e-5) << width;
        EXPECT_NEAR(db[std::size_t(r) * width + j], 2 * (qj * (q[j] - p[j] - backward) + qj - pj), 2e-5) << width;
      }
    }
  }
}

}  // namespace
}  // namespace dragoman
