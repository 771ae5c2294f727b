#include "service/sentence_queue.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace dragoman {

void SentenceQueue::add(SentenceJob job) {
  const int length = int(job.source.size());
  std::uint64_t& of_request = job.request->turn;
  const Turn turn{std::max(now_, of_request), arrivals_++};
  of_request = turn.first + std::uint64_t(length);
  Group& group = groups_[{job.model.get(), job.beam_size, job.n_best, job.attention}];
  group.by_length.emplace(length, turn);
  group.jobs.emplace(turn, std::move(job));
  ++count_;
}

SentenceJob SentenceQueue::remove(Groups::iterator group, Turn turn) {
  const auto place = group->second.jobs.find(turn);
  SentenceJob job = std::move(place->second);
  group->second.jobs.erase(place);
  group->second.by_length.erase({int(job.source.size()), turn});
  --count_;
  return job;
}

std::vector<SentenceJob> SentenceQueue::take(int most_sentences, long most_tokens) {
  std::vector<SentenceJob> batch;
  while (count_ > 0 && batch.empty()) {
    auto group = groups_.end();
    for (auto g = groups_.begin(); g != groups_.end(); ++g) {
      const bool sooner = group == groups_.end() || g->second.jobs.begin()->first < group->second.jobs.begin()->first;
      if (sooner) group = g;
    }
    const auto first = group->second.jobs.begin();
    now_ = first->first.first;
    const int length = int(first->second.source.size());
    std::vector<Turn> turns = {first->first};
    long tokens = length;
    const long limit = std::min(most_tokens, first->second.model->batch_tokens);
    const auto& by_length = group->second.by_length;
    auto above = by_length.find({length, first->first});
    auto below = std::make_reverse_iterator(above);
    ++above;
    while (int(turns.size()) < most_sentences && (above != by_length.end() || below != by_length.rend())) {
      const bool up =
          below == by_length.rend() || (above != by_length.end() && above->first - length <= length - below->first);
      const auto& [size, turn] = up ? *above : *below;
      if (tokens + size > limit) break;
      tokens += size;
      turns.push_back(turn);
      if (up) {
        ++above;
      } else {
        ++below;
      }
    }
    for (const Turn& turn : turns) {
      SentenceJob job = remove(group, turn);
      if (!job.request->stopped()) batch.push_back(std::move(job));
    }
    if (group->second.jobs.empty()) groups_.erase(group);
  }
  return batch;
}

void SentenceQueue::drop(const TicketState& request) {
  for (auto group = groups_.begin(); group != groups_.end();) {
    std::vector<Turn> turns;
    for (const auto& [turn, job] : group->second.jobs) {
      if (job.request.get() == &request) turns.push_back(turn);
    }
    for (const Turn& turn : turns) remove(group, turn);
    group = group->second.jobs.empty() ? groups_.erase(group) : std::next(group);
  }
}

}  // namespace dragoman
