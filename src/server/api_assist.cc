// What helps somebody who translates: /complete, /attention, /score and /suggest.

#include <fmt/format.h>

#include <cmath>

#include "server/api_answer.h"

namespace dragoman {
namespace {

constexpr double digits = 1e6;  // of probabilities
constexpr std::size_t most_id_bytes = 64;

double rounded(double value) { return std::round(value * digits) / digits; }

/// "layer" and "head": a number or null.
std::optional<int> index(const Call& call, const char* name) { return call.parameters.number(name, 0, 1000); }

/// Says which sentence lies between, where there is one.
void add_pivot(Json& json, const PivotText& pivot) {
  if (!pivot.language.empty()) json["pivot"] = {{"language", pivot.language}, {"text", pivot.text}};
}

Json json_of(const AttentionAnswer& a, const std::string& id) {
  Json rows = Json::array();
  for (int row = 0; row < a.rows; ++row) {
    Json weights = Json::array();
    for (int column = 0; column < a.columns; ++column) {
      weights.push_back(rounded(double(a.weights[std::size_t(row) * std::size_t(a.columns) + std::size_t(column)])));
    }
    rows.push_back(std::move(weights));
  }
  Json json{{"source", a.source_pieces},
            {"target", a.target_pieces},
            {"kind", a.kind},
            {"layer", a.layer},
            {"layers", a.layers},
            {"heads", a.heads},
            {"head", a.head ? Json(*a.head) : Json()},
            {"weights", std::move(rows)},
            {"id", id}};
  add_pivot(json, a.pivot);
  return json;
}

}  // namespace

void complete(Call call) {
  CompletionRequest request{.text = call.parameters.text("q"), .prefix = call.parameters.text("prefix", "")};
  check_characters(call, {request.text, request.prefix});
  const LanguagePair pair = language_pair(call);
  request.source = pair.source;
  request.target = pair.target;
  const int limit = call.api.options().limits.alternatives_limit;
  request.alternatives = call.parameters.number("alternatives", 0, limit < 0 ? 1'000 : limit).value_or(0);
  request.options = request_options(call);
  const ApiAnswer answer(call);
  Handler<CompletionAnswer> handler;
  handler.done = [answer](const CompletionAnswer& result) {
    Json alternatives = Json::array();
    for (const auto& a : result.alternatives) {
      alternatives.push_back({{"word", a.word}, {"probability", rounded(a.probability)}, {"preview", a.preview}});
    }
    Json json{{"rest", result.rest},
              {"pieces", result.pieces},
              {"source", result.source_pieces},
              {"align", json_of(result.alignment)},
              {"alternatives", std::move(alternatives)},
              {"ms", answer.milliseconds()},
              {"id", answer.id()}};
    add_pivot(json, result.pivot);
    answer.send(json);
  };
  handler.failed = [answer](const RequestError& error) { answer.fail(error); };
  begin(call, std::move(request), std::move(handler));
}

void attention(Call call) {
  AttentionRequest request{.text = call.parameters.text("q")};
  if (call.parameters.has("translation")) request.translation = call.parameters.text("translation");
  check_characters(call, {request.text, request.translation.value_or("")});
  const LanguagePair pair = language_pair(call);
  request.source = pair.source;
  request.target = pair.target;
  request.kind = call.parameters.text("kind", "cross");
  if (request.kind != "cross" && request.kind != "encoder" && request.kind != "decoder") {
    throw HttpError{400, "Invalid request: kind: expected cross, encoder or decoder"};
  }
  request.layer = index(call, "layer");
  request.head = index(call, "head");
  request.options = request_options(call);
  const ApiAnswer answer(call);
  Handler<AttentionAnswer> handler;
  handler.done = [answer](const AttentionAnswer& result) { answer.send(json_of(result, answer.id())); };
  handler.failed = [answer](const RequestError& error) { answer.fail(error); };
  begin(call, std::move(request), std::move(handler));
}

void score(Call call) {
  ScoreRequest request{.text = call.parameters.text("q"), .translation = call.parameters.text("translation")};
  check_characters(call, {request.text, request.translation});
  const LanguagePair pair = language_pair(call);
  request.source = pair.source;
  request.target = pair.target;
  request.options = request_options(call);
  const ApiAnswer answer(call);
  Handler<ScoreAnswer> handler;
  handler.done = [answer](const ScoreAnswer& result) {
    Json of_tokens = Json::array();
    for (const float value : result.token_log_probabilities) of_tokens.push_back(rounded(double(value)));
    Json json{{"log_probability", rounded(result.log_probability)},
              {"pieces", result.pieces},
              {"token_log_probabilities", std::move(of_tokens)},
              {"id", answer.id()}};
    add_pivot(json, result.pivot);
    answer.send(json);
  };
  handler.failed = [answer](const RequestError& error) { answer.fail(error); };
  begin(call, std::move(request), std::move(handler));
}

namespace {

/// Throws HttpError if none are kept.
CorrectionsFile& corrections_of(const Call& call) {
  if (call.api.corrections() == nullptr) {
    throw HttpError{403,
                    "Suggestions are disabled on this server. Whoever runs it can keep them with --corrections FILE."};
  }
  return *call.api.corrections();
}

void answer_success(const Call& call) {
  call.reply->send({.body = to_text(Json{{"success", true}, {"id", call.reply->record.id}}), .headers = call.headers});
}

}  // namespace

void suggest(Call call) {
  CorrectionsFile& file = corrections_of(call);
  const Parameters& parameters = call.parameters;
  Correction correction{.source = parameters.text("q"), .translation = parameters.text("s")};
  if (parameters.has("machine")) correction.machine = parameters.text("machine");
  check_characters(call, {correction.source, correction.translation, correction.machine.value_or("")});
  const LanguagePair pair = language_pair(call);
  correction.source_language = pair.source;
  correction.target_language = pair.target;
  correction.id = call.reply->record.id;
  file.add(correction);
  answer_success(call);
}

void undo_suggestion(Call call) {
  CorrectionsFile& file = corrections_of(call);
  const std::string undone = call.parameters.text("id");
  if (undone.empty() || undone.size() > most_id_bytes) {
    throw HttpError{400, "Invalid request: id: expected the one that /suggest answered"};
  }
  file.undo(undone, call.reply->record.id);
  answer_success(call);
}

}  // namespace dragoman
