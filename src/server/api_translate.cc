// /translate, /translate/stream and /detect.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "server/api_answer.h"
#include "server/language_detector.h"

namespace dragoman {
namespace {

constexpr double sure = 50;  // confidence from which a text is left as it is because it seems to be translated already

Json json_of(const Detection& detection) {
  return {{"confidence", std::round(detection.confidence)}, {"language", detection.language}};
}

/// Where a text goes from and to, and what that was guessed from.
struct Way {
  LanguagePair languages;
  std::optional<Detection> detected = {};  ///< the client said auto

  bool is_identity() const { return languages.source == languages.target; }
};

/// The language of texts, of those from which there is a way to the target.
Detection detect_source(const Call& call, const std::vector<std::string>& texts, const std::string& target) {
  std::string sample;
  for (const auto& text : texts) {
    sample += text + "\n";
    if (sample.size() > 10'000) break;
  }
  const auto found = detect_languages(sample);
  if (!found.empty() && found.front().language == target && found.front().confidence >= sure) return found.front();
  std::vector<std::string> sources;
  for (const auto& source : call.api.languages().sources()) {
    if (call.api.languages().has(source, target)) sources.push_back(source);
  }
  return detect_among(sample, sources);
}

Way find_way(const Call& call, const std::vector<std::string>& texts) {
  Way way;
  const std::string source = call.parameters.text("source");
  if (source == "auto") {
    way.languages.target = call.api.languages().find_target(call.parameters.text("target"));
    way.detected = detect_source(call, texts, way.languages.target);
    way.languages.source = way.detected->language;
    call.reply->record.source = way.languages.source;
    call.reply->record.target = way.languages.target;
  } else if (source == call.parameters.text("target")) {
    call.api.languages().check_known(source);
    way.languages = {source, source};
  } else {
    way.languages = language_pair(call);
  }
  return way;
}

TextFormat text_format(const Call& call) {
  const std::string format = call.parameters.text("format", "text");
  if (format == "html") return TextFormat::html;
  if (format == "text" || format.empty()) return TextFormat::text;
  throw HttpError{400, "Invalid request: format: expected text or html"};
}

int alternatives_of(const Call& call) {
  const int wished = call.parameters.number("alternatives", 0, 1'000'000).value_or(0);
  const int limit = call.api.options().limits.alternatives_limit;
  if (limit >= 0 && wished > limit) {
    throw HttpError{400, fmt::format("Invalid request: alternatives ({}) exceed the limit ({})", wished, limit)};
  }
  return wished;
}

std::vector<std::string> texts_of(const Call& call) {
  std::vector<std::string> texts = call.parameters.texts("q");
  const int limit = call.api.options().limits.batch_limit;
  if (limit >= 0 && call.parameters.value("q").is_array() && int(texts.size()) > limit) {
    throw HttpError{400,
                    fmt::format("Invalid request: request ({}) exceeds the limit of texts ({})", texts.size(), limit)};
  }
  check_characters(call, texts);
  return texts;
}

TranslationRequest translation_request(const Call& call, std::vector<std::string> texts, const Way& way) {
  return {.texts = std::move(texts),
          .source = way.languages.source,
          .target = way.languages.target,
          .format = text_format(call),
          .options = request_options(call)};
}

/// LibreTranslate's answer: lists for a list, single values for a single text.
Json translations_json(const std::vector<TextTranslation>& translations, bool is_list, bool has_alternatives,
                       const std::optional<Detection>& detected) {
  Json texts = Json::array(), alternatives = Json::array(), detections = Json::array();
  for (const auto& translation : translations) {
    texts.push_back(translation.text);
    alternatives.push_back(translation.alternatives);
    if (detected) detections.push_back(json_of(*detected));
  }
  Json json;
  json["translatedText"] = is_list ? texts : texts[0];
  if (detected) json["detectedLanguage"] = is_list ? detections : detections[0];
  if (has_alternatives) json["alternatives"] = is_list ? alternatives : alternatives[0];
  return json;
}

Json done_event(const ApiAnswer& answer, const Way& way, const std::vector<Report>& reports) {
  Json done{{"id", answer.id()}, {"ms", answer.milliseconds()}};
  if (way.detected) done["detected"] = json_of(*way.detected);
  done["reports"] = Json::array();
  for (const auto& report : reports) done["reports"].push_back(report.problem);
  return done;
}

std::string place_key(int paragraph, int sentence) { return fmt::format("{} {}", paragraph, sentence); }

void send_sentence(Reply& reply, const SentenceTranslation& s) {
  reply.event("sentence",
              to_text(Json{{"paragraph", s.paragraph},
                           {"sentence", s.sentence},
                           {"source", s.source_pieces},
                           {"target", s.target_pieces},
                           {"align", json_of(s.alignment)},
                           {"score", std::round(s.score * 10'000) / 10'000}}),
              place_key(s.paragraph, s.sentence));
}

/// The events of a text that is in the target language already.
void send_unchanged(const ApiAnswer& answer, const std::string& text, const Way& way) {
  int paragraph = 0;
  for (std::size_t begin = 0; begin <= text.size(); ++paragraph) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string::npos) {
      send_sentence(answer.reply(), {.paragraph = paragraph, .source_pieces = {line}, .target_pieces = {line}});
    }
    begin = end + 1;
  }
  answer.reply().event("done", to_text(done_event(answer, way, {})));
  answer.reply().end(200);
}

/// The callbacks of a stream. They come one at a time.
TranslationHandler stream_handler(const ApiAnswer& answer, const Way& way) {
  struct Progress {
    bool is_translating = false;
  };
  const auto progress = std::make_shared<Progress>();
  const auto translating = [answer, progress] {
    if (std::exchange(progress->is_translating, true)) return;
    answer.reply().event("state", R"({"state":"translating"})", "state");
  };
  TranslationHandler handler;
  handler.loading = [answer](double share) {
    answer.reply().event("state", to_text(Json{{"state", "loading"}, {"progress", std::clamp(share, 0.0, 1.0)}}),
                         "state");
  };
  handler.partial = [answer, translating](const PartialSentence& s) {
    translating();
    answer.reply().event(
        "piece",
        to_text(
            Json{{"paragraph", s.paragraph}, {"sentence", s.sentence}, {"pieces", s.pieces}, {"settled", s.settled}}),
        place_key(s.paragraph, s.sentence));
  };
  handler.sentence = [answer, translating](const SentenceTranslation& s) {
    translating();
    send_sentence(answer.reply(), s);
  };
  handler.done = [answer, way](TranslationAnswer result) {
    answer.reply().event("done", to_text(done_event(answer, way, result.reports)));
    answer.reply().end(200);
  };
  handler.failed = [answer](const RequestError& error) {
    const HttpError told = http_error(error);
    answer.reply().event("error", error_event(told, answer.id()));
    answer.reply().end(told.status);
  };
  return handler;
}

}  // namespace

void translate(Call call) {
  std::vector<std::string> texts = texts_of(call);
  const bool is_list = call.parameters.value("q").is_array();
  const Way way = find_way(call, texts);
  const int alternatives = alternatives_of(call);
  TranslationRequest request = translation_request(call, std::move(texts), way);
  request.alternatives = alternatives;
  const ApiAnswer answer(call);
  if (way.is_identity() || request.texts.empty()) {
    std::vector<TextTranslation> unchanged;
    for (auto& text : request.texts) unchanged.push_back({.text = std::move(text)});
    answer.send(translations_json(unchanged, is_list, alternatives > 0, way.detected));
    return;
  }
  TranslationHandler handler;
  handler.done = [answer, way, is_list, alternatives](const TranslationAnswer& result) {
    answer.send(translations_json(result.translations, is_list, alternatives > 0, way.detected));
  };
  handler.failed = [answer](const RequestError& error) { answer.fail(error); };
  begin(call, std::move(request), std::move(handler));
}

void translate_stream(Call call) {
  const std::string text = call.parameters.text("q");
  check_characters(call, {text});
  const Way way = find_way(call, {text});
  TranslationRequest request = translation_request(call, {text}, way);
  request.alignments = true;
  const ApiAnswer answer(call);
  call.reply->begin_stream(call.headers);
  call.reply->event("state", R"({"state":"queued"})", "state");
  if (way.is_identity()) {
    send_unchanged(answer, text, way);
  } else {
    begin(call, std::move(request), stream_handler(answer, way));
  }
}

void detect(Call call) {
  const std::string text = call.parameters.text("q");
  check_characters(call, {text});
  Json list = Json::array();
  for (const Detection& detection : detect_languages(text)) list.push_back(json_of(detection));
  if (list.empty()) list.push_back(json_of(detect_among("", call.api.languages().sources())));
  call.reply->send({.body = to_text(list), .headers = call.headers});
}

}  // namespace dragoman
