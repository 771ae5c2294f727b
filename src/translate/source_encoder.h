#pragma once
// Lines of text as sentences of tokens that a model can take.

#include <string>
#include <vector>

#include "text/vocabulary.h"

namespace dragoman {

struct SourceEncoderOptions {
  int max_length = 1000;      ///< most tokens of a part, without </s>
  bool crop = false;          ///< of a longer line keep only so many, instead of splitting it
  std::string language = {};  ///< of the text, to tell where sentences end; empty: not known
  bool pieces = false;        ///< lines are pieces already, with spaces between (no-spm-encode)
};

/// A line in tokens, each part ending with </s>; none if the line is blank.
struct EncodedLine {
  std::vector<std::vector<int>> parts;
  bool cropped = false;
};

/// Ids of pieces that are written with spaces between; what is no piece is the unknown token.
std::vector<int> ids_of_pieces(const std::string& line, const Vocabulary& vocabulary);

/// Tokenises a line. One that is too long is split at sentence ends (text/split.h) so that all of it is kept.
EncodedLine encode_source(const std::string& line, const Vocabulary& vocabulary, const SourceEncoderOptions& options);

}  // namespace dragoman
