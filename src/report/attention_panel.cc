#include "report/attention_panel.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/attention_assets.h"
#include "report/run_page.h"

namespace dragoman {
namespace {

/// About as wide as the text is drawn. Characters from Hangul Jamo on, with CJK, take two places.
int width_of(const std::string& text) {
  int places = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) == 0x80) continue;
    places += byte >= 0xe3 && byte <= 0xed ? 2 : 1;
  }
  return 7 * places + 4;
}

int widest(const std::vector<std::string>& tokens) {
  int width = 20;
  for (const std::string& token : tokens) width = std::max(width, width_of(token));
  return width;
}

}  // namespace

std::string AttentionPanel::title() const {
  return fmt::format("{}, layer {}, {}", kind, layer, head == 0 ? "mean of heads" : fmt::format("head {}", head));
}

PanelSize size_of(const AttentionPanel& panel) {
  constexpr int cell = PanelSize::cell, title_height = 24, margin = 8;
  const int slanted = widest(panel.columns);  // at 60 degrees: 0.87 high, 0.5 wide
  const int left = widest(panel.rows) + margin, top = title_height + slanted * 87 / 100 + margin;
  const int cells = cell * int(panel.columns.size());
  const int width = left + std::max(cells + cell + slanted * 55 / 100, width_of(panel.title())) + margin;
  return {left, top, width, top + cell * int(panel.rows.size()) + margin};
}

std::string panel_elements(const AttentionPanel& panel) {
  constexpr int cell = PanelSize::cell;
  const PanelSize size = size_of(panel);
  const int columns = int(panel.columns.size()), rows = int(panel.rows.size());
  std::string out = fmt::format("<text class=\"title\" x=\"{}\" y=\"16\">{}</text>\n", size.left, panel.title());
  for (int c = 0; c < columns; ++c) {
    const int x = size.left + c * cell + cell / 2 + 3, y = size.top - 5;
    out += fmt::format("<text class=\"column\" transform=\"translate({},{}) rotate(-60)\">{}</text>\n", x, y,
                       html_escaped(panel.columns[std::size_t(c)]));
  }
  out += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", size.left, size.top,
                     columns * cell, rows * cell);
  for (int r = 0; r < rows; ++r) {
    const std::string token = html_escaped(panel.rows[std::size_t(r)]);
    const int y = size.top + r * cell;
    out += fmt::format("<text class=\"row\" x=\"{}\" y=\"{}\">{}</text>\n", size.left - 6, y + 13, token);
    for (int c = 0; c < columns; ++c) {
      const float weight = panel.weights[std::size_t(r) * std::size_t(columns) + std::size_t(c)];
      if (weight < 0.0005f) continue;
      out += fmt::format(
          "<rect class=\"cell\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill-opacity=\"{:.3f}\"><title>{} \u2192 "
          "{}: "
          "{:.3f}</title></rect>\n",
          size.left + c * cell, y, cell, cell, weight, token, html_escaped(panel.columns[std::size_t(c)]), weight);
    }
  }
  return out;
}

std::string attention_svg(const std::vector<AttentionPanel>& panels) {
  constexpr std::size_t per_row = 4;
  std::string groups;
  int x = 0, y = 0, width = 0, row_height = 0;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    if (i % per_row == 0) {
      y += row_height;
      x = row_height = 0;
    }
    const PanelSize size = size_of(panels[i]);
    groups += fmt::format("<g transform=\"translate({},{})\">\n{}</g>\n", x, y, panel_elements(panels[i]));
    x += size.width;
    width = std::max(width, x);
    row_height = std::max(row_height, size.height);
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "aria-label=\"Attention\">\n<style>\n{2}</style>\n<rect class=\"ground\" width=\"{0}\" "
      "height=\"{1}\"/>\n{3}</svg>\n",
      width, y + row_height, attention_style_css, groups);
}

}  // namespace dragoman
