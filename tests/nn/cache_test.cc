#include "nn/attention/cache.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace dragoman {
namespace {

using testing::ElementsAre;

/// A cache of two layers of width 2 and what each row should remember: tokens are numbers, their keys too.
class RememberedTokens {
 public:
  explicit RememberedTokens(int rows) : cache_(2, 2, rows), expected_(std::size_t(rows)) {}

  void step(const std::vector<std::vector<float>>& tokens) {
    std::vector<int> offsets = {0};
    std::vector<float> projected;  // stride 5: keys, values and one that is not theirs
    for (std::size_t r = 0; r < tokens.size(); ++r) {
      for (const float t : tokens[r]) {
        projected.insert(projected.end(), {t, t + 0.25f, -t, -t - 0.25f, 99});
        expected_[r].push_back(t);
      }
      offsets.push_back(offsets.back() + int(tokens[r].size()));
    }
    cache_.extend(offsets);
    for (int layer = 0; layer < 2; ++layer) {
      auto layered = projected;
      for (float& x : layered) x += 1000.0f * float(layer);
      cache_.store(layer, layered.data(), layered.data() + 2, 5);
    }
    for (std::size_t r = 0; r < tokens.size(); ++r) EXPECT_EQ(cache_.fresh(int(r)), int(tokens[r].size()));
    check();
  }

  void reorder(const std::vector<int>& parents) {
    std::vector<std::vector<float>> old = expected_;
    expected_.clear();
    for (const int p : parents) expected_.push_back(old[p]);
    cache_.reorder(parents);
    check();
  }

  int most_slots() const {
    int most = 0;
    for (int r = 0; r < cache_.rows(); ++r) {
      for (const int slot : cache_.slots(r)) most = std::max(most, slot + 1);
    }
    return most;
  }

 private:
  void check() const {
    ASSERT_EQ(cache_.rows(), int(expected_.size()));
    for (int r = 0; r < cache_.rows(); ++r) {
      ASSERT_EQ(cache_.length(r), int(expected_[r].size()));
      for (int layer = 0; layer < 2; ++layer) {
        for (int i = 0; i < cache_.length(r); ++i) {
          const float* slot = cache_.data(layer) + cache_.slots(r)[i] * 4;
          const float t = expected_[r][i], base = 1000.0f * float(layer);
          EXPECT_THAT(std::vector<float>(slot, slot + 4),
                      ElementsAre(base + t, base + t + 0.25f, base - t, base - t - 0.25f))
              << "row " << r << " token " << i;
        }
      }
    }
  }

  DecoderCache cache_;
  std::vector<std::vector<float>> expected_;
};

TEST(DecoderCache, RemembersEachRowsTokensThroughReordering) {
  RememberedTokens tokens(3);
  tokens.step({{1}, {2}, {3}});
  tokens.reorder({1, 1, 0});  // one row twice, one dropped
  tokens.step({{4}, {5}, {6}});
  tokens.reorder({2, 1, 0, 0, 1});  // swapped, and more rows than before
  tokens.step({{7}, {8}, {9}, {10}, {11}});
  tokens.reorder({4});
  tokens.step({{12}});
}

TEST(DecoderCache, TakesSeveralTokensOrNoneInAStep) {
  RememberedTokens tokens(3);
  tokens.step({{1, 2, 3}, {}, {4}});
  tokens.step({{}, {5, 6}, {7}});
  tokens.reorder({0, 2});
  tokens.step({{}, {8, 9}});
}

TEST(DecoderCache, UsesForgottenSlotsAgain) {
  RememberedTokens tokens(4);
  tokens.step({{1}, {2}, {3}, {4}});
  for (int i = 0; i < 20; ++i) {
    tokens.reorder({0, 0, 0, 0});
    tokens.step({{5}, {6}, {7}, {8}});
  }
  EXPECT_LE(tokens.most_slots(), 21 + 3) << "20 shared tokens and the fresh ones";
}

}  // namespace
}  // namespace dragoman
