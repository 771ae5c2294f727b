#pragma once
// JSON as the server speaks it: members in the order in which they were written, always valid UTF-8.

#include <nlohmann/json.hpp>
#include <string>

namespace dragoman {

using Json = nlohmann::ordered_json;

/// On one line; bytes that are no UTF-8 become U+FFFD.
inline std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace dragoman
