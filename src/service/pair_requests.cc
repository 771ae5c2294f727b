#include "service/pair_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dragoman/error.h"
#include "service/sentence_pieces.h"
#include "service/text_structure.h"
#include "translate/attention_maps.h"
#include "translate/pair_scorer.h"

namespace dragoman {
namespace {

[[noreturn]] void refuse(RequestError::Kind kind, std::string message) {
  throw RequestError{kind, std::move(message), {}};
}

AttentionKind parse_kind(const std::string& name) {
  if (name == "cross") return AttentionKind::cross;
  if (name == "encoder") return AttentionKind::encoder;
  if (name == "decoder") return AttentionKind::decoder;
  refuse(RequestError::Kind::bad_request, fmt::format("kind: expected cross, encoder or decoder, found '{}'", name));
}

/// What the model refuses about a pair is wrong with the request.
template <class Work>
void with_bad_request(TicketState& request, const Work& work) {
  try {
    work();
  } catch (RequestError& error) {
    request.fail(std::move(error));
  } catch (const Error& e) {
    request.fail({RequestError::Kind::bad_request, e.what(), {}});
  }
}

template <class Run>
void start_with_models(ServiceCore& core, const std::shared_ptr<Run>& request, const Route& route) {
  get_models(core, request, route, [&core, request](ServedModels models) {
    core.scheduler.post(request, [request, m = std::move(models)](Arena& arena) { request->run(m, arena); });
  });
}

/// The map of one layer: of a head, or the mean of all.
AttentionAnswer answer_of(const PairAttention& pair, const AttentionRequest& request, AttentionKind kind,
                          const ServedModel& model) {
  AttentionAnswer answer{.source_pieces = pair.source, .target_pieces = pair.target, .kind = request.kind};
  for (const AttentionMap& map : pair.maps) {
    if (map.place.kind != kind) continue;
    answer.layers = std::max(answer.layers, map.place.layer + 1);
    answer.heads = std::max(answer.heads, map.head + 1);
  }
  if (answer.layers == 0) {
    refuse(RequestError::Kind::unsupported, fmt::format("this model has no {} attention", request.kind));
  }
  const int usual = kind == AttentionKind::cross ? model.model().alignment_layer() : answer.layers - 1;
  answer.layer = request.layer.value_or(usual);
  answer.head = request.head;
  const auto check = [](const char* name, int found, int count) {
    if (found >= 0 && found < count) return;
    refuse(RequestError::Kind::bad_request,
           fmt::format("{}: expected a number from 0 to {}, found {}", name, count - 1, found));
  };
  check("layer", answer.layer, answer.layers);
  if (answer.head) check("head", *answer.head, answer.heads);
  int maps = 0;
  for (const AttentionMap& map : pair.maps) {
    if (map.place != AttentionPlace{kind, answer.layer} || (answer.head && map.head != *answer.head)) continue;
    answer.rows = map.rows;
    answer.columns = map.columns;
    answer.weights.resize(map.weights.size());
    for (std::size_t i = 0; i < map.weights.size(); ++i) answer.weights[i] += map.weights[i];
    ++maps;
  }
  for (float& weight : answer.weights) weight /= float(std::max(maps, 1));
  return answer;
}

}  // namespace

AttentionRun::AttentionRun(ServiceCore& core, AttentionRequest request, Handler<AttentionAnswer> handler)
    : TicketState(request.options, handler.failed),
      core_(core),
      request_(std::move(request)),
      handler_(std::move(handler)),
      route_(route_of(core, request_.source, request_.target)) {
  if (auto error = check_beam_size(request_.options)) throw *std::move(error);
  parse_kind(request_.kind);
}

void AttentionRun::start() {
  start_with_models(core_, std::static_pointer_cast<AttentionRun>(shared_from_this()), route_);
}

void AttentionRun::run(const ServedModels& models, Arena& arena) {
  with_bad_request(*this, [&] {
    const auto source = source_of_last(core_, shared_from_this(), models, repaired(request_.text), arena);
    if (!source) return;  // stopped
    const ServedModel& model = *models.back();
    std::optional<std::string> translation;
    if (request_.translation) translation = repaired(*request_.translation);
    const PairAttention pair = attention_of_pair(model.set, source->text, translation);
    AttentionAnswer answer = answer_of(pair, request_, parse_kind(request_.kind), model);
    answer.pivot = pivot_text(route_, *source);
    finish([&] {
      if (handler_.done) handler_.done(std::move(answer));
    });
  });
}

ScoreRun::ScoreRun(ServiceCore& core, ScoreRequest request, Handler<ScoreAnswer> handler)
    : TicketState(request.options, handler.failed),
      core_(core),
      request_(std::move(request)),
      handler_(std::move(handler)),
      route_(route_of(core, request_.source, request_.target)) {
  if (auto error = check_beam_size(request_.options)) throw *std::move(error);
}

void ScoreRun::start() { start_with_models(core_, std::static_pointer_cast<ScoreRun>(shared_from_this()), route_); }

void ScoreRun::run(const ServedModels& models, Arena& arena) {
  with_bad_request(*this, [&] {
    const auto source = source_of_last(core_, shared_from_this(), models, repaired(request_.text), arena);
    if (!source) return;  // stopped
    const ServedModel& model = *models.back();
    const TextPair pair{.source = source->text, .target = repaired(request_.translation), .line = 1};
    const std::vector<std::string> names = {"text", "translation"};
    PairScorer scorer(model.set, {.batching = {.cpu_threads = 1}});
    PairScore score = std::move(scorer.score({&pair, 1}, names).front());
    ScoreAnswer answer{.log_probability = score.log_probability,
                       .pieces = texts_of(pair.target, segments_of(model.set.target, pair.target)),
                       .token_log_probabilities = std::move(score.token_log_probabilities),
                       .pivot = pivot_text(route_, *source)};
    finish([&] {
      if (handler_.done) handler_.done(std::move(answer));
    });
  });
}

}  // namespace dragoman
