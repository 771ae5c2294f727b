#pragma once
// Attention of target tokens that come in the order of time (nn/recurrent/time_order.h), some times after another.

#include <vector>

#include "model/recurrent_decoder.h"

namespace dragoman {

/// One batch's way through the times, either all at once or one after another (`single`). Keeps what must outlive the
/// backward pass in the context's arena.
class RankedAttention {
 public:
  RankedAttention(const Context& ctx, const CrossAttention& attention, const TimeOrder& order, const SourceView& source,
                  bool single);

  /// The next time: row r of queries belongs to the sentence of rank r. [queries, width].
  Tensor at_next_time(const Context& ctx, Tensor queries);

  /// All times at once: queries [tokens, width] in the order of time.
  Tensor at_all_times(const Context& ctx, Tensor queries);

 private:
  /// Shows blocks of single queries as the tokens that they are.
  struct Renamer : AttentionObserver {
    AttentionObserver* observer = nullptr;
    const int* tokens = nullptr;  ///< of the queries at this time
    bool trains(AttentionPlace place) const override { return observer->trains(place); }
    void observe(const AttentionWeights& seen) override;
  };

  const CrossAttention& attention_;
  const TimeOrder& order_;
  SourceView source_;
  CrossAttention::Pass pass_;  ///< of single times
  int time_ = 0, place_ = 0;
  std::span<const int> count_;  ///< 0, 1, 2 ...
  Tensor ranked_;               ///< the prepared source by rank, while recording
  std::span<const int> ranked_offsets_;
  std::vector<int> sentence_of_rank_;  ///< while not
  Renamer renamer_;
};

}  // namespace dragoman
