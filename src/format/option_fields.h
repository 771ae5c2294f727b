#pragma once
// The description of every setting: its name, limits and help, bound to the option structs.

#include <string>
#include <vector>

#include "base/fields.h"
#include "dragoman/interactive_settings.h"
#include "dragoman/serve_settings.h"
#include "dragoman/train_settings.h"
#include "dragoman/translate_settings.h"
#include "format/config_yaml.h"

namespace dragoman {

/// All settings of a command, bound to `settings`, which must outlive the result. The defaults are the values that
/// `settings` has now.
Fields describe(TrainSettings& settings);
Fields describe(TranslateSettings& settings);
Fields describe(ScoreSettings& settings);
Fields describe(ServeSettings& settings);
Fields describe(InteractiveSettings& settings);

/// The settings that make a model, which are stored with it.
Fields describe(ModelOptions& options);

/// Settings of learning a vocabulary, added to `fields`; the kind of pieces is called `type_name`.
void add_fields(Fields& fields, VocabularyOptions& options, const char* type_name = "sentencepiece-type");

/// Settings of the log, added to `fields`.
void add_fields(Fields& fields, GeneralOptions& options);

/// Reads the model settings out of a model directory's config.yml, where the settings of training may stand too.
/// Throws Error naming file, line and key for values that are wrong or that this program cannot honour.
ModelOptions read_model_options(const std::string& path);
/// The same out of its entries.
ModelOptions model_options(std::vector<ConfigEntry> entries, const std::string& path);

/// Checks a model's settings against each other. Throws Error that starts with `where`.
void check_model_options(const ModelOptions& options, const std::string& where);

/// The text of a config.yml with all settings of a model; read_model_options reads it back.
std::string model_options_yaml(const ModelOptions& options);

}  // namespace dragoman
