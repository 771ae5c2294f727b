#include "format/marian_model.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "format/config_yaml.h"
#include "format/marian_names.h"
#include "format/marian_parameters.h"
#include "format/marian_settings.h"
#include "format/option_fields.h"
#include "model/build.h"

namespace dragoman {
namespace {

/// Whether a version of Marian, as in "v1.12.42 b7be0e9", normalises keys and values of self-attention too where norms
/// come before sublayers. From 1.11 on (2022) it does, before it took them from the input as it is.
bool norms_keys(const std::string& version) {
  int major = 0, minor = 0;
  return std::sscanf(version.c_str(), "v%d.%d", &major, &minor) == 2 && std::pair(major, minor) >= std::pair(1, 11);
}

ModelOptions read_options(const MarianFile& file) {
  require(!file.settings().empty(), "{}: no special:model.yml in it, so that nobody knows what model it is",
          file.path());
  ModelOptions options;
  Fields fields = describe(options);
  bool is_nematus = false;
  std::string version;
  for (ConfigEntry& entry : parse_config(file.settings(), file.path() + ": special:model.yml")) {
    if (entry.key == "type") is_nematus = entry.value.texts == std::vector<std::string>{"nematus"};
    if (entry.key == "version" && !entry.value.texts.empty()) version = entry.value.texts[0];
    adapt_marian_entry(entry);
    if (fields.find(entry.key) != nullptr) {
      fields.set(entry.key, entry.value, entry.where);
    } else if (const MarianSetting* setting = find_marian_setting(entry.key)) {
      accept_marian_setting(*setting, entry);
    }  // others belong to kinds of models that are refused by their type
  }
  options.transformer_norm_keys = norms_keys(version) && options.transformer_preprocess.find('n') != std::string::npos;
  if (options.type == "s2s") {
    options.rnn_form = is_nematus && options.layer_normalization ? "nematus" : "marian";
    options.attention = "additive";
  }
  return options;
}

/// The rows of an item, as far as it is there.
int rows_of(const MarianFile& file, const char* name) {
  const MarianItem* item = file.find(name);
  return item != nullptr && item->shape.size() == 2 ? int(item->shape[0]) : 0;
}

/// What only the parameters tell: sizes that settings of some versions leave 0.
void complete(ModelOptions& o, const MarianFile& file) {
  o.dim_vocabs.resize(2, 0);
  const auto rows_of_first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (const int rows = rows_of(file, name); rows > 0) return rows;
    }
    return 0;
  };
  if (o.dim_vocabs[0] == 0) o.dim_vocabs[0] = rows_of_first({"Wemb", "encoder_Wemb"});
  if (o.dim_vocabs[1] == 0) o.dim_vocabs[1] = rows_of_first({"decoder_Wemb", "Wemb_dec", "Wemb"});
  if (o.transformer_train_position_embeddings) {
    const int positions = rows_of(file, "Wpos");
    require(positions > 1, "{}: 'Wpos', the learned positions, is missing", file.path());
    o.max_length = positions - 1;
  }
}

}  // namespace

bool is_marian_model(const std::string& path) { return path.ends_with(".npz") || path.ends_with(".bin"); }

std::unique_ptr<Seq2Seq> load_marian_model(const std::string& path, StoredWeights weights,
                                           const DropoutOptions& dropout) {
  const MarianFile file = MarianFile::open(path);
  ModelOptions options = read_options(file);
  complete(options, file);
  check_model_options(options, path + ": special:model.yml");
  double stored = 0;
  for (const MarianItem& item : file.items()) stored += double(item.size());
  std::unique_ptr<Seq2Seq> model;
  try {
    model = describe_model(options, dropout);
  } catch (const Error& e) {
    fail("{}: special:model.yml: {}", path, e.what());
  }
  const double needed = double(model->parameters().count());
  require(needed <= 2 * stored + 1e6, "{}: {:.0f} numbers, but a model with its settings has {:.0f}: it is damaged",
          path, stored, needed);
  read_marian_parameters(file, model->parameters(), model->options(), weights);
  return model;
}

void save_marian_model(const std::string& path, const Seq2Seq& model) {
  const ModelOptions& o = model.options();
  const std::string foreign = foreign_to_marian(o);
  require(foreign.empty(), "Marian has no models with {}", foreign);
  ModelOptions copy;
  const Fields fields = describe(copy);
  copy = o;
  if (o.rnn_form == "nematus") copy.type = "nematus";
  const bool old = !o.transformer_norm_keys && o.transformer_preprocess.find('n') != std::string::npos;
  std::string settings = old ? "version: v1.10.0\n" : "version: v1.12.0\n";
  for (const std::string& name : fields.names()) {
    const auto& field = *fields.find(name);
    if (field.help.find("(ours)") != std::string::npos) continue;
    settings += name + ": " + field.yaml() + "\n";
  }
  write_marian_npz(path, marian_arrays(model.parameters(), o), settings);
}

}  // namespace dragoman
