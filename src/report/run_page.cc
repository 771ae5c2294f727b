#include "report/run_page.h"

#include <fmt/format.h>

#include <cassert>
#include <string_view>
#include <utility>

#include "report/run_assets.h"
#include "report/run_data.h"
#include "report/run_tables.h"

namespace dragoman {
namespace {

/// The template with each {{name}} replaced. What is filled in is not looked at again.
std::string filled_in(std::string_view page, const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::string result;
  for (std::size_t begin; (begin = page.find("{{")) != std::string_view::npos;) {
    const std::size_t end = page.find("}}", begin);
    const std::string_view name = page.substr(begin + 2, end - begin - 2);
    result += page.substr(0, begin);
    [[maybe_unused]] bool is_found = false;
    for (const auto& [key, value] : values) {
      if (key == name) {
        result += value;
        is_found = true;
      }
    }
    assert(is_found);
    page.remove_prefix(end + 2);
  }
  return result.append(page);
}

std::string warnings_of(const std::vector<RunHistory>& runs) {
  std::string items;
  for (const RunHistory& run : runs) {
    for (const std::string& warning : run.warnings) items += "<li>" + html_escaped(warning) + "</li>\n";
  }
  if (items.empty()) return "";
  return "<section class=\"warnings\" aria-label=\"Warnings\">\nNot all of the history could be read:\n<ul>\n" + items +
         "</ul>\n</section>\n";
}

}  // namespace

std::string html_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\'') {
      result += "&#39;";
    } else if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) {
      result += "\ufffd";
    } else {
      result += c;
    }
  }
  return result;
}

std::string run_page(const std::vector<RunHistory>& runs, const std::string& title) {
  assert(!runs.empty());
  std::string paths;
  for (const RunHistory& run : runs)
    paths += (paths.empty() ? "" : "<br>") + ("<bdi>" + html_escaped(run.path) + "</bdi>");
  const std::string notes = is_thinned(runs) ? " Long histories are thinned: neighbouring points are averaged." : "";
  return filled_in(run_page_html, {{"title", html_escaped(title)},
                                   {"css", std::string(run_page_css)},
                                   {"paths", paths},
                                   {"warnings", warnings_of(runs)},
                                   {"summary", summary_table(runs)},
                                   {"notes", notes},
                                   {"settings", settings_tables(runs)},
                                   {"data", run_data_json(runs)},
                                   {"script", fmt::format("{}{}{}", run_scale_js, run_samples_js, run_page_js)}});
}

}  // namespace dragoman
