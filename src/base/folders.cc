#include "base/folders.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace dragoman {
namespace {

namespace fs = std::filesystem;

/// A folder that is removed with all in it at the end.
struct TemporaryFolder {
  std::string path;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
};

void move(const std::string& from, const std::string& to) {
  require(std::rename(from.c_str(), to.c_str()) == 0, "cannot rename {} to {}: {}", from, to, std::strerror(errno));
}

}  // namespace

void write_folder(const std::string& given, const std::function<void(const std::string& path)>& may_replace,
                  const std::function<void(const std::string& folder)>& fill) {
  std::string path = fs::path(given).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  require(!path.empty() && path != "/" && path != "." && path != "..", "'{}' cannot be made as a new folder", given);
  std::error_code error;
  const bool exists = fs::exists(fs::symlink_status(path, error));
  if (exists) may_replace(path);
  const fs::path parent = fs::path(path).parent_path();
  if (!parent.empty()) {
    error.clear();
    fs::create_directories(parent, error);
    require(!error || fs::is_directory(parent), "cannot make {}: {}", parent.string(), error.message());
  }

  TemporaryFolder temporary;
  std::string pattern = path + ".tmp.XXXXXX";
  require(::mkdtemp(pattern.data()) != nullptr, "cannot make a folder beside {}: {}", path, std::strerror(errno));
  temporary.path = pattern;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::chmod(temporary.path.c_str(), 0777 & ~mask);  // as any folder, not for us alone
  fill(temporary.path);
  if (!fs::exists(fs::symlink_status(path, error))) {
    move(temporary.path, path);
    temporary.path.clear();
    return;
  }
  require(exists, "{} appeared meanwhile", path);
  // What was there is in the temporary folder afterwards, and goes away with it.
  if (::renameat2(AT_FDCWD, temporary.path.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) return;
  const std::string old = temporary.path + ".old";
  move(path, old);
  TemporaryFolder replaced{old};
  try {
    move(temporary.path, path);
  } catch (...) {
    replaced.path.clear();
    std::rename(old.c_str(), path.c_str());
    throw;
  }
  temporary.path.clear();
}

}  // namespace dragoman
