#include "text/corpus.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace dragoman {
namespace {

// Names of the independent streams of random numbers that one seed gives.
enum Stream : std::uint64_t { order_stream = 1, source_stream = 2, target_stream = 3 };

double checked_alpha(const CorpusOptions& options, std::size_t side, const Vocabulary& vocabulary) {
  if (options.alphas.empty()) return 0;
  require(options.alphas.size() == 2, "sentencepiece-alphas: {} {}, expected 2: source and target",
          options.alphas.size(), options.alphas.size() == 1 ? "number" : "numbers");
  const double alpha = options.alphas[side];
  require(alpha >= 0 && alpha <= 1, "sentencepiece-alphas: {}, expected 0 to 1", alpha);
  require(alpha == 0 || vocabulary.can_sample(),
          "sentencepiece-alphas: {} is neither a unigram nor a BPE model, so there is no sampling from it",
          vocabulary.name());
  return alpha;
}

}  // namespace

Corpus::Corpus(const DataOptions& data, const Vocabulary& source, const Vocabulary& target, CorpusOptions options)
    : data_(data),
      files_{data.train_sets, data.tsv, data.tsv_fields, data.guided_alignment},
      source_(source),
      target_(target),
      options_(std::move(options)),
      shuffled_(data.shuffle == "data"),
      source_alpha_(checked_alpha(options_, 0, source)),
      target_alpha_(checked_alpha(options_, 1, target)) {
  check(files_, "train-sets");
  require(data.shuffle == "data" || data.shuffle == "batches" || data.shuffle == "none",
          "shuffle: expected data, batches or none, found '{}'", data.shuffle);
  require(
      files_.alignment.empty() || (source_alpha_ == 0 && target_alpha_ == 0),
      "guided-alignment: its links are between pieces, and sentencepiece-alphas {} {} cuts pieces anew in each epoch; "
      "set it to 0 0",
      source_alpha_, target_alpha_);
  require(data.max_length > 0, "max-length: {}, expected at least 1", data.max_length);
  require(options_.shares > 0 && options_.share >= 0 && options_.share < options_.shares,
          "share {} of {} does not exist", options_.share, options_.shares);
}

void Corpus::start_epoch(std::int64_t epoch, std::int64_t skip, std::stop_token stop) {
  if (single_pass()) {
    require(epoch == 1,
            "train-sets: standard input can be read only once, so there is no epoch {}; set shuffle to data "
            "to have it kept in tempdir, or after-epochs to 1",
            epoch);
    require(epoch_ == 0, "train-sets: standard input cannot be read again from its beginning");
  }
  if (first_epoch_ == 0) first_epoch_ = epoch;
  if (epoch == first_epoch_) {
    encoding_ = {};  // begun again: it will be counted again
  } else if (reader_ && epoch_ == first_epoch_) {
    reading_ = reader_->report();
  }
  epoch_ = epoch;
  consumed_ = skip;
  if (!shuffled_) {
    reader_.emplace(files_, PairSelection::usable, LineReaderOptions{.stop = stop});
    keep_names(*reader_);
    for (std::int64_t i = 0; i < skip && reader_->next(reader_pair_); ++i) {
      if (stop.stop_requested()) throw ReadingStopped{};
    }
    return;
  }
  if (!ingested_) ingest(stop);
  const Random order = Random(data_.seed).fork(order_stream).fork(std::uint64_t(epoch));
  if (spool_) {
    buckets_.emplace(*spool_, spooled_, order, options_.memory_budget, data_.tempdir, stop);
    buckets_->skip(skip);
  } else {
    store_.shuffle(order);
  }
}

void Corpus::keep_names(const PairReader& reader) {
  source_name_ = reader.name(0);
  target_name_ = reader.name(1);
  if (!files_.alignment.empty()) alignment_name_ = reader.alignment_name();
}

