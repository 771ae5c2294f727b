#include "translate/translator.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "decode/decode_ensemble.h"
#include "translate/length_batches.h"
#include "translate/parallel.h"

namespace dragoman {

/// A sentence to search for: a line, or a part of a long one.
struct Translator::Part {
  std::int64_t line_number;
  int index;  ///< among the parts of its line
  std::vector<int> source;
  std::vector<int> prefix = {};
  std::vector<TokenId> candidates = {};  ///< with a shortlist
  NBest hypotheses = {};
  std::vector<SoftAlignment> alignments = {};  ///< of the hypotheses, if asked for
};

namespace {

/// Source tokens that are best translated together. A step reads the decoder's weights, whatever the number of rows,
/// and the keys and values of every source token of the batch: with more tokens the second would push the first out of
/// the cache, with fewer the weights would be read for few rows.
long tokens_of_batch(std::span<const Seq2Seq* const> models) {
  constexpr double fewest = 256, most = 4096;
  double weights = 0, keys = 0;
  for (const Seq2Seq* model : models) {
    for (const Parameter& p : model->parameters().list()) {
      if (p.name.starts_with("decoder.") && p.use == ParameterUse::map) {
        weights += double(p.shape.size()) * (p.int8 != nullptr ? 1 : p.bfloat16 != nullptr ? 2 : sizeof(float));
      }
    }
    const ModelOptions& o = model->options();
    const double width = o.type == "transformer" ? o.dim_emb : o.dim_rnn;
    keys += 2 * sizeof(float) * width * model->cross_attention_layers();
  }
  return long(std::clamp(weights / std::max(keys, 1.0), fewest, most));
}

/// Names a part's stream of random numbers.
std::uint64_t stream_of(std::int64_t line_number, int part) {
  return std::uint64_t(line_number) << 20 | unsigned(part);
}

}  // namespace

Translator::Translator(const ModelSet& models, TranslatorOptions options)
    : models_(models),
      pointers_(models.pointers()),
      options_(std::move(options)),
      threads_(thread_count(options_.batching.cpu_threads)),
      longest_(models.longest_sentence()),
      most_tokens_(tokens_of_batch(pointers_)),
      arenas_(std::size_t(threads_)) {
  check(options_.search);
  const auto& weights = options_.search.weights;
  require(weights.empty() || weights.size() == pointers_.size(),
          "weights: {} given, expected one for each of {} models", weights.size(), pointers_.size());
  int& limit = options_.source.max_length;
  require(limit > 0, "max-length: expected a number above 0, found {}", limit);
  if (longest_ > 0) limit = std::min(limit, longest_ - 1);
  for (std::size_t i = 0; i < pointers_.size(); ++i) {
    if (pointers_.size() == 1 || weights.empty() || weights[i] != 0) aligners_.push_back(pointers_[i]);
  }
  if (!options_.align || options_.alignment_layer.empty()) return;
  for (const Seq2Seq* model : aligners_) model->alignment_layer(options_.alignment_layer);  // throws if there is none
}

std::vector<Translation> Translator::translate(std::span<const SourceLine> lines, const std::stop_token& stop,
                                               const BatchDone& batch_done) {
  // Tokens, by all threads: a block of lines at a time.
  constexpr int block = 32;
  const int blocks = (int(lines.size()) + block - 1) / block;
  std::vector<std::vector<Part>> parts(lines.size());
  std::vector<Translation> translations(lines.size());
  for_each_parallel(
      threads_, blocks,
      [&](int, int number) {
        const std::size_t end = std::min(lines.size(), std::size_t(number + 1) * block);
        for (std::size_t i = std::size_t(number) * block; i < end; ++i) {
          EncodedLine encoded = encode_source(lines[i].text, models_.source, options_.source);
          auto& suspicions = translations[i].suspicions;
          if (encoded.cropped) suspicions.push_back(Suspicion::cropped);
          if (encoded.parts.size() > 1) suspicions.push_back(Suspicion::split);
          for (auto& part : encoded.parts) {
            parts[i].push_back(
                {.line_number = lines[i].number, .index = int(parts[i].size()), .source = std::move(part)});
          }
          if (!lines[i].prefix.empty() && !parts[i].empty()) {
            bool cut = false;
            parts[i][0].prefix = encode_prefix(lines[i], cut);
            if (cut) suspicions.push_back(Suspicion::prefix_cut);
          }
          if (models_.shortlist == nullptr) continue;
          for (Part& part : parts[i]) part.candidates = candidates_of(part);
        }
      },
      stop);

  // Search, in batches of like length.
  std::vector<Part*> all;
  std::vector<int> lengths;
  for (auto& line : parts) {
    for (Part& part : line) {
      all.push_back(&part);
      lengths.push_back(int(part.source.size()));
    }
  }
  const bool sorted = options_.batching.maxi_batch_sort != "none";
  const auto batches = batches_by_length(lengths, options_.batching, sorted, threads_, most_tokens_);
  std::mutex mutex;
  for_each_parallel(
      threads_, int(batches.size()),
      [&](int worker, int number) {
        std::vector<Part*> batch;
        int tokens = 0;
        for (const int index : batches[std::size_t(number)]) {
          batch.push_back(all[std::size_t(index)]);
          tokens += lengths[std::size_t(index)];
        }
        translate_batch(batch, worker);
        const std::lock_guard lock(mutex);
        if (batch_done) batch_done(int(batch.size()), tokens);
      },
      stop);

  // Text again.
  for_each_parallel(
      threads_, blocks,
      [&](int, int number) {
        const std::size_t end = std::min(lines.size(), std::size_t(number + 1) * block);
        for (std::size_t i = std::size_t(number) * block; i < end; ++i) {
          Translation joined = join(lines[i], parts[i]);
          translations[i].candidates = std::move(joined.candidates);
          auto& suspicions = translations[i].suspicions;
          suspicions.insert(suspicions.end(), joined.suspicions.begin(), joined.suspicions.end());
        }
      },
      stop);
  return translations;
}

std::vector<TokenId> Translator::candidates_of(const Part& part) const {
  std::vector<TokenId> candidates = models_.shortlist->candidates(part.source);
  std::vector<TokenId> forced = part.prefix;
  forced.push_back(models_.target.end_id());
  for (const TokenId token : forced) {
    const auto place = std::lower_bound(candidates.begin(), candidates.end(), token);
    if (place == candidates.end() || *place != token) candidates.insert(place, token);
  }
  return candidates;
}

std::vector<int> Translator::encode_prefix(const SourceLine& line, bool& cut) const {
  std::vector<int> ids =
      options_.source.pieces ? ids_of_pieces(line.prefix, models_.target) : models_.target.encode(line.prefix);
  std::erase(ids, models_.target.end_id());
  if (longest_ > 0 && int(ids.size()) > longest_ - 1) {  // room for </s>
    ids.resize(std::size_t(longest_ - 1));
    cut = true;
  }
  return ids;
}

void Translator::translate_batch(std::span<Part* const> batch, int worker) {
  std::vector<int> ids, offsets = {0};
  std::vector<std::vector<TokenId>> prefixes, candidates;
  std::vector<std::uint64_t> streams;
  for (const Part* part : batch) {
    if (models_.shortlist != nullptr) candidates.push_back(part->candidates);
    ids.insert(ids.end(), part->source.begin(), part->source.end());
    offsets.push_back(int(ids.size()));
    prefixes.push_back(part->prefix);
    streams.push_back(stream_of(part->line_number, part->index));
  }
  auto results =
      decode_ensemble(pointers_, arenas_[std::size_t(worker)], {ids, offsets}, models_.special(), options_.search,
                      {.prefixes = prefixes, .candidates = candidates, .sentence_ids = streams, .seed = options_.seed});
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->hypotheses = std::move(results[i]);
  if (options_.align) align_batch(batch, worker);
}

void Translator::align_batch(std::span<Part* const> batch, int worker) {
  constexpr std::size_t most_tokens = 4096;  // at a time, so that long lists do not explode memory
  std::vector<int> source, source_offsets, target, target_offsets;
  std::vector<Part*> owners;
  const auto flush = [&] {
    if (owners.empty()) return;
    auto alignments = dragoman::align(aligners_, arenas_[std::size_t(worker)], {source, source_offsets},
                                      {target, target_offsets}, options_.alignment_layer);
    for (std::size_t i = 0; i < owners.size(); ++i) owners[i]->alignments.push_back(std::move(alignments[i]));
    owners.clear();
  };
  for (Part* part : batch) {
    for (const Hypothesis& hypothesis : part->hypotheses) {
      if (source.size() + target.size() > most_tokens) flush();
      if (owners.empty()) {
        source.clear();
        target.clear();
        source_offsets = target_offsets = {0};
      }
      source.insert(source.end(), part->source.begin(), part->source.end());
      target.insert(target.end(), hypothesis.tokens.begin(), hypothesis.tokens.end());
      target.push_back(models_.target.end_id());
      source_offsets.push_back(int(source.size()));
      target_offsets.push_back(int(target.size()));
      owners.push_back(part);
    }
  }
  flush();
}

std::string Translator::text_of(std::span<const int> ids) const {
  std::string text;
  if (options_.print_pieces) {
    for (const int id : ids) text += (text.empty() ? "" : " ") + models_.target.piece(id);
  } else {
    text = models_.target.decode(ids);
  }
  // A vocabulary may have bytes or symbols that end a line; a translation is always one.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  return text;
}

Translation Translator::join(const SourceLine& line, std::span<Part> parts) const {
  Translation result;
  if (parts.empty()) {  // nothing to translate; what was forced is still there
    result.candidates.push_back({.text = line.prefix});
    return result;
  }
  std::size_t count = 1;
  for (const Part& part : parts) count = std::max(count, part.hypotheses.size());
  bool looped = false, limited = false;
  for (std::size_t i = 0; i < count; ++i) {
    TranslationCandidate candidate;
    std::vector<SoftAlignment> alignments;
    for (const Part& part : parts) {
      const std::size_t number = std::min(i, part.hypotheses.size() - 1);
      const Hypothesis& hypothesis = part.hypotheses[number];
      if (options_.align) alignments.push_back(part.alignments[number]);
      const std::string text = text_of(hypothesis.tokens);
      if (!candidate.text.empty() && !text.empty()) candidate.text += ' ';
      candidate.text += text;
      candidate.score += hypothesis.score;
      candidate.log_probability += hypothesis.log_probability;
      const auto& scores = hypothesis.token_log_probabilities;
      candidate.token_log_probabilities.insert(candidate.token_log_probabilities.end(), scores.begin(), scores.end());
      if (i == 0 && !hypothesis.complete) (is_loop(hypothesis.tokens) ? looped : limited) = true;
    }
    candidate.alignment = join_alignments(alignments);
    result.candidates.push_back(std::move(candidate));
  }
  if (looped) result.suspicions.push_back(Suspicion::loop);
  if (limited) result.suspicions.push_back(Suspicion::length_limit);
  const std::string& best = result.candidates[0].text;
  if (best.find_first_not_of(' ') == std::string::npos) result.suspicions.push_back(Suspicion::empty);
  return result;
}

}  // namespace dragoman
