#include "cli/option_table.h"

#include <algorithm>
#include <boost/make_shared.hpp>
#include <cctype>

#include "base/error.h"
#include "format/marian_settings.h"

namespace dragoman {
namespace po = boost::program_options;
namespace {

constexpr unsigned many = 1u << 20;
constexpr const char* file_key = "argument";

/// How many texts an option takes, and how help shows them. What the texts mean is up to Fields::set.
class Texts : public po::value_semantic {
 public:
  Texts(std::string shown, unsigned least, unsigned most) : shown_(std::move(shown)), least_(least), most_(most) {}
  std::string name() const override { return shown_; }
  unsigned min_tokens() const override { return least_; }
  unsigned max_tokens() const override { return most_; }
  bool is_composing() const override { return false; }
  bool is_required() const override { return false; }
  void parse(boost::any&, const std::vector<std::string>&, bool) const override {}
  bool apply_default(boost::any&) const override { return false; }
  void notify(const boost::any&) const override {}

 private:
  std::string shown_;
  unsigned least_, most_;
};

/// "N (=12)": the kind of value and the default.
std::string shown_value(const Field& field) {
  using std::holds_alternative;
  const auto& t = field.target;
  std::string kind = "TEXT";
  if (field.limits.is_path) kind = "PATH";
  if (holds_alternative<double*>(t) || holds_alternative<std::vector<double>*>(t)) kind = "X";
  if (holds_alternative<int*>(t) || holds_alternative<std::int64_t*>(t) || holds_alternative<std::uint64_t*>(t) ||
      holds_alternative<std::vector<int>*>(t)) {
    kind = "N";
  }
  if (holds_alternative<Period*>(t)) kind = "PERIOD";
  if (field.is_list()) kind += "...";
  if (field.is_flag()) return field.default_yaml == "true" ? "[=false] (=true)" : "";
  if (!field.limits.implicit.empty()) kind = fmt::format("[{}={}]", kind, field.limits.implicit);
  const bool has_default = field.default_yaml != "\"\"" && field.default_yaml != "[]";
  return has_default ? fmt::format("{} (={})", kind, field.default_yaml) : kind;
}

std::string help_text(const Field& field) {
  std::vector<std::string> values = field.limits.values;
  std::erase(values, "");
  return values.empty() ? field.help : fmt::format("{}: {}", field.help, join_words(values, ", "));
}

void add_options(po::options_description& table, const Command& command, const Fields& fields) {
  // Where arguments without option follow, an option takes no more texts than it must: the rest are arguments.
  const bool is_greedy = command.arguments.empty();
  for (const auto& field : fields.all()) {
    const bool may_be_bare = field.is_flag() || !field.limits.implicit.empty();
    const unsigned least = may_be_bare ? 0 : 1;
    const unsigned most = !is_greedy ? (field.is_flag() ? 0 : 1) : field.is_list() ? many : 1;
    const std::string names =
        field.limits.short_name != 0 ? fmt::format("{},{}", field.name, field.limits.short_name) : field.name;
    table.add(boost::make_shared<po::option_description>(names.c_str(), new Texts(shown_value(field), least, most),
                                                         help_text(field).c_str()));
  }
}

bool is_negative_number(const std::string& text) {
  return text.size() > 1 && text[0] == '-' &&
         (std::isdigit(static_cast<unsigned char>(text[1])) != 0 || text[1] == '.');
}

/// "--word-penalty -0.5" as "--word-penalty=-0.5": Boost would take -0 for a short option.
std::vector<std::string> join_negative_numbers(const std::vector<std::string>& args) {
  std::vector<std::string> result;
  for (const auto& arg : args) {
    if (arg == "--") {
      result.insert(result.end(), args.begin() + (&arg - args.data()), args.end());
      break;
    }
    const bool joins = is_negative_number(arg) && !result.empty() && result.back().starts_with("--") &&
                       result.back().find('=') == std::string::npos;
    if (joins) {
      result.back() += "=" + arg;
    } else {
      result.push_back(arg);
    }
  }
  return result;
}

}  // namespace

Fields describe(ReadingOptions& o, const Command& command) {
  Fields fields;
  fields.group("General options");
  const auto add = [&](const char* name, auto& variable, const char* help, FieldLimits limits) {
    limits.is_about_reading = true;
    fields.add(name, variable, help, std::move(limits));
  };
  add("help", o.help, "show this page (markdown: as a page of documentation)",
      {.short_name = 'h', .implicit = "text", .values = {"", "text", "markdown"}});
  if (!command.has_config) return fields;
  add("config", o.config, "YAML files of settings, later over earlier", {.short_name = 'c', .is_path = true});
  add("set", o.set, "KEY=VALUE: a setting as in a file, over what the files say", {});
  add("dump-config", o.dump_config,
      "print the settings in force as YAML and exit (minimal: those that are not defaults)",
      {.implicit = "full", .values = {"", "full", "minimal", "expand"}});
  add("relative-paths", o.relative_paths, "paths in a configuration file are relative to its folder", {});
  add("interpolate-env-vars", o.interpolate_env_vars, "replace ${NAME} in paths by environment variables", {});
  if (command.has_tasks) {
    add("task", o.task, "Marian's settings for a well-known model; settings given beside it win",
        {.values = task_names()});
  }
  return fields;
}

po::options_description option_table(const Command& command, const Fields& reading, const Fields& fields) {
  constexpr unsigned width = 120, least_help_width = 60;
  po::options_description all(width, least_help_width);
  std::vector<std::string> groups;
  for (const Fields* part : {&reading, &fields}) {
    for (const auto& field : part->all()) {
      if (std::find(groups.begin(), groups.end(), field.group) == groups.end()) groups.push_back(field.group);
    }
  }
  for (const auto& group : groups) {
    po::options_description table(group, width, least_help_width);
    for (const Fields* part : {&reading, &fields}) {
      Fields of_group;
      for (const auto& field : part->all()) {
        if (field.group == group) of_group.add(field);
      }
      add_options(table, command, of_group);
    }
    all.add(table);
  }
  return all;
}

std::vector<WrittenOption> read_options(const Command& command, const Fields& reading, const Fields& fields,
                                        const std::vector<std::string>& args) {
  po::options_description table;
  add_options(table, command, reading);
  add_options(table, command, fields);
  std::vector<std::string> known = reading.names();
  for (const auto& name : fields.names()) known.push_back(name);
  const auto add_hidden = [&](const std::string& name, const std::string& names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    table.add(boost::make_shared<po::option_description>(names.c_str(), new Texts("", 0, many)));
    known.push_back(name);
  };
  if (command.has_config && command.arguments.empty()) {
    for (const auto& name : command.ignored) add_hidden(name, name == "workspace" ? "workspace,w" : name);
    for (const auto& setting : marian_settings()) {
      add_hidden(setting.name, setting.name == std::string("devices") ? "devices,d" : setting.name);
    }
  }
  table.add(boost::make_shared<po::option_description>(file_key, new Texts("", 1, 1)));
  po::positional_options_description positions;
  positions.add(file_key, -1);

  std::vector<WrittenOption> written;
  try {
    const auto style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    const auto parsed =
        po::command_line_parser(join_negative_numbers(args)).options(table).positional(positions).style(style).run();
    for (const auto& option : parsed.options) {
      const bool is_file = option.position_key >= 0;
      if (is_file && command.arguments.empty()) {
        throw UsageError(fmt::format("unexpected argument '{}'", option.value.empty() ? "" : option.value[0]));
      }
      written.push_back({is_file ? "" : option.string_key, option.value});
    }
  } catch (const po::unknown_option& e) {
    std::string name = e.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    const std::string nearest = name.size() > 1 ? nearest_name(name, known) : "";
    throw UsageError(fmt::format("there is no option {}{}", e.get_option_name(),
                                 nearest.empty() ? "" : "; did you mean --" + nearest + "?"));
  } catch (const po::error& e) {
    throw UsageError(e.what());
  }
  return written;
}

}  // namespace dragoman
