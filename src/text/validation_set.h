#pragma once
// The pairs that a model is measured on.

#include <string>
#include <vector>

#include "text/batch.h"
#include "text/pair_reader.h"
#include "text/vocabulary.h"

namespace dragoman {

/// All pairs of a validation set (or of files to be scored) in order, kept in memory. Unlike in training none is left
/// out: an empty line is a sentence of </s> alone, and over-long sentences are cropped and counted.
struct ValidationSet {
  std::vector<SentencePair> pairs;
  std::vector<std::string> sources, targets;  ///< the lines themselves, not cropped
  CleaningReport report;

  /// The pairs in order, so many to a batch.
  std::vector<Batch> batches(int sentences, const Vocabulary& source, const Vocabulary& target) const;
};

/// Reads and tokenises. Throws Error as PairReader does, and if there are no lines at all; `setting` names the option
/// that the files are from. max_length in tokens without </s>; 0: no limit.
ValidationSet read_validation_set(const PairFiles& files, const Vocabulary& source, const Vocabulary& target,
                                  int max_length, const std::string& setting = "valid-sets");

}  // namespace dragoman
