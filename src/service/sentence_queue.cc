#include "service/sentence_queue.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace dragoman {

void SentenceQueue::add(SentenceJob job) {
  double& of_request = job.request->turn;
  const Turn turn{std::max(now_, of_request), arrivals_++};
  of_request = turn.first + double(job.source.size());
  ++waiting_[job.request.get()];
  groups_[{job.model.get(), job.beam_size, job.n_best, job.attention}].emplace(turn, std::move(job));
  ++count_;
}

SentenceQueue::Jobs::iterator SentenceQueue::remove(Jobs& jobs, Jobs::iterator job) {
  const auto waiting = waiting_.find(job->second.request.get());
  if (--waiting->second == 0) waiting_.erase(waiting);
  --count_;
  return jobs.erase(job);
}

std::vector<SentenceJob> SentenceQueue::take(const BatchLimits& limits) {
  std::vector<SentenceJob> batch;
  while (count_ > 0 && batch.empty()) {
    const auto group = std::min_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
      return a.second.begin()->first < b.second.begin()->first;
    });
    Jobs& jobs = group->second;
    const Jobs::iterator first = jobs.begin();
    now_ = std::max(now_, first->first.first);
    const auto requests = double(waiting_.size());
    const auto length = [](Jobs::iterator job) { return long(job->second.source.size()); };
    const auto difference = [&](Jobs::iterator job) { return std::abs(length(job) - length(first)); };
    std::vector<Jobs::iterator> chosen;
    for (auto job = first; job != jobs.end() && int(chosen.size()) < limits.choice; ++job) chosen.push_back(job);
    std::stable_sort(chosen.begin(), chosen.end(),
                     [&](Jobs::iterator a, Jobs::iterator b) { return difference(a) < difference(b); });
    const long most_tokens = std::min(limits.tokens, first->second.model->batch_tokens);
    long tokens = 0;
    int sentences = 0;
    for (const Jobs::iterator job : chosen) {
      tokens += length(job);
      if (sentences == limits.sentences || (sentences > 0 && tokens > most_tokens)) break;
      ++sentences;
      now_ += double(length(job)) / requests;
      if (!job->second.request->stopped()) batch.push_back(job->second);
      remove(jobs, job);
    }
    if (jobs.empty()) groups_.erase(group);
  }
  return batch;
}

void SentenceQueue::drop(const TicketState& request) {
  for (auto group = groups_.begin(); group != groups_.end();) {
    Jobs& jobs = group->second;
    for (auto job = jobs.begin(); job != jobs.end();) {
      job = job->second.request.get() == &request ? remove(jobs, job) : std::next(job);
    }
    group = jobs.empty() ? groups_.erase(group) : std::next(group);
  }
}

}  // namespace dragoman
