#include "service/source_memory.h"

#include <algorithm>
#include <utility>

#include "service/core.h"

namespace dragoman {
namespace {

constexpr std::size_t most_prefixes = 128;

std::size_t common_beginning(const std::vector<TokenId>& a, const std::vector<TokenId>& b) {
  const auto end = a.begin() + std::ptrdiff_t(std::min(a.size(), b.size()));
  return std::size_t(std::mismatch(a.begin(), end, b.begin()).first - a.begin());
}

}  // namespace

SourceMemory::SourceMemory(const ServedModel& model, const std::string& text, Arena& arena)
    : segments_(segments_of(model.set.source, text)) {
  std::vector<int> ids;
  for (const Segment& segment : segments_) ids.push_back(segment.id);
  ids.push_back(model.set.source.end_id());
  if (model.set.shortlist != nullptr) shortlist_ = model.set.shortlist->candidates(ids);
  const std::vector<int> offsets = {0, int(ids.size())};
  const Arena::Mark mark = arena.mark();
  const Context ctx{arena};
  const auto state = model.model().start(ctx, model.model().encode(ctx, {ids, offsets}), Decoding::stepwise);
  start_ = state->kept(0);
  arena.rewind(mark);
}

SourceMemory::Begun SourceMemory::begin(const std::vector<TokenId>& fed) const {
  std::shared_ptr<const DecodedPrefix> best;
  std::size_t most = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& prefix : prefixes_) {
      const std::size_t common = std::min(common_beginning(prefix->fed, fed), fed.size() - 1);
      const bool usable = common == prefix->fed.size() || prefix->state->can_go_back();
      if (usable && common > most) {
        most = common;
        best = prefix;
      }
    }
  }
  if (best == nullptr) return {start_->kept(0)};
  Begun begun{best->state->kept(0), most};
  if (most < best->fed.size()) begun.state->go_back(int(best->fed.size() - most));
  const std::size_t numbers = best->attention.size() / best->fed.size() * most;
  begun.attention.assign(best->attention.begin(), best->attention.begin() + std::ptrdiff_t(numbers));
  return begun;
}

void SourceMemory::store(DecodedPrefix prefix) {
  const std::lock_guard lock(mutex_);
  for (const auto& other : prefixes_) {
    if (other->state->can_go_back() && common_beginning(other->fed, prefix.fed) == prefix.fed.size()) return;
  }
  // What is stored already goes to the end; what a state that can go back has within it needs no place of its own.
  std::erase_if(prefixes_, [&](const auto& other) {
    const bool within = common_beginning(other->fed, prefix.fed) == other->fed.size();
    return within && (other->fed.size() == prefix.fed.size() || prefix.state->can_go_back());
  });
  prefixes_.push_back(std::make_shared<const DecodedPrefix>(std::move(prefix)));
  if (prefixes_.size() > most_prefixes) prefixes_.erase(prefixes_.begin());
}

std::size_t SourceMemory::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum =
      sizeof *this + start_->bytes().shared + shortlist_.size() * sizeof(TokenId) + segments_.size() * sizeof(Segment);
  for (const auto& prefix : prefixes_) {
    sum += sizeof *prefix + prefix->state->bytes().own + prefix->attention.size() * sizeof(float) +
           prefix->fed.size() * sizeof(TokenId);
  }
  return sum;
}

}  // namespace dragoman
