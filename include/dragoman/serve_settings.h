#pragma once
// All settings of `dragoman serve`.

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/general_options.h"
#include "dragoman/served_models.h"

namespace dragoman {

/// Bounds of what one request, one client and all together may ask for. -1: no bound of ours, as in LibreTranslate.
struct ServeLimits {
  int char_limit = 100'000;               ///< Unicode characters of a request, over all its texts
  int batch_limit = 1'000;                ///< texts of a request
  int alternatives_limit = 10;            ///< alternatives of a text or of a word
  int req_limit = -1;                     ///< requests of one client a minute
  int hourly_req_limit = -1;              ///< and an hour
  int daily_req_limit = -1;               ///< and a day
  int body_limit = 4 << 20;               ///< bytes of a request's body
  int header_limit = 16 << 10;            ///< bytes of a request's line and header fields
  int max_connections = 1'000;            ///< connections at the same time
  int max_requests = 1'000;               ///< requests that are translated or wait
  std::int64_t queue_tokens = 1'000'000;  ///< source tokens that are translated or wait
  double deadline = 60;                   ///< seconds that a request may take
  double client_timeout = 30;             ///< seconds for a client to send a body, or to take what we send
};

/// Settings of `dragoman serve`.
struct ServeSettings {
  GeneralOptions general;
  std::string log_format = "text";  ///< text, or json: an object a line
  ServedModels served;
  std::string host = "127.0.0.1";  ///< the address to listen at
  int port = 5000;                 ///< 0: any that is free; the log names it
  ServeLimits limits;
  std::string api_keys;  ///< file of keys, one a line; empty: there are none
  bool require_api_key = false;
  std::vector<std::string> allow_hosts;   ///< names under which the server may be asked, besides this computer's own
  std::vector<std::string> cors_origins;  ///< pages of other origins that may ask
  std::string corrections;                ///< file that suggestions go to; empty: they are refused
  std::string metrics_token;              ///< what /metrics wants to be told; empty: nothing
};

}  // namespace dragoman
