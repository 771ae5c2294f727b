#pragma once
// Cutting text where a reader would: into sentences, and what is too long for a model into pieces it can take.

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace dragoman {

/// The sentences of `text`, views that follow one another without a gap: white space after a sentence belongs to it,
/// and all of them together are `text` again, byte for byte. Empty text has no sentences.
///
/// Sentences end at . ! ? … and their like of other scripts, with the quotes and brackets that close after them, and
/// at blank lines; not after abbreviations and initials, within numbers, or where the text goes on in lower case. In
/// doubt they do not end: two sentences in one translate better than half a sentence.
///
/// `language` is a code like "de" or "pt-BR" that chooses abbreviations and whether a point makes ordinal numbers;
/// unknown or empty: what holds in most languages.
std::vector<std::string_view> split_sentences(std::string_view text, std::string_view language);

/// Text and the white space around it; text that is nothing else stands in `before`.
struct TrimmedText {
  std::string_view before, text, after;
};
TrimmedText trim(std::string_view text);

/// How long a piece is to the model, usually in tokens.
using PieceLength = std::function<std::size_t(std::string_view)>;

/// Pieces of `text`, each at most `limit` long, which follow one another without a gap. Text within the limit stays
/// whole. Otherwise every sentence is a piece; one that is still too long is cut into parts of similar length, at
/// clause marks (; : , – and their like), or if it has none at spaces, or if it has none between characters as users
/// see them (so neither accents nor emoji come apart). Only a character that is too long by itself is cut between its
/// code points, and only a single code point can be a piece above the limit. REQUIRES: limit > 0.
std::vector<std::string_view> split_long(std::string_view text, std::string_view language, std::size_t limit,
                                         const PieceLength& length);

}  // namespace dragoman
