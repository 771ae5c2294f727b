#include "cli/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "cli/option_table.h"
#include "format/config_yaml.h"
#include "format/marian_settings.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

constexpr const char* command_line = "command line";

bool is_stream(const std::string& path) { return path == "stdin" || path == "stdout" || path == "-"; }

/// Replaces ${NAME} by the environment variable.
std::string interpolate(const std::string& text, const std::string& where) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = text.find("${", i);
    const std::size_t end = begin == std::string::npos ? begin : text.find('}', begin);
    if (end == std::string::npos) return result + text.substr(i);
    const std::string name = text.substr(begin + 2, end - begin - 2);
    const char* value = std::getenv(name.c_str());
    require(value != nullptr, "{}: the environment variable {} in '{}' is not set", where, name, text);
    result += text.substr(i, begin - i) + value;
    i = end + 1;
  }
  return result;
}

/// One command's settings while they are collected.
class Collector {
 public:
  Collector(const Command& command, Fields& fields, const Fields& reading, Arguments& arguments)
      : command_(command), fields_(fields), reading_(reading), arguments_(arguments) {}

  bool interpolates = false;

  /// `folder`: what relative paths are relative to, if they are.
  void apply(ConfigEntry entry, const fs::path& folder = {}) {
    const auto adapted = adapt_marian_entry(entry);
    if (const Field* field = fields_.find(entry.key)) {
      note(adapted);
      if (field->limits.is_path) adapt_paths(*field, entry, folder);
      fields_.set(entry.key, entry.value, entry.where);
    } else if (is_ignored(entry.key)) {
      return;
    } else if (const MarianSetting* setting = find_marian_setting(entry.key)) {
      note(accept_marian_setting(*setting, entry));
    } else {
      fail("{}: there is no setting '{}'{}", entry.where, entry.key.substr(0, 60), suggestion(entry.key, known()));
    }
  }

  /// Settings that a task stands for, unless this command has no use for them.
  void apply_tasks(const std::vector<std::string>& tasks, const std::string& where) {
    for (const auto& task : tasks) {
      for (auto& entry : expand_task(task, where)) apply(std::move(entry));
    }
  }

 private:
  void note(std::optional<std::string> text) {
    if (text) arguments_.notes.push_back(std::move(*text));
  }

  bool is_ignored(const std::string& key) const {
    return std::find(command_.ignored.begin(), command_.ignored.end(), key) != command_.ignored.end();
  }

  std::vector<std::string> known() const {
    std::vector<std::string> names = fields_.names();
    for (const auto& name : reading_.names()) names.push_back(name);
    if (!command_.has_config) return names;
    for (const auto& setting : marian_settings()) names.emplace_back(setting.name);
    return names;
  }

  void adapt_paths(const Field& field, ConfigEntry& entry, const fs::path& folder) const {
    auto& [texts, plain] = entry.value;
    if (plain && field.is_list() && texts.size() == 1) texts = split_words(texts[0], field.limits.separator);
    plain = false;
    for (auto& text : texts) {
      if (field.limits.only_first_is_path && &text != texts.data()) break;
      if (text.empty() || is_stream(text)) continue;
      if (interpolates) text = interpolate(text, entry.where + ": " + entry.key);
      if (!folder.empty()) text = (folder / text).lexically_normal().string();
    }
  }

  const Command& command_;
  Fields& fields_;
  const Fields& reading_;
  Arguments& arguments_;
};

bool may_be_in_files(const std::string& key) {
  return key == "relative-paths" || key == "interpolate-env-vars" || key == "task";
}

/// The entries of a file without those that say how it is read, which go to `reading`.
std::vector<ConfigEntry> read_file_entries(const std::string& path, Fields& reading) {
  std::vector<ConfigEntry> result;
  for (auto& entry : read_config(path)) {
    const Field* field = reading.find(entry.key);
    if (field == nullptr) {
      result.push_back(std::move(entry));
    } else if (may_be_in_files(entry.key)) {
      reading.set(entry.key, entry.value, entry.where);
    } else {
      const auto& texts = entry.value.texts;
      const bool is_off = texts.empty() || (texts.size() == 1 && (texts[0].empty() || texts[0] == "false"));
      require(is_off, "{}: {} is an option of the command line only", entry.where, entry.key);
    }
  }
  return result;
}

