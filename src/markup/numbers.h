#pragma once
// Numbers are left to the model, which writes them as its target language does; afterwards they are compared.

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// Numbers that a translation lacks, or has without reason.
struct NumberDifferences {
  std::vector<std::string> missing = {};   ///< as the source writes them
  std::vector<std::string> invented = {};  ///< as the translation writes them
  bool empty() const { return missing.empty() && invented.empty(); }
};

/// Compares the numbers of a text and of its translation, in any order and in digits of any script. 1,234.5 and
/// 1.234,5 and 1 234,5 are the same, as are 12/31/2024 and 31.12.2024. Small numbers (up to 12) may become words, and
/// words small numbers.
NumberDifferences compare_numbers(std::string_view source, std::string_view translation);

}  // namespace dragoman
