#pragma once
// The line at the bottom of a terminal that shows how training goes.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "train/limits.h"
#include "train/progress.h"

namespace dragoman {

/// Receives text for the terminal; what lies below cli never prints itself.
using TextSink = std::function<void(std::string_view)>;

/// What the bar shows.
struct BarState {
  Progress progress;
  double cost = 0;               ///< per target token, lately
  double tokens_per_second = 0;  ///< lately
};

/// One line of text, cut to `width` columns:
/// "Ep. 3  Up. 1,200  [=====>----]  51%  cost 3.212  12,345 tok/s  12:34 left". Without limits there is no bar and no
/// time left. `seconds_left` below 0: not known.
std::string bar_line(const BarState& state, const Limits& limits, double seconds_left, int width);

/// Draws the bar through a sink, again and again over itself.
class ProgressBar {
 public:
  /// Without a sink (standard error is no terminal) nothing is ever drawn.
  ProgressBar(TextSink sink, Limits limits, int width = 80);
  ~ProgressBar();

  /// Adds an update that took `seconds`, and redraws if the last time is at least a tenth of a second ago.
  /// `now` is any clock in seconds.
  void update(const Progress& progress, double cost_per_token, std::uint64_t tokens, double seconds, double now);

  /// Takes the bar away, so that a log line may be written; the next update draws it again.
  void clear();

 private:
  TextSink sink_;
  Limits limits_;
  int width_;
  bool drawn_ = false;
  double last_drawn_ = -1e300;
  double cost_ = 0, recent_tokens_ = 0, recent_seconds_ = 0;  // moving sums over the last minute or so
  double first_share_ = -1, trained_ = 0;  // share of the run at the first update, seconds since then
  bool any_ = false;
};

}  // namespace dragoman
