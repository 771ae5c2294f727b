#pragma once
// All attention of one sentence pair, to be looked at.

#include <optional>
#include <string>
#include <vector>

#include "autograd/attention_observer.h"
#include "translate/model_set.h"

namespace dragoman {

/// One head's softmax over a whole sentence.
struct AttentionMap {
  AttentionPlace place;
  int head = 0;  ///< from 0
  int rows = 0, columns = 0;
  std::vector<float> weights = {};  ///< [rows, columns]; each row sums to 1
};

/// A pair as a model sees it. Rows of encoder maps are source tokens, rows of the others the target tokens that are
/// being written. Columns are source tokens, but in decoder maps the tokens that the decoder was given: a start, and
/// all target tokens but the last.
struct PairAttention {
  std::vector<std::string> source, target;  ///< pieces; the last is </s>
  std::vector<AttentionMap> maps;           ///< by kind (encoder, decoder, cross), layer and head
};

/// Of the first model, by teacher forcing. Without a target the pair is completed by translating with beam 4. Throws
/// Error for a blank source, and for a side that is longer than the model takes.
PairAttention attention_of_pair(const ModelSet& models, const std::string& source,
                                const std::optional<std::string>& target);

}  // namespace dragoman
