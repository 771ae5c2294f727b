// What clients may know of the server: /frontend/settings and /spec.

#include "base/language_names.h"
#include "server/api.h"

namespace dragoman {

extern const std::string_view openapi_json;  // src/server/openapi.json

Json frontend_settings(const Api& api) {
  const ServeLimits& limits = api.options().limits;
  const auto language = [](const std::vector<std::string>& codes) {
    return codes.empty() ? Json() : Json{{"code", codes.front()}, {"name", language_name(codes.front())}};
  };
  const bool keeps_corrections = api.corrections() != nullptr;
  return {
      {"charLimit", limits.char_limit},
      {"frontendTimeout", 120},
      {"apiKeys", !api.keys().empty()},
      {"keyRequired", api.options().require_api_key},
      {"suggestions", keeps_corrections},
      {"filesTranslation", false},
      {"supportedFilesFormat", Json::array()},
      {"language", {{"source", language(api.languages().sources())}, {"target", language(api.languages().targets())}}},
      {"dragoman",
       {{"version", api.options().version},
        {"constraints", false},
        {"learning", false},
        {"batchLimit", limits.batch_limit},
        {"alternativesLimit", limits.alternatives_limit},
        {"beam", api.options().beam_size},
        {"corrections", keeps_corrections ? Json(api.corrections()->path()) : Json()}}}};
}

std::string specification(const Api& api) {
  Json document = Json::parse(openapi_json);
  document["info"]["version"] = api.options().version;
  return to_text(document);
}

}  // namespace dragoman
