#pragma once
// What `dragoman interactive` answers to each input: a translation, or what a command asks for.

#include <functional>
#include <string>
#include <vector>

#include "dragoman/service.h"
#include "terminal/screen.h"

namespace dragoman {

struct ConversationOptions {
  int beam_size = 4;
  int alternatives = 8;  ///< words that :alt shows
};

/// A conversation with a service over a screen. Inputs that begin with a colon are commands (":help" tells them); one
/// that begins with two is text with one.
class Conversation {
 public:
  /// The service must outlive the conversation. `interrupted` is asked ten times a second whether to give up what is
  /// under way.
  Conversation(Service& service, const Screen& screen, ConversationOptions options, std::function<bool()> interrupted);

  /// What to show before an input: the language pair.
  std::string prompt() const;

  /// Answers an input, which may have several lines. False: the conversation is over. What is wrong with a request is
  /// told on the screen.
  bool answer(const std::string& input);

 private:
  struct Command;
  static const std::vector<Command>& commands();
  void command(const std::string& line);
  void translate(const std::string& text);
  void show_help(const std::string& arguments);
  void show_alternatives(const std::string& arguments);
  void take_alternative(const std::string& arguments);
  void show_list(const std::string& arguments);
  void show_attention(const std::string& arguments);
  void show_score(const std::string& arguments);
  void force_prefix(const std::string& arguments);
  void choose_pair(const std::string& arguments);
  void swap_pair(const std::string& arguments);
  void show_models(const std::string& arguments);
  void set(const std::string& arguments);
  void quit(const std::string& arguments);

  void complete_with(const std::string& prefix);
  RequestOptions request_options() const { return {.beam_size = options_.beam_size}; }
  /// Begins a request and waits for its answer; an interrupt cancels it. Throws RequestError.
  template <class Answer, class Request, class Listener = Handler<Answer>>
  Answer wait_for(Request request, Listener listener = {});

  Service& service_;
  const Screen& screen_;
  ConversationOptions options_;
  std::function<bool()> interrupted_;
  std::vector<TranslationDirection> directions_;
  std::string source_, target_;     // languages
  std::string text_, translation_;  // the newest
  std::string prefix_;              // before the alternatives shown last
  std::vector<std::string> alternatives_;
  bool is_over_ = false;
};

/// A pipe: each line becomes a line, flushed at once; nothing else is written. Throws RequestError, before which all
/// lines so far are whole.
void translate_lines(Service& service, std::istream& in, std::ostream& out, int beam_size);

}  // namespace dragoman
