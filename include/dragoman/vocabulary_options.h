#pragma once
// How a subword vocabulary is learned and applied.

#include <cstdint>
#include <string>
#include <vector>

namespace dragoman {

/// Settings for learning a SentencePiece model (sizes come from dim-vocabs or --size).
struct VocabularyOptions {
  std::string sentencepiece_options = {};              ///< further options of the SentencePiece trainer, as one line
  std::int64_t sentencepiece_max_lines = 2000000;      ///< learn from at most this many lines, sampled evenly
  std::string sentencepiece_type = "unigram";          ///< (ours) unigram or bpe
  std::vector<std::string> user_defined_symbols = {};  ///< (ours) pieces never split, such as tags
  std::vector<double> sentencepiece_alphas = {};       ///< subword sampling while training, one per stream: unigram
                                                       ///< smoothing or BPE dropout; 0 or none: the best segmentation
};

}  // namespace dragoman
