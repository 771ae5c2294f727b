#pragma once
// The tokens of a batch in the order of time, as recurrent layers go through them.

#include <span>

#include "autograd/context.h"
#include "tensor/token_grid.h"

namespace dragoman {

enum class Direction { forward, backward };  ///< from a sentence's first token to its last, or the other way

/// Sentences by falling length; first all their first tokens, then all second ones, and so on. Backward, a sentence's
/// first token in this order is its last. The arrays lie in the context's arena.
struct TimeOrder {
  std::span<const int> sentences;  ///< which sentence is at each rank
  std::span<const int> active;     ///< sentences that have a token at each time
  std::span<const int> tokens;     ///< which token (row of the grid) is at each place of the order
  std::span<const int> places;     ///< and back: where each token is
  std::span<const int> last;       ///< the place of each sentence's last token; by sentence, -1 for an empty one

  int longest() const { return int(active.size()); }
};

TimeOrder time_order(const Context& ctx, std::span<const int> offsets, Direction direction = Direction::forward);

}  // namespace dragoman
