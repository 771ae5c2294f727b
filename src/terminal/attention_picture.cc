#include "terminal/attention_picture.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace dragoman {
namespace {

constexpr int cell = 3;         // columns of a cell
constexpr int most_label = 16;  // columns of a piece at the side

/// Of the square root, so that small weights can be told apart.
double lightness(float weight) { return std::sqrt(std::clamp(double(weight), 0.0, 1.0)); }

std::string cell_text(float weight, bool is_largest, const Screen& screen) {
  if (screen.has_colours) {
    constexpr int darkest = 233, lightest = 255;  // of the terminal's greys
    const int grey = darkest + int(std::lround(lightness(weight) * (lightest - darkest)));
    return fmt::format("\033[48;5;{}m\033[38;5;{}m{}\033[0m", grey, grey > 244 ? 16 : 255, is_largest ? " • " : "   ");
  }
  constexpr std::string_view shades = " .:-=+*#%@";
  const char shade = shades[std::size_t(std::lround(lightness(weight) * double(shades.size() - 1)))];
  return is_largest ? fmt::format("[{}]", shade) : fmt::format(" {} ", shade);
}

/// Names of columns [first, end), written downwards, a character of each in a line.
std::string headings(const std::vector<std::string>& pieces, int first, int end, int label) {
  // One line for each piece, its name beginning above its column: lines of the pieces before it run down to theirs.
  std::string text;
  for (int c = first; c < end; ++c) {
    text += std::string(std::size_t(label), ' ');
    for (int before = first; before < c; ++before) text += " │ ";
    text += " " + pieces[std::size_t(c)] + "\n";
  }
  return text;
}

}  // namespace

std::string attention_picture(const AttentionAnswer& a, const Screen& screen) {
  const std::vector<std::string>& rows = a.kind == "encoder" ? a.source_pieces : a.target_pieces;
  std::vector<std::string> columns = a.kind == "decoder" ? a.target_pieces : a.source_pieces;
  if (a.kind == "decoder") {  // a decoder sees the tokens before
    columns.insert(columns.begin(), "<s>");
  }
  columns.resize(std::size_t(a.columns));
  int label = 0;
  for (const std::string& piece : rows) label = std::max(label, std::min(most_label, columns_of(piece)));
  const int at_once = std::max(1, (screen.width - label - 1) / cell);
  std::string text = screen.quiet(fmt::format("{} attention, layer {} of {}, {}", a.kind, a.layer + 1, a.layers,
                                              a.head ? fmt::format("head {} of {}", *a.head + 1, a.heads)
                                                     : fmt::format("mean of {} heads", a.heads))) +
                     "\n";
  for (int first = 0; first < a.columns; first += at_once) {
    const int end = std::min(a.columns, first + at_once);
    text += headings(columns, first, end, label);
    for (int r = 0; r < a.rows; ++r) {
      const float* weights = a.weights.data() + std::size_t(r) * std::size_t(a.columns);
      const auto largest = std::max_element(weights, weights + a.columns) - weights;
      text += fitted(rows[std::size_t(r)], label);
      for (int c = first; c < end; ++c) text += cell_text(weights[c], c == largest, screen);
      text += "\n";
    }
  }
  return text;
}

}  // namespace dragoman
