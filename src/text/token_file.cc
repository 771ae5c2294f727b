#include "text/token_file.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/words.h"
#include "text/cleaning.h"

namespace dragoman {
namespace {

using Json = nlohmann::json;

struct NumberedToken {
  std::string text;
  int id = 0;
};

std::string shown(const std::string& token) { return "'" + token.substr(0, 60) + "'"; }

int parse_id(std::string_view text, const std::string& token, const std::string& where) {
  int id = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  require(error == std::errc() && end == text.data() + text.size() && id >= 0,
          "{}: token {}: expected a number from 0, found '{}'", where, shown(token), text.substr(0, 60));
  return id;
}

/// Takes the events of a YAML parser in a map of tokens to numbers, so that no tree is built of what is something else.
class YamlMap : public YAML::EventHandler {
 public:
  YamlMap(std::vector<NumberedToken>& tokens, const std::string& path) : tokens_(tokens), path_(path) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { unexpected(mark, "nothing or an unquoted null or ~"); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { unexpected(mark, "an alias"); }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    unexpected(mark, "a list");
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    if (std::exchange(inside_, true)) unexpected(mark, "a map");
  }
  void OnMapEnd() override {}
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& value) override {
    if (!inside_) unexpected(mark, "a text");
    if (!token_) {
      token_ = value;
    } else {
      const int id = parse_id(value, *token_, place(mark));
      tokens_.push_back({std::move(*token_), id});
      token_.reset();
    }
  }

 private:
  std::string place(const YAML::Mark& mark) const { return fmt::format("{} line {}", path_, mark.line + 1); }
  [[noreturn]] void unexpected(const YAML::Mark& mark, const char* found) const {
    fail("{}: expected {}, found {}", place(mark),
         !inside_ ? "a map of tokens to numbers"
         : token_ ? "the number of token " + shown(*token_)
                  : "a token",
         found);
  }

  std::vector<NumberedToken>& tokens_;
  const std::string& path_;
  bool inside_ = false;
  std::optional<std::string> token_;  ///< whose number comes next
};

/// The same for a JSON parser.
class JsonMap : public Json::json_sax_t {
 public:
  JsonMap(std::vector<NumberedToken>& tokens, const std::string& path) : tokens_(tokens), path_(path) {}

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_integer(number_integer_t value) override { return number(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return number(text); }
  bool string(string_t& value) override { return number(value); }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool start_array(std::size_t) override { return unexpected("an array"); }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override { return !std::exchange(inside_, true) || unexpected("an object"); }
  bool end_object() override { return true; }
  bool key(string_t& value) override {
    token_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t place, const std::string&, const Json::exception& e) override {
    fail("{}: no JSON at byte {}: {}", path_, place, e.what());
  }

 private:
  bool number(const std::string& text) {
    if (!inside_) return unexpected("a number or a text");
    const int id = parse_id(text, token_, path_);
    tokens_.push_back({std::move(token_), id});
    return true;
  }
  bool unexpected(const char* found) const {
    if (!inside_) fail("{}: expected an object of tokens with their numbers, found {}", path_, found);
    fail("{}: token {}: expected a number from 0, found {}", path_, shown(token_), found);
  }

  std::vector<NumberedToken>& tokens_;
  const std::string& path_;
  bool inside_ = false;
  std::string token_;  ///< whose number comes next
};

std::vector<NumberedToken> read_map(std::string_view content, const std::string& path) {
  std::vector<NumberedToken> tokens;
  const std::size_t begin = content.find_first_not_of(" \t\r\n");
  if (path.ends_with(".json") && begin != std::string_view::npos && content[begin] == '{') {
    JsonMap map(tokens, path);
    Json::sax_parse(content, &map);
    return tokens;
  }
  YamlMap map(tokens, path);
  try {
    std::istringstream stream{std::string(content)};
    YAML::Parser parser(stream);
    const bool one = parser.HandleNextDocument(map);
    require(!one || !parser.HandleNextDocument(map), "{}: expected one YAML document, found several", path);
  } catch (const YAML::Exception& e) {
    fail("{}{}: broken YAML: {}", path, e.mark.is_null() ? "" : fmt::format(" line {}", e.mark.line + 1), e.msg);
  }
  return tokens;
}

/// Tokens by number. Number 0 and 1 may be missing in a map.
std::vector<std::string> by_number(std::vector<NumberedToken> numbered, const std::string& path) {
  std::unordered_set<std::string_view> seen;
  for (const NumberedToken& token : numbered) {
    require(seen.insert(token.text).second, "{}: token {} is there twice", path, shown(token.text));
  }
  std::sort(numbered.begin(), numbered.end(),
            [](const NumberedToken& a, const NumberedToken& b) { return a.id < b.id; });
  const auto free_name = [&](const char* usual, const char* older) {
    const auto is_usual = [&](const NumberedToken& token) { return token.text == usual; };
    return std::any_of(numbered.begin(), numbered.end(), is_usual) ? older : usual;
  };
  const std::string names[] = {free_name("</s>", "eos"), free_name("<unk>", "UNK")};
  std::vector<std::string> tokens;
  for (NumberedToken& token : numbered) {
    if (!tokens.empty()) {
      require(token.id != int(tokens.size()) - 1, "{}: tokens {} and {} have the same number {}", path,
              shown(tokens.back()), shown(token.text), token.id);
    }
    while (tokens.size() < 2 && int(tokens.size()) < token.id) tokens.push_back(names[tokens.size()]);
    require(token.id == int(tokens.size()), "{}: no token has the number {}, although {} has {}", path, tokens.size(),
            shown(token.text), token.id);
    tokens.push_back(std::move(token.text));
  }
  return tokens;
}

std::vector<std::string> read_lines(std::string_view content, const std::string& path) {
  std::vector<std::string> tokens = lines_of(content);
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    require(!tokens[i].empty(), "{} line {}: expected a token, found an empty line", path, i + 1);
    require(seen.insert(tokens[i]).second, "{} line {}: token {} is there twice", path, i + 1, shown(tokens[i]));
  }
  return tokens;
}

}  // namespace

bool is_token_map(std::string_view path) {
  return path.ends_with(".yml") || path.ends_with(".yaml") || path.ends_with(".json");
}

TokenList parse_token_file(std::string_view content, const std::string& path) {
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  require(content.find('\0') == std::string_view::npos, "{}: expected text, found a NUL byte", path);
  std::string repaired(content);
  if (repair_utf8(repaired)) {
    const auto bad = std::mismatch(content.begin(), content.end(), repaired.begin(), repaired.end()).first;
    fail("{} line {}: expected UTF-8", path, 1 + std::count(content.begin(), bad, '\n'));
  }
  TokenList list;
  const bool is_map = is_token_map(path);
  list.tokens = is_map ? by_number(read_map(content, path), path) : read_lines(content, path);
  require(!list.tokens.empty(), "{}: a vocabulary without tokens", path);
  if (is_map && list.tokens[0] == "eos") list.end = "eos";
  if (is_map && list.tokens.size() > 1 && list.tokens[1] == "UNK") list.unknown = "UNK";
  return list;
}

std::string token_map(const std::vector<std::string>& tokens) {
  std::string text;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    // texts of JSON are texts of YAML too
    text += Json(tokens[id]).dump() + ": " + std::to_string(id) + "\n";
  }
  return text;
}

}  // namespace dragoman
