#include "terminal/conversation.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <condition_variable>
#include <istream>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>

#include "base/error.h"
#include "base/words.h"
#include "terminal/attention_picture.h"
#include "terminal/streamed_text.h"

namespace dragoman {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// Where each word of a text begins and ends.
std::vector<std::pair<std::size_t, std::size_t>> places_of_words(const std::string& text) {
  constexpr const char* space = " \t\n";
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t at = text.find_first_not_of(space); at != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_of(space, at), text.size());
    places.emplace_back(at, end);
    at = text.find_first_not_of(space, end);
  }
  return places;
}

/// A whole number from `least` to `most`. Throws Error that says so.
int number_of(const std::string& text, const std::string& name, int least, int most) {
  int number = 0;
  std::size_t read = 0;
  try {
    number = std::stoi(text, &read);
  } catch (const std::exception&) {
    read = 0;
  }
  require(read == text.size() && !text.empty() && number >= least && number <= most,
          "{}: expected a number from {} to {}, found '{}'", name, least, most, text);
  return number;
}

std::string pair_name(const TranslationDirection& d) {
  return d.source + " to " + d.target + (d.pivot.empty() ? "" : " through " + d.pivot);
}

}  // namespace

struct Conversation::Command {
  std::string name;
  std::string arguments;
  std::string help;
  void (Conversation::*run)(const std::string& arguments);
};

const std::vector<Conversation::Command>& Conversation::commands() {
  static const std::vector<Command> all = {
      {"alt", "[N]", "other words in place of word N of the translation; without N, which words there are",
       &Conversation::show_alternatives},
      {"take", "K", "translate on from the K-th word that :alt showed", &Conversation::take_alternative},
      {"prefix", "TEXT", "translate again, beginning with TEXT, which may end inside a word",
       &Conversation::force_prefix},
      {"nbest", "[N]", "the N best translations and their scores (5)", &Conversation::show_list},
      {"attention", "[cross|encoder|decoder] [LAYER] [HEAD]", "where the model looked, as a picture",
       &Conversation::show_attention},
      {"score", "[TEXT]", "how probable TEXT, or the translation, is, piece by piece", &Conversation::show_score},
      {"pair", "SOURCE TARGET", "translate between these languages", &Conversation::choose_pair},
      {"swap", "", "the other way round", &Conversation::swap_pair},
      {"models", "", "the pairs that there are", &Conversation::show_models},
      {"set", "[beam|alternatives N]", "change a setting; without arguments, show them", &Conversation::set},
      {"help", "", "this", &Conversation::show_help},
      {"quit", "", "leave; so does Ctrl-D", &Conversation::quit},
  };
  return all;
}

Conversation::Conversation(Service& service, const Screen& screen, ConversationOptions options,
                           std::function<bool()> interrupted)
    : service_(service),
      screen_(screen),
      options_(options),
      interrupted_(std::move(interrupted)),
      directions_(service.directions()) {
  require(!directions_.empty(), "there is no language pair to translate between");
  source_ = directions_.front().source;
  target_ = directions_.front().target;
}

std::string Conversation::prompt() const { return source_ + ">" + target_ + " "; }

bool Conversation::answer(const std::string& input) {
  try {
    if (input.starts_with("::")) {
      translate(input.substr(1));
    } else if (input.starts_with(":")) {
      command(input.substr(1));
    } else if (input.find_first_not_of(" \t\r\n") != std::string::npos) {
      translate(input);
    }
  } catch (const RequestError& error) {
    const bool is_asked_for = error.kind == RequestError::Kind::cancelled;
    screen_.out << screen_.quiet(is_asked_for ? "stopped" : error.message) << "\n" << std::flush;
  } catch (const Error& error) {
    screen_.out << screen_.quiet(error.what()) << "\n" << std::flush;
  }
  return !is_over_;
}

void Conversation::command(const std::string& line) {
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string name = line.substr(0, end);
  const std::size_t begin = std::min(line.find_first_not_of(" \t", end), line.size());
  std::vector<std::string> names;
  for (const Command& c : commands()) {
    if (c.name == name) return (this->*c.run)(line.substr(begin));
    names.push_back(c.name);
  }
  fail("there is no command :{}{}; :help shows them, and a text may begin with ::", name, suggestion(name, names));
}

