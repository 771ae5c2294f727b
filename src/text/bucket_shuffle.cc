#include "text/bucket_shuffle.h"

#include <algorithm>
#include <utility>

namespace dragoman {
namespace {

constexpr int bits_per_pass = 6;
constexpr int buckets_per_pass = 1 << bits_per_pass;

}  // namespace

BucketShuffle::BucketShuffle(const TempFile& file, std::int64_t pairs, const Random& order, std::size_t budget,
                             const std::string& tempdir, std::stop_token stop)
    : file_(&file), order_(order), budget_(budget), tempdir_(tempdir), stop_(std::move(stop)) {
  waiting_.push_back({std::nullopt, pairs, 0});
}

bool BucketShuffle::fits(const Bucket& bucket) const {
  return bucket.pairs <= 1 || bucket.bits + bits_per_pass > 64 ||
         PairStore::memory_of(file_of(bucket).size(), bucket.pairs) <= budget_;
}

void BucketShuffle::deal_out(Bucket bucket) {
  std::vector<Bucket> parts(buckets_per_pass);
  PairFileReader reader(file_of(bucket));
  for (PairView pair; reader.next(pair);) {
    if (stop_.stop_requested()) throw ReadingStopped{};
    const std::uint64_t key = shuffle_key(order_, pair.line);
    Bucket& part = parts[std::size_t((key << bucket.bits) >> (64 - bits_per_pass))];
    if (!part.owned) part.owned.emplace(tempdir_);
    write_pair(*part.owned, pair);
    ++part.pairs;
  }
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (part->pairs == 0) continue;
    part->owned->finish();
    part->bits = bucket.bits + bits_per_pass;
    waiting_.push_back(std::move(*part));
  }
}

bool BucketShuffle::load_next_bucket() {
  present_.clear();
  place_ = 0;
  while (!waiting_.empty()) {
    Bucket bucket = std::move(waiting_.back());
    waiting_.pop_back();
    if (!fits(bucket)) {
      deal_out(std::move(bucket));
      continue;
    }
    PairFileReader reader(file_of(bucket));
    for (PairView pair; reader.next(pair);) present_.add(pair);
    present_.shuffle(order_);
    return true;
  }
  return false;
}

bool BucketShuffle::next(PairView& pair) {
  while (place_ == present_.size()) {
    if (!load_next_bucket()) return false;
  }
  pair = present_.at(place_++);
  return true;
}

void BucketShuffle::skip(std::int64_t pairs) {
  while (true) {
    const auto here = std::min(pairs, std::int64_t(present_.size() - place_));
    place_ += std::size_t(here);
    pairs -= here;
    if (pairs == 0) return;
    while (!waiting_.empty() && waiting_.back().pairs <= pairs) {
      pairs -= waiting_.back().pairs;
      waiting_.pop_back();
    }
    if (!load_next_bucket()) return;
  }
}

}  // namespace dragoman
