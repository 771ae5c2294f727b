#include "nn/recurrent/time_order.h"

#include <algorithm>
#include <numeric>

namespace dragoman {

TimeOrder time_order(const Context& ctx, std::span<const int> offsets, Direction direction) {
  const int sentences = int(offsets.size()) - 1;
  const auto length = [&](int s) { return offsets[s + 1] - offsets[s]; };
  const auto array = [&](int size) { return ctx.arena.array<int>(std::size_t(size)); };
  const std::span<int> by_length = array(sentences), tokens = array(offsets.back()), places = array(offsets.back());
  const std::span<int> last = array(sentences);
  std::iota(by_length.begin(), by_length.end(), 0);
  std::stable_sort(by_length.begin(), by_length.end(), [&](int a, int b) { return length(a) > length(b); });
  const int longest = sentences == 0 ? 0 : length(by_length[0]);
  const std::span<int> active = array(longest);
  std::fill(last.begin(), last.end(), -1);
  int place = 0, running = sentences;
  for (int t = 0; t < longest; ++t) {
    while (length(by_length[running - 1]) <= t) --running;
    active[t] = running;
    for (int rank = 0; rank < running; ++rank) {
      const int s = by_length[rank];
      const int token = direction == Direction::forward ? offsets[s] + t : offsets[s + 1] - 1 - t;
      tokens[place] = token;
      places[token] = place;
      last[s] = place++;
    }
  }
  return {by_length, active, tokens, places, last};
}

}  // namespace dragoman
