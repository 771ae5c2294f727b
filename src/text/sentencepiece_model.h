#pragma once
// What is inside a SentencePiece model file. The library applies such files but does not tell which algorithm they
// are for or which pieces a user defined, and it trusts them blindly; so we read them ourselves, too.

#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// The parts of a SentencePiece model (sentencepiece_model.proto) that we use.
struct SentencePieceModel {
  enum class Type { unigram = 1, bpe = 2, word = 3, character = 4 };
  enum class PieceType { normal = 1, unknown = 2, control = 3, user_defined = 4, unused = 5, byte = 6 };
  struct Piece {
    std::string text;
    float score = 0;
    PieceType type = PieceType::normal;
  };

  /// What is done to a text before it is cut.
  struct Normalization {
    std::string_view character_map = {};  ///< rules of replacement, see normalizer.h; empty: none
    bool adds_space_before = true;        ///< add_dummy_prefix
    bool removes_extra_spaces = true;     ///< remove_extra_whitespaces
    bool marks_spaces = true;             ///< escape_whitespaces: a space becomes U+2581
  };

  Type type = Type::unigram;
  std::string end_piece = "</s>";
  bool byte_fallback = false;
  bool spaces_end_words = false;  ///< treat_whitespace_as_suffix: spaces belong to what stands before them
  std::string unknown_surface = " \xE2\x81\x87 ";  ///< what an unknown piece becomes in texts
  Normalization normalization;                     ///< its map is a view of the bytes that were parsed
  bool changes_output = false;                     ///< texts made of pieces are changed by rules, too
  std::vector<Piece> pieces;                       ///< by id
};

/// Reads a model and checks all that the library would rely on: well-formed records, finite scores, one unknown piece,
/// and normalisation tables that do not point outside themselves; but not that all pieces are different. Throws Error
/// naming `name`.
SentencePieceModel parse_sentencepiece_model(std::string_view bytes, const std::string& name);

}  // namespace dragoman
