#include "bundle.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "strip.h"

namespace dragoman {
namespace {

/// A module without its imports and exports.
struct Module {
  std::string text = {};
  std::vector<std::pair<std::string, std::string>> imports = {};  ///< "a,b", file
  std::vector<std::string> exports = {};
};

/// Takes a prefix away if it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string_view take_until(std::string_view& text, std::string_view end) {
  const std::string_view result = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), result.size() + end.size()));
  return result;
}

/// {names}from"./FILE"; after the word import. Taken away.
void take_import(const std::string& name, std::string_view& text, Module& module) {
  if (!take(text, "import{")) fail("{}: expected import {{ names }} from a file", name);
  const std::string_view names = take_until(text, "}");
  if (names.find(" as ") != std::string_view::npos || !take(text, "from\"./")) {
    fail("{}: expected import {{ {} }} from \"./file\", without other names", name, names);
  }
  module.imports.emplace_back(names, take_until(text, "\";"));
}

/// The name of what is declared after the word export, which is taken away.
void take_export(const std::string& name, std::string_view& text, Module& module) {
  take(text, "export ");
  std::string_view declaration = text;
  const bool is_known = take(declaration, "const ") || take(declaration, "class ") || take(declaration, "function ") ||
                        take(declaration, "function*") || take(declaration, "async function ") ||
                        take(declaration, "async function*");
  const std::string_view exported = declaration.substr(0, declaration.find_first_of(" =({"));
  if (!is_known || exported.empty()) fail("{}: expected export of a const, class or function", name);
  module.exports.emplace_back(exported);
}

Module parse(const std::string& name, const std::string& source) {
  const StrippedScript script = strip_script(name, source);
  Module module;
  std::string_view rest = script.text;
  for (const std::size_t word : script.module_words) {
    const std::size_t at = script.text.size() - rest.size();
    if (word < at) fail("{}: expected an import or export, found {}", name, script.text.substr(word, 20));
    module.text += rest.substr(0, word - at);
    rest.remove_prefix(word - at);
    if (rest.starts_with("import")) {
      take_import(name, rest, module);
    } else {
      take_export(name, rest, module);
    }
  }
  module.text += rest;
  return module;
}

std::string variable_of(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return "module_" + name;
}

class Bundler {
 public:
  explicit Bundler(const std::map<std::string, std::string>& sources) : sources_(sources) {}

  void add(const std::string& name, const std::string& importer) {
    if (done_.count(name) > 0) return;
    if (!open_.insert(name).second) fail("{}: imports {}, which imports it, itself or through others", importer, name);
    const auto source = sources_.find(name);
    if (source == sources_.end()) fail("{}: imports {}, which is not there", importer, name);
    const Module module = parse(name, source->second);
    for (const auto& import : module.imports) add(import.second, name);
    text_ += fmt::format("const {}=(()=>{{", variable_of(name));
    for (const auto& [names, file] : module.imports) text_ += fmt::format("const{{{}}}={};", names, variable_of(file));
    text_ += module.text;
    text_ += "return{";
    for (const auto& exported : module.exports) text_ += exported + ",";
    text_ += "};})();\n";
    done_.insert(name);
  }
  const std::string& text() const { return text_; }

 private:
  const std::map<std::string, std::string>& sources_;
  std::set<std::string> open_, done_;
  std::string text_;
};

}  // namespace

std::string bundle(const std::string& root, const std::map<std::string, std::string>& sources) {
  Bundler bundler(sources);
  bundler.add(root, "the page");
  return bundler.text();
}

std::vector<std::string> roots(const std::map<std::string, std::string>& sources) {
  std::set<std::string> imported;
  for (const auto& [name, text] : sources) {
    for (const auto& import : parse(name, text).imports) imported.insert(import.second);
  }
  std::vector<std::string> result;
  for (const auto& source : sources) {
    if (imported.count(source.first) == 0) result.push_back(source.first);
  }
  return result;
}

}  // namespace dragoman
