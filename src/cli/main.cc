// The program: finds the command, and turns errors into messages and exit codes: 0 well, 1 an error in the data, files
// or settings, 2 arguments that make no sense. A closed pipe ends the program silently (by SIGPIPE), but for training.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fields.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/evaluate.h"
#include "cli/version.h"

namespace dragoman {
namespace {

struct Entry {
  const char* name;
  int (*run)(const std::vector<std::string>&);
  const char* summary;
};

constexpr Entry entries[] = {
    {"vocab", vocab_command, "learn a subword vocabulary"},
    {"train", train_command, "train a model on a parallel corpus"},
    {"translate", translate_command, "translate text"},
    {"interactive", interactive_command, "translate what is typed, in a terminal or a pipe"},
    {"serve", serve_command, "translate over HTTP: a web page, and LibreTranslate's interface"},
    {"score", score_command, "log-probabilities of given translations"},
    {"evaluate", evaluate_command, "BLEU, chrF and TER of translations against references"},
    {"report", report_command, "a page with the curves and sample translations of training runs"},
    {"aer", aer_command, "alignment error rate of word alignments"},
    {"attention", attention_command, "a picture or a page of where a model looks"},
    {"convert", convert_command, "a model in the format of another engine, or theirs in ours"},
    {"quantize", quantize_command, "a model with weights in eight or sixteen bits"},
    {"shortlist", shortlist_command, "likely translations of words, for faster translating"},
    {"info", info_command, "what a model directory holds, or what the program runs on"},
};

void print_overview(std::ostream& out) {
  out << "Usage: dragoman COMMAND [OPTION]...\nNeural machine translation: train, translate and "
         "evaluate.\n\nCommands:\n";
  for (const auto& entry : entries) out << fmt::format("  {:<12}{}\n", entry.name, entry.summary);
  out << "\n'dragoman COMMAND --help' shows the settings of a command with their defaults, and an example.\n";
}

int run(std::vector<std::string> args) {
  if (args.empty()) {
    print_overview(std::cerr);
    return 2;
  }
  if (args[0] == "--version" || args[0] == "version") {
    std::cout << "dragoman " << program_version << "\n";
    return 0;
  }
  if (args[0] == "help" && args.size() > 1) args = {args[1], "--help"};
  if (args[0] == "--help" || args[0] == "-h" || args[0] == "help") {
    print_overview(std::cout);
    return 0;
  }
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    names.emplace_back(entry.name);
    if (args[0] == entry.name) return entry.run({args.begin() + 1, args.end()});
  }
  throw UsageError(fmt::format("there is no command '{}'{}", args[0], suggestion(args[0], names)));
}

/// A standard stream that is closed when we begin must not become the next file that is opened, a model say, which
/// log lines would go into. Using it stays an error: /dev/null is opened the wrong way round.
void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // takes the lowest number that is free
  }
}

/// What a message quotes of damaged files must not reach a terminal as it is.
std::string without_control_characters(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

int report(const std::string& what, int code) {
  std::cerr << "dragoman: error: " << without_control_characters(what) << std::endl;
  return code;
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  using namespace dragoman;
  occupy_closed_streams();
  int code = 0;
  try {
    code = run({argv + 1, argv + argc});
    std::cout.flush();
  } catch (const UsageError& e) {
    return report(
        std::string(e.what()) + "\n'dragoman --help' shows the commands, 'dragoman COMMAND --help' their options.", 2);
  } catch (const std::bad_alloc&) {
    return report("out of memory", 1);
  } catch (const std::exception& e) {
    return report(e.what(), 1);
  }
  if (!std::cout) return report("cannot write to standard output", 1);
  return code;
}
