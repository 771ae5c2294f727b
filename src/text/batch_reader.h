#pragma once
// The stream of training batches: prepared ahead in a thread of its own, and able to continue anywhere.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "dragoman/data_options.h"
#include "text/batch.h"
#include "text/corpus.h"
#include "text/vocabulary.h"

namespace dragoman {

/// A place in the stream of batches, to be saved with a model. Valid for the same corpus, vocabularies, options and
/// seed.
struct DataPosition {
  std::int64_t epoch = 1;  ///< the one being read, from 1
  std::int64_t pairs = 0;  ///< pairs of its order that went into earlier maxi-batches
  std::int64_t batch = 0;  ///< batches already given of the present maxi-batch
  bool operator==(const DataPosition&) const = default;
};

/// What a BatchReader needs to know besides what users set.
struct BatchReaderOptions {
  CorpusOptions corpus = {};        ///< subword sampling, memory, share
  std::int64_t words_that_fit = 0;  ///< with mini-batch-fit: source and target tokens that the workspace has room for
  int prefetch = 16;                ///< batches prepared ahead, besides those of the maxi-batch they come from
};

/// The grouping that users ask for: by sentences (mini-batch), or instead by target words (mini-batch-words), or by
/// what fits (mini-batch-fit, which mini-batch-words limits further). Throws Error naming a setting out of range.
BatchRule batch_rule(const DataOptions& data, std::int64_t words_that_fit);

/// Reads the training corpus batch by batch. The batches and their order are a pure function of settings, seed,
/// corpus and position. A background thread reads and tokenises. Memory: that of Corpus, two maxi-batches at most (one
/// being read, one as batches: some 8 bytes per token), and the batches prepared ahead.
/// The methods are for one thread at a time.
class BatchReader {
 public:
  BatchReader(const DataOptions& data, const Vocabulary& source, const Vocabulary& target,
              const BatchReaderOptions& options = {}, const DataPosition& start = {});
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// The next batch, or none at the end of each epoch; after that the next epoch begins. Throws Error as Corpus does,
  /// and if an epoch has no usable pair at all.
  std::optional<Batch> next();

  /// Just behind what next() gave last.
  const DataPosition& position() const { return position_; }
  /// Continues at a position: what next() gives is bit for bit what followed there before.
  void restore(const DataPosition& position);

  /// See Corpus: after the first epoch next() can only throw.
  bool single_pass() const { return corpus_.single_pass(); }
  /// Flaws found in the first epoch, as far as it has been read (ahead of next(), by the background thread).
  CleaningReport report() const;

 private:
  struct Item {
    std::optional<Batch> batch;  ///< none: end of an epoch
    DataPosition after;
    std::exception_ptr error;
  };

  void start(const DataPosition& position);
  void stop();
  void produce(const std::stop_token& stop, DataPosition position);
  std::vector<SentencePair> read_maxi_batch();
  bool push(const std::stop_token& stop, Item item);

  const BatchRule rule_;
  const std::uint64_t seed_;
  const std::size_t prefetch_;
  const int source_end_, target_end_;
  Corpus corpus_;  ///< the background thread's
  DataPosition position_;

  mutable std::mutex mutex_;  ///< guards the queue and the report
  std::condition_variable_any changed_;
  std::deque<Item> queue_;
  CleaningReport report_;
  std::jthread thread_;
};

}  // namespace dragoman
