#pragma once
// Models of CTranslate2 as ours: a Transformer encoder-decoder out of model.bin.

#include <string>

#include "format/ctranslate2_vocabulary.h"
#include "format/model_directory.h"

namespace dragoman {

/// Whether a directory holds a model of CTranslate2, and none of ours.
bool is_ctranslate2_directory(const std::string& directory);

/// What a model directory of CTranslate2 holds besides its numbers.
struct CTranslate2Side {
  CTranslate2Config config;
  CTranslate2Vocabularies vocabularies;
};

/// Reads config.json, or what older models have instead in model.bin, and the vocabularies. Throws Error naming file
/// and key.
CTranslate2Side read_ctranslate2_side(const std::string& directory);

/// Reads a whole model: options, parameters, and as paths of its vocabularies the SentencePiece models that lie in the
/// directory (vocabulary.spm; source.spm and target.spm; or sentencepiece.model), else the lists of tokens. Weights
/// that are stored in eight bits become floats, or stay as they are. Throws Error naming file and variable for what is
/// damaged, or what our Transformer cannot compute (relative or rotary positions, gated feed-forward layers, several
/// factors, RMS norms and others).
LoadedModel load_ctranslate2_model(const std::string& directory, StoredWeights weights = StoredWeights::floats,
                                   const DropoutOptions& dropout = {});

}  // namespace dragoman
