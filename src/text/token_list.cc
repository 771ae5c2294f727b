// Vocabularies whose ids are places in a list, as models of other engines have them.

#include <algorithm>
#include <cassert>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/words.h"
#include "text/cleaning.h"
#include "text/token_file.h"
#include "text/vocabulary_kind.h"

namespace dragoman {
namespace {

/// `segmenter` cuts text into tokens; nothing: tokens are words.
class TokenListVocabulary : public Vocabulary::Impl {
 public:
  TokenListVocabulary(TokenList list, const std::string& file, std::optional<Vocabulary> segmenter)
      : tokens_(std::move(list.tokens)), end_(list.end), unknown_(list.unknown), segmenter_(std::move(segmenter)) {
    name = file;
    for (std::size_t i = 0; i < tokens_.size(); ++i) ids_.emplace(tokens_[i], int(i));  // of several the first
    const auto special = [&](const std::string& token, const char* what) {
      const auto found = ids_.find(token);
      require(found != ids_.end(), "{}: there is no token '{}' for {}", name, token, what);
      return found->second;
    };
    end_id = special(list.end, "the sentence end");
    unk_id = special(list.unknown, "what is unknown");
    if (is_file()) {
      bytes = token_map(tokens_);
      file_ending = ".yml";
    } else {
      for (const std::string& token : tokens_) bytes += token + "\n";
      if (segmenter_) bytes += '\0' + segmenter_->bytes();
    }
    if (!segmenter_) return;
    int known = 0;
    for (int i = 0; i < segmenter_->size(); ++i) known += ids_.contains(segmenter_->piece(i)) ? 1 : 0;
    require(2 * known >= segmenter_->size(), "{}: only {} of its {} pieces are tokens of {}, so it belongs to others",
            segmenter_->name(), known, segmenter_->size(), name);
  }

  std::vector<int> encode(std::string_view line) const override { return ids_of(pieces(line)); }

  std::vector<int> sample(std::string_view line, double alpha, std::uint64_t seed) const override {
    if (alpha <= 0) return encode(line);
    assert(can_sample());
    std::vector<int> ids = segmenter_->sample(line, alpha, seed);
    for (int& number : ids) number = id(segmenter_->piece(number));
    return ids;
  }

  bool can_sample() const override { return segmenter_ && segmenter_->can_sample(); }

  std::vector<std::string> pieces(std::string_view line) const override {
    return segmenter_ ? segmenter_->pieces(line) : split_words(line);
  }

  std::vector<Segment> segments(std::string_view line) const override {
    std::vector<Segment> result;
    if (segmenter_) {
      result = segmenter_->segments(line);
    } else {
      std::size_t at = 0;
      for (const std::string& word : split_words(line)) {
        at = line.find(word, at);
        result.push_back({.id = 0, .piece = word, .begin = at, .end = at + word.size()});
        at += word.size();
      }
    }
    for (Segment& segment : result) segment.id = id(segment.piece);
    return result;
  }

  std::vector<std::string> surfaces(std::span<const int> ids) const override {
    std::vector<std::string> known;
    for (const int number : ids) {
      if (number != end_id) known.push_back(tokens_[std::size_t(number)]);
    }
    const std::vector<std::string> texts = surfaces_of(known);
    std::vector<std::string> result;
    std::size_t place = 0;
    for (const int number : ids) result.push_back(number != end_id ? texts.at(place++) : "");
    return result;
  }

  std::vector<std::string> surfaces_of(const std::vector<std::string>& tokens) const override {
    if (segmenter_) return segmenter_->surfaces_of(tokens);
    std::vector<std::string> result;
    for (const std::string& token : tokens) result.push_back((result.empty() ? "" : " ") + token);
    return result;
  }

  std::string decode(std::span<const int> ids) const override {
    std::vector<std::string> known;
    for (const int number : ids) {
      if (number != end_id) known.push_back(tokens_[std::size_t(number)]);
    }
    return join(known);
  }

  std::string join(const std::vector<std::string>& tokens) const override {
    if (segmenter_) return segmenter_->join(tokens);
    std::string text;
    for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
    return text;
  }

  int size() const override { return int(tokens_.size()); }
  const std::string& piece(int number) const override { return tokens_[std::size_t(number)]; }

  int id(std::string_view token) const override {
    const auto found = ids_.find(token);
    return found == ids_.end() ? unk_id : found->second;
  }

  const std::string& sentencepiece_model() const override {
    static const std::string none;
    return segmenter_ ? segmenter_->sentencepiece_model() : none;
  }

  std::shared_ptr<const Impl> fitted_to(int rows) const override {
    if (segmenter_ || rows == size()) return nullptr;
    TokenList list{.tokens = tokens_, .end = end_, .unknown = unknown_};
    list.tokens.resize(std::size_t(rows));
    for (int id = size(); id < rows; ++id) list.tokens[std::size_t(id)] = "<unused " + std::to_string(id) + ">";
    return std::make_shared<const TokenListVocabulary>(std::move(list), name, std::nullopt);
  }

 private:
  /// Whether a file of tokens says it all (text/token_file.h).
  bool is_file() const {
    const bool usual_end = end_ == "</s>" || (end_ == "eos" && end_id == 0);
    const bool usual_unknown = unknown_ == "<unk>" || (unknown_ == "UNK" && unk_id == 1);
    const auto is_text = [](std::string token) { return token.find('\0') == std::string::npos && !repair_utf8(token); };
    return !segmenter_ && usual_end && usual_unknown && ids_.size() == tokens_.size() &&
           std::all_of(tokens_.begin(), tokens_.end(), is_text);
  }

  std::vector<int> ids_of(const std::vector<std::string>& tokens) const {
    std::vector<int> ids;
    for (const std::string& token : tokens) ids.push_back(id(token));
    return ids;
  }

  const std::vector<std::string> tokens_;
  const std::string end_, unknown_;
  std::unordered_map<std::string_view, int> ids_;
  const std::optional<Vocabulary> segmenter_;
};

}  // namespace

Vocabulary Vocabulary::from_tokens(TokenList list, const std::string& name, const Vocabulary* segmenter) {
  return Vocabulary(std::make_shared<const TokenListVocabulary>(
      std::move(list), name, segmenter != nullptr ? std::optional(*segmenter) : std::nullopt));
}

}  // namespace dragoman
