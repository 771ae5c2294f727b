#pragma once
// What all requests of a service share.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/service.h"
#include "markup/placeholders.h"
#include "search/hypothesis.h"
#include "service/catalogue.h"
#include "service/lru_cache.h"
#include "service/model_store.h"
#include "service/scheduler.h"
#include "service/source_memory.h"

namespace dragoman {

struct ServiceCore {
  /// Throws Error for options that make no sense and models that cannot be.
  explicit ServiceCore(ServiceOptions given);

  const ServiceOptions options;
  const std::vector<CatalogueEntry> catalogue;
  const PlaceholderFinder placeholders = PlaceholderFinder();
  LruCache<const NBest> translations;  ///< of sentences, by model, options and text
  LruCache<SourceMemory> memories;     ///< of completions, by model and text
  Scheduler scheduler;
  ModelStore store;
};

/// The tokens of a text with their places, without such as spell </s>.
std::vector<Segment> segments_of(const Vocabulary& vocabulary, std::string_view text);

/// About how many source tokens a text has, before it is cut into them.
long estimated_tokens(std::string_view text);

/// Names a sentence's translation in the cache.
std::string translation_key(const SentenceJob& job, std::string_view text);
std::size_t bytes_of(const NBest& list);

/// The beam size of a request, or what is wrong with it.
std::optional<RequestError> check_beam_size(const RequestOptions& options);

using ServedModels = std::vector<std::shared_ptr<const ServedModel>>;

/// Gets the models of a route, one after the other, for a request: calls `ready` with them, or fails the request.
/// `progress` may be empty.
void get_models(ServiceCore& core, const std::shared_ptr<TicketState>& request, const Route& route,
                std::function<void(ServedModels)> ready, std::function<void(double)> progress = {});

/// The masks of the first model that the others take too.
std::vector<MaskForm> common_mask_forms(const ServedModels& models);

/// The way between two languages. Throws RequestError of kind unsupported if there is none.
Route route_of(const ServiceCore& core, const std::string& source, const std::string& target);

}  // namespace dragoman
