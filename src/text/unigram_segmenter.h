#pragma once
// The best segmentation of texts by unigram models, and texts out of pieces again. The library does the same, but takes
// 30 ms to be ready for a vocabulary of 32,000 pieces, longer than it takes to load a model and translate a sentence.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/normalizer.h"
#include "text/piece_trie.h"
#include "text/sentencepiece_model.h"

namespace dragoman {

/// Cuts texts as SentencePiece does: the same pieces (a test compares them). Safe to share between threads.
class UnigramSegmenter {
 public:
  /// Both must outlive this and stay where they are. `pieces`: all of the model's, with their ids. REQUIRES:
  /// supports().
  UnigramSegmenter(const SentencePieceModel& model, const PieceTrie& pieces);

  /// Whether a model is one of the usual kind: unigram, neither with bytes for unknown characters nor with spaces that
  /// end words or rules for texts made of pieces.
  static bool supports(const SentencePieceModel& model);

  /// Ids of the most probable segmentation of a line (Kudo 2018, arXiv 1804.10959), unknown ones in a row joined.
  std::vector<int> segment(std::string_view line) const;
  /// What a line is before it is cut.
  std::string normalize(std::string_view line) const { return normalizer_.normalize(line); }
  /// The text that pieces make. REQUIRES: ids of the model.
  std::string join(std::span<const int> ids) const;

 private:
  const SentencePieceModel& model_;
  const PieceTrie& pieces_;
  PieceTrie user_defined_;
  Normalizer normalizer_;
  int unknown_ = 0;
  float unknown_score_ = 0, highest_ = 0;
};

}  // namespace dragoman
