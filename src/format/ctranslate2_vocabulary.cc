#include "format/ctranslate2_vocabulary.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/words.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_config = 1 << 20;

const char* kind_of(const Json& value) { return value.type_name(); }

/// Takes the events of a JSON parser that reads an array of texts: no tree is built of what is something else.
class TokenReader : public Json::json_sax_t {
 public:
  TokenReader(std::vector<std::string>& tokens, const std::string& path) : tokens_(tokens), path_(path) {}

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_integer(number_integer_t) override { return unexpected("a number"); }
  bool number_unsigned(number_unsigned_t) override { return unexpected("a number"); }
  bool number_float(number_float_t, const string_t&) override { return unexpected("a number"); }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool start_object(std::size_t) override { return unexpected("an object"); }
  bool key(string_t&) override { return unexpected("a key"); }
  bool end_object() override { return unexpected("the end of an object"); }
  bool end_array() override { return true; }

  bool string(string_t& value) override {
    if (!inside_) return unexpected("a text");
    tokens_.push_back(std::move(value));
    return true;
  }
  bool start_array(std::size_t) override {
    if (std::exchange(inside_, true)) return unexpected("an array");
    return true;
  }
  bool parse_error(std::size_t place, const std::string&, const Json::exception& e) override {
    fail("{}: token {}: no JSON at byte {}: {}", path_, tokens_.size(), place, e.what());
  }

 private:
  bool unexpected(const char* found) {
    fail("{}: token {}: expected an array of texts, found {}", path_, tokens_.size(), found);
  }

  std::vector<std::string>& tokens_;
  const std::string& path_;
  bool inside_ = false;
};

/// One text that the config has or has not.
void read(const Json& json, const char* key, std::string& value, const std::string& path) {
  const auto found = json.find(key);
  if (found == json.end()) return;
  require(found->is_string(), "{}: {}: expected a text, found {}", path, key, kind_of(*found));
  value = found->get<std::string>();
}

void read(const Json& json, const char* key, bool& value, const std::string& path) {
  const auto found = json.find(key);
  if (found == json.end()) return;
  require(found->is_boolean(), "{}: {}: expected true or false, found {}", path, key, kind_of(*found));
  value = found->get<bool>();
}

/// The vocabulary file of this name with either ending; empty if there is none.
std::string vocabulary_path(const std::string& directory, const std::string& name) {
  for (const char* ending : {".json", ".txt"}) {
    std::string path = (std::filesystem::path(directory) / (name + ending)).string();
    if (file_exists(path)) return path;
  }
  return "";
}

std::vector<std::string> read_tokens(const std::string& path, const std::string& unk_token) {
  std::vector<std::string> tokens = parse_ctranslate2_vocabulary(read_file(path), path);
  if (std::find(tokens.begin(), tokens.end(), unk_token) == tokens.end()) tokens.push_back(unk_token);
  return tokens;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    if (end != 0) words.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return words;
}

}  // namespace

CTranslate2Config parse_ctranslate2_config(std::string_view text, const std::string& path) {
  require(text.size() <= longest_config, "{}: {} bytes, expected at most {}", path, text.size(), longest_config);
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::exception& e) {
    fail("{}: no JSON: {}", path, e.what());
  }
  require(json.is_object(), "{}: expected an object, found {}", path, kind_of(json));
  CTranslate2Config config;
  read(json, "unk_token", config.unk_token, path);
  read(json, "bos_token", config.bos_token, path);
  read(json, "eos_token", config.eos_token, path);
  read(json, "add_source_bos", config.add_source_bos, path);
  read(json, "add_source_eos", config.add_source_eos, path);
  const auto start = json.find("decoder_start_token");
  if (start != json.end() && start->is_null()) {
    config.decoder_start_token.reset();
  } else {
    read(json, "decoder_start_token", *config.decoder_start_token, path);
  }
  const auto epsilon = json.find("layer_norm_epsilon");
  if (epsilon != json.end() && !epsilon->is_null()) {
    require(epsilon->is_number() && epsilon->get<double>() > 0 && epsilon->get<double>() <= 1,
            "{}: layer_norm_epsilon: expected a positive number up to 1, found {}", path,
            epsilon->is_number() ? epsilon->dump() : kind_of(*epsilon));
    config.layer_norm_epsilon = epsilon->get<double>();
  }
  const auto quantization = json.find("quantization_type");
  if (quantization != json.end() && !quantization->is_null()) {
    config.quantization_type = quantization->is_string() ? quantization->get<std::string>() : kind_of(*quantization);
    if (quantization->is_number() && *quantization == 0) config.quantization_type.clear();  // CTranslate2's own
  }
  return config;
}

