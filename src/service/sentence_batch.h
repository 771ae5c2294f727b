#pragma once
// Translating sentences of several requests together.

#include <functional>
#include <vector>

#include "dragoman/search_options.h"
#include "service/sentence_queue.h"

namespace dragoman {

/// Translates jobs of one kind (model, beam size, n-best, attention) in the calling thread: what was found for each, or
/// nothing if its request has stopped, whose rows leave at the next step. `pause`, unless empty, is called before each
/// step, when neither model nor arena are in use (but the arena must be left as it is). Throws as search() does.
std::vector<NBest> translate_batch(const std::vector<SentenceJob>& jobs, const SearchOptions& search, Arena& arena,
                                   const std::function<void()>& pause);

}  // namespace dragoman
