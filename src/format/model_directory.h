#pragma once
// A model on disk: a directory with its settings, its parameters and its vocabularies.
//
//   config.yml          the model's settings with Marian's names, and the names of its vocabularies
//   model.safetensors   the parameters under their names: format/model_parameters.h
//   vocabulary.spm      the SentencePiece model of both sides; or source.spm and target.spm; a list of tokens has the
//                       ending .yml

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "dragoman/model_options.h"
#include "format/marian_model.h"
#include "format/safetensors.h"
#include "model/seq2seq.h"

namespace dragoman {

/// The parts of a model directory that are not numbers.
struct ModelConfig {
  ModelOptions options = {};
  std::string source_vocabulary, target_vocabulary;  ///< paths; the same twice for a joint vocabulary; empty: not known
  std::string source_language, target_language;      ///< codes such as "en"; empty: not known
};

/// A model ready for use.
struct LoadedModel {
  std::string directory;  ///< or the file
  ModelConfig config;
  std::unique_ptr<Seq2Seq> model;
};

/// What the vocabulary files of a new model directory are to hold.
struct VocabularyFiles {
  std::string source, target;                                  ///< their bytes; the same twice for a joint vocabulary
  std::string source_ending = ".spm", target_ending = ".spm";  ///< of their names
};

std::string config_path(const std::string& directory);      ///< of config.yml
std::string parameters_path(const std::string& directory);  ///< of model.safetensors

/// Reads config.yml and finds the vocabularies, which are named there relative to the directory (without a name the
/// usual ones are looked for). Throws Error naming file, line and key for anything that is missing or wrong.
ModelConfig load_model_config(const std::string& directory);

/// The vocabularies that lie beside a file of Marian's: the only two *.spm whose names begin with src and trg, or the
/// only one; without any *.spm the same of *.yml, *.yaml and *.json whose names begin so or with vocab. Empty if there
/// are others.
struct VocabularyPaths {
  std::string source, target;
};
VocabularyPaths vocabularies_beside(const std::string& path);

/// Called when a model's vocabularies are known, before its numbers are read, so that they can be read meanwhile. Of
/// Marian's models it has no options yet.
using ConfigKnown = std::function<void(const ModelConfig& config)>;

/// Reads a whole model, of ours (a directory) or of Marian's (a file). Throws Error as above, and naming the tensor for
/// one that is missing, superfluous, of another shape or type, or not finite. Opens no vocabulary: see
/// translate/model_set.h for checking their sizes.
LoadedModel load_model(const std::string& path, StoredWeights weights = StoredWeights::as_stored,
                       const DropoutOptions& dropout = {}, const ConfigKnown& known = {});

/// Writes config.yml and the vocabularies, each file whole or not at all; those that are there already with the same
/// content are left alone. Languages may be empty.
void save_model_config(const std::string& directory, const ModelOptions& options, const VocabularyFiles& vocabularies,
                       const std::string& source_language = "", const std::string& target_language = "");

/// Writes a whole model directory. The parameters come last: as long as they are missing it is no model. `type`: see
/// save_parameters().
void save_model(const std::string& directory, const Seq2Seq& model, const VocabularyFiles& vocabularies,
                const std::string& source_language = "", const std::string& target_language = "",
                ElementType type = ElementType::f32);

}  // namespace dragoman