std::string ctranslate2_config_json(const CTranslate2Config& config) {
  nlohmann::ordered_json json;
  json["add_source_bos"] = config.add_source_bos;
  json["add_source_eos"] = config.add_source_eos;
  json["bos_token"] = config.bos_token;
  json["decoder_start_token"] = nullptr;
  if (config.decoder_start_token) json["decoder_start_token"] = *config.decoder_start_token;
  json["eos_token"] = config.eos_token;
  json["layer_norm_epsilon"] = nullptr;
  if (config.layer_norm_epsilon) json["layer_norm_epsilon"] = *config.layer_norm_epsilon;
  json["multi_query_attention"] = false;
  json["unk_token"] = config.unk_token;
  return json.dump(2) + "\n";
}

std::vector<std::string> parse_ctranslate2_vocabulary(std::string_view content, const std::string& path) {
  std::vector<std::string> tokens;
  if (path.ends_with(".json")) {
    TokenReader reader(tokens, path);
    Json::sax_parse(content, &reader);
  } else {
    tokens = lines_of(content);
  }
  require(!tokens.empty(), "{}: a vocabulary without tokens", path);
  return tokens;
}

std::string ctranslate2_vocabulary_json(const std::vector<std::string>& tokens, const std::string& path) {
  try {
    return Json(tokens).dump(2) + "\n";
  } catch (const Json::exception& e) {
    fail("cannot write {}: a token is not UTF-8 ({})", path, e.what());
  }
}

CTranslate2Vocabularies read_ctranslate2_vocabularies(const std::string& directory, const std::string& unk_token) {
  CTranslate2Vocabularies result;
  result.source_path = result.target_path = vocabulary_path(directory, "shared_vocabulary");
  if (!result.source_path.empty()) {
    result.source = result.target = read_tokens(result.source_path, unk_token);
    return result;
  }
  result.source_path = vocabulary_path(directory, "source_vocabulary");
  result.target_path = vocabulary_path(directory, "target_vocabulary");
  const std::string factor = vocabulary_path(directory, "source_1_vocabulary");
  require(!result.source_path.empty() || factor.empty(),
          "{}: a model whose source words have several factors, which we cannot run", factor);
  require(!result.source_path.empty() && !result.target_path.empty(),
          "{}: no vocabulary: expected shared_vocabulary.json, or source_vocabulary.json and target_vocabulary.json "
          "(or the same with .txt)",
          directory);
  result.source = read_tokens(result.source_path, unk_token);
  result.target = read_tokens(result.target_path, unk_token);
  return result;
}

VocabularyMap parse_vocabulary_map(std::string_view content, const std::string& path) {
  VocabularyMap map;
  int number = 0;
  for (std::string& line : lines_of(content)) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    const std::size_t tab = line.find('\t');
    require(tab != std::string::npos && line.find('\t', tab + 1) == std::string::npos,
            "{} line {}: expected a source n-gram, one tab and target tokens, found '{}'", path, number,
            line.substr(0, 60));
    std::string ngram = line.substr(0, tab);
    std::vector<std::string> tokens = words_of(std::string_view(line).substr(tab + 1));
    if (ngram.empty()) {
      map.always = std::move(tokens);
    } else {
      map.longest = std::max(map.longest, int(std::count(ngram.begin(), ngram.end(), ' ')) + 1);
      map.allowed.insert_or_assign(std::move(ngram), std::move(tokens));
    }
  }
  return map;
}

}  // namespace dragoman