/// "--set key=value" as an entry.
ConfigEntry entry_of(const std::string& text) {
  const auto equals = text.find('=');
  require(equals != std::string::npos && equals > 0, "--set: expected KEY=VALUE, found '{}'", text.substr(0, 60));
  const std::string key = text.substr(0, equals);
  return {key, parse_config_value(text.substr(equals + 1), "--set " + key), command_line};
}

/// What was written as options.
struct Written {
  ReadingOptions reading;
  std::vector<ConfigEntry> entries;  // in their order
  std::vector<std::string> files;
};

void read_written(Written& written, Fields& reading, const Command& command, const Fields& fields,
                  const std::vector<std::string>& args) {
  std::map<std::string, std::vector<std::string>> lists;  // a list option given again goes on with its list
  for (const auto& [name, texts] : read_options(command, reading, fields, args)) {
    if (name.empty()) {
      written.files.insert(written.files.end(), texts.begin(), texts.end());
      continue;
    }
    const Field* how_to_read = reading.find(name);
    const Field* field = how_to_read != nullptr ? how_to_read : fields.find(name);
    // An option without value says true; one of Marian's too.
    std::vector<std::string> values = texts.empty() ? std::vector<std::string>{"true"} : texts;
    if (field != nullptr) {
      if (field->is_list()) {
        auto& list = lists[name];
        list.insert(list.end(), values.begin(), values.end());
        values = list;
      }
    }
    if (how_to_read == nullptr) {
      written.entries.push_back({name, {values, false}, command_line});
    } else if (name == "set") {
      for (const auto& text : texts) {
        ConfigEntry entry = entry_of(text);
        if (may_be_in_files(entry.key)) {
          reading.set(entry.key, entry.value, command_line);
        } else {
          written.entries.push_back(std::move(entry));
        }
      }
    } else {
      reading.set(name, {values, false}, command_line);
    }
  }
}

void apply_files(Collector& collector, const ReadingOptions& options, const Command& command) {
  for (const auto& file : options.config) {
    collector.interpolates = options.interpolate_env_vars;
    const std::string path = collector.interpolates ? interpolate(file, "--config") : file;
    ReadingOptions of_file;
    Fields reading = describe(of_file, command);
    auto entries = read_file_entries(path, reading);
    collector.interpolates = options.interpolate_env_vars || of_file.interpolate_env_vars;
    fs::path folder;
    if (options.relative_paths || of_file.relative_paths) {
      folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
    }
    collector.apply_tasks(of_file.task, path);
    for (auto& entry : entries) collector.apply(std::move(entry), folder);
  }
}

/// Runs `work`; what is wrong there is wrong on the command line.
template <class Work>
void as_usage(const Work& work) {
  try {
    work();
  } catch (const UsageError&) {
    throw;
  } catch (const Error& e) {
    throw UsageError(e.what());
  }
}

}  // namespace

Arguments parse_command_line(const Command& command, Fields& fields, const std::vector<std::string>& args,
                             std::ostream& out) {
  Arguments arguments;
  Written written;
  const ReadingOptions& options = written.reading;
  Fields reading = describe(written.reading, command);
  as_usage([&] { read_written(written, reading, command, fields, args); });
  if (!options.help.empty()) {
    (options.help == "markdown" ? print_markdown_help : print_help)(command, fields, out);
    arguments.is_done = true;
    return arguments;
  }

  Collector collector(command, fields, reading, arguments);
  apply_files(collector, options, command);
  as_usage([&] {
    collector.interpolates = options.interpolate_env_vars;
    collector.apply_tasks(options.task, command_line);
    for (auto& entry : written.entries) collector.apply(std::move(entry));
  });
  arguments.files = std::move(written.files);

  if (!options.dump_config.empty()) {
    out << dump_config(fields, options.dump_config == "full" ? Dump::full : Dump::minimal);
    arguments.is_done = true;
  }
  return arguments;
}

}  // namespace dragoman
