#pragma once
// The page that shows the attention of sentence pairs.

#include <string>
#include <vector>

#include "report/attention_panel.h"

namespace dragoman {

/// A pair and its panels.
struct AttentionPicture {
  std::string source, target;  ///< as text
  std::vector<AttentionPanel> panels;
};

/// One HTML page that needs nothing else: kind, layer and head can be chosen, and the weight under the pointer (or
/// where the arrow keys are) is said. REQUIRES: there is a panel.
std::string attention_page(const std::vector<AttentionPicture>& pictures, const std::string& title);

}  // namespace dragoman
