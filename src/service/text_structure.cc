#include "service/text_structure.h"

#include <algorithm>
#include <array>

#include "text/cleaning.h"

namespace dragoman {

std::string repaired(std::string text) {
  repair_utf8(text);
  repair_nul(text);
  return text;
}

std::vector<std::string_view> paragraphs_of(std::string_view text) {
  std::vector<std::string_view> paragraphs;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find('\n', begin);
    paragraphs.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return paragraphs;
    begin = end + 1;
  }
}

std::vector<TrimmedText> sentences_of(std::string_view paragraph, std::string_view language, std::size_t limit,
                                      const PieceLength& length) {
  std::vector<TrimmedText> sentences;
  std::size_t covered = 0;  // bytes of the paragraph that sentences have
  const auto place = [&](std::string_view part) { return std::size_t(part.data() - paragraph.data()); };
  for (const std::string_view sentence : split_sentences(paragraph, language)) {
    for (const std::string_view part : split_long(sentence, language, limit, length)) {
      TrimmedText trimmed = trim(part);
      const std::size_t end = place(part) + part.size();
      if (trimmed.text.empty()) {  // belongs to the sentence before it, or else to the one after it
        if (sentences.empty()) continue;
        std::string_view& after = sentences.back().after;
        after = paragraph.substr(place(after), end - place(after));
      } else {
        trimmed.before = paragraph.substr(covered, place(trimmed.text) - covered);
        sentences.push_back(trimmed);
      }
      covered = end;
    }
  }
  return sentences;
}

bool joins_sentences(std::string_view language) {
  constexpr std::array<std::string_view, 8> codes = {"zh", "yue", "ja", "th", "lo", "km", "my", "bo"};
  return std::find(codes.begin(), codes.end(), language.substr(0, language.find_first_of("-_"))) != codes.end();
}

}  // namespace dragoman
