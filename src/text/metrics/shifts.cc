#include "text/metrics/shifts.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <tuple>

#include "text/metrics/edit_distance.h"

namespace dragoman {
namespace {

using Words = std::vector<std::uint32_t>;

constexpr std::ptrdiff_t longest_shift = 10;   // words
constexpr std::ptrdiff_t farthest_shift = 50;  // positions
constexpr int most_shifts_tried = 1000;

/// How the words of hypothesis and reference stand against each other, from the edits between them.
struct Alignment {
  std::vector<std::ptrdiff_t> position;  // by reference word: its place in the hypothesis, or the place before it
  std::vector<bool> reference_wrong, hypothesis_wrong;

  explicit Alignment(const std::vector<BeamEditDistance::Edit>& edits) {
    std::ptrdiff_t place = -1;
    for (const BeamEditDistance::Edit edit : edits) {
      const bool wrong = edit != BeamEditDistance::Edit::match;
      if (edit != BeamEditDistance::Edit::insertion) {
        ++place;
        hypothesis_wrong.push_back(wrong);
      }
      if (edit != BeamEditDistance::Edit::deletion) {
        position.push_back(place);
        reference_wrong.push_back(wrong);
      }
    }
  }
};

bool any(const std::vector<bool>& wrong, std::ptrdiff_t start, std::ptrdiff_t length) {
  return std::find(wrong.begin() + start, wrong.begin() + start + length, true) != wrong.begin() + start + length;
}

/// `words` with `length` words from `start` on moved to before the word that is at `target` now. A target within the
/// moved words means as many places to the right.
Words shifted(const Words& words, std::ptrdiff_t start, std::ptrdiff_t length, std::ptrdiff_t target) {
  Words result = words;
  const auto begin = result.begin();
  if (target < start) {
    std::rotate(begin + target, begin + start, begin + start + length);
  } else {
    const std::ptrdiff_t end =
        std::min(target > start + length ? target : length + target, static_cast<std::ptrdiff_t>(words.size()));
    std::rotate(begin + start, begin + start + length, begin + end);
  }
  return result;
}

struct Shift {
  int gain = 0;
  std::ptrdiff_t length = 0, start = 0, target = 0;

  /// The largest gain, then the longest sequence, then the earliest start, then the earliest target.
  bool better_than(const Shift& other) const {
    return std::tuple(gain, length, -start, -target) >
           std::tuple(other.gain, other.length, -other.start, -other.target);
  }
};

/// Looks for the shift of a sequence that also occurs in the reference, elsewhere, that saves most edits.
class ShiftSearch {
 public:
  ShiftSearch(const Words& hypothesis, std::span<const std::uint32_t> reference)
      : words_(hypothesis), reference_(reference), distance_(reference, hypothesis.size()) {}

  int run() {
    int shifts = 0;
    for (;;) {
      const int edits = distance_.compute(words_);
      const Shift best = best_shift(edits);
      if (tried_ >= most_shifts_tried || best.gain <= 0) return shifts + edits;
      words_ = shifted(words_, best.start, best.length, best.target);
      ++shifts;
    }
  }

 private:
  Shift best_shift(int edits) {
    const Alignment alignment(distance_.edits());
    const auto hypothesis_size = static_cast<std::ptrdiff_t>(words_.size());
    const auto reference_size = static_cast<std::ptrdiff_t>(reference_.size());
    found_ = false;
    best_ = {};
    for (std::ptrdiff_t h = 0; h < hypothesis_size; ++h) {
      const std::ptrdiff_t end = std::min(reference_size, h + farthest_shift + 1);
      for (std::ptrdiff_t r = std::max<std::ptrdiff_t>(0, h - farthest_shift); r < end; ++r) {
        for (std::ptrdiff_t length = 1; length <= longest_shift; ++length) {
          if (h + length > hypothesis_size || r + length > reference_size) break;
          if (words_[static_cast<std::size_t>(h + length - 1)] !=
              reference_[static_cast<std::size_t>(r + length - 1)]) {
            break;
          }
          if (!try_shift(alignment, edits, h, r, length)) continue;
          if (tried_ >= most_shifts_tried) return best_;
        }
      }
    }
    return best_;
  }

  /// Tries all places around reference word `r` for the words that start at `h`. Returns false if these words need
  /// no shift: they, or the reference words, are right where they are, or the target lies within them.
  bool try_shift(const Alignment& alignment, int edits, std::ptrdiff_t h, std::ptrdiff_t r, std::ptrdiff_t length) {
    if (!any(alignment.hypothesis_wrong, h, length) || !any(alignment.reference_wrong, r, length)) return false;
    const std::ptrdiff_t there = alignment.position[static_cast<std::size_t>(r)];
    if (h <= there && there < h + length) return false;
    std::ptrdiff_t previous = -1;
    for (std::ptrdiff_t offset = -1; offset < length; ++offset) {
      const std::ptrdiff_t target = r + offset == -1 ? 0 : alignment.position[static_cast<std::size_t>(r + offset)] + 1;
      if (target == previous) continue;
      previous = target;
      const Words candidate = shifted(words_, h, length, target);
      const auto same = static_cast<std::size_t>(std::min(h, target));
      const Shift shift{edits - distance_.compare(candidate, same), length, h, target};
      ++tried_;
      if (!found_ || shift.better_than(best_)) best_ = shift;
      found_ = true;
    }
    return true;
  }

  Words words_;
  std::span<const std::uint32_t> reference_;
  BeamEditDistance distance_;
  int tried_ = 0;
  bool found_ = false;
  Shift best_;
};

}  // namespace

int count_edits(std::vector<std::uint32_t> hypothesis, std::span<const std::uint32_t> reference) {
  if (reference.empty()) return static_cast<int>(hypothesis.size());
  return ShiftSearch(hypothesis, reference).run();
}

}  // namespace dragoman
