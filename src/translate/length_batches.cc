#include "translate/length_batches.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace dragoman {

std::vector<std::vector<int>> batches_by_length(std::span<const int> lengths, const BatchingOptions& options,
                                                bool sorted, int threads, long most_tokens) {
  constexpr int fewest = 4;  // below this a batch is not worth sharing among threads
  const int count = int(lengths.size());
  const bool by_words = options.mini_batch_words > 0;
  const int share = std::max(fewest, (count + threads - 1) / std::max(threads, 1));
  const int sentences = std::min(share, by_words ? std::numeric_limits<int>::max() : std::max(1, options.mini_batch));
  const long tokens = by_words ? options.mini_batch_words : most_tokens;

  std::vector<int> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  if (sorted) {
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return lengths[std::size_t(a)] > lengths[std::size_t(b)]; });
  }
  std::vector<std::vector<int>> batches;
  long sum = 0;
  for (const int index : order) {
    const int length = lengths[std::size_t(index)];
    if (batches.empty() || int(batches.back().size()) >= sentences || sum + length > tokens) {
      batches.emplace_back();
      sum = 0;
    }
    batches.back().push_back(index);
    sum += length;
  }
  return batches;
}

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

}  // namespace dragoman
