#pragma once
// A text and its translation in pieces, with links that say which pieces translate each other.

#include <cstddef>
#include <string>
#include <vector>

namespace dragoman {

/// How much a target piece came from a source piece.
struct PieceLink {
  int source = 0, target = 0;  ///< indices of pieces
  float weight = 0;            ///< 0 to 1; of one target piece over all source pieces they sum to 1 at most
};

/// Pieces are bytes that make the texts when written one after another, white space included; any may be empty.
struct AlignedText {
  std::vector<std::string> source_pieces = {}, target_pieces = {};
  std::vector<PieceLink> links = {};

  std::string source() const;
  std::string target() const;
  /// Adds the pieces and links of the text that follows.
  void append(const AlignedText& next);
};

/// Bytes that are the same in a text and in its translation.
struct KeptRange {
  std::size_t source_begin = 0, source_end = 0, target_begin = 0, target_end = 0;
};

/// Bytes [begin, end) of a text that are to become `text`.
struct Replacement {
  std::size_t begin = 0, end = 0;
  std::string text = {};
};

/// Replaces in a text that is cut into pieces, whose number stays: what is put in belongs to the piece in which it
/// begins. REQUIRES: replacements are in order, do not overlap and lie within the text.
void replace_in_pieces(std::vector<std::string>& pieces, const std::vector<Replacement>& replacements);

/// The same in a text.
std::string replaced(const std::string& text, const std::vector<Replacement>& replacements);

}  // namespace dragoman
