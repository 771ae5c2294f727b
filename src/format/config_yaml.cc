#include "format/config_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/files.h"

namespace dragoman {
namespace {

constexpr std::size_t largest = 16u << 20;  // no configuration is near 16 MiB; a corpus given by mistake is

std::string place(const std::string& name, const YAML::Mark& mark) {
  return mark.is_null() ? name : fmt::format("{} line {}", name, mark.line + 1);
}

/// Refuses a quoted text that goes on over the end of its line. It may be in YAML, but here it is a forgotten quote,
/// which yaml-cpp closes at the end of the file: what follows would silently be no settings.
void check_quotes(const YAML::Node& scalar, std::string_view yaml, const std::string& where, const std::string& key) {
  const YAML::Mark mark = scalar.Mark();
  if (scalar.Tag() != "!" || mark.is_null()) return;
  for (int line = 0; line < mark.line && !yaml.empty(); ++line) {
    yaml.remove_prefix(std::min(yaml.find('\n'), yaml.size() - 1) + 1);
  }
  yaml = yaml.substr(0, yaml.find('\n'));
  if (std::size_t(mark.column) >= yaml.size()) return;
  yaml.remove_prefix(std::size_t(mark.column));
  const char quote = yaml[0];
  if (quote != '"' && quote != '\'') return;
  for (std::size_t i = 1; i < yaml.size(); ++i) {
    if (quote == '"' && yaml[i] == '\\') {
      ++i;
    } else if (yaml[i] == quote) {
      if (quote == '"' || i + 1 == yaml.size() || yaml[i + 1] != quote) return;
      ++i;  // '' stands for one
    }
  }
  fail("{}: {}: the text that begins with {} does not end on its line", where, key, quote);
}

/// The texts of a scalar, a null or a flat list.
SettingText texts_of(const YAML::Node& node, std::string_view yaml, const std::string& where, const std::string& key) {
  SettingText value;
  if (node.IsScalar()) {
    check_quotes(node, yaml, where, key);
    value.texts.push_back(node.Scalar());
    value.plain = node.Tag() != "!";  // the tag that yaml-cpp gives to quoted scalars
  } else if (node.IsSequence()) {
    for (const auto& element : node) {
      require(element.IsScalar() || element.IsNull(),
              "{}: {}: expected a list of single values, found a list inside it", where, key);
      if (element.IsScalar()) check_quotes(element, yaml, where, key);
      value.texts.push_back(element.IsNull() ? "" : element.Scalar());
    }
  } else {
    require(!node.IsMap(), "{}: {}: expected a value or a list, found a mapping (settings are not nested)", where, key);
  }
  return value;
}

/// Looks at no more than whether there are documents.
struct Ignoring : YAML::EventHandler {
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

YAML::Node load(std::string_view yaml, const std::string& name) {
  require(yaml.size() <= largest, "{}: {} bytes are too many for a configuration", name, yaml.size());
  require(yaml.find('\0') == std::string_view::npos, "{}: expected YAML, found a NUL byte", name);
  try {
    // not YAML::LoadAll: damaged text can make it find documents without end
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    Ignoring nothing;
    const bool one = parser.HandleNextDocument(nothing), more = one && parser.HandleNextDocument(nothing);
    require(!more, "{}: expected one YAML document, found several", name);
    return one ? YAML::Load(std::string(yaml)) : YAML::Node();
  } catch (const YAML::Exception& e) {
    fail("{}: broken YAML: {}", place(name, e.mark), e.msg);
  }
}

}  // namespace

std::vector<ConfigEntry> parse_config(std::string_view yaml, const std::string& name) {
  const YAML::Node root = load(yaml, name);
  std::vector<ConfigEntry> entries;
  if (root.IsNull()) return entries;
  require(root.IsMap(), "{}: expected lines of 'key: value'", place(name, root.Mark()));
  std::set<std::string> seen;
  for (const auto& item : root) {
    const std::string where = place(name, item.first.Mark());
    require(item.first.IsScalar(), "{}: expected the name of a setting before ':'", where);
    const std::string key = item.first.Scalar();
    require(seen.insert(key).second, "{}: {} is given twice", where, key);
    entries.push_back({key, texts_of(item.second, yaml, where, key), where});
  }
  return entries;
}

std::vector<ConfigEntry> read_config(const std::string& path) { return parse_config(read_file(path), path); }

SettingText parse_config_value(std::string_view text, const std::string& where) {
  return texts_of(load(text, where), text, where, "value");
}

std::string dump_config(const Fields& fields, Dump dump) {
  std::string result, group;
  for (const auto& field : fields.all()) {
    const std::string value = field.yaml();
    if (field.limits.is_about_reading || (dump == Dump::minimal && value == field.default_yaml)) continue;
    if (field.group != group) {
      result += (result.empty() ? "# " : "\n# ") + field.group + "\n";
      group = field.group;
    }
    result += field.name + ": " + value + "\n";
  }
  return result;
}

}  // namespace dragoman
