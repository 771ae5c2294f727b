#include "service/core.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "search/search.h"

namespace dragoman {
namespace {

ServiceOptions checked(ServiceOptions options) {
  check(options.search);
  require(options.search.output_sampling.empty(), "output-sampling: a service searches, it does not draw");
  require(options.search.weights.empty(), "weights: a service has no ensembles");
  require(options.threads >= 0, "threads: expected a number from 0, found {}", options.threads);
  require(options.most_loaded_models > 0, "most-loaded-models: expected a number above 0, found {}",
          options.most_loaded_models);
  require(options.most_queued_tokens > 0, "most-queued-tokens: expected a number above 0, found 0");
  return options;
}

void get_next(ServiceCore& core, const std::shared_ptr<TicketState>& request, const Route& route, ServedModels got,
              std::function<void(ServedModels)> ready, std::function<void(double)> progress) {
  const std::size_t place = got.size(), count = route.models.size();
  if (place == count) return ready(std::move(got));
  ModelStore::Waiting waiting;
  if (progress) {
    waiting.progress = [progress, place, count](double share) { progress((double(place) + share) / double(count)); };
  }
  waiting.ready = [&core, request, route, got = std::move(got), ready = std::move(ready), progress](
                      std::shared_ptr<const ServedModel> model, const std::string& error) mutable {
    if (model == nullptr) return request->fail({RequestError::Kind::failed, error});
    got.push_back(std::move(model));
    get_next(core, request, route, std::move(got), std::move(ready), std::move(progress));
  };
  core.store.get(route.models[place], std::move(waiting));
}

}  // namespace

ServiceCore::ServiceCore(ServiceOptions given)
    : options(checked(std::move(given))),
      catalogue(read_catalogue(options)),
      translations(options.cache_bytes / 2),
      memories(options.cache_bytes / 2),
      scheduler(
          {.threads = options.threads, .search = options.search, .most_queued_tokens = options.most_queued_tokens}),
      store(catalogue, options.most_loaded_models) {}

std::vector<Segment> segments_of(const Vocabulary& vocabulary, std::string_view text) {
  std::vector<Segment> segments = vocabulary.segments(text);
  std::erase_if(segments, [&](const Segment& s) { return s.id == vocabulary.end_id(); });
  return segments;
}

long estimated_tokens(std::string_view text) {
  constexpr std::size_t bytes_of_token = 4;
  return long(text.size() / bytes_of_token) + 1;
}

std::string translation_key(const SentenceJob& job, std::string_view text) {
  return fmt::format("{} {} {} {} {}", job.model->number, job.beam_size, int(job.n_best), int(job.attention), text);
}

std::size_t bytes_of(const NBest& list) {
  std::size_t bytes = sizeof list;
  for (const Hypothesis& h : list) {
    bytes += sizeof h + sizeof(float) * (h.attention.size() + h.token_log_probabilities.size()) +
             sizeof(TokenId) * h.tokens.size();
  }
  return bytes;
}

std::optional<RequestError> check_beam_size(const RequestOptions& options) {
  constexpr int most = 64;
  if (!options.beam_size || (*options.beam_size >= 1 && *options.beam_size <= most)) return std::nullopt;
  return RequestError{RequestError::Kind::bad_request,
                      fmt::format("beam: expected a number from 1 to {}, found {}", most, *options.beam_size)};
}

void get_models(ServiceCore& core, const std::shared_ptr<TicketState>& request, const Route& route,
                std::function<void(ServedModels)> ready, std::function<void(double)> progress) {
  get_next(core, request, route, {}, std::move(ready), std::move(progress));
}

std::vector<MaskForm> common_mask_forms(const ServedModels& models) {
  std::vector<MaskForm> forms = models.front()->mask_forms;
  for (std::size_t i = 1; i < models.size(); ++i) {
    std::erase_if(forms, [&](const MaskForm& form) {
      return std::none_of(models[i]->mask_forms.begin(), models[i]->mask_forms.end(),
                          [&](const MaskForm& other) { return other.mask(0) == form.mask(0); });
    });
  }
  return forms;
}

Route route_of(const ServiceCore& core, const std::string& source, const std::string& target) {
  if (auto route = find_route(core.catalogue, source, target)) return *std::move(route);
  throw RequestError{RequestError::Kind::unsupported,
                     fmt::format("there is no model to translate from {} to {}", source, target)};
}

}  // namespace dragoman
