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

  Type type = Type::unigram;
  bool byte_fallback = false;
  std::vector<Piece> pieces;  ///< by id
};

/// Reads a model and checks all that the library would rely on: well-formed records, finite scores, one unknown
/// piece, and normalisation tables that do not point outside themselves. Throws Error naming `name`.
SentencePieceModel parse_sentencepiece_model(std::string_view bytes, const std::string& name);

}  // namespace dragoman
