#pragma once
// The settings of each command from its arguments: parsed, checked against each other and completed.

#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"
#include "dragoman/interactive_settings.h"
#include "dragoman/serve_settings.h"
#include "dragoman/train_settings.h"
#include "dragoman/translate_settings.h"
#include "dragoman/vocabulary_options.h"
#include "translate/convert_model.h"

namespace dragoman {

/// Settings with what parsing them left to do.
template <class Settings>
struct Parsed {
  Settings settings;
  bool is_done = false;            ///< help or the settings were printed
  std::vector<std::string> notes;  ///< for the log
};

/// Settings of `dragoman vocab`.
struct VocabSettings {
  GeneralOptions general;
  VocabularyOptions vocabulary;
  int size = 8000;
  std::string output = "vocabulary.spm";
  std::vector<std::string> inputs;
};

/// Settings of `dragoman shortlist`.
struct ShortlistSettings {
  GeneralOptions general;
  std::vector<std::string> train_sets;  ///< source and target file, or one TSV
  bool tsv = false;
  std::vector<std::string> vocabs;  ///< source and target
  std::string output;
  int first = 100;   ///< first words of the vocabulary that are always candidates
  int best = 100;    ///< most translations of a word
  double prune = 0;  ///< least probability of a translation
  int rounds = 5;
};

/// Settings of `dragoman info`.
struct InfoSettings {
  std::string model_path;                ///< empty: about the program itself
  std::vector<std::string> vocabs = {};  ///< if the model does not say
  bool tensors = false;                  ///< list them all
};

/// Settings of `dragoman report`.
struct ReportSettings {
  GeneralOptions general;
  std::vector<std::string> runs;   ///< model directories or metrics files
  std::vector<std::string> names;  ///< of the runs; empty: made from their paths
  std::string title;               ///< empty: made from the names
  std::string output = "report.html";
};

/// Each throws UsageError or Error (see cli/command_line.h) and prints help to `out`.
Parsed<VocabSettings> parse_vocab(const std::vector<std::string>& args, std::ostream& out);
Parsed<TrainSettings> parse_train(const std::vector<std::string>& args, std::ostream& out);
Parsed<TranslateSettings> parse_translate(const std::vector<std::string>& args, std::ostream& out);
Parsed<ScoreSettings> parse_score(const std::vector<std::string>& args, std::ostream& out);
Parsed<ConvertSettings> parse_convert(const std::vector<std::string>& args, std::ostream& out);
Parsed<ConvertSettings> parse_quantize(const std::vector<std::string>& args, std::ostream& out);
Parsed<ShortlistSettings> parse_shortlist(const std::vector<std::string>& args, std::ostream& out);
Parsed<InfoSettings> parse_info(const std::vector<std::string>& args, std::ostream& out);
Parsed<ServeSettings> parse_serve(const std::vector<std::string>& args, std::ostream& out);
Parsed<InteractiveSettings> parse_interactive(const std::vector<std::string>& args, std::ostream& out);
Parsed<ReportSettings> parse_report(const std::vector<std::string>& args, std::ostream& out);

/// Checks settings against each other as far as that is possible without opening files, and fills in what follows
/// from others. Throws Error naming the settings, UsageError if what nothing can be done without is missing.
void complete(TrainSettings& settings);
void complete(TranslateSettings& settings);
void complete(ScoreSettings& settings);
void complete(const ServedModels& served);

/// What convert and quantize have in common: model, output, overwrite, vocabs. Throws UsageError for what is missing.
void add_conversion_fields(Fields& fields, ConvertSettings& settings);
void check_conversion(const ConvertSettings& settings, const std::string& command);

/// Makes the log of a command and writes the notes of parsing to it.
void start_log(const GeneralOptions& options, const std::vector<std::string>& notes);

}  // namespace dragoman