template <class Answer, class Request, class Listener>
Answer Conversation::wait_for(Request request, Listener listener) {
  struct Result {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<Answer> answer;
    std::optional<RequestError> error;
  } result;
  listener.done = [&](Answer answer) {
    const std::lock_guard lock(result.mutex);
    result.answer = std::move(answer);
    result.ended.notify_one();
  };
  listener.failed = [&](RequestError error) {
    const std::lock_guard lock(result.mutex);
    result.error = std::move(error);
    result.ended.notify_one();
  };
  const Ticket ticket = service_.begin(std::move(request), std::move(listener));
  std::unique_lock lock(result.mutex);
  while (!result.ended.wait_for(lock, std::chrono::milliseconds(100),
                                [&] { return result.answer.has_value() || result.error.has_value(); })) {
    if (!interrupted_()) continue;
    lock.unlock();
    ticket.cancel();
    lock.lock();
  }
  if (result.error) throw *result.error;
  return std::move(*result.answer);
}

void Conversation::translate(const std::string& text) {
  StreamedText stream(screen_);
  TranslationHandler handler;
  handler.partial = [&](const PartialSentence& s) { stream.partial(s); };
  handler.sentence = [&](const SentenceTranslation& s) { stream.finished(s); };
  try {
    const auto answer = wait_for<TranslationAnswer>(
        TranslationRequest{.texts = {text}, .source = source_, .target = target_, .options = request_options()},
        std::move(handler));
    stream.done(answer.translations.at(0).text);
    for (const Report& report : answer.reports) screen_.out << screen_.quiet(report.problem) << "\n";
    screen_.out << std::flush;
    text_ = text;
    translation_ = answer.translations[0].text;
    alternatives_.clear();
  } catch (const RequestError&) {
    stream.stopped();
    throw;
  }
}

void Conversation::show_help(const std::string&) {
  for (const Command& c : commands()) {
    const std::string usage = ":" + c.name + (c.arguments.empty() ? "" : " " + c.arguments);
    screen_.out << "  " << fitted(usage, std::max(24, columns_of(usage))) << "  " << screen_.quiet(c.help) << "\n";
  }
  screen_.out << screen_.quiet("  Ctrl-C gives up a sentence. Several lines may be pasted at once.") << "\n"
              << std::flush;
}

void Conversation::show_alternatives(const std::string& arguments) {
  require(!translation_.empty(), "translate something first");
  const auto places = places_of_words(translation_);
  if (arguments.empty()) {
    std::string line;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto [begin, end] = places[i];
      line += screen_.quiet(std::to_string(i + 1) + ":") + translation_.substr(begin, end - begin) + " ";
    }
    screen_.out << line << "\n" << std::flush;
    return;
  }
  require(text_.find('\n') == std::string::npos, ":alt is for one line at a time");
  const int word = number_of(arguments, ":alt", 1, int(places.size()));
  prefix_ = translation_.substr(0, places[std::size_t(word - 1)].first);
  const auto answer = wait_for<CompletionAnswer>(CompletionRequest{.text = text_,
                                                                   .prefix = prefix_,
                                                                   .source = source_,
                                                                   .target = target_,
                                                                   .alternatives = options_.alternatives,
                                                                   .options = request_options()});
  alternatives_.clear();
  for (const auto& alternative : answer.alternatives) {
    alternatives_.push_back(alternative.word);
    screen_.out << fmt::format("{:>3}  {:.3f}  ", alternatives_.size(), alternative.probability)
                << screen_.strong(alternative.word) << screen_.quiet(alternative.preview) << "\n";
  }
  screen_.out << std::flush;
}

void Conversation::take_alternative(const std::string& arguments) {
  require(!alternatives_.empty(), "ask for alternatives first (:alt N)");
  const int number = number_of(arguments, ":take", 1, int(alternatives_.size()));
  complete_with(prefix_ + alternatives_[std::size_t(number - 1)]);
}

void Conversation::force_prefix(const std::string& arguments) {
  require(!text_.empty(), "translate something first");
  require(!arguments.empty(), ":prefix: expected a text");
  complete_with(arguments);
}

void Conversation::complete_with(const std::string& prefix) {
  require(text_.find('\n') == std::string::npos, "this is for one line at a time");
  const auto answer = wait_for<CompletionAnswer>(CompletionRequest{
      .text = text_, .prefix = prefix, .source = source_, .target = target_, .options = request_options()});
  translation_ = prefix + answer.rest;
  alternatives_.clear();
  screen_.out << screen_.strong(prefix) << answer.rest << "\n" << std::flush;
}

