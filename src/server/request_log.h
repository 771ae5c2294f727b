#pragma once
// Log lines about requests, for people or as JSON for programs. None holds text of users.

#include <string>

#include "server/reply.h"

namespace dragoman {

/// Makes every line of the program's log a JSON object: {"time", "level", "message"}. To be called after set_up_log.
void use_json_log();

/// Logs a request that has ended. In JSON: {"time", "level", "id", "client", "method", "path", "status", "ms",
/// "bytes_in", "bytes_out"}, and of translations "characters", "source" and "target", of requests with a key "key".
void log_request(const RequestRecord& record, double milliseconds);

}  // namespace dragoman
