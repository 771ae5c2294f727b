#pragma once
// Random segmentations of a text into subwords, for regularisation while training. SentencePiece can draw them, but
// only from a generator hidden in each thread; here they are a function of the text and the generator given, so that
// a training run that is resumed sees the same segmentations.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "text/piece_trie.h"
#include "text/sentencepiece_model.h"

namespace dragoman {

/// Draws segmentations with the pieces of a unigram or BPE model. Safe to share between threads.
class SubwordSampler {
 public:
  /// Keeps views into `model`, which must outlive this and stay where it is.
  explicit SubwordSampler(const SentencePieceModel& model);

  /// Ids of a random segmentation of `text`, which is already normalised and has its spaces marked.
  /// Unigram models (Kudo 2018, arXiv 1804.10959): a segmentation has a probability proportional to
  /// exp(alpha * sum of its pieces' scores), over all segmentations in which user-defined symbols stay whole.
  /// BPE models (Provilkov et al. 2020, arXiv 1910.13267): each possible merge of two neighbours is dropped with
  /// probability alpha, once and for all, when its turn comes. Both as in SentencePiece.
  /// REQUIRES: supports(model.type).
  std::vector<int> sample(std::string_view text, double alpha, Random random) const;

  static bool supports(SentencePieceModel::Type type);

 private:
  struct Span {
    std::size_t begin, size;
    int id;
  };

  void sample_unigram(std::string_view text, std::size_t begin, double alpha, Random& random,
                      std::vector<Span>& spans) const;
  void sample_bpe(std::string_view text, double alpha, Random& random, std::vector<Span>& spans) const;
  void split_unused(std::string_view text, Span span,
                    const std::unordered_map<std::string_view, std::size_t>& left_part, std::vector<Span>& spans) const;
  std::size_t user_defined_prefix(std::string_view text) const;
  std::vector<int> to_ids(std::string_view text, const std::vector<Span>& spans) const;

  const SentencePieceModel& model_;
  int unknown_ = 0;
  double unknown_score_ = 0;
  PieceTrie pieces_;  ///< normal ones
  PieceTrie user_defined_;
  std::unordered_map<std::string_view, int> ids_;  ///< of pieces that merges may make, and of user-defined symbols
  std::vector<int> byte_ids_;                      ///< with byte fallback: 256
};

}  // namespace dragoman
