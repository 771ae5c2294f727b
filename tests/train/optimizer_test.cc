#include "train/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/files.h"
#include "base/random.h"
#include "dragoman/error.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

std::vector<float> random_floats(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(size);
  for (float& value : values) value = float(random.normal());
  return values;
}

TEST(Optimizer, GivesTheNumbersOfPyTorch) {
  const auto golden = nlohmann::json::parse(read_file(DRAGOMAN_SOURCE_DIR "/tests/golden/optimizers.json"));
  for (const auto& one : golden["cases"]) {
    TrainingOptions options;
    options.optimizer = one["optimizer"];
    options.optimizer_params = one["params"].get<std::vector<double>>();
    options.weight_decay = one["weight_decay"];
    auto values = golden["start"].get<std::vector<float>>();
    Optimizer optimizer(optimizer_settings(options), values.size());
    for (std::size_t update = 0; update < golden["rates"].size(); ++update) {
      const auto gradients = golden["gradients"][update].get<std::vector<float>>();
      optimizer.update(values, gradients, golden["rates"][update]);
      const auto expected = one["after"][update].get<std::vector<float>>();
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_NEAR(values[i], expected[i], 2e-6 * std::max(1.0f, std::abs(expected[i])))
            << one["optimizer"] << " " << one["params"] << " " << one["weight_decay"] << ", update " << update + 1
            << ", parameter " << i;
      }
    }
  }
}

TEST(Optimizer, AFourthParameterOfAdamIsDecoupledDecayAsInMarian) {
  TrainingOptions marian, adamw;
  marian.optimizer_params = {0.9, 0.98, 1e-9, 0.2};
  adamw.optimizer = "adamw";
  adamw.optimizer_params = {0.9, 0.98, 1e-9};
  adamw.weight_decay = 0.2;
  std::vector<float> one = random_floats(50, 1), other = one;
  Optimizer first(optimizer_settings(marian), 50), second(optimizer_settings(adamw), 50);
  for (int update = 0; update < 3; ++update) {
    const auto gradients = random_floats(50, 10 + update);
    first.update(one, gradients, 0.1);
    second.update(other, gradients, 0.1);
  }
  EXPECT_EQ(one, other);
}

/// What `updates` updates at `rate` make of parameters that no loss looks at.
std::vector<float> without_gradients(const char* kind, std::vector<float> values, double decay, double rate,
                                     int updates) {
  TrainingOptions options;
  options.optimizer = kind;
  options.weight_decay = decay;
  Optimizer optimizer(optimizer_settings(options), values.size());
  const std::vector<float> none(values.size(), 0.0f);
  for (int update = 0; update < updates; ++update) optimizer.update(values, none, rate);
  return values;
}

TEST(WeightDecay, DecoupledShrinksParametersByTheSameShareInEachUpdate) {
  const std::vector<float> start = {1, -2, 1e-3f, 100, 0};
  const double rate = 0.1, decay = 0.3;
  const auto end = without_gradients("adamw", start, decay, rate, 5);
  for (std::size_t i = 0; i < start.size(); ++i) {
    EXPECT_NEAR(end[i], start[i] * std::pow(1 - rate * decay, 5), 1e-6 * std::abs(start[i]));
  }
}

TEST(WeightDecay, L2OfPlainGradientDescentIsTheSameAsDecoupled) {
  const std::vector<float> start = {1, -2, 1e-3f, 100, 0};
  const double rate = 0.1, decay = 0.3;
  const auto end = without_gradients("sgd", start, decay, rate, 5);
  for (std::size_t i = 0; i < start.size(); ++i) {
    EXPECT_NEAR(end[i], start[i] * std::pow(1 - rate * decay, 5), 1e-6 * std::abs(start[i]));
  }
}

