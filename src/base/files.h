#pragma once
// Files: reading them whole or mapped, and writing them so that a reader sees the old or the new, never half.

#include <cstddef>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace dragoman {

/// A file mapped read-only into memory. Throws Error if it cannot be opened.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// The whole content of a file of at most 256 MiB. Throws Error naming the path.
std::string read_file(const std::string& path);

/// Writes a file whole or not at all: `write` fills a temporary file in the same folder, which is synced and then
/// renamed over `path`. If `write` throws, or the disk is full, `path` keeps its old content and the temporary file
/// goes away. Missing parent folders are made. What is no regular file (/dev/null, a named pipe) is written directly.
void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write);
void write_atomically(const std::string& path, std::string_view content);

bool file_exists(const std::string& path);

}  // namespace dragoman
