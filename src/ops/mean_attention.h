#pragma once
// One attention of a model as losses and search look at it: the mean of its heads.

#include <span>
#include <vector>

#include "autograd/attention_observer.h"

namespace dragoman {

/// Collects, for each query of one attention, the mean over its heads of the weights of all keys (they sum to 1). While
/// recording, a gradient of the means can be sent back into the heads. For one forward pass of one thread.
class MeanAttention : public AttentionObserver {
 public:
  /// `trains`: a gradient will be sent back. `next`: somebody else who wants to see all attention, may be null.
  MeanAttention(AttentionPlace place, int queries, bool trains, AttentionObserver* next = nullptr)
      : place_(place), trains_(trains), next_(next), rows_(std::size_t(queries)) {}

  bool trains(AttentionPlace place) const override {
    return (trains_ && place == place_) || (next_ != nullptr && next_->trains(place));
  }
  void observe(const AttentionWeights& seen) override;

  /// Call it once, when the forward pass is over. Throws Error if a query was not seen, as with a model that has no
  /// such attention.
  void finish();

  /// After finish(): the mean weights of a query.
  std::span<const float> of(int query) const { return {weights_.data() + rows_[query].first, rows_[query].keys}; }

  /// After finish(), while recording: adds `gradient` to that of of(query).
  void add_gradient(int query, std::span<const float> gradient);

 private:
  struct Row {
    std::size_t first = 0;  ///< where its weights are in weights_
    std::size_t keys = 0;   ///< 0: not seen yet
  };
  AttentionPlace place_;
  bool trains_;
  AttentionObserver* next_;
  std::vector<Row> rows_;
  std::vector<float> weights_;
  std::vector<AttentionWeights> seen_;      ///< of training
  std::vector<std::vector<int>> of_query_;  ///< numbers in seen_
  int heads_ = 0;
};

}  // namespace dragoman