void Conversation::show_list(const std::string& arguments) {
  require(!text_.empty(), "translate something first");
  const int count = arguments.empty() ? 5 : number_of(arguments, ":nbest", 1, 100);
  RequestOptions options = request_options();
  options.beam_size = std::max(count, options_.beam_size);
  const auto answer = wait_for<TranslationAnswer>(
      TranslationRequest{
          .texts = {text_}, .source = source_, .target = target_, .alternatives = count - 1, .options = options},
      TranslationHandler{});
  std::vector<std::string> texts = {answer.translations.at(0).text};
  const auto& others = answer.translations[0].alternatives;
  texts.insert(texts.end(), others.begin(), others.end());
  for (const std::string& text : texts) {
    const auto score =
        wait_for<ScoreAnswer>(ScoreRequest{.text = text_, .translation = text, .source = source_, .target = target_});
    const double tokens = double(std::max<std::size_t>(1, score.token_log_probabilities.size()));
    screen_.out << screen_.quiet(
                       fmt::format("{:8.3f} {:7.3f}  ", score.log_probability, score.log_probability / tokens))
                << text << "\n";
  }
  screen_.out << screen_.quiet("   log p  a token") << "\n" << std::flush;
}

void Conversation::show_score(const std::string& arguments) {
  require(!text_.empty(), "translate something first");
  const std::string& text = arguments.empty() ? translation_ : arguments;
  const auto score =
      wait_for<ScoreAnswer>(ScoreRequest{.text = text_, .translation = text, .source = source_, .target = target_});
  for (std::size_t i = 0; i < score.token_log_probabilities.size(); ++i) {
    const std::string piece = i < score.pieces.size() ? score.pieces[i] : "</s>";
    screen_.out << fmt::format("{:8.3f}  ", score.token_log_probabilities[i]) << piece << "\n";
  }
  screen_.out << fmt::format("{:8.3f}  ", score.log_probability) << screen_.quiet("in all") << "\n" << std::flush;
}

void Conversation::show_attention(const std::string& arguments) {
  require(!text_.empty(), "translate something first");
  AttentionRequest request{.text = text_, .translation = translation_, .source = source_, .target = target_};
  std::vector<std::string> words = words_of(arguments);
  if (!words.empty() && (words[0] == "cross" || words[0] == "encoder" || words[0] == "decoder")) {
    request.kind = words[0];
    words.erase(words.begin());
  }
  if (!words.empty()) request.layer = number_of(words[0], "layer", 1, 1000) - 1;
  if (words.size() > 1) request.head = number_of(words[1], "head", 1, 1000) - 1;
  require(words.size() <= 2, ":attention: expected a kind, a layer and a head, found '{}'", arguments);
  screen_.out << attention_picture(wait_for<AttentionAnswer>(std::move(request)), screen_) << std::flush;
}

void Conversation::choose_pair(const std::string& arguments) {
  const std::vector<std::string> words = words_of(arguments);
  require(words.size() == 2, ":pair: expected two languages, such as :pair {} {}", source_, target_);
  for (const TranslationDirection& d : directions_) {
    if (d.source != words[0] || d.target != words[1]) continue;
    source_ = d.source;
    target_ = d.target;
    text_.clear();
    translation_.clear();
    return;
  }
  std::vector<std::string> pairs;
  for (const TranslationDirection& d : directions_) pairs.push_back(pair_name(d));
  fail("there is no model from {} to {}; there are {}", words[0], words[1], join_words(pairs));
}

void Conversation::swap_pair(const std::string& arguments) {
  require(arguments.empty(), ":swap takes nothing");
  choose_pair(target_ + " " + source_);
}

void Conversation::show_models(const std::string&) {
  for (const TranslationDirection& d : directions_) {
    const bool is_chosen = d.source == source_ && d.target == target_;
    screen_.out << (is_chosen ? "* " : "  ") << pair_name(d) << "\n";
  }
  screen_.out << std::flush;
}

void Conversation::set(const std::string& arguments) {
  const std::vector<std::string> words = words_of(arguments);
  if (words.empty()) {
    screen_.out << fmt::format("beam {}\nalternatives {}\n", options_.beam_size, options_.alternatives) << std::flush;
    return;
  }
  require(words.size() == 2 && (words[0] == "beam" || words[0] == "alternatives"),
          ":set: expected beam or alternatives and a number, found '{}'", arguments);
  (words[0] == "beam" ? options_.beam_size : options_.alternatives) = number_of(words[1], words[0], 1, 100);
}

void Conversation::quit(const std::string&) { is_over_ = true; }

void translate_lines(Service& service, std::istream& in, std::ostream& out, int beam_size) {
  const auto directions = service.directions();
  require(!directions.empty(), "there is no language pair to translate between");
  for (std::string line; std::getline(in, line);) {
    const auto answer = service.translate({.texts = {line},
                                           .source = directions.front().source,
                                           .target = directions.front().target,
                                           .options = {.beam_size = beam_size}});
    std::string text = answer.translations.at(0).text;
    std::replace(text.begin(), text.end(), '\n', ' ');
    out << text << "\n" << std::flush;
    require(bool(out), "standard output: cannot be written to");
  }
}

}  // namespace dragoman
