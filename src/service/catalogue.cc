#include "service/catalogue.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"
#include "format/config_yaml.h"
#include "format/ctranslate2_import.h"
#include "format/marian_settings.h"
#include "format/model_directory.h"
#include "format/model_languages.h"
#include "format/option_fields.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

bool is_configuration(const std::string& path) { return path.ends_with(".yml") || path.ends_with(".yaml"); }

/// What a Marian configuration of a decoder says about its model.
void read_configuration(const std::string& path, CatalogueEntry& entry) {
  std::vector<std::string> models;
  std::vector<std::string> vocabs, shortlist;
  std::string precision;
  bool relative = false;
  for (ConfigEntry& setting : read_config(path)) {
    std::vector<std::string>& texts = setting.value.texts;
    if (setting.value.plain && texts.size() == 1) texts = split_words(texts[0]);
    if (setting.key == "relative-paths") relative = !texts.empty() && texts[0] == "true";
    if (setting.key == "models" || setting.key == "model") models = texts;
    if (setting.key == "vocabs") vocabs = texts;
    if (setting.key == "shortlist" && !texts.empty() && texts[0] != "false") shortlist = texts;
    if (setting.key == "gemm-precision" && !texts.empty()) precision = texts[0];
  }
  require(models.size() == 1, "{}: models: expected one model, found {}", path, models.size());
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  const auto adapt = [&](std::string& name) {
    if (relative) name = (folder / name).lexically_normal().string();
  };
  adapt(models[0]);
  for (std::string& name : vocabs) adapt(name);
  if (!shortlist.empty()) adapt(shortlist[0]);
  entry.model = models[0];
  entry.settings.vocabs = vocabs;
  entry.settings.shortlist = shortlist;
  if (entry.settings.gemm_precision.empty()) entry.settings.gemm_precision = precision;
}

/// The only Marian configuration in a directory, or nothing.
std::string configuration_in(const std::string& directory) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(directory, ignored)) {
    const std::string path = file.path().string();
    if (is_configuration(path) && file_exists(path) && read_file(path).find("models:") != std::string::npos) {
      found.push_back(path);
    }
  }
  return found.size() == 1 ? found[0] : "";
}

CatalogueEntry entry_of(const ServiceModel& model, const std::string& precision) {
  require(!model.path.empty(), "models: expected the path of a model, found nothing");
  require(fs::exists(model.path), "{}: no such model", model.path);
  CatalogueEntry entry{.path = model.path,
                       .source_language = model.source_language,
                       .target_language = model.target_language,
                       .model = model.path,
                       .settings = {.gemm_precision = precision}};
  if (is_configuration(model.path)) {
    read_configuration(model.path, entry);
  } else if (fs::is_directory(model.path) && !file_exists(config_path(model.path)) &&
             !is_ctranslate2_directory(model.path)) {
    const std::string configuration = configuration_in(model.path);
    require(!configuration.empty(),
            "{}: no model in it: expected config.yml, a model of CTranslate2, or one Marian configuration (.yml)",
            model.path);
    read_configuration(configuration, entry);
  }
  require(fs::exists(entry.model), "{}: no such model: {}", model.path, entry.model);
  if (fs::is_directory(entry.model)) {
    if (is_ctranslate2_directory(entry.model)) {
      read_ctranslate2_side(entry.model);
    } else {
      load_model_config(entry.model);
    }
  }
  const ModelLanguages languages = model_languages(model.path);
  if (entry.source_language.empty()) entry.source_language = languages.source;
  if (entry.target_language.empty()) entry.target_language = languages.target;
  require(!entry.source_language.empty() && !entry.target_language.empty(),
          "{}: it does not say its languages: name them, as en and pt (--source-language, --target-language), or call "
          "its folder en-pt",
          model.path);
  return entry;
}

std::string lower(std::string_view code) {
  std::string result(code);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    if (c == '_') c = '-';
  }
  return result;
}

/// 2: the same language, 1: but for its region or script, 0: another.
int likeness(std::string_view a, std::string_view b) {
  const std::string x = lower(a), y = lower(b);
  if (x == y) return 2;
  const std::size_t i = x.find('-'), j = y.find('-');
  const bool one_is_plain = (i == std::string::npos) != (j == std::string::npos);
  return one_is_plain && x.substr(0, i) == y.substr(0, j) ? 1 : 0;
}

}  // namespace

std::vector<CatalogueEntry> read_catalogue(const ServiceOptions& options) {
  require(!options.models.empty(), "models: expected at least one model, found none");
  std::vector<CatalogueEntry> catalogue;
  for (const ServiceModel& model : options.models) catalogue.push_back(entry_of(model, options.gemm_precision));
  return catalogue;
}

std::vector<TranslationDirection> directions_of(const std::vector<CatalogueEntry>& catalogue) {
  std::vector<TranslationDirection> result;
  const auto add = [&](TranslationDirection direction) {
    const bool known = std::any_of(result.begin(), result.end(), [&](const TranslationDirection& d) {
      return likeness(d.source, direction.source) == 2 && likeness(d.target, direction.target) == 2;
    });
    if (!known && likeness(direction.source, direction.target) == 0) result.push_back(std::move(direction));
  };
  for (const CatalogueEntry& model : catalogue) add({model.source_language, model.target_language});
  for (const CatalogueEntry& first : catalogue) {
    for (const CatalogueEntry& second : catalogue) {
      if (likeness(first.target_language, second.source_language) == 0) continue;
      add({first.source_language, second.target_language, first.target_language});
    }
  }
  return result;
}

std::optional<Route> find_route(const std::vector<CatalogueEntry>& catalogue, std::string_view source,
                                std::string_view target) {
  int best = 0;
  std::optional<Route> route;
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    const int from = likeness(catalogue[i].source_language, source),
              to = likeness(catalogue[i].target_language, target);
    if (from == 0 || to == 0 || from + to <= best) continue;
    best = from + to;
    route = Route{{int(i)}};
  }
  if (route || likeness(source, target) > 0) return route;
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    const int from = likeness(catalogue[i].source_language, source);
    for (std::size_t j = 0; from > 0 && j < catalogue.size(); ++j) {
      const int between = likeness(catalogue[i].target_language, catalogue[j].source_language);
      const int to = likeness(catalogue[j].target_language, target);
      if (between == 0 || to == 0 || from + between + to <= best) continue;
      best = from + between + to;
      route = Route{{int(i), int(j)}, catalogue[i].target_language};
    }
  }
  return route;
}

}  // namespace dragoman
