#pragma once
// Figures about the server for Prometheus, in its text format.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "dragoman/service.h"
#include "server/reply.h"

namespace dragoman {

/// For use by one thread.
class Metrics {
 public:
  void request_begins(const std::string& route) { ++in_flight_[route]; }
  void request_ends(const RequestRecord& record, double seconds);
  void connection_refused() { ++refused_connections_; }
  void set_connections(int connections) { connections_ = connections; }

  /// LibreTranslate's names where there are some, and ours, which begin with dragoman_.
  std::string text(const ServiceStatistics& service) const;

 private:
  static constexpr std::array<double, 11> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60};  // s
  struct Durations {
    std::int64_t count = 0;
    double seconds = 0;
    std::array<std::int64_t, bounds.size()> at_most = {};
  };
  std::map<std::pair<std::string, int>, Durations> durations_;  // of route and status
  std::map<std::string, int> in_flight_;
  std::int64_t characters_ = 0, bytes_in_ = 0, bytes_out_ = 0, refused_connections_ = 0;
  int connections_ = 0;
};

}  // namespace dragoman
