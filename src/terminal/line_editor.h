#pragma once
// Lines from a person at a terminal: edited, with a history.

#include <memory>
#include <optional>
#include <string>

namespace dragoman {

/// The keys of emacs (or as ~/.editrc says), by libedit. Text that is pasted with line ends in it comes as one input.
class LineEditor {
 public:
  /// history: a file that is read now, and to which each input is added (only its owner may read it); empty: what was
  /// typed is forgotten at the end. Throws Error naming the file if it cannot be read.
  explicit LineEditor(const std::string& history);
  ~LineEditor();

  struct Input {
    std::string text = {};      ///< without the last line end
    bool is_cancelled = false;  ///< Ctrl-C was pressed instead
  };
  /// Nothing at the end of input (Ctrl-D).
  std::optional<Input> read(const std::string& prompt);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dragoman
