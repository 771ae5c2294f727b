#include "translate/pair_scorer.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "translate/length_batches.h"
#include "translate/parallel.h"

namespace dragoman {

PairScorer::PairScorer(const ModelSet& models, PairScorerOptions options)
    : models_(models), options_(std::move(options)), threads_(thread_count(options_.batching.cpu_threads)) {
  require(models.models.size() == 1, "score: expected one model, found {}", models.models.size());
  require(options_.max_length > 0, "max-length: expected a number above 0, found {}", options_.max_length);
  if (const int longest = models.longest_sentence(); longest > 0) {
    options_.max_length = std::min(options_.max_length, longest - 1);  // longest counts </s>
  }
  while (int(arenas_.size()) < threads_) arenas_.emplace_back();
  if (options_.align) {
    const Seq2Seq& model = *models.models[0].model;
    alignment_layer_ =
        options_.alignment_layer.empty() ? model.alignment_layer() : model.alignment_layer(options_.alignment_layer);
  }
}

std::vector<PairScore> PairScorer::score(std::span<const TextPair> pairs, std::span<const std::string> names,
                                         const std::stop_token& stop) {
  constexpr int block = 32;
  std::vector<PairScore> scores(pairs.size());
  std::vector<Encoded> encoded(pairs.size());
  for_each_parallel(
      threads_, (int(pairs.size()) + block - 1) / block,
      [&](int, int number) {
        const std::size_t end = std::min(pairs.size(), std::size_t(number + 1) * block);
        for (std::size_t i = std::size_t(number) * block; i < end; ++i) {
          bool& cropped = scores[i].cropped;
          encoded[i].source = encode(pairs[i].source, models_.source, names[0], pairs[i].line, cropped);
          encoded[i].target = encode(pairs[i].target, models_.target, names[1], pairs[i].line, cropped);
        }
      },
      stop);

  const std::string& sort = options_.batching.maxi_batch_sort;
  std::vector<int> lengths;
  for (const Encoded& pair : encoded) lengths.push_back(int((sort == "src" ? pair.source : pair.target).size()));
  const auto batches = batches_by_length(lengths, options_.batching, sort != "none", threads_);
  for_each_parallel(
      threads_, int(batches.size()),
      [&](int worker, int number) {
        score_batch(batches[std::size_t(number)], encoded, arenas_[std::size_t(worker)], scores);
      },
      stop);
  return scores;
}

std::vector<int> PairScorer::encode(const std::string& text, const Vocabulary& vocabulary, const std::string& name,
                                    std::int64_t line, bool& cropped) const {
  std::vector<int> ids = vocabulary.encode(text);
  std::erase(ids, vocabulary.end_id());  // a text that spells </s> does not end the sentence
  if (int(ids.size()) > options_.max_length) {
    require(options_.crop, "{} line {}: {} tokens, but max-length is {} (max-length-crop would cut it)", name, line,
            ids.size(), options_.max_length);
    ids.resize(std::size_t(options_.max_length));
    cropped = true;
  }
  ids.push_back(vocabulary.end_id());
  return ids;
}

void PairScorer::score_batch(std::span<const int> batch, std::span<const Encoded> pairs, Arena& arena,
                             std::vector<PairScore>& scores) const {
  std::vector<int> source_ids, source_offsets = {0}, target_ids, target_offsets = {0};
  for (const int index : batch) {
    const Encoded& pair = pairs[std::size_t(index)];
    source_ids.insert(source_ids.end(), pair.source.begin(), pair.source.end());
    target_ids.insert(target_ids.end(), pair.target.begin(), pair.target.end());
    source_offsets.push_back(int(source_ids.size()));
    target_offsets.push_back(int(target_ids.size()));
  }
  std::vector<float> losses(target_ids.size());
  const Seq2Seq& model = *models_.models[0].model;
  const TokenGrid target{target_ids, target_offsets};
  MeanAttention attention({AttentionKind::cross, alignment_layer_}, target.tokens(), false);
  Context ctx{arena};
  if (options_.align) ctx.observer = &attention;
  arena.reset();
  model.loss(ctx, {source_ids, source_offsets}, target, {.token_losses = losses});
  arena.reset();
  std::vector<SoftAlignment> alignments;
  if (options_.align) {
    attention.finish();
    alignments = alignments_of(attention, target);
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    PairScore& score = scores[std::size_t(batch[i])];
    if (options_.align) score.alignment = std::move(alignments[i]);
    for (int t = target_offsets[i]; t < target_offsets[i + 1]; ++t) {
      score.token_log_probabilities.push_back(-losses[std::size_t(t)]);
      score.log_probability -= losses[std::size_t(t)];
    }
  }
}

}  // namespace dragoman
