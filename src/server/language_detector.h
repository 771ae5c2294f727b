#pragma once
// Which language a text is in, by CLD2 (Compact Language Detector 2).

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

struct Detection {
  std::string language;   ///< BCP 47
  double confidence = 0;  ///< 0 to 100
};

/// The languages of a text, best first; empty if it has no letters to go by. Looks at the beginning of a long text.
std::vector<Detection> detect_languages(std::string_view text);

/// The one of `languages` (not empty) that the text is in most likely. If none was found in it: English where that is
/// among them, else the first, with confidence 0.
Detection detect_among(std::string_view text, const std::vector<std::string>& languages);

}  // namespace dragoman
