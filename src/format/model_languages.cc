#include "format/model_languages.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/language_names.h"
#include "format/config_yaml.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

bool is_complete(const ModelLanguages& languages) { return !languages.source.empty() && !languages.target.empty(); }

/// "en", "pt-BR".
bool is_code(const std::string& text) {
  const std::size_t primary = std::min(text.find_first_of("-_"), text.size());
  return primary >= 2 && primary <= 3 &&
         std::all_of(text.begin(), text.begin() + std::ptrdiff_t(primary),
                     [](char c) { return c >= 'a' && c <= 'z'; }) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

/// A code or a name as a code; empty if it is neither.
std::string as_code(const std::string& text) { return is_code(text) ? text : language_code(text); }

/// Whether it is the code of a language that we know: many a name has two letters in it.
bool is_known(const std::string& text) { return is_code(text) && language_name(text) != text; }

std::vector<std::string> parts_of(const std::string& name, const char* separators) {
  std::vector<std::string> parts = {""};
  for (const char c : name) {
    if (std::string_view(separators).find(c) != std::string_view::npos) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

ModelLanguages of_config(const std::string& path) {
  ModelLanguages languages;
  for (const auto& entry : read_config(path)) {
    if (entry.value.texts.size() != 1) continue;
    if (entry.key == "source-language") languages.source = entry.value.texts[0];
    if (entry.key == "target-language") languages.target = entry.value.texts[0];
  }
  return languages;
}

/// {"src": "English", "trg": "Portuguese", "shortName": "en-pt-tiny"}, {"sourceLanguage": "en", "targetLanguage": "pt"}
/// and the like; other members are not looked at.
ModelLanguages of_json(const std::string& path) {
  const auto json = nlohmann::json::parse(read_file(path), nullptr, false);
  require(json.is_object(), "{}: expected a JSON object", path);
  const auto find = [&](std::initializer_list<const char*> names) -> std::string {
    for (const char* name : names) {
      if (!json.contains(name)) continue;
      const auto& value = json[name];
      if (value.is_string() && !as_code(value.get<std::string>()).empty()) return as_code(value.get<std::string>());
    }
    return "";
  };
  return {find({"sourceLanguage", "source_language", "sourceLang", "src"}),
          find({"targetLanguage", "target_language", "targetLang", "trg", "tgt"})};
}

/// model.enpt.intgemm.alphas.bin, lex.50.50.enpt.s2t.bin, en-pt-tiny, opus-mt-en-pt.
ModelLanguages of_name(const std::string& name) {
  const auto between_dots = parts_of(name, ".");
  for (std::size_t i = 1; i + 1 < between_dots.size(); ++i) {
    const std::string source = between_dots[i].substr(0, 2), target = between_dots[i].substr(source.size());
    if (target.size() == 2 && is_known(source) && is_known(target)) return {source, target};
  }
  const auto words = parts_of(name, "-_.");
  for (std::size_t i = words.size() - 1; i > 0; --i) {
    if (is_known(words[i - 1]) && is_known(words[i])) return {words[i - 1], words[i]};
  }
  return {};
}

}  // namespace

ModelLanguages model_languages(const std::string& path) {
  const fs::path given(path);
  const fs::path folder = fs::is_directory(given)   ? given
                          : given.has_parent_path() ? given.parent_path()
                                                    : fs::path(".");
  if (fs::is_directory(given) && file_exists((folder / "config.yml").string())) {
    if (auto languages = of_config((folder / "config.yml").string()); is_complete(languages)) return languages;
  }
  for (const char* name : {"model_info.json", "modelMeta.json"}) {
    const std::string file = (folder / name).string();
    if (!file_exists(file)) continue;
    if (auto languages = of_json(file); is_complete(languages)) return languages;
  }
  std::vector<std::string> names = {given.lexically_normal().filename().string()};
  if (fs::is_directory(folder)) {
    std::vector<std::string> beside;
    for (const auto& entry : fs::directory_iterator(folder)) beside.push_back(entry.path().filename().string());
    std::sort(beside.begin(), beside.end());
    for (const char* beginning : {"model.", "lex."}) {
      for (const auto& name : beside) {
        if (name.starts_with(beginning)) names.push_back(name);
      }
    }
  }
  names.push_back(fs::absolute(folder).lexically_normal().filename().string());
  for (const auto& name : names) {
    if (auto languages = of_name(name); is_complete(languages)) return languages;
  }
  return {};
}

}  // namespace dragoman
