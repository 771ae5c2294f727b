#include "text/unigram_segmenter.h"

#include <algorithm>
#include <limits>

namespace dragoman {
namespace {

using PieceType = SentencePieceModel::PieceType;

constexpr std::string_view marked_space = "\xE2\x96\x81";

std::vector<PieceTrie::Text> user_defined_pieces(const SentencePieceModel& model) {
  std::vector<PieceTrie::Text> result;
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    if (model.pieces[id].type == PieceType::user_defined) result.emplace_back(model.pieces[id].text, int(id));
  }
  return result;
}

/// By the first byte alone, whatever follows.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

}  // namespace

bool UnigramSegmenter::supports(const SentencePieceModel& model) {
  const bool has_bytes = std::any_of(model.pieces.begin(), model.pieces.end(),
                                     [](const auto& piece) { return piece.type == PieceType::byte; });
  return model.type == SentencePieceModel::Type::unigram && !model.byte_fallback && !has_bytes &&
         !model.spaces_end_words && !model.changes_output;
}

UnigramSegmenter::UnigramSegmenter(const SentencePieceModel& model, const PieceTrie& pieces)
    : model_(model),
      pieces_(pieces),
      user_defined_(user_defined_pieces(model)),
      normalizer_(model.normalization, user_defined_) {
  constexpr float penalty = 10;  // SentencePiece's, for what is unknown
  float lowest = std::numeric_limits<float>::max();
  highest_ = std::numeric_limits<float>::min();
  for (std::size_t id = 0; id < model.pieces.size(); ++id) {
    const SentencePieceModel::Piece& piece = model.pieces[id];
    if (piece.type == PieceType::unknown) unknown_ = int(id);
    if (piece.type != PieceType::normal) continue;
    lowest = std::min(lowest, piece.score);
    highest_ = std::max(highest_, piece.score);
  }
  unknown_score_ = lowest - penalty;
}

std::vector<int> UnigramSegmenter::segment(std::string_view line) const {
  const std::string text = normalizer_.normalize(line);
  struct Best {
    int id = -1;      ///< of the last piece
    int from = -1;    ///< where that begins; -1: no segmentation ends here yet
    float score = 0;  ///< of all pieces up to here
  };
  std::vector<Best> best(text.size() + 1);  // by where a segmentation ends
  const auto consider = [&](std::size_t from, std::size_t to, int id, double score) {
    Best& end = best[to];
    if (end.from < 0 || score > double(end.score)) end = {id, int(from), float(score)};
  };
  for (std::size_t from = 0; from < text.size();) {
    const std::string_view rest = std::string_view(text).substr(from);
    const std::size_t character = character_size(rest);
    const float before = best[from].score;
    bool has_character = false;
    pieces_.prefixes(rest, [&](std::size_t size, int id) {
      const SentencePieceModel::Piece& piece = model_.pieces[std::size_t(id)];
      if (piece.type == PieceType::user_defined) {  // wins over all others
        consider(from, from + size, id, double(float(size) * highest_) - 0.1 + double(before));
      } else if (piece.type == PieceType::normal) {
        consider(from, from + size, id, double(piece.score) + double(before));
      } else {
        return;
      }
      has_character |= size == character;
    });
    if (!has_character) consider(from, from + character, unknown_, double(unknown_score_ + before));
    from += character;
  }
  std::vector<int> ids;
  for (int end = int(text.size()); end > 0; end = best[std::size_t(end)].from) {
    const int id = best[std::size_t(end)].id;
    if (id != unknown_ || ids.empty() || ids.back() != unknown_) ids.push_back(id);
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

std::string UnigramSegmenter::join(std::span<const int> ids) const {
  const auto& rules = model_.normalization;
  std::string text;
  bool at_start = true, space_was_removed = false;
  for (const int id : ids) {
    at_start = at_start && !space_was_removed && text.empty();
    space_was_removed = false;
    const SentencePieceModel::Piece& piece = model_.pieces[std::size_t(id)];
    if (piece.type == PieceType::control) continue;
    if (piece.type == PieceType::unknown) {
      text += model_.unknown_surface;
      continue;
    }
    std::string_view rest = piece.text;
    if (at_start && (rules.adds_space_before || rules.removes_extra_spaces) && rest.starts_with(marked_space)) {
      rest.remove_prefix(marked_space.size());
      space_was_removed = !rules.removes_extra_spaces;  // of extra ones all are removed
    }
    while (!rest.empty()) {
      const std::size_t space = std::min(rest.find(marked_space), rest.size());
      text += rest.substr(0, space);
      rest.remove_prefix(space);
      if (rest.empty()) break;
      text += ' ';
      rest.remove_prefix(marked_space.size());
    }
  }
  return text;
}

}  // namespace dragoman
