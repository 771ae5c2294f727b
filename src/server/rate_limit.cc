#include "server/rate_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>

namespace dragoman {

std::optional<int> RateLimiter::take(const std::string& client, const RateLimits& limits, Time now) {
  const std::array<std::pair<int, double>, 3> periods = {
      {{limits.per_minute, 60}, {limits.per_hour, 3600}, {limits.per_day, 86400}}};
  if (std::all_of(periods.begin(), periods.end(), [](const auto& period) { return period.first < 0; })) return {};

  const auto known = by_name_.find(client);
  if (known == by_name_.end()) {
    recent_.push_front({.name = client});
    by_name_[client] = recent_.begin();
    if (recent_.size() > most_clients) {
      by_name_.erase(recent_.back().name);
      recent_.pop_back();
    }
  } else {
    recent_.splice(recent_.begin(), recent_, known->second);
  }

  auto& buckets = recent_.front().buckets;
  double wait = 0;
  for (std::size_t i = 0; i < periods.size(); ++i) {
    const auto [allowance, seconds] = periods[i];
    if (allowance < 0) continue;
    Bucket& bucket = buckets[i];
    const double rate = allowance / seconds;
    if (bucket.seen != Time{}) {
      bucket.used -= std::chrono::duration<double>(now - bucket.seen).count() * rate;
    }
    bucket.used = std::max(bucket.used, 0.0);
    bucket.seen = now;
    if (bucket.used + 1 > allowance)
      wait = std::max(wait, allowance == 0 ? seconds : (bucket.used + 1 - allowance) / rate);
  }
  if (wait > 0) return std::max(1, int(std::ceil(wait - 1e-6)));  // 20.0000001 s are 20
  for (std::size_t i = 0; i < periods.size(); ++i) {
    if (periods[i].first >= 0) buckets[i].used += 1;
  }
  return {};
}

std::string client_of_address(const std::string& address) {
  std::array<unsigned char, 16> bytes;
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  std::array<char, INET6_ADDRSTRLEN> text;
  return std::string(inet_ntop(AF_INET6, bytes.data(), text.data(), text.size())) + "/64";
}

}  // namespace dragoman
