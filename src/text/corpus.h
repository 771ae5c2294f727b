#pragma once
// The training corpus as a stream of token ids, epoch after epoch.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/random.h"
#include "dragoman/data_options.h"
#include "text/bucket_shuffle.h"
#include "text/cleaning.h"
#include "text/guided_alignment.h"
#include "text/pair_reader.h"
#include "text/pair_store.h"
#include "text/vocabulary.h"

namespace dragoman {

/// A source sentence and its translation as tokens, without </s>.
struct SentencePair {
  std::vector<int> source, target;
  std::int64_t line = 0;                  ///< of the corpus, from 1
  std::vector<TokenLink> alignment = {};  ///< with guided-alignment
  bool operator==(const SentencePair&) const = default;
};

/// How a corpus is read, besides what users set.
struct CorpusOptions {
  std::vector<double> alphas = {};           ///< subword sampling of source and target (sentencepiece-alphas); 0: none
  std::size_t memory_budget = 512ull << 20;  ///< bytes of text, and of tokens made from it, to keep in memory
  int share = 0;                             ///< of `shares` readers, each seeing its own part of every epoch
  int shares = 1;
};

/// Reads sentence pairs for training, as often as asked.
///
/// Order: with shuffle `data` a new random one in every epoch; else the corpus' own. It is a pure function of seed,
/// epoch and corpus, whatever the budget. Subword samples depend on seed, epoch, line and text only.
///
/// Memory: with shuffle `data`, the corpus is read once and kept in memory if it fits the budget or shuffle-in-ram is
/// set; else it goes to one temporary file and each epoch is shuffled through others (see BucketShuffle): at most
/// `memory_budget` + 5 MiB + one pair (of two lines of 1 MiB at most), and twice the corpus' uncompressed size on
/// disk in tempdir. Without sampling, tokens of a corpus in memory are kept for the next epochs as far as the budget
/// goes. Without shuffle `data`, files are read anew in every epoch and nothing is kept.
///
/// Standard input: with shuffle `data` it is read to its end first, then used for any number of epochs. Otherwise it
/// streams, which also suits endless input, but lasts for one epoch only: see single_pass().
class Corpus {
 public:
  /// Checks settings; reads nothing yet. The seed is used as it is given, 0 too. Throws Error naming the setting.
  Corpus(const DataOptions& data, const Vocabulary& source, const Vocabulary& target, CorpusOptions options = {});

  /// Goes to pair `skip` of an epoch's order. Throws Error as PairReader does, or if the input cannot be read again;
  /// ReadingStopped if `stop` is triggered meanwhile or in next().
  void start_epoch(std::int64_t epoch, std::int64_t skip = 0, std::stop_token stop = {});

  /// The next usable pair of the epoch; false at its end. Pairs with an empty or over-long side are skipped (or
  /// cropped, with max-length-crop), and those of other shares.
  bool next(SentencePair& pair);

  /// How many pairs of this epoch's order are gone by, skipped ones and those of other shares too: the `skip` with
  /// which start_epoch continues here.
  std::int64_t consumed() const { return consumed_; }

  /// Whether there can be only one epoch: standard input without shuffling.
  bool single_pass() const { return !shuffled_ && files_.has_standard_input(); }

  /// Flaws found in the first epoch that was read.
  CleaningReport report() const;

 private:
  void ingest(const std::stop_token& stop);
  void keep_names(const PairReader& reader);
  bool next_text(PairView& pair);
  bool encode(const PairView& text, SentencePair& pair);
  bool fit(const PairView& text, SentencePair& pair);
  bool fit_length(std::vector<int>& ids, int side, std::int64_t line);
  void note(Flaw flaw, int side, std::int64_t line);

  DataOptions data_;
  PairFiles files_;
  Vocabulary source_, target_;
  CorpusOptions options_;
  bool shuffled_;
  double source_alpha_ = 0, target_alpha_ = 0;

  // Where pairs come from: a reader (not shuffled), the store, or the spool through a bucket shuffle.
  std::optional<PairReader> reader_;
  TextPair reader_pair_;
  bool ingested_ = false;
  PairStore store_;
  std::optional<TempFile> spool_;
  std::int64_t spooled_ = 0;
  std::optional<BucketShuffle> buckets_;

  std::vector<std::unique_ptr<int[]>> cache_;  ///< by index in the store: two lengths, source ids, target ids
  std::size_t cache_bytes_ = 0;

  std::int64_t epoch_ = 0;  ///< 0: none begun
  std::int64_t first_epoch_ = 0;
  std::int64_t consumed_ = 0;
  std::string source_name_, target_name_, alignment_name_;
  CleaningReport reading_, encoding_;
};

}  // namespace dragoman
