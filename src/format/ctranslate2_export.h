#pragma once
// Our Transformers as model directories of CTranslate2 (TransformerSpec, revision 7).

#include <string>
#include <vector>

#include "model/seq2seq.h"

namespace dragoman {

/// A vocabulary as an export needs it.
struct ExportedVocabulary {
  std::vector<std::string> tokens;       ///< by id
  int end = 0, unknown = 1;              ///< ids of </s> and <unk>
  std::string sentencepiece_model = {};  ///< bytes of the file; empty: tokens are words already
};

/// How weights are stored. Sinusoids stay f32, and with int8 and int16 so does all that is no matrix.
enum class ExportedWeights {
  f32,    ///< as they are
  f16,    ///< IEEE 754 binary16
  bf16,   ///< bfloat16
  int16,  ///< matrices in sixteen bits with a scale for each matrix
  int8    ///< matrices in eight bits with a scale for each row
};

/// Throws Error naming the setting if CTranslate2 has nothing that computes the same as such a model.
void check_ctranslate2_export(const ModelOptions& options);

/// Writes model.bin, config.json, the vocabularies (shared_vocabulary.json, or one for each side) and the SentencePiece
/// models (vocabulary.spm, or source.spm and target.spm) into a folder. CTranslate2 computes the same as we do:
/// positions are written as a table (of 2048 rows for sinusoids, so that longer sentences are an error there). `joint`:
/// source and target are the same vocabulary. Throws Error as check_ctranslate2_export, if the vocabularies' sentence
/// ends or unknown tokens are written differently, and for a weight that is too large for the type.
void export_ctranslate2(const std::string& directory, const Seq2Seq& model, const ExportedVocabulary& source,
                        const ExportedVocabulary& target, bool joint, ExportedWeights weights = ExportedWeights::f32);

}  // namespace dragoman
