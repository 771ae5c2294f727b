#include "server/fake_service.h"

#include <sstream>

namespace dragoman {

using testing::script;

namespace testing {

Script& script() {
  static Script instance;
  return instance;
}

SentenceTranslation fake_sentence(const std::string& text, const std::string& target) {
  SentenceTranslation s{.target_pieces = {"[" + target + "] "}};
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::string piece = (s.source_pieces.empty() ? "" : " ") + word;
    s.source_pieces.push_back(piece);
    s.target_pieces.push_back(piece);
    s.alignment.push_back({int(s.source_pieces.size()) - 1, int(s.source_pieces.size()), 0.75f});
  }
  s.score = -0.5;
  return s;
}

}  // namespace testing

namespace {

PivotText pivot_of(const std::string& text, const std::string& source, const std::string& target) {
  for (const TranslationDirection& d : script().directions) {
    const bool goes_there = d.source == source && d.target == target && !d.pivot.empty();
    if (goes_there) return {.language = d.pivot, .text = "[" + d.pivot + "] " + text};
  }
  return {};
}

}  // namespace

struct Service::Impl {};

void Ticket::cancel() const {
  if (state_ == nullptr || state_->is_cancelled.exchange(true)) return;
  if (state_->on_cancel) state_->on_cancel();
}

Service::Service(ServiceOptions) : impl_(std::make_unique<Impl>()) {}
Service::~Service() = default;
std::vector<TranslationDirection> Service::directions() const { return script().directions; }

Ticket Service::begin(TranslationRequest request, TranslationHandler handler) {
  Ticket ticket;
  ticket.state_ = std::make_shared<TicketState>();
  script().last_translation = request;
  if (script().error) {
    handler.failed(*script().error);
  } else if (script().translate) {
    script().translate(request, handler, *ticket.state_);
  } else {
    TranslationAnswer answer;
    for (const auto& text : request.texts) {
      SentenceTranslation sentence = testing::fake_sentence(text, request.target);
      if (handler.partial) handler.partial({.pieces = {sentence.target_pieces[0]}, .settled = 1});
      if (handler.sentence) handler.sentence(sentence);
      answer.sentences.push_back(sentence);
      TextTranslation translation{.text = "[" + request.target + "] " + text};
      for (int i = 0; i < request.alternatives; ++i) translation.alternatives.push_back(std::to_string(i) + " " + text);
      answer.translations.push_back(translation);
    }
    handler.done(answer);
  }
  return ticket;
}

Ticket Service::begin(CompletionRequest request, Handler<CompletionAnswer> handler) {
  script().last_completion = request;
  if (script().error) {
    handler.failed(*script().error);
    return {};
  }
  CompletionAnswer answer{.rest = "rest", .pieces = {request.prefix, "rest"}, .source_pieces = {request.text}};
  answer.alignment = {{0, 1, 1.0f}};
  for (int i = 0; i < request.alternatives; ++i) answer.alternatives.push_back({"word", 0.25, "word and more"});
  answer.pivot = pivot_of(request.text, request.source, request.target);
  handler.done(answer);
  return {};
}

Ticket Service::begin(AttentionRequest request, Handler<AttentionAnswer> handler) {
  script().last_attention = request;
  if (script().error) {
    handler.failed(*script().error);
    return {};
  }
  handler.done({.source_pieces = {"a", "</s>"},
                .target_pieces = {"b", "</s>"},
                .kind = request.kind,
                .layer = request.layer.value_or(1),
                .layers = 2,
                .heads = 4,
                .head = request.head,
                .rows = 2,
                .columns = 2,
                .weights = {0.5f, 0.5f, 0.25f, 0.75f},
                .pivot = pivot_of(request.text, request.source, request.target)});
  return {};
}

Ticket Service::begin(ScoreRequest request, Handler<ScoreAnswer> handler) {
  if (script().error) {
    handler.failed(*script().error);
    return {};
  }
  handler.done({.log_probability = -1.5,
                .pieces = {request.translation},
                .token_log_probabilities = {-1.0f, -0.5f},
                .pivot = pivot_of(request.text, request.source, request.target)});
  return {};
}

void Service::drain() {}
ServiceStatistics Service::statistics() const { return {.requests = 7, .source_tokens = 70}; }

}  // namespace dragoman
