#include "translate/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>

#include "base/error.h"
#include "base/files.h"

namespace dragoman {
namespace {

void write_whole(int descriptor, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(std::size_t(written));
    } else if (errno == EPIPE) {
      throw OutputClosed{};
    } else {
      require(errno == EINTR, "cannot write {}: {}", name, std::strerror(errno));
    }
  }
}

struct Descriptor {
  int value;
  bool is_owned;
  ~Descriptor() {
    if (is_owned) ::close(value);
  }
};

}  // namespace

void with_output(const std::string& path, const std::function<void(const Write&)>& body) {
  const bool standard = path == "stdout" || path == "-";
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  const bool special = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
  if (standard || special) {
    const int opened = standard ? STDOUT_FILENO : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    require(opened >= 0, "cannot write {}: {}", path, std::strerror(errno));
    const Descriptor descriptor{opened, !standard};
    body([&](std::string_view text) { write_whole(opened, text, standard ? "standard output" : path); });
    return;
  }
  write_atomically(path, [&](std::ostream& out) {
    body([&](std::string_view text) {
      out.write(text.data(), std::streamsize(text.size()));
      require(out.good(), "cannot write {}: {}", path, std::strerror(errno));
    });
  });
}

}  // namespace dragoman
