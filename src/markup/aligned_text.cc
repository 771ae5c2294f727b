#include "markup/aligned_text.h"

#include <algorithm>
#include <cassert>

namespace dragoman {
namespace {

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

}  // namespace

std::string AlignedText::source() const { return joined(source_pieces); }
std::string AlignedText::target() const { return joined(target_pieces); }

void AlignedText::append(const AlignedText& next) {
  const int sources = int(source_pieces.size()), targets = int(target_pieces.size());
  source_pieces.insert(source_pieces.end(), next.source_pieces.begin(), next.source_pieces.end());
  target_pieces.insert(target_pieces.end(), next.target_pieces.begin(), next.target_pieces.end());
  for (const PieceLink& link : next.links) links.push_back({link.source + sources, link.target + targets, link.weight});
}

void replace_in_pieces(std::vector<std::string>& pieces, const std::vector<Replacement>& replacements) {
  std::size_t begin = 0;  // of the piece, in the text as it was
  std::size_t next = 0;   // replacement that has not begun
  std::size_t gone = 0;   // all before this place was replaced already
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string piece = std::move(pieces[i]);
    const std::size_t end = begin + piece.size();
    const bool last = i + 1 == pieces.size();
    std::string result;
    std::size_t at = std::max(begin, gone);
    while (next < replacements.size() && (replacements[next].begin < end || last)) {
      const Replacement& replacement = replacements[next++];
      assert(replacement.begin >= gone && replacement.begin <= replacement.end);
      if (replacement.begin > at) result.append(piece, at - begin, replacement.begin - at);
      result += replacement.text;
      gone = replacement.end;
      at = std::max(at, gone);
    }
    if (at < end) result.append(piece, at - begin, end - at);
    pieces[i] = std::move(result);
    begin = end;
  }
}

std::string replaced(const std::string& text, const std::vector<Replacement>& replacements) {
  std::vector<std::string> pieces = {text};
  replace_in_pieces(pieces, replacements);
  return std::move(pieces[0]);
}

}  // namespace dragoman
