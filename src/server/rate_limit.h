#pragma once
// How many requests each client may make in a minute, an hour and a day.

#include <array>
#include <chrono>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace dragoman {

/// Allowances: -1 is none.
struct RateLimits {
  int per_minute = -1, per_hour = -1, per_day = -1;
};

/// A token bucket for each client and period: full at first, filled steadily, a request takes one token.
/// For use by one thread.
class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Takes a token, or says after how many seconds there will be one.
  std::optional<int> take(const std::string& client, const RateLimits& limits, Time now);

  std::size_t clients() const { return recent_.size(); }

  static constexpr std::size_t most_clients = 100'000;  ///< those not seen for longest are forgotten

 private:
  struct Bucket {
    double used = 0;  // of the allowance
    Time seen = {};
  };
  struct Client {
    std::string name;
    std::array<Bucket, 3> buckets = {};
  };

  std::list<Client> recent_;  // the last seen first
  std::unordered_map<std::string, std::list<Client>::iterator> by_name_;
};

/// Whom an address stands for: of IPv6 the network, as one host has as many addresses there as it likes.
std::string client_of_address(const std::string& address);

}  // namespace dragoman
