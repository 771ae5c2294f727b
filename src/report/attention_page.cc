#include "report/attention_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <set>

#include "report/attention_assets.h"
#include "report/run_page.h"

namespace dragoman {
namespace {

std::string figure(const AttentionPanel& panel) {
  const PanelSize size = size_of(panel);
  std::string weights;
  for (const float weight : panel.weights) weights += fmt::format("{}{:.4g}", weights.empty() ? "" : ",", weight);
  return fmt::format("<figure class=\"panel\" tabindex=\"0\" data-kind=\"{}\" data-layer=\"{}\" data-head=\"{}\" ",
                     panel.kind, panel.layer, panel.head) +
         fmt::format("data-weights=\"[{}]\" aria-label=\"{}: arrow keys move from cell to cell\">\n", weights,
                     panel.title()) +
         fmt::format("<svg width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n{2}</svg>\n</figure>\n", size.width,
                     size.height, panel_elements(panel));
}

std::string option(const std::string& value, const std::string& text, const std::string& selected) {
  return fmt::format("<option value=\"{}\"{}>{}</option>", value, value == selected ? " selected" : "", text);
}

/// What can be chosen: the kinds, layers and heads that there are.
std::string choices(const std::vector<AttentionPicture>& pictures) {
  std::set<std::string> kinds;
  std::set<int> layers, heads;
  for (const AttentionPicture& picture : pictures) {
    for (const AttentionPanel& panel : picture.panels) {
      kinds.insert(panel.kind);
      layers.insert(panel.layer);
      heads.insert(panel.head);
    }
  }
  std::string kind = option("all", "all", ""), layer = option("all", "all", "all"), head = option("all", "all", "");
  for (const std::string& name : kinds) kind += option(name, name, kinds.contains("cross") ? "cross" : *kinds.begin());
  for (const int number : layers) layer += option(std::to_string(number), std::to_string(number), "all");
  for (const int number : heads) {
    head +=
        option(std::to_string(number), number == 0 ? "mean" : std::to_string(number), std::to_string(*heads.begin()));
  }
  return fmt::format(
      "<label>Attention <select name=\"kind\">{}</select></label>\n<label>Layer <select "
      "name=\"layer\">{}</select></label>\n"
      "<label>Head <select name=\"head\">{}</select></label>\n",
      kind, layer, head);
}

}  // namespace

std::string attention_page(const std::vector<AttentionPicture>& pictures, const std::string& title) {
  std::string body;
  for (const AttentionPicture& picture : pictures) {
    assert(!picture.panels.empty());
    body += fmt::format(
        "<section>\n<h2 dir=\"auto\">{}</h2>\n<p class=\"target\" dir=\"auto\">{}</p>\n<div class=\"panels\">\n",
        html_escaped(picture.source), html_escaped(picture.target));
    for (const AttentionPanel& panel : picture.panels) body += figure(panel);
    body += "</div>\n</section>\n";
  }
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
      "<style>\n{1}{2}</style>\n</head>\n<body>\n<h1 dir=\"auto\">{0}</h1>\n<form>\n{3}"
      "<span>0 <span class=\"scale\" role=\"img\" aria-label=\"from no weight to all of it\"></span> 1</span>\n"
      "<p id=\"weight\" role=\"status\">Rows look at columns: point at a cell, or move with the arrow "
      "keys.</p>\n</form>\n"
      "{4}<script>\n{5}</script>\n</body>\n</html>\n",
      html_escaped(title), attention_style_css, attention_page_css, choices(pictures), body, attention_page_js);
}

}  // namespace dragoman
