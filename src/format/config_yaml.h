#pragma once
// Settings in YAML: flat files of "key: value", read with file and line for errors, and written from their description.

#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"

namespace dragoman {

/// One "key: value" of a configuration, before anything is known of the key.
struct ConfigEntry {
  std::string key;
  SettingText value;
  std::string where;  ///< for error messages: "train.yml line 12"
};

/// Reads a flat YAML mapping whose values are scalars or lists of scalars; an empty document has no entries. Throws
/// Error naming `name` and the line for anything else: broken YAML, nested mappings, a key given twice, NUL.
std::vector<ConfigEntry> parse_config(std::string_view yaml, const std::string& name);

/// The same from a file.
std::vector<ConfigEntry> read_config(const std::string& path);

/// The value in "key=value" as YAML would read it: 5, [bleu, chrf], "a text". Throws Error starting with `where`.
SettingText parse_config_value(std::string_view text, const std::string& where);

/// Which settings to write.
enum class Dump { full, minimal };

/// The settings in force as YAML with the topics as comments; minimal: only those that differ from their default.
/// Reading it back gives the same settings.
std::string dump_config(const Fields& fields, Dump dump);

}  // namespace dragoman
