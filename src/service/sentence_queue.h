#pragma once
// Sentences that wait for a model, and which of them are translated together.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>
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

struct BatchLimits {
  int sentences = 16;
  long tokens = 512;  ///< nor more than the model's batch_tokens; but one sentence may be longer
  int choice = 64;    ///< so many of those whose turn is next are looked at for such as are alike
};

/// Not for use by two threads at once.
///
/// Whose turn it is: fair queueing over tokens by start times (Goyal et al. 1996), so that a request of one sentence
/// does not wait for all of a long one that came before it. Time passes by the tokens that are taken over the number of
/// requests that wait, as if all were served at once (Demers et al. 1989): otherwise new requests, which begin at the
/// present, would go before the second sentence of an older one for as long as they keep coming. With the sentence
/// whose turn it is go those most like it in length, of the same model and options, among those that come soon after
/// it: were all looked at, a sentence of an unusual length would always wait until it is the oldest.
class SentenceQueue {
 public:
  void add(SentenceJob job);

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  /// The sentences of the next batch. Those whose request has stopped are dropped. Empty if there is none.
  std::vector<SentenceJob> take(const BatchLimits& limits);

  /// Drops all sentences of a request.
  void drop(const TicketState& request);

 private:
  using Kind = std::tuple<const ServedModel*, int, bool, bool>;
  using Turn = std::pair<double, std::uint64_t>;  ///< in tokens; then as they came
  using Jobs = std::map<Turn, SentenceJob>;

  Jobs::iterator remove(Jobs& jobs, Jobs::iterator job);

  std::map<Kind, Jobs> groups_;
  std::unordered_map<const TicketState*, int> waiting_;  ///< how many sentences of each request
  std::size_t count_ = 0;
  double now_ = 0;
  std::uint64_t arrivals_ = 0;
};

}  // namespace dragoman
