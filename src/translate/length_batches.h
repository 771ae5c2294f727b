#pragma once
// Sentences of like length, to be computed together.

#include <span>
#include <vector>

#include "dragoman/translate_settings.h"
#include "model/seq2seq.h"

namespace dragoman {

/// Groups sentences of `lengths` tokens into batches of indices: at most mini-batch sentences, or with
/// mini-batch-words as many as have so many tokens together; always at least one, and never so many long ones that
/// there are more than `most_tokens` (where mini-batch-words does not say it). `sorted`: longest first, so that the
/// threads end at about the same time; else in order. Of few sentences every one of the `threads` gets some.
std::vector<std::vector<int>> batches_by_length(std::span<const int> lengths, const BatchingOptions& options,
                                                bool sorted, int threads, long most_tokens = 4096);

/// Source tokens that are best translated together. A step reads the decoder's weights, whatever the number of rows,
/// and the keys and values of every source token of the batch: with more tokens the second would push the first out of
/// the cache, with fewer the weights would be read for few rows.
long tokens_of_batch(std::span<const Seq2Seq* const> models);

}  // namespace dragoman
