#pragma once
// Who may ask: protects a server on somebody's own computer, and its users, from pages that they happen to visit.
//
// - DNS rebinding: a page whose name suddenly means 127.0.0.1 would be of the same origin as we are. It gives itself
//   away by its Host, which therefore must be equal to a name that we know to be ours.
// - Requests forged by other pages (CSRF): a browser says with Origin and Sec-Fetch-Site where a POST comes from.
// Programs that are no browsers send neither, and are not concerned.

#include <string>
#include <vector>

#include "server/http.h"

namespace dragoman {

struct GuardOptions {
  std::string address = "127.0.0.1";  ///< that we listen at
  int port = 5000;
  std::vector<std::string> allow_hosts = {};   ///< NAME (also NAME:our port), or NAME:PORT as a proxy shows itself
  std::vector<std::string> cors_origins = {};  ///< such as https://example.org; or * for the routes that are open
};

class Guard {
 public:
  /// Throws Error for a host or an origin that cannot be one.
  explicit Guard(GuardOptions options);

  /// Throws HttpError: 400 unless there is exactly one Host, 403 unless it is ours.
  void check_host(const Request& request) const;

  /// Throws HttpError 403 for a request that the page of another origin makes, unless that was allowed. `is_open`: a
  /// route that * allows to all.
  void check_origin(const Request& request, bool is_open) const;

  /// The header fields that let a browser show an answer to the page that asked for it; mostly none.
  std::vector<HeaderField> cors_headers(const Request& request, bool is_open) const;

 private:
  bool is_own_host(const Request& request, const std::string& host) const;
  bool is_allowed_origin(const std::string& origin, bool is_open) const;

  GuardOptions options_;
  std::vector<std::string> hosts_;        // with ports, as Host has them
  std::vector<std::string> named_hosts_;  // those of them that were allowed: maybe behind a proxy that speaks https
};

/// Refuses to be seen by others without a protection. Throws Error that says what to do, unless the address is this
/// computer's own or there is an API key or an allowed host.
void check_exposure(const std::string& address, bool requires_key, bool allows_hosts);

/// An address as it stands in Host: IPv6 in brackets, IPv4 in IPv6 as IPv4. Throws Error if `address` is none.
std::string host_of_address(const std::string& address);

}  // namespace dragoman
