#pragma once
// The vectors of words on both sides and in the output layer, as far as they are tied the same ones.

#include "dragoman/model_options.h"
#include "nn/parameters.h"

namespace dragoman {

/// Parameters "embedding.weight" [words, dim-emb], or "source_embedding.weight" and "target_embedding.weight";
/// "output.weight" unless it is the target's table, and "output.bias" [words].
struct WordTables {
  /// Throws Error for vocabularies that do not fit the options.
  WordTables(const Scope& root, const ModelOptions& options);

  Weight source, target, output;
  Weight bias;  ///< of the output layer; empty if it has none
};

}  // namespace dragoman