void Corpus::ingest(const std::stop_token& stop) {
  store_.clear();
  spool_.reset();
  spooled_ = 0;
  PairReader reader(files_, PairSelection::usable, {.stop = stop});
  keep_names(reader);
  for (TextPair pair; reader.next(pair);) {
    if (stop.stop_requested()) throw ReadingStopped{};
    const PairView view = {pair.source, pair.target, pair.line, 0, pair.alignment};
    const std::size_t more = PairStore::memory_of(record_header + view.bytes(), 1);
    if (!spool_ && !data_.shuffle_in_ram && store_.memory() + more > options_.memory_budget) {
      spool_.emplace(data_.tempdir);
      for (std::size_t i = 0; i < store_.size(); ++i) write_pair(*spool_, store_.at(i));
      spooled_ = std::int64_t(store_.size());
      store_.clear();
    }
    if (spool_) {
      write_pair(*spool_, view);
      ++spooled_;
    } else {
      store_.add(view);
    }
  }
  if (spool_) spool_->finish();
  reading_ = reader.report();
  if (!spool_ && source_alpha_ == 0 && target_alpha_ == 0) cache_.resize(store_.size());
  ingested_ = true;
}

bool Corpus::next_text(PairView& pair) {
  if (!shuffled_) {
    if (!reader_->next(reader_pair_)) return false;
    pair = {reader_pair_.source, reader_pair_.target, reader_pair_.line, 0, reader_pair_.alignment};
  } else if (spool_) {
    if (!buckets_->next(pair)) return false;
  } else {
    if (consumed_ >= std::int64_t(store_.size())) return false;
    pair = store_.at(std::size_t(consumed_));
  }
  ++consumed_;
  return true;
}

bool Corpus::next(SentencePair& pair) {
  for (PairView text; next_text(text);) {
    if ((consumed_ - 1) % options_.shares != options_.share) continue;
    if (encode(text, pair)) return true;
  }
  return false;
}

bool Corpus::encode(const PairView& text, SentencePair& pair) {
  pair.line = text.line;
  const bool cached = text.index < cache_.size() && cache_[text.index];
  if (cached) {
    const int* const entry = cache_[text.index].get();
    pair.source.assign(entry + 2, entry + 2 + entry[0]);
    pair.target.assign(entry + 2 + entry[0], entry + 2 + entry[0] + entry[1]);
  } else {
    const auto seed = [&](Stream stream) {
      return Random(data_.seed).fork(stream).fork(std::uint64_t(epoch_)).fork(std::uint64_t(text.line)).next();
    };
    pair.source = source_.sample(text.source, source_alpha_, seed(source_stream));
    pair.target = target_.sample(text.target, target_alpha_, seed(target_stream));
    const std::size_t numbers = 2 + pair.source.size() + pair.target.size();
    const std::size_t bytes = numbers * sizeof(int) + 24;  // 24: a pointer and the allocator's own
    if (text.index < cache_.size() && store_.memory() + cache_bytes_ + bytes <= options_.memory_budget) {
      auto entry = std::make_unique_for_overwrite<int[]>(numbers);
      entry[0] = int(pair.source.size());
      entry[1] = int(pair.target.size());
      std::copy(pair.source.begin(), pair.source.end(), entry.get() + 2);
      std::copy(pair.target.begin(), pair.target.end(), entry.get() + 2 + pair.source.size());
      cache_[text.index] = std::move(entry);
      cache_bytes_ += bytes;
    }
  }
  if (pair.source.empty() || pair.target.empty()) {
    note(Flaw::empty, pair.source.empty() ? 0 : 1, text.line);
    return false;
  }
  return fit(text, pair);
}

bool Corpus::fit(const PairView& text, SentencePair& pair) {
  const std::size_t source = pair.source.size(), target = pair.target.size();
  if (!fit_length(pair.source, 0, text.line) || !fit_length(pair.target, 1, text.line)) return false;
  if (files_.alignment.empty()) return true;
  pair.alignment = parse_alignment(text.alignment, source, target, alignment_name_, text.line);
  crop_alignment(pair.alignment, source, pair.source.size(), target, pair.target.size());
  return true;
}

bool Corpus::fit_length(std::vector<int>& ids, int side, std::int64_t line) {
  const auto limit = std::size_t(data_.max_length);
  if (ids.size() <= limit) return true;
  note(data_.max_length_crop ? Flaw::cropped : Flaw::too_long, side, line);
  if (!data_.max_length_crop) return false;
  ids.resize(limit);
  return true;
}

void Corpus::note(Flaw flaw, int side, std::int64_t line) {
  if (epoch_ == first_epoch_) encoding_.count(flaw, side == 0 ? source_name_ : target_name_, line);
}

CleaningReport Corpus::report() const {
  CleaningReport all = reader_ && epoch_ == first_epoch_ ? reader_->report() : reading_;
  all.add(encoding_);
  return all;
}

}  // namespace dragoman
