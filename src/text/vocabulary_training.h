#pragma once
// Learning subword vocabularies.

#include <string>
#include <vector>

#include "dragoman/data_options.h"
#include "dragoman/vocabulary_options.h"

namespace dragoman {

/// A text to learn from: a whole file, or one column of a file of tab-separated columns.
struct VocabularyInput {
  std::string path;
  int column = -1;  ///< from 0; -1: the whole line
  int columns = 0;  ///< how many each line must have at least, for the error
};

/// Learns a SentencePiece model with (at most) `size` pieces, ids as Marian gives them (</s> 0, <unk> 1, no <s>), and
/// writes it to `output`, whole or not at all. The same texts and options give the same bytes.
/// Lines are cleaned as LineReader does; those that had to be repaired or cut are left out.
/// size 0: 32,000 as in Marian, or if the corpus is too small for that, as many as it gives.
/// Throws Error if the corpus is too small for `size` (naming the largest possible one), `size` is too small for the
/// characters, or an option is not one that SentencePiece knows.
void train_vocabulary(const std::vector<VocabularyInput>& inputs, const std::string& output, int size,
                      const VocabularyOptions& options);

/// Learns those of `data.vocabs` that do not exist yet from the training data: from both streams if both share a
/// path, else each from its own. `sizes`: dim-vocabs; empty or 0 as above. Gives the paths that were learned.
std::vector<std::string> train_missing_vocabularies(const DataOptions& data, const std::vector<int>& sizes,
                                                    const VocabularyOptions& options);

}  // namespace dragoman
