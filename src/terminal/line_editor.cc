#include "terminal/line_editor.h"

#include <fcntl.h>
#include <histedit.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "terminal/interrupt.h"

namespace dragoman {

struct LineEditor::Impl {
  EditLine* editor = nullptr;
  History* history = nullptr;
  std::string file;
  std::string prompt;
  std::string pasted;  // with line ends in it
  bool has_pasted = false;

  static Impl& of(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<Impl*>(data);
  }

  static char* prompt_of(EditLine* editor) { return of(editor).prompt.data(); }

  /// A terminal that was asked to marks what is pasted: \e[200~ before, \e[201~ after it.
  static unsigned char paste(EditLine* editor, int) {
    constexpr std::string_view end = "\033[201~";
    std::string text;
    for (char c; !text.ends_with(end);) {
      if (el_getc(editor, &c) != 1) return CC_EOF;
      text += c == '\r' ? '\n' : c;
    }
    text.resize(text.size() - end.size());
    while (text.ends_with('\n')) text.pop_back();
    if (text.find('\n') == std::string::npos) {
      el_insertstr(editor, text.c_str());
      return CC_REFRESH;
    }
    const LineInfo* line = el_line(editor);
    Impl& self = of(editor);
    self.pasted = std::string(line->buffer, line->lastchar) + text;
    self.has_pasted = true;
    return CC_NEWLINE;
  }

  void remember(const std::string& line) {
    HistEvent event;
    ::history(history, &event, H_ENTER, line.c_str());
    if (file.empty()) return;
    if (FILE* out = std::fopen(file.c_str(), "a")) {
      std::fprintf(out, "%s\n", line.c_str());
      std::fclose(out);
    }
  }

  void read_history() {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE* in = descriptor < 0 ? nullptr : ::fdopen(descriptor, "r");
    if (in == nullptr) fail("{}: {}", file, std::generic_category().message(errno));
    char* line = nullptr;
    std::size_t capacity = 0;
    HistEvent event;
    for (ssize_t length; (length = ::getline(&line, &capacity, in)) > 0;) {
      std::string_view text(line, std::size_t(length));
      while (text.ends_with('\n')) text.remove_suffix(1);
      if (!text.empty()) ::history(history, &event, H_ENTER, std::string(text).c_str());
    }
    ::free(line);
    std::fclose(in);
  }
};

LineEditor::LineEditor(const std::string& history) : impl_(std::make_unique<Impl>()) {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(std::setlocale(LC_CTYPE, nullptr)) == "C") std::setlocale(LC_CTYPE, "C.UTF-8");
  impl_->file = history;
  impl_->history = history_init();
  HistEvent event;
  ::history(impl_->history, &event, H_SETSIZE, 1000);
  if (!history.empty()) impl_->read_history();
  impl_->editor = el_init("dragoman", stdin, stdout, stderr);
  el_set(impl_->editor, EL_CLIENTDATA, impl_.get());
  el_set(impl_->editor, EL_PROMPT, &Impl::prompt_of);
  el_set(impl_->editor, EL_EDITOR, "emacs");
  el_set(impl_->editor, EL_HIST, ::history, impl_->history);
  el_set(impl_->editor, EL_ADDFN, "paste", "Take what is pasted", &Impl::paste);
  el_set(impl_->editor, EL_BIND, "\033[200~", "paste", nullptr);
  el_source(impl_->editor, nullptr);
  std::fputs("\033[?2004h", stdout);
  std::fflush(stdout);
}

LineEditor::~LineEditor() {
  std::fputs("\033[?2004l", stdout);
  std::fflush(stdout);
  el_end(impl_->editor);
  history_end(impl_->history);
}

std::optional<LineEditor::Input> LineEditor::read(const std::string& prompt) {
  impl_->prompt = prompt;
  impl_->has_pasted = false;
  interrupted();  // what came before does not count
  int count = 0;
  const char* line = el_gets(impl_->editor, &count);
  if (interrupted()) {
    el_reset(impl_->editor);
    std::fputs("\n", stdout);
    std::fflush(stdout);
    return Input{.is_cancelled = true};
  }
  if (line == nullptr || count <= 0) {
    if (!impl_->has_pasted) return std::nullopt;
  }
  std::string text = impl_->has_pasted ? std::move(impl_->pasted) : std::string(line, std::size_t(count));
  while (text.ends_with('\n')) text.pop_back();
  if (text.find_first_not_of(" \t\n") != std::string::npos) impl_->remember(text.substr(0, text.find('\n')));
  return Input{.text = std::move(text)};
}

}  // namespace dragoman
