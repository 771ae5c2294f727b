#include "model/word_tables.h"

#include <cmath>

#include "base/error.h"

namespace dragoman {

WordTables::WordTables(const Scope& root, const ModelOptions& o) {
  require(o.dim_vocabs.size() == 2 && o.dim_vocabs[0] > 0 && o.dim_vocabs[1] > 0,
          "dim-vocabs: expected the sizes of two vocabularies");
  require(o.dim_emb > 0, "dim-emb: expected a positive number, found {}", o.dim_emb);
  const bool one_side = o.tied_embeddings_all || o.tied_embeddings_src;
  require(!one_side || o.dim_vocabs[0] == o.dim_vocabs[1],
          "tied-embeddings: source and target vocabularies must be the same, found sizes {} and {}", o.dim_vocabs[0],
          o.dim_vocabs[1]);
  const auto table = [&](const std::string& name, int words) {
    return (root / name)
        .parameter("weight", {words, o.dim_emb}, Initial::normal(1 / std::sqrt(float(o.dim_emb))), ParameterUse::table);
  };
  if (one_side) {
    source = target = table("embedding", o.dim_vocabs[0]);
  } else {
    source = table("source_embedding", o.dim_vocabs[0]);
    target = table("target_embedding", o.dim_vocabs[1]);
  }
  output = o.tied_embeddings_all || o.tied_embeddings ? target : table("output", o.dim_vocabs[1]);
  if (!o.output_omit_bias) bias = (root / "output").parameter("bias", {o.dim_vocabs[1]}, Initial::constant(0));
}

}  // namespace dragoman
