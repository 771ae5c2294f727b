#pragma once
// What to do with Marian's settings that are not ours, so that a Marian configuration for a model kind that we have
// runs unchanged, and one that we cannot honour says why.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "format/config_yaml.h"

namespace dragoman {

/// A setting of Marian that has no variable here.
struct MarianSetting {
  enum class Kind {
    harmless,  ///< any value is accepted: it changes nothing here; the reason is logged for values besides the usual
    fixed,     ///< only the usual values are accepted
  };
  const char* name;
  Kind kind;
  const char* usual;   ///< Marian's default and what else means the same, separated by '|'
  const char* reason;  ///< why it has no effect, or what is missing
};

/// The whole catalogue, by topic.
std::span<const MarianSetting> marian_settings();
const MarianSetting* find_marian_setting(std::string_view name);

/// Judges an entry whose key is in the catalogue: returns what to log about it, if anything. Throws Error naming the
/// place, the value and the reason if it asks for something that is not there.
std::optional<std::string> accept_marian_setting(const MarianSetting& setting, const ConfigEntry& entry);

/// Turns Marian's other ways of saying a thing into ours, with a note for the log where something gets lost:
/// no-shuffle, type nematus or amun, bleu-detok, guided-alignment none, the display width in logical-epoch.
std::optional<std::string> adapt_marian_entry(ConfigEntry& entry);

/// The settings that `task` (transformer-base, transformer-big, and each with -prenorm) stands for. Throws Error for
/// another name.
std::vector<ConfigEntry> expand_task(const std::string& task, const std::string& where);

/// The names that expand_task knows.
const std::vector<std::string>& task_names();

}  // namespace dragoman
