#include "server/corrections.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/error.h"
#include "server/json.h"

namespace dragoman {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

CorrectionsFile::CorrectionsFile(const std::string& path) : path_(path) {
  file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  require(file_ >= 0, "corrections: cannot write {}: {}", path, std::strerror(errno));
}

CorrectionsFile::~CorrectionsFile() { ::close(file_); }

void CorrectionsFile::add(const Correction& correction) {
  Json json{{"time", utc_now()},
            {"source", correction.source_language},
            {"target", correction.target_language},
            {"q", correction.source},
            {"s", correction.translation}};
  if (correction.machine) json["machine"] = *correction.machine;
  json["id"] = correction.id;
  append(to_text(json));
}

void CorrectionsFile::undo(const std::string& id, const std::string& request_id) {
  append(to_text(Json{{"time", utc_now()}, {"undo", id}, {"id", request_id}}));
}

void CorrectionsFile::append(const std::string& text) {
  // After half a line, of a full disk, the next begins a new one.
  const std::string line = (is_broken_ ? "\n" : "") + text + "\n";
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written > 0) is_broken_ = written < ssize_t(line.size());
  require(written == ssize_t(line.size()), "{}: cannot keep a correction: {}", path_,
          written < 0 ? std::strerror(errno) : "the disk is full");
  // A pipe cannot be synced, and need not be.
  require(::fdatasync(file_) == 0 || errno == EINVAL || errno == EROFS, "{}: cannot keep a correction: {}", path_,
          std::strerror(errno));
}

}  // namespace dragoman
