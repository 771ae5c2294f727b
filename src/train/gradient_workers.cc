#include "train/gradient_workers.h"

#include <algorithm>

#include "train/optimizer.h"

namespace dragoman {
namespace {

/// The sentences of a micro-batch as grids, with offsets that begin at 0.
struct Grids {
  Grids(const MicroBatch& part, Arena& arena)
      : source(grid(part, part.batch->source_ids, part.batch->source_offsets, arena)),
        target(grid(part, part.batch->target_ids, part.batch->target_offsets, arena)) {}

  static TokenGrid grid(const MicroBatch& part, const std::vector<int>& ids, const std::vector<int>& offsets,
                        Arena& arena) {
    const int begin = offsets[part.first], end = offsets[part.last];
    std::span<int> moved = arena.array<int>(std::size_t(part.last - part.first) + 1);
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] = offsets[std::size_t(part.first) + i] - begin;
    return {std::span(ids).subspan(std::size_t(begin), std::size_t(end - begin)), moved};
  }

  TokenGrid source, target;
};

/// The links of a micro-batch by target token.
AlignmentView alignment_of(const MicroBatch& part, Arena& arena) {
  const Batch& batch = *part.batch;
  const int first_link = batch.link_offsets[part.first], last_link = batch.link_offsets[part.last];
  const int first_token = batch.target_offsets[part.first], last_token = batch.target_offsets[part.last];
  const std::span<int> sources = arena.array<int>(std::size_t(last_link - first_link));
  const std::span<int> offsets = arena.array<int>(std::size_t(last_token - first_token) + 1);
  std::fill(offsets.begin(), offsets.end(), 0);
  for (int s = part.first; s < part.last; ++s) {
    for (int i = batch.link_offsets[s]; i < batch.link_offsets[s + 1]; ++i) {
      sources[std::size_t(i - first_link)] = batch.links[i].source;
      ++offsets[std::size_t(batch.target_offsets[s] - first_token + batch.links[i].target + 1)];
    }
  }
  for (std::size_t t = 1; t < offsets.size(); ++t) offsets[t] += offsets[t - 1];
  return {offsets, sources};
}

Tensor output_table(const Seq2Seq& model, Arena& arena) { return model.output_layer({arena}).weight; }

}  // namespace

std::vector<MicroBatch> cut(std::span<const Batch> batches, int words, int workers) {
  std::vector<MicroBatch> parts;
  for (const Batch& batch : batches) {
    const int sentences = batch.sentences(), total = batch.target_words();
    int count = (total + words - 1) / words;
    count = std::clamp((count + workers - 1) / workers * workers, 1, std::max(sentences, 1));
    int first = 0;
    for (int part = 0; part < count && first < sentences; ++part) {
      // up to this part's share of the tokens, and leaving a sentence for each of those to come
      const std::int64_t goal = std::int64_t(total) * (part + 1) / count;
      int last = first + 1;
      while (last < sentences - (count - part - 1) && batch.target_offsets[last] < goal) ++last;
      parts.push_back({&batch, first, last});
      first = last;
    }
  }
  return parts;
}

GradientWorkers::GradientWorkers(const Seq2Seq& model, ThreadTeam& team, int micro_batch_words, Precision precision)
    : model_(model),
      team_(team),
      micro_batch_words_(micro_batch_words),
      precision_(precision),
      workers_(std::size_t(team.size())),
      table_(output_table(model, workers_.front().arena)) {
  for (Worker& worker : workers_) worker.gradients.resize(model.parameters().values().size());
}

GradientResult GradientWorkers::compute(std::span<const Batch> batches, float smoothing, float gradient_scale,
                                        Random random, const LossWeights& weights) {
  const std::vector<MicroBatch> parts = cut(batches, micro_batch_words_, team_.size());
  team_.run(
      [&](int index) { table_.fill(output_table(model_, workers_[std::size_t(index)].arena), index, team_.size()); });
  team_.run([&](int index) {
    Worker& worker = workers_[std::size_t(index)];
    std::fill(worker.gradients.begin(), worker.gradients.end(), 0.0f);
    worker.loss = {};
    for (std::size_t i = std::size_t(index); i < parts.size(); i += workers_.size()) {
      Random dropout = random.fork(i);
      worker.arena.reset();
      worker.tape.clear();
      const Context ctx{worker.arena, &worker.tape, &dropout, worker.gradients.data(), precision_};
      const Grids grids(parts[i], worker.arena);
      worker.loss += model_.loss(ctx, grids.source, grids.target,
                                 {.smoothing = smoothing,
                                  .gradient_scale = gradient_scale,
                                  .transposed = &table_,
                                  .weights = weights,
                                  .alignment = alignment_of(parts[i], worker.arena)});
      worker.tape.run_backward();
    }
  });
  // every thread sums a share of the block over the workers, in their order
  const std::size_t size = workers_.front().gradients.size();
  if (team_.size() > 1) {
    team_.run([&](int index) {
      const auto [begin, end] = share_of(size, index, team_.size());
      float* sum = workers_.front().gradients.data();
      for (std::size_t w = 1; w < workers_.size(); ++w) {
        const float* other = workers_[w].gradients.data();
        for (std::size_t i = begin; i < end; ++i) sum[i] += other[i];
      }
    });
  }
  GradientResult result;
  result.loss = total();
  for (const Batch& batch : batches) {
    result.sentences += batch.sentences();
    result.source_tokens += batch.source_words();
  }
  return result;
}

LossSums GradientWorkers::evaluate(std::span<const Batch> batches) {
  const std::vector<MicroBatch> parts = cut(batches, micro_batch_words_, 1);
  std::vector<LossSums> losses(parts.size());  // summed in order, whatever the number of threads
  team_.run([&](int index) {
    Worker& worker = workers_[std::size_t(index)];
    for (std::size_t i = std::size_t(index); i < parts.size(); i += workers_.size()) {
      worker.arena.reset();
      const Context ctx{worker.arena};
      const Grids grids(parts[i], worker.arena);
      losses[i] = model_.loss(ctx, grids.source, grids.target, {});
    }
  });
  LossSums sum;
  for (const LossSums& loss : losses) sum += loss;
  return sum;
}

LossSums GradientWorkers::total() const {
  LossSums sum;
  for (const Worker& worker : workers_) sum += worker.loss;
  return sum;
}

std::size_t GradientWorkers::memory() const {
  std::size_t bytes = 0;
  for (const Worker& worker : workers_) bytes += worker.arena.capacity() + worker.gradients.size() * sizeof(float);
  return bytes;
}

}  // namespace dragoman
