#pragma once
// Bytes of a file or of standard input, decompressed on the way.

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>

namespace dragoman {

/// Whether `path` means standard input: "-" or "stdin".
bool is_standard_input(const std::string& path);

/// Thrown out of a reader whose stop token was triggered while it waited for input. Not an Error: it is a request.
struct ReadingStopped {};

/// A plain, gzip or zstd file (told apart by their first bytes, not by their names), or standard input. Several
/// members or frames one after another are one stream. Truncated and corrupt data throw Error naming the file.
class InputStream {
 public:
  /// Throws Error if the file cannot be opened. `stop` ends waiting for standard input or a pipe by ReadingStopped.
  explicit InputStream(const std::string& path, std::stop_token stop = {});
  ~InputStream();
  InputStream(InputStream&&) noexcept;
  InputStream& operator=(InputStream&&) noexcept;

  /// Up to `size` bytes into `data`; 0 only at the end.
  std::size_t read(char* data, std::size_t size);

  /// The path, or "standard input", for messages.
  const std::string& name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dragoman
