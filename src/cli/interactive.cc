#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/settings.h"
#include "format/option_fields.h"
#include "service/service_options.h"
#include "terminal/conversation.h"
#include "terminal/interrupt.h"
#include "terminal/line_editor.h"

namespace dragoman {
namespace {

Screen terminal_screen() {
  Screen screen{.out = std::cout, .is_terminal = ::isatty(STDOUT_FILENO) != 0};
  const char* terminal = std::getenv("TERM");
  const char* no_colour = std::getenv("NO_COLOR");  // see no-color.org
  screen.has_colours = screen.is_terminal && terminal != nullptr && std::string_view(terminal) != "dumb" &&
                       (no_colour == nullptr || *no_colour == 0);
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) screen.width = size.ws_col;
  return screen;
}

void converse(Service& service, const InteractiveSettings& s) {
  Screen screen = terminal_screen();
  const InterruptGuard guard;
  LineEditor editor(s.history);
  Conversation conversation(service, screen, {.beam_size = s.served.search.beam_size}, interrupted);
  screen.out << screen.quiet("Type a sentence; :help tells what else there is.") << "\n" << std::flush;
  while (true) {
    const auto input = editor.read(conversation.prompt());
    if (!input) break;
    screen.width = terminal_screen().width;
    if (!input->is_cancelled && !conversation.answer(input->text)) return;
  }
  screen.out << "\n" << std::flush;
}

}  // namespace

Parsed<InteractiveSettings> parse_interactive(const std::vector<std::string>& args, std::ostream& out) {
  Parsed<InteractiveSettings> parsed;
  Fields fields = describe(parsed.settings);
  const Command command{.name = "interactive",
                        .summary = "Translates what is typed, with alternatives and a look inside",
                        .usage = "-m MODEL... [OPTION]...",
                        .details =
                            "In a pipe each line is answered by a line at once. Examples:\n"
                            "  dragoman interactive -m models/en-pt\n"
                            "  tail -f log.en | dragoman interactive -c en-pt/config.yml\n",
                        .has_config = false};
  Arguments arguments = parse_command_line(command, fields, args, out);
  parsed.is_done = arguments.is_done;
  parsed.notes = std::move(arguments.notes);
  if (!parsed.is_done) complete(parsed.settings.served);
  return parsed;
}

int interactive_command(const std::vector<std::string>& args) {
  auto parsed = parse_interactive(args, std::cout);
  if (parsed.is_done) return 0;
  InteractiveSettings& s = parsed.settings;
  start_log(s.general, parsed.notes);
  Service service(service_options(s.served));
  try {
    if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0) {
      converse(service, s);
    } else {
      translate_lines(service, std::cin, std::cout, s.served.search.beam_size);
    }
  } catch (const RequestError& error) {
    fail("{}", error.message);
  }
  return 0;
}

}  // namespace dragoman
