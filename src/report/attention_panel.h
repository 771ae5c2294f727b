#pragma once
// Attention as a picture: a panel has a cell for each pair of tokens, the darker the more weight.

#include <string>
#include <vector>

namespace dragoman {

/// One head's weights, or a mean of heads.
struct AttentionPanel {
  std::string kind;                                  ///< cross, encoder or decoder
  int layer = 1;                                     ///< from 1
  int head = 0;                                      ///< from 1; 0: the mean of all heads
  std::vector<std::string> rows = {}, columns = {};  ///< tokens: who looks, and what is looked at
  std::vector<float> weights = {};                   ///< [rows, columns]

  std::string title() const;  ///< such as "cross, layer 2, head 1"
};

/// In pixels.
struct PanelSize {
  static constexpr int cell = 18;
  int left, top;      ///< where the cells begin
  int width, height;  ///< of the whole, with labels
};

PanelSize size_of(const AttentionPanel& panel);

/// The panel as elements of SVG, from 0, 0 on: title, tokens and cells with their weights as tooltips. Cells below
/// 0.0005 are left out. Classes are those of attention_style_css.
std::string panel_elements(const AttentionPanel& panel);

/// The whole as one SVG file that needs nothing else, panels in rows of up to four.
std::string attention_svg(const std::vector<AttentionPanel>& panels);

}  // namespace dragoman
