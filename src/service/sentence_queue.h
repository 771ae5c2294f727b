#pragma once
// Sentences that wait for a model, and which of them are translated together.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "search/hypothesis.h"
#include "service/model_store.h"
#include "service/request.h"

namespace dragoman {

/// A sentence, or a part of one that is too long, for one model.
struct SentenceJob {
  std::shared_ptr<TicketState> request;
  std::shared_ptr<const ServedModel> model;
  std::vector<int> source;  ///< with </s>
  int beam_size = 1;
  bool n_best = false;     ///< all hypotheses of the beam are wanted
  bool attention = false;  ///< with the attention of their tokens
  std::function<void(std::span<const TokenId> tokens, int settled)> partial = {};  ///< empty: not wanted
  std::function<void(NBest)> done = {};                                            ///< not if the request has stopped
};

/// Not for use by two threads at once.
///
/// Whose turn it is: start-time fair queueing (Goyal et al. 1996) over tokens, so that a request of one sentence does
/// not wait for all of a long one that came before it. With the sentence whose turn it is go those most like it in
/// length, of the same model and options.
class SentenceQueue {
 public:
  void add(SentenceJob job);

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  /// The sentences of the next batch: at most so many, and unless it is one at most so many tokens, nor more than the
  /// model's batch_tokens. Those whose request has stopped are dropped. Empty if there is none.
  std::vector<SentenceJob> take(int most_sentences, long most_tokens);

  /// Drops all sentences of a request.
  void drop(const TicketState& request);

 private:
  using Kind = std::tuple<const ServedModel*, int, bool, bool>;
  using Turn = std::pair<std::uint64_t, std::uint64_t>;  ///< in tokens; then as they came
  struct Group {
    std::map<Turn, SentenceJob> jobs;
    std::set<std::pair<int, Turn>> by_length;
  };
  using Groups = std::map<Kind, Group>;

  SentenceJob remove(Groups::iterator group, Turn turn);

  Groups groups_;
  std::size_t count_ = 0;
  std::uint64_t now_ = 0, arrivals_ = 0;
};

}  // namespace dragoman
