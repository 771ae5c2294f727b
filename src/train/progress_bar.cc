#include "train/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "train/log_lines.h"

namespace dragoman {
namespace {

constexpr double redraw_after = 0.1;  // seconds
constexpr double memory = 30;         // seconds over which speed and cost are averaged

std::string duration_text(double seconds) {
  const auto whole = std::uint64_t(std::clamp(std::round(seconds), 0.0, 1e9));
  const std::uint64_t hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours >= 100) return fmt::format("{} days", hours / 24);
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

}  // namespace

std::string bar_line(const BarState& state, const Limits& limits, double seconds_left, int width) {
  const std::string before = fmt::format("Ep. {}  Up. {}", state.progress.epoch, with_commas(state.progress.updates));
  std::string after =
      fmt::format("cost {:.3f}  {} tok/s", state.cost,
                  with_commas(std::uint64_t(std::clamp(std::round(state.tokens_per_second), 0.0, 1e15))));
  std::string text = before + "  ";
  if (!limits.periods().empty()) {
    const double share = limits.share_done(state.progress);
    after = fmt::format("{:3.0f}%  ", std::floor(100 * share)) + after;
    if (seconds_left >= 0) after += "  " + duration_text(seconds_left) + " left";
    const int room = std::min(40, width - int(before.size() + after.size()) - 6);
    if (room >= 5) {
      const int filled = int(share * room);
      text += "[" + std::string(std::size_t(filled), '=') + (filled < room ? ">" : "") +
              std::string(std::size_t(std::max(0, room - filled - 1)), '-') + "]  ";
    }
  }
  text += after;
  if (int(text.size()) > width) text.resize(std::size_t(std::max(0, width)));
  return text;
}

ProgressBar::ProgressBar(TextSink sink, Limits limits, int width)
    : sink_(std::move(sink)), limits_(std::move(limits)), width_(width) {}

ProgressBar::~ProgressBar() {
  try {
    clear();
  } catch (...) {  // a sink that cannot write must not end the program here
  }
}

void ProgressBar::update(const Progress& progress, double cost_per_token, std::uint64_t tokens, double seconds,
                         double now) {
  if (!sink_) return;
  const double fade = std::exp(-seconds / memory);
  recent_tokens_ = fade * recent_tokens_ + double(tokens);
  recent_seconds_ = fade * recent_seconds_ + seconds;
  if (std::isfinite(cost_per_token)) {
    // The weight of an update is its share of the recent tokens, so that the first ones show at once.
    const double weight = any_ ? std::clamp(double(tokens) / std::max(1.0, recent_tokens_), 0.0, 1.0) : 1.0;
    cost_ += weight * (cost_per_token - cost_);
    any_ = true;
  }
  const double share = limits_.share_done(progress);
  if (first_share_ < 0) {
    first_share_ = share;
  } else {
    trained_ += seconds;
  }
  if (now - last_drawn_ < redraw_after) return;
  last_drawn_ = now;
  const double gained = share - first_share_;
  const double left = gained > 0 ? trained_ * (1 - share) / gained : -1;
  const BarState state{progress, cost_, recent_seconds_ > 0 ? recent_tokens_ / recent_seconds_ : 0};
  sink_("\r\x1b[K" + bar_line(state, limits_, left, width_ - 1));  // \x1b[K: erase to the end of the line
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  drawn_ = false;
  last_drawn_ = -1e300;
  sink_("\r\x1b[K");
}

}  // namespace dragoman
