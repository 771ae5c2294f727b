// What --help prints.

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/option_table.h"

namespace dragoman {
namespace {

/// Text in a cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '<') result += '\\';
    result += c;
  }
  return result;
}

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

}  // namespace

void print_help(const Command& command, const Fields& fields, std::ostream& out) {
  ReadingOptions options;
  const Fields reading = describe(options, command);
  out << fmt::format("Usage: dragoman {} {}\n{}\n", command.name, command.usage, command.summary)
      << option_table(command, reading, fields) << "\n"
      << command.details;
}

void print_markdown_help(const Command& command, const Fields& fields, std::ostream& out) {
  ReadingOptions options;
  const Fields reading = describe(options, command);
  out << fmt::format("# dragoman {}\n{}.\n\n```\ndragoman {} {}\n```\n\n{}", command.name, command.summary,
                     command.name, command.usage, "```\n" + command.details + "```\n");
  std::string group;
  for (const Fields* part : {&reading, &fields}) {
    for (const auto& field : part->all()) {
      if (field.group != group) {
        group = field.group;
        out << fmt::format("\n## {}\n| setting | default | meaning |\n|---|---|---|\n", group);
      }
      const bool is_empty = field.default_yaml == "\"\"" || field.default_yaml == "[]";
      std::vector<std::string> values;
      for (const auto& value : field.limits.values) {
        if (!value.empty()) values.push_back(code(value));
      }
      const std::string short_name = field.limits.short_name != 0 ? fmt::format(" `-{}`", field.limits.short_name) : "";
      out << fmt::format("| {}{} | {} | {}{} |\n", code(field.name), short_name,
                         is_empty ? "" : code(field.default_yaml), cell(field.help),
                         values.empty() ? "" : ": " + join_words(values, ", "));
    }
  }
}

}  // namespace dragoman
