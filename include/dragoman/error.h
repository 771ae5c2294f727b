#pragma once
// The one exception type of the library: what a user can be told and act upon.

#include <stdexcept>
#include <string>

namespace dragoman {

/// An error in what the user controls: files, settings, network, shapes. The text says what was expected,
/// what was found and where ("train.de line 812: 3 columns, expected 2").
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what) : std::runtime_error(what) {}
};

}  // namespace dragoman
