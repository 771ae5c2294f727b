#include "service/sentence_batch.h"

#include <algorithm>

#include "decode/decode.h"

namespace dragoman {
namespace {

class BatchWatcher : public SearchWatcher {
 public:
  BatchWatcher(const std::vector<SentenceJob>& jobs, const std::function<void()>& pause) : jobs_(jobs), pause_(pause) {}

  void pause() override {
    if (pause_) pause_();
  }
  bool gives_up(int sentence) override { return job(sentence).request->stopped(); }
  bool wants_partial(int sentence) override { return bool(job(sentence).partial); }
  void partial(int sentence, std::span<const TokenId> tokens, int settled) override {
    job(sentence).partial(tokens, settled);
  }

 private:
  const SentenceJob& job(int sentence) const { return jobs_[std::size_t(sentence)]; }

  const std::vector<SentenceJob>& jobs_;
  const std::function<void()>& pause_;
};

std::vector<TokenId> candidates_of(const SentenceJob& job) {
  std::vector<TokenId> candidates = job.model->set.shortlist->candidates(job.source);
  const TokenId end = job.model->set.target.end_id();
  const auto place = std::lower_bound(candidates.begin(), candidates.end(), end);
  if (place == candidates.end() || *place != end) candidates.insert(place, end);
  return candidates;
}

}  // namespace

std::vector<NBest> translate_batch(const std::vector<SentenceJob>& jobs, const SearchOptions& search, Arena& arena,
                                   const std::function<void()>& pause) {
  const SentenceJob& first = jobs.front();
  const ServedModel& model = *first.model;
  std::vector<int> ids, offsets = {0};
  std::vector<std::vector<TokenId>> candidates;
  for (const SentenceJob& job : jobs) {
    ids.insert(ids.end(), job.source.begin(), job.source.end());
    offsets.push_back(int(ids.size()));
    if (model.set.shortlist != nullptr) candidates.push_back(candidates_of(job));
  }
  SearchOptions options = search;
  options.beam_size = first.beam_size;
  options.n_best = first.n_best;
  BatchWatcher watcher(jobs, pause);
  return decode(model.model(), arena, {ids, offsets}, model.set.special(), options,
                {.candidates = candidates, .keeps_attention = first.attention, .watcher = &watcher});
}

}  // namespace dragoman
