#include "service/service_options.h"

#include <utility>

#include "base/error.h"

namespace dragoman {

ServiceOptions service_options(const ServedModels& served) {
  std::vector<std::string> paths = served.models;
  paths.insert(paths.end(), served.configs.begin(), served.configs.end());
  for (const auto& [name, said] : {std::pair("source-language", &served.source_languages),
                                   std::pair("target-language", &served.target_languages)}) {
    require(said->size() <= paths.size(), "{}: expected at most one for each of {} models, found {}", name,
            paths.size(), said->size());
  }
  ServiceOptions options{.threads = served.threads,
                         .gemm_precision = served.gemm_precision,
                         .search = served.search,
                         .cache_bytes = std::size_t(served.cache_size) << 20,
                         .most_loaded_models = served.max_loaded_models};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto said = [&](const std::vector<std::string>& list) { return i < list.size() ? list[i] : std::string(); };
    options.models.push_back({.path = paths[i],
                              .source_language = said(served.source_languages),
                              .target_language = said(served.target_languages)});
  }
  return options;
}

}  // namespace dragoman
