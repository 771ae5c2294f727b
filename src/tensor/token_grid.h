#pragma once
// The tokens of several sentences, one after another without padding.

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <span>

namespace dragoman {

/// A view of the token ids of a batch of sentences (or of rows of a beam). Sentence r has the tokens
/// ids[offsets[r]] .. ids[offsets[r + 1] - 1]. Nothing is padded: all layers but attention see one long list of
/// tokens, [tokens(), width].
struct TokenGrid {
  std::span<const int> ids;      ///< a negative id stands for no word: its embedding is zero
  std::span<const int> offsets;  ///< sentences() + 1 of them, the first is 0

  int sentences() const { return int(offsets.size()) - 1; }
  int tokens() const { return int(ids.size()); }
  int length(int sentence) const { return offsets[sentence + 1] - offsets[sentence]; }
  int longest() const {
    int most = 0;
    for (int r = 0; r < sentences(); ++r) most = std::max(most, length(r));
    return most;
  }
};

}  // namespace dragoman
