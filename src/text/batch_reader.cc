#include "text/batch_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace dragoman {
namespace {

constexpr std::uint64_t batch_order_stream = 4;  // continues the streams of Corpus

}  // namespace

BatchRule batch_rule(const DataOptions& data, std::int64_t words_that_fit) {
  require(data.mini_batch > 0, "mini-batch: {}, expected at least 1", data.mini_batch);
  require(data.mini_batch_words >= 0, "mini-batch-words: {}, expected 0 (off) or more", data.mini_batch_words);
  require(data.maxi_batch > 0, "maxi-batch: {}, expected at least 1", data.maxi_batch);
  require(data.maxi_batch_sort == "trg" || data.maxi_batch_sort == "src" || data.maxi_batch_sort == "none",
          "maxi-batch-sort: expected trg, src or none, found '{}'", data.maxi_batch_sort);
  require(!data.mini_batch_fit || words_that_fit > 0, "mini-batch-fit: not a single word fits a workspace of {} MiB",
          data.workspace);
  BatchRule rule;
  rule.sentences = data.mini_batch_fit || data.mini_batch_words > 0 ? 0 : data.mini_batch;
  rule.target_words = data.mini_batch_words;
  rule.words_that_fit = data.mini_batch_fit ? words_that_fit : 0;
  rule.sort = data.maxi_batch_sort == "trg"   ? BatchRule::Sort::target
              : data.maxi_batch_sort == "src" ? BatchRule::Sort::source
                                              : BatchRule::Sort::none;
  rule.maxi_batch = data.maxi_batch;
  rule.shuffle = data.shuffle != "none";
  return rule;
}

BatchReader::BatchReader(const DataOptions& data, const Vocabulary& source, const Vocabulary& target,
                         const BatchReaderOptions& options, const DataPosition& start_position)
    : rule_(batch_rule(data, options.words_that_fit)),
      seed_(data.seed),
      prefetch_(std::size_t(std::max(options.prefetch, 1))),
      source_end_(source.end_id()),
      target_end_(target.end_id()),
      corpus_(data, source, target, options.corpus) {
  start(start_position);
}

BatchReader::~BatchReader() { stop(); }

void BatchReader::start(const DataPosition& position) {
  require(position.epoch > 0 && position.pairs >= 0 && position.batch >= 0,
          "no place in the training data: epoch {}, pair {}, batch {}", position.epoch, position.pairs, position.batch);
  position_ = position;
  thread_ = std::jthread([this, position](const std::stop_token& token) {
    try {
      produce(token, position);
    } catch (const ReadingStopped&) {
      // nobody waits for more
    } catch (...) {
      push(token, {std::nullopt, position, std::current_exception()});
    }
  });
}

void BatchReader::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  queue_.clear();
}

void BatchReader::restore(const DataPosition& position) {
  stop();
  start(position);
}

std::vector<SentencePair> BatchReader::read_maxi_batch() {
  std::vector<SentencePair> pairs;
  std::int64_t source_words = 0, target_words = 0;
  SentencePair pair;
  while (!rule_.full(std::int64_t(pairs.size()), source_words, target_words, rule_.maxi_batch) && corpus_.next(pair)) {
    source_words += std::int64_t(pair.source.size()) + 1;
    target_words += std::int64_t(pair.target.size()) + 1;
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

void BatchReader::produce(const std::stop_token& stop, DataPosition position) {
  while (true) {
    const DataPosition begin = position;
    corpus_.start_epoch(position.epoch, position.pairs, stop);
    bool any = false;
    while (true) {
      const std::vector<SentencePair> pairs = read_maxi_batch();
      {
        const std::lock_guard lock(mutex_);
        report_ = corpus_.report();
      }
      if (pairs.empty()) break;
      any = true;
      const Random random = Random(seed_)
                                .fork(batch_order_stream)
                                .fork(std::uint64_t(position.epoch))
                                .fork(std::uint64_t(position.pairs));
      std::vector<Batch> batches = make_batches(pairs, rule_, source_end_, target_end_, random);
      const DataPosition next_maxi_batch = {position.epoch, corpus_.consumed(), 0};
      for (auto i = std::size_t(position.batch); i < batches.size(); ++i) {
        position.batch = std::int64_t(i) + 1;
        const bool last = i + 1 == batches.size();
        if (!push(stop, {std::move(batches[i]), last ? next_maxi_batch : position, nullptr})) return;
      }
      position = next_maxi_batch;
    }
    if (!any && begin.pairs == 0) {
      fail("train-sets: no usable sentence pair{}{}", corpus_.report().sentences().empty() ? "; no lines at all" : "; ",
           fmt::join(corpus_.report().sentences(), "; "));
    }
    position = {position.epoch + 1, 0, 0};
    if (!push(stop, {std::nullopt, position, nullptr})) return;
  }
}

bool BatchReader::push(const std::stop_token& stop, Item item) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [&] { return queue_.size() < prefetch_; })) return false;
  queue_.push_back(std::move(item));
  lock.unlock();
  changed_.notify_all();
  return true;
}

std::optional<Batch> BatchReader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !queue_.empty(); });
  if (queue_.front().error) std::rethrow_exception(queue_.front().error);  // and again at each call
  Item item = std::move(queue_.front());
  queue_.pop_front();
  lock.unlock();
  changed_.notify_all();
  position_ = item.after;
  return item.batch;
}

CleaningReport BatchReader::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

}  // namespace dragoman