TEST(WeightDecay, L2OfAdamIsNormalisedAwaySoThatAllParametersLoseAsMuch) {
  // its gradient, decay * parameter, is divided by its own root mean square: the first step is the rate for every size
  const std::vector<float> start = {1, -2, 0.5f, 100, 0};
  const double rate = 0.01;
  for (const double decay : {0.3, 0.003}) {
    const auto end = without_gradients("adam", start, decay, rate, 1);
    for (std::size_t i = 0; i < start.size(); ++i) {
      const double sign = start[i] > 0 ? 1 : start[i] < 0 ? -1 : 0;
      EXPECT_NEAR(end[i], start[i] - rate * sign, 1e-5 * std::max(1.0f, std::abs(start[i])));
    }
  }
}

TEST(WeightDecay, L2AddsToTheGradientWhatDecoupledDecayDoesNot) {
  // one update of Adam from a gradient g: the step has the sign of g + decay * w with L2, and of g alone when decoupled
  const float w = 2, g = -0.1f;
  const double rate = 0.01, decay = 0.3;
  TrainingOptions options;
  options.weight_decay = decay;
  options.optimizer = "adam";
  std::vector<float> l2 = {w}, decoupled = {w};
  Optimizer(optimizer_settings(options), 1).update(l2, std::vector<float>{g}, rate);
  options.optimizer = "adamw";
  Optimizer(optimizer_settings(options), 1).update(decoupled, std::vector<float>{g}, rate);
  EXPECT_NEAR(l2[0], w - rate, 1e-6);
  EXPECT_NEAR(decoupled[0], w * (1 - rate * decay) + rate, 1e-6);
}

TEST(WeightDecay, HasItsMinimumWhereLossAndDecayBalance) {
  // L2: the gradient of (w - 1)^2 / 2 + decay w^2 / 2 is 0 at w = 1 / (1 + decay)
  TrainingOptions options;
  options.optimizer = "sgd";
  options.weight_decay = 0.25;
  std::vector<float> w = {5};
  Optimizer optimizer(optimizer_settings(options), 1);
  for (int update = 0; update < 500; ++update) optimizer.update(w, std::vector<float>{w[0] - 1}, 0.1);
  EXPECT_NEAR(w[0], 0.8, 1e-5);
}

TEST(Optimizer, TheGradientScaleMultipliesGradients) {
  for (const char* kind : {"sgd", "adagrad", "adam", "adamw"}) {
    TrainingOptions options;
    options.optimizer = kind;
    options.weight_decay = 0.1;
    std::vector<float> one = random_floats(9, 1), other = one, gradients = random_floats(9, 2), quarter = gradients;
    for (float& g : quarter) g *= 0.25f;
    Optimizer first(optimizer_settings(options), 9), second(optimizer_settings(options), 9);
    first.update(one, gradients, 0.1, 0.25);
    second.update(other, quarter, 0.1);
    EXPECT_EQ(one, other) << kind;
  }
}

TEST(Optimizer, SharesInThreadsGiveTheSameBitsAsOnePass) {
  constexpr std::size_t size = 10007;
  for (const char* kind : {"sgd", "adagrad", "adam", "adamw"}) {
    TrainingOptions options;
    options.optimizer = kind;
    if (options.optimizer == "sgd") options.optimizer_params = {0.9};
    options.weight_decay = 0.01;
    for (const int threads : {2, 3, 7}) {
      std::vector<float> one = random_floats(size, 1), other = one;
      Optimizer first(optimizer_settings(options), size), second(optimizer_settings(options), size);
      for (int update = 0; update < 3; ++update) {
        const auto gradients = random_floats(size, 5 + update);
        first.update(one, gradients, 0.01, 0.7);
        second.begin_update(0.01, 0.7);
        std::vector<std::thread> workers;
        for (int t = 0; t < threads; ++t) {
          workers.emplace_back([&, t] {
            const auto [begin, end] = share_of(size, t, threads);
            second.update_range(other, gradients, begin, end);
          });
        }
        for (auto& worker : workers) worker.join();
      }
      EXPECT_EQ(one, other) << kind << " with " << threads << " threads";
    }
  }
}

