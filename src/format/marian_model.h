#pragma once
// Models that Marian trained, and our own in its format.

#include <map>
#include <memory>
#include <string>

#include "format/marian_file.h"
#include "model/seq2seq.h"

namespace dragoman {

/// How weights that are stored in eight or sixteen bits are kept.
enum class StoredWeights {
  as_stored,  ///< integers of eight bits as they are, for translating; others as floats
  floats,     ///< as the numbers that they stand for: for training, and where precision counts
  bfloat16,   ///< those in bfloat16 as they are, others as floats
};

/// Whether a path names a model of Marian's: a file that ends in .npz or .bin.
bool is_marian_model(const std::string& path);

/// Reads a model: settings out of special:model.yml, parameters by Marian's names. Transformers with self-attention,
/// average attention or SSRU, and recurrent models (types s2s, nematus and amun); in float32, float16, intgemm8 and
/// intgemm16 (which becomes floats), with and without multipliers of activations (QuantMultA). Throws Error naming file
/// and parameter or setting for what is damaged, missing, superfluous or cannot be run.
std::unique_ptr<Seq2Seq> load_marian_model(const std::string& path, StoredWeights weights,
                                           const DropoutOptions& dropout = {});

/// Writes a model as .npz that Marian reads. Throws Error naming the setting of a model that Marian cannot have. With
/// norms before sublayers, versions of Marian differ in what they norm (transformer-norm-keys); the file has the
/// version of one that computes the same.
void save_marian_model(const std::string& path, const Seq2Seq& model);

}  // namespace dragoman
