#include "server/guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/error.h"

namespace dragoman {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool has_port(const std::string& host) {
  const auto colon = host.rfind(':');
  return colon != std::string::npos && host.find(']', colon) == std::string::npos;
}

/// A name or an address, perhaps with a port, of letters that a browser would put into Host.
void check_host_name(const std::string& host, const char* setting) {
  const bool is_plain = !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']' || c == '_';
  });
  require(is_plain, "{}: expected a host in small letters, such as example.org or example.org:8443, found '{}'",
          setting, host);
}

}  // namespace

std::string host_of_address(const std::string& address) {
  std::array<unsigned char, 16> bytes;
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return address;
  require(inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1, "host: expected an IP address, found '{}'", address);
  constexpr std::array<unsigned char, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
    return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  }
  std::array<char, INET6_ADDRSTRLEN> text;
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());  // in the one form that browsers use
  return fmt::format("[{}]", text.data());
}

void check_exposure(const std::string& address, bool requires_key, bool allows_hosts) {
  const std::string host = host_of_address(address);
  if (host == "[::1]" || host.starts_with("127.") || requires_key || allows_hosts) return;
  fail(
      "host: {} can be reached from other computers. Give --api-keys FILE --require-api-key so that only those who "
      "know "
      "a key may ask, or --allow-host NAME with the name under which they ask; or leave --host out",
      address);
}

Guard::Guard(GuardOptions options) : options_(std::move(options)) {
  const std::string port = std::to_string(options_.port);
  const auto add = [&](const std::string& host) {
    hosts_.push_back(host + ":" + port);
    if (options_.port == 80) hosts_.push_back(host);
  };
  for (const std::string& host :
       {std::string("localhost"), std::string("127.0.0.1"), std::string("[::1]"), host_of_address(options_.address)}) {
    add(host);
  }
  for (const std::string& host : options_.allow_hosts) {
    check_host_name(host, "allow-host");
    named_hosts_.push_back(host);
    if (!has_port(host)) named_hosts_.push_back(host + ":" + port);
  }
  for (const std::string& origin : options_.cors_origins) {
    if (origin == "*") continue;
    const auto scheme = origin.find("://");
    require(origin.starts_with("http://") || origin.starts_with("https://"),
            "cors-origin: expected * or an origin such as https://example.org, found '{}'", origin);
    check_host_name(origin.substr(scheme + 3), "cors-origin");
  }
}

bool Guard::is_own_host(const Request& request, const std::string& host) const {
  if (contains(hosts_, host) || contains(named_hosts_, host)) return true;
  // The address that the client reached us at cannot be another's name.
  if (request.local_address.empty()) return false;
  const std::string local = host_of_address(request.local_address);
  return host == local + ":" + std::to_string(options_.port) || (options_.port == 80 && host == local);
}

void Guard::check_host(const Request& request) const {
  const int hosts = request.count("Host");
  if (hosts != 1) throw HttpError{400, fmt::format("expected one Host header, found {}", hosts)};
  if (!is_own_host(request, *request.header("Host"))) {
    throw HttpError{403,
                    "this server is not known under the name in your Host header; whoever runs it can allow one with "
                    "--allow-host"};
  }
}

bool Guard::is_allowed_origin(const std::string& origin, bool is_open) const {
  return contains(options_.cors_origins, origin) || (is_open && contains(options_.cors_origins, "*"));
}

void Guard::check_origin(const Request& request, bool is_open) const {
  const std::string* origin = request.header("Origin");
  if (request.count("Origin") > 1 || request.count("Sec-Fetch-Site") > 1) {
    throw HttpError{400, "expected at most one Origin and one Sec-Fetch-Site header"};
  }
  if (origin != nullptr) {
    const std::string& host = *request.header("Host");
    if (*origin == "http://" + host || (*origin == "https://" + host && contains(named_hosts_, host))) return;
    if (is_allowed_origin(*origin, is_open)) return;
    throw HttpError{403,
                    "pages of this origin may not ask this server; whoever runs it can allow one with --cors-origin"};
  }
  const std::string* site = request.header("Sec-Fetch-Site");
  if (site != nullptr && *site != "same-origin" && *site != "none") {
    throw HttpError{403,
                    "pages of other sites may not ask this server; whoever runs it can allow one with --cors-origin"};
  }
}

std::vector<HeaderField> Guard::cors_headers(const Request& request, bool is_open) const {
  if (options_.cors_origins.empty()) return {};
  std::vector<HeaderField> headers = {{"Vary", "Origin"}};
  const std::string* origin = request.header("Origin");
  if (origin == nullptr || !is_allowed_origin(*origin, is_open)) return headers;
  const bool is_named = contains(options_.cors_origins, *origin);
  headers.push_back({"Access-Control-Allow-Origin", is_named ? *origin : "*"});
  headers.push_back({"Access-Control-Expose-Headers", "X-Request-Id, Retry-After"});
  if (request.method == "OPTIONS") {
    headers.push_back({"Access-Control-Allow-Methods", "GET, POST"});
    headers.push_back(
        {"Access-Control-Allow-Headers", is_named ? "Content-Type, X-Api-Key, Authorization" : "Content-Type"});
    headers.push_back({"Access-Control-Max-Age", "600"});
  }
  return headers;
}

}  // namespace dragoman
