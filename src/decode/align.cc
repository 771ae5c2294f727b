#include "decode/align.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

namespace dragoman {
namespace {

std::vector<SoftAlignment> align(const Seq2Seq& model, Arena& arena, const TokenGrid& source, const TokenGrid& target,
                                 int layer) {
  MeanAttention attention({AttentionKind::cross, layer}, target.tokens(), false);
  const Context ctx{.arena = arena, .observer = &attention};
  const std::span<int> shifted = arena.array<int>(target.ids.size());
  for (int s = 0; s < target.sentences(); ++s) {
    for (int i = target.offsets[s]; i < target.offsets[s + 1]; ++i) {
      shifted[i] = i == target.offsets[s] ? -1 : target.ids[i - 1];
    }
  }
  const auto state = model.start(ctx, model.encode(ctx, source), Decoding::whole);
  model.step(ctx, *state, {shifted, target.offsets});
  attention.finish();
  return alignments_of(attention, target);
}

}  // namespace

std::vector<SoftAlignment> align(std::span<const Seq2Seq* const> models, std::deque<Arena>& arenas,
                                 const TokenGrid& source, const TokenGrid& target, const std::string& layer) {
  assert(!models.empty() && source.sentences() == target.sentences());
  while (arenas.size() < models.size()) arenas.emplace_back();
  std::vector<SoftAlignment> mean;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const Arena::Mark mark = arenas[m].mark();
    const int number = layer.empty() ? models[m]->alignment_layer() : models[m]->alignment_layer(layer);
    auto one = align(*models[m], arenas[m], source, target, number);
    arenas[m].rewind(mark);
    if (m == 0) {
      mean = std::move(one);
      continue;
    }
    for (std::size_t s = 0; s < mean.size(); ++s) {
      std::transform(mean[s].weights.begin(), mean[s].weights.end(), one[s].weights.begin(), mean[s].weights.begin(),
                     std::plus<>());
    }
  }
  for (SoftAlignment& alignment : mean) {
    for (float& weight : alignment.weights) weight /= float(models.size());
  }
  return mean;
}

std::vector<SoftAlignment> alignments_of(const MeanAttention& attention, const TokenGrid& target) {
  std::vector<SoftAlignment> result(std::size_t(target.sentences()));
  for (int s = 0; s < target.sentences(); ++s) {
    SoftAlignment& alignment = result[std::size_t(s)];
    for (int i = target.offsets[s]; i < target.offsets[s + 1]; ++i) {
      const std::span<const float> row = attention.of(i);
      alignment.sources = int(row.size());
      alignment.weights.insert(alignment.weights.end(), row.begin(), row.end());
    }
  }
  return result;
}

SoftAlignment join_alignments(std::span<const SoftAlignment> parts) {
  SoftAlignment whole;
  if (parts.size() == 1) return parts[0];
  for (const SoftAlignment& part : parts) whole.sources += part.sources - 1;
  const int end = parts.empty() ? 0 : whole.sources++;
  int first = 0;
  for (const SoftAlignment& part : parts) {
    const bool is_last = &part == &parts.back();
    for (int t = 0; t < part.targets() - (is_last ? 0 : 1); ++t) {
      const std::size_t row = whole.weights.size();
      whole.weights.resize(row + std::size_t(whole.sources), 0.0f);
      for (int s = 0; s < part.sources - 1; ++s) whole.weights[row + std::size_t(first + s)] = part.at(t, s);
      whole.weights[row + std::size_t(end)] = part.at(t, part.sources - 1);
    }
    first += part.sources - 1;
  }
  return whole;
}

}  // namespace dragoman
