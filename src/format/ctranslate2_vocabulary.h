#pragma once
// What a model directory of CTranslate2 holds besides model.bin: its settings and its tokens.
//
//   config.json                  special tokens and a few settings
//   shared_vocabulary.json       an array of tokens; or source_vocabulary.json and target_vocabulary.json; or the same
//                                names with .txt, a token on each line
//   vmap.txt                     if there is one, the target words that source words allow

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman {

/// config.json. Older models keep these settings among the variables of model.bin.
struct CTranslate2Config {
  std::string unk_token = "<unk>", bos_token = "<s>", eos_token = "</s>";
  std::optional<std::string> decoder_start_token = "<s>";  ///< nothing (null): whoever translates has to give it
  bool add_source_bos = false;                             ///< the encoder sees bos_token first
  bool add_source_eos = false;                             ///< the encoder sees eos_token last
  std::optional<double> layer_norm_epsilon = {};
  std::string quantization_type = "";  ///< of weights with less than eight bits; empty: none
};

/// Reads the text of a config.json; keys that we do not use are passed over. Throws Error that begins with `path` and
/// names the key.
CTranslate2Config parse_ctranslate2_config(std::string_view json, const std::string& path);

/// The text of a config.json.
std::string ctranslate2_config_json(const CTranslate2Config& config);

/// The tokens of a vocabulary file by id: an array of texts in JSON if the path ends in .json, else a text with a token
/// on each line (where all lines end in CR LF, the CR is none of the token). Throws Error that begins with `path`.
std::vector<std::string> parse_ctranslate2_vocabulary(std::string_view content, const std::string& path);

/// The tokens as a JSON array, one on each line. Throws Error beginning with `path` for a token that is not UTF-8.
std::string ctranslate2_vocabulary_json(const std::vector<std::string>& tokens, const std::string& path);

/// The vocabularies of a model directory.
struct CTranslate2Vocabularies {
  std::string source_path, target_path;  ///< the same twice if shared
  std::vector<std::string> source, target;
};

/// Reads the vocabularies of a directory; the unknown token is added at the end where it is missing, as CTranslate2
/// does. Throws Error if there are none, or several for the source (factors).
CTranslate2Vocabularies read_ctranslate2_vocabularies(const std::string& directory, const std::string& unk_token);

/// vmap.txt: a line has a source n-gram (words with spaces between), a tab, and target tokens with spaces between.
struct VocabularyMap {
  std::map<std::string, std::vector<std::string>, std::less<>> allowed;  ///< by n-gram
  std::vector<std::string> always;                                       ///< of the empty n-gram: allowed everywhere
  int longest = 0;                                                       ///< words of the longest n-gram
};

/// Reads the text of a vmap.txt; of lines with the same n-gram the last counts. Throws Error naming `path` and the line
/// for a line without tab, or with several.
VocabularyMap parse_vocabulary_map(std::string_view content, const std::string& path);

}  // namespace dragoman
