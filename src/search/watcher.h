#pragma once
// Who follows a beam search while it runs, and may end it early.

#include <span>

#include "search/step_scorer.h"

namespace dragoman {

/// Called by the searching thread. Sentences are numbers in the batch.
class SearchWatcher {
 public:
  virtual ~SearchWatcher() = default;

  /// Before each step: something else that is to be done in this thread meanwhile. The scorer is not in use.
  virtual void pause() {}

  /// In each step, for each sentence that is not done: true ends its search; its list stays empty.
  virtual bool gives_up(int /*sentence*/) { return false; }

  /// Whether partial() is to be called for a sentence.
  virtual bool wants_partial(int /*sentence*/) { return false; }

  /// After each step that a sentence goes on after: its best live hypothesis. The first `settled` tokens are those of
  /// all hypotheses that can still be its translation: they stay.
  virtual void partial(int /*sentence*/, std::span<const TokenId> /*tokens*/, int /*settled*/) {}
};

}  // namespace dragoman