TEST(Optimizer, SharesCoverABlockOnceAndInOrder) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 1000, 12345}) {
    for (const int count : {1, 2, 3, 64}) {
      std::size_t covered = 0;
      for (int i = 0; i < count; ++i) {
        const auto [begin, end] = share_of(size, i, count);
        EXPECT_EQ(begin, covered);
        EXPECT_LE(begin, end);
        EXPECT_TRUE(end == size || end % 16 == 0);
        covered = end;
      }
      EXPECT_EQ(covered, size);
    }
  }
}

TEST(Optimizer, StateThatIsStoredAndRestoredContinuesWithTheSameBits) {
  for (const char* kind : {"sgd", "adagrad", "adam", "adamw"}) {
    TrainingOptions options;
    options.optimizer = kind;
    if (options.optimizer == "sgd") options.optimizer_params = {0.5};
    Optimizer first(optimizer_settings(options), 33), second(optimizer_settings(options), 33);
    std::vector<float> one = random_floats(33, 1);
    for (int update = 0; update < 3; ++update) first.update(one, random_floats(33, 20 + update), 0.1);
    std::vector<float> other = one;
    auto stored = first.state(), restored = second.state();
    ASSERT_EQ(stored.size(), restored.size());
    EXPECT_FALSE(stored.empty());
    for (std::size_t i = 0; i < stored.size(); ++i) {
      EXPECT_EQ(stored[i].name, restored[i].name);
      std::copy(stored[i].values.begin(), stored[i].values.end(), restored[i].values.begin());
    }
    second.set_updates(first.updates());
    for (int update = 3; update < 6; ++update) {
      first.update(one, random_floats(33, 20 + update), 0.1);
      second.update(other, random_floats(33, 20 + update), 0.1);
    }
    EXPECT_EQ(one, other) << kind;
  }
}

TEST(Optimizer, ResetForgetsAllMoments) {
  Optimizer used(OptimizerSettings{}, 5), fresh(OptimizerSettings{}, 5);
  std::vector<float> scratch = random_floats(5, 1), one = random_floats(5, 2), other = one;
  used.update(scratch, random_floats(5, 3), 0.1);
  used.reset();
  used.update(one, random_floats(5, 4), 0.1);
  fresh.update(other, random_floats(5, 4), 0.1);
  EXPECT_EQ(one, other);
}

TEST(Optimizer, PlainSgdKeepsNoState) {
  TrainingOptions options;
  options.optimizer = "sgd";
  EXPECT_TRUE(Optimizer(optimizer_settings(options), 5).state().empty());
}

TEST(Optimizer, BadSettingsAreErrorsThatNameTheSetting) {
  const auto error = [](const char* kind, std::vector<double> params, double decay) -> std::string {
    TrainingOptions options;
    options.optimizer = kind;
    options.optimizer_params = std::move(params);
    options.weight_decay = decay;
    try {
      optimizer_settings(options);
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_THAT(error("adam2", {}, 0), HasSubstr("optimizer: 'adam2', expected sgd"));
  EXPECT_THAT(error("sgd", {0.9, 0.1}, 0), HasSubstr("optimizer-params: 2 numbers, sgd takes at most 1"));
  EXPECT_THAT(error("adam", {1.0}, 0), HasSubstr("the beta1 of adam is 1, expected 0 to below 1"));
  EXPECT_THAT(error("adam", {0.9, -0.1}, 0), HasSubstr("beta2"));
  EXPECT_THAT(error("adam", {0.9, std::nan("")}, 0), HasSubstr("beta2"));
  EXPECT_THAT(error("adam", {0.9, 0.99, 1e-8, 0.1}, 0.1), HasSubstr("weight-decay"));
  EXPECT_THAT(error("adamw", {}, -1), HasSubstr("weight-decay: -1"));
  EXPECT_EQ(error("adam", {0.9, 0.99, 1e-8}, 0.1), "no error");
}

}  // namespace
}  // namespace dragoman
