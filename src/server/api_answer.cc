#include "server/api_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dragoman {

ApiAnswer::ApiAnswer(const Call& call)
    : reply_(call.reply),
      headers_(call.headers),
      id_(call.reply->record.id),
      begin_(call.reply->record.begin),
      place_(call.api.take_place()) {}

void ApiAnswer::send(const Json& json) const { reply_->send({.body = to_text(json), .headers = headers_}); }

void ApiAnswer::fail(const RequestError& error) const {
  Response response = error_response(http_error(error), id_);
  response.headers.insert(response.headers.end(), headers_.begin(), headers_.end());
  reply_->send(std::move(response));
}

double ApiAnswer::milliseconds() const {
  const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - begin_;
  return std::round(passed.count() * 10) / 10;
}

HttpError http_error(const RequestError& error) {
  switch (error.kind) {
    case RequestError::Kind::unsupported:
    case RequestError::Kind::bad_request:
      return {400, error.message};
    case RequestError::Kind::overloaded: {
      const auto seconds = (error.retry_after.count() + 999) / 1000;
      return {503, error.message, int(std::clamp<std::int64_t>(seconds, 1, 3600))};
    }
    case RequestError::Kind::deadline:
      return {504, error.message};
    case RequestError::Kind::cancelled:
      return {499, error.message};
    case RequestError::Kind::failed:
      break;
  }
  return {500, error.message};
}

RequestOptions request_options(const Call& call) {
  const Parameters& parameters = call.parameters;
  RequestOptions options{.id = call.reply->record.id};
  const std::string priority = parameters.text("priority", "interactive");
  if (priority != "interactive" && priority != "bulk") {
    throw HttpError{400, "Invalid request: priority: expected interactive or bulk"};
  }
  options.priority = priority == "bulk" ? Priority::bulk : Priority::interactive;
  options.beam_size = parameters.number("beam", 1, 32);
  auto allowed = std::chrono::milliseconds(std::int64_t(call.api.options().limits.deadline * 1000));
  if (const auto wished = parameters.number("deadline_ms", 1, 86'400'000)) {
    allowed = std::min(allowed, std::chrono::milliseconds(*wished));
  }
  options.deadline = call.reply->record.begin + allowed;
  return options;
}

LanguagePair language_pair(const Call& call) {
  const LanguageTable& languages = call.api.languages();
  LanguagePair pair{languages.find_source(call.parameters.text("source")),
                    languages.find_target(call.parameters.text("target"))};
  languages.check(pair.source, pair.target);
  call.reply->record.source = pair.source;
  call.reply->record.target = pair.target;
  return pair;
}

void check_characters(const Call& call, const std::vector<std::string>& texts) {
  std::int64_t characters = 0;
  for (const auto& text : texts) characters += count_characters(text);
  call.reply->record.characters = characters;
  const int limit = call.api.options().limits.char_limit;
  if (limit >= 0 && characters > limit) {
    throw HttpError{400, fmt::format("Invalid request: request ({}) exceeds text limit ({})", characters, limit)};
  }
}

Json json_of(const std::vector<AlignmentLink>& alignment) {
  Json links = Json::array();
  for (const auto& link : alignment) {
    links.push_back(Json::array({link.source, link.target, std::round(double(link.weight) * 1000) / 1000}));
  }
  return links;
}

}  // namespace dragoman
