#pragma once
// Files of tokens that are no SentencePiece models: Marian's and Nematus's vocabularies.
//
//   .yml, .yaml, .json   a map, TOKEN: ID for each token. </s> and <unk> are there; or as Nematus has it number 0 ends
//                        sentences and 1 stands for what is unknown, and are called eos and UNK or are not in the map
//   any other ending     a token on each line, </s> and <unk> among them; the first has number 0

#include <string>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace dragoman {

/// Whether a path has an ending of the first kind.
bool is_token_map(std::string_view path);

/// Reads the content of a file of the kind that its path says. Throws Error that begins with `path` and names the token
/// or the line for what is no such file: broken YAML or JSON, what is nested, tokens or numbers that are there twice,
/// numbers that are missing, tokens that are not UTF-8.
TokenList parse_token_file(std::string_view content, const std::string& path);

/// The content of a .yml file with these tokens; parse_token_file reads it back. REQUIRES: no token is there twice, and
/// all are UTF-8.
std::string token_map(const std::vector<std::string>& tokens);

}  // namespace dragoman
