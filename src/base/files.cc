#include "base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "base/error.h"

namespace dragoman {
namespace {

constexpr std::size_t largest_whole = 256u << 20;  // of files read whole; /dev/zero has no end

/// Flushes a file or folder to the disk, so that a rename that follows cannot overtake its content.
void sync_to_disk(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

MappedFile::MappedFile(const std::string& path) : path_(path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  require(fd >= 0, "cannot open {}: {}", path, std::strerror(errno));
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd);
    fail("cannot read {}: not a regular file", path);
  }
  size_ = std::size_t(status.st_size);
  if (size_ > 0) {
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    const int error = errno;
    ::close(fd);
    require(address != MAP_FAILED, "cannot map {} ({} bytes): {}", path, size_, std::strerror(error));
    data_ = static_cast<const std::byte*>(address);
#if defined(__SANITIZE_ADDRESS__)  // which sees what is read beyond the end of a copy, but not of a page
    std::byte* copy = new std::byte[size_];
    std::memcpy(copy, address, size_);
    ::munmap(address, size_);
    data_ = copy;
#endif
  } else {
    ::close(fd);
  }
}

MappedFile::~MappedFile() {
#if defined(__SANITIZE_ADDRESS__)
  delete[] data_;
#else
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
#endif
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

std::string read_file(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  require(in.good() && !std::filesystem::is_directory(path), "cannot open {}: {}", path,
          errno != 0 ? std::strerror(errno) : "is a directory");
  std::string content;
  for (std::vector<char> part(1 << 16); in.read(part.data(), std::streamsize(part.size())) || in.gcount() > 0;) {
    content.append(part.data(), std::size_t(in.gcount()));
    require(content.size() <= largest_whole, "cannot read {}: more than {} MiB", path, largest_whole >> 20);
  }
  require(!in.bad(), "cannot read {}: {}", path, std::strerror(errno));
  return content;
}

void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  const fs::file_status status = fs::status(path, unknown);
  require(!fs::is_directory(status), "cannot write {}: it is a folder", path);
  if (fs::exists(status) &&
      !fs::is_regular_file(status)) {  // a device or a pipe: a rename would put a file in its place
    std::ofstream out(path, std::ios::binary);
    require(out.good(), "cannot write {}: {}", path, std::strerror(errno));
    write(out);
    out.close();
    require(out.good(), "cannot write {}: {}", path, std::strerror(errno));
    return;
  }
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  const std::string aside = path + ".tmp" + std::to_string(::getpid());
  try {
    std::ofstream out(aside, std::ios::binary | std::ios::trunc);
    require(out.good(), "cannot write {}: {}", path, std::strerror(errno));
    write(out);
    out.close();
    require(out.good(), "cannot write {}: {}", path, std::strerror(errno));
    sync_to_disk(aside);
    std::error_code error;
    fs::rename(aside, path, error);
    require(!error, "cannot write {}: {}", path, error.message());
  } catch (...) {
    fs::remove(aside, ignored);
    throw;
  }
  sync_to_disk(folder.string());
}

void write_atomically(const std::string& path, std::string_view content) {
  write_atomically(path, [&](std::ostream& out) { out.write(content.data(), std::streamsize(content.size())); });
}

bool file_exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace dragoman
