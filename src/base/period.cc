#include <charconv>
#include <cmath>
#include <string>

#include "base/error.h"
#include "dragoman/training_options.h"

namespace dragoman {
namespace {

constexpr double largest = 1e15;  // far below 2^53, so that a count is exact in a double and in 64 bits

double factor_of(char letter) {
  switch (letter) {
    case 'k':
    case 'K':
      return 1e3;
    case 'M':
      return 1e6;
    case 'G':
      return 1e9;
    case 'T':
      return 1e12;
    default:
      return 0;
  }
}

}  // namespace

Period parse_period(const std::string& text, const std::string& setting) {
  Period period;
  std::string digits = text;
  if (!digits.empty()) {
    const char unit = digits.back();
    if (unit == 'u' || unit == 't' || unit == 'e') {
      period.unit = unit == 'u' ? Period::Unit::updates : unit == 't' ? Period::Unit::tokens : Period::Unit::epochs;
      digits.pop_back();
    }
  }
  double factor = 1;
  if (!digits.empty() && factor_of(digits.back()) != 0) {
    factor = factor_of(digits.back());
    digits.pop_back();
  }
  std::erase(digits, ',');  // Marian allows 10,000
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, period.count);
  period.count = std::round(period.count * factor * 1e6) / 1e6;  // 1.1 x 1e6 is not whole in binary
  require(
      error == std::errc() && stop == end && period.count >= 0 && period.count <= largest &&
          period.count == std::floor(period.count),
      "{}: expected a period: a whole number with k, M or G and a unit, u for updates, t for target tokens or e for "
      "epochs, as in 1000u, 5Mt or 2e; found '{}'",
      setting, text.substr(0, 60));
  return period;
}

std::string to_string(const Period& period) {
  double count = period.count;
  std::string factor;
  if (count >= 1e6 && std::fmod(count, 1e9) == 0) {
    count /= 1e9;
    factor = "G";
  } else if (count >= 1e6 && std::fmod(count, 1e6) == 0) {
    count /= 1e6;
    factor = "M";
  }
  const char* unit = period.unit == Period::Unit::updates ? "u" : period.unit == Period::Unit::tokens ? "t" : "e";
  return fmt::format("{:.0f}{}{}", count, factor, unit);
}

}  // namespace dragoman
