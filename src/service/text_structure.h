#pragma once
// Texts as paragraphs and sentences that can be put together again byte for byte.

#include <string>
#include <string_view>
#include <vector>

#include "text/split.h"

namespace dragoman {

/// Makes any bytes a text that can be tokenised: what is no UTF-8 becomes U+FFFD, NUL becomes a space.
std::string repaired(std::string text);

/// The lines of a text without their line feeds, of which there is one between each two.
std::vector<std::string_view> paragraphs_of(std::string_view text);

/// The sentences of a paragraph with the white space around them, which make the paragraph when written one after
/// another; of white space alone there are none. One that is longer than `limit` is cut (see split_long).
std::vector<TrimmedText> sentences_of(std::string_view paragraph, std::string_view language, std::size_t limit,
                                      const PieceLength& length);

/// Whether sentences of a language are written without spaces between them.
bool joins_sentences(std::string_view language);

}  // namespace dragoman
