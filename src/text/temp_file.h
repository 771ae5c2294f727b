#pragma once
// Room on disk for what does not fit in memory.

#include <cstdint>
#include <string>
#include <string_view>

namespace dragoman {

/// A file without a name: it is unlinked as soon as it is open, so the system frees it when this object goes or the
/// process dies, however that happens. Written once from front to back, then read as often as needed.
class TempFile {
 public:
  static constexpr std::size_t buffer_bytes = 65536;

  /// Throws Error naming the folder if no file can be made there.
  explicit TempFile(const std::string& folder);
  ~TempFile();
  TempFile(TempFile&& other) noexcept;
  TempFile& operator=(TempFile&& other) noexcept;

  /// Appends. Throws Error naming the folder if the disk is full.
  void write(std::string_view bytes);
  /// Ends writing: what was written can be read.
  void finish();
  std::uint64_t size() const { return size_; }

  /// Reads from the beginning; several readers do not disturb each other. The file must outlive it.
  class Reader {
   public:
    explicit Reader(const TempFile& file) : file_(&file) {}
    /// Exactly `size` bytes into `data`; false (and nothing read) at the end.
    bool read(char* data, std::size_t size);
    void skip(std::uint64_t size);

   private:
    const TempFile* file_;
    std::string buffer_;
    std::size_t begin_ = 0;     ///< what of the buffer is not yet given
    std::uint64_t offset_ = 0;  ///< in the file, behind the buffer
  };

 private:
  void write_through(std::string_view bytes);

  std::string folder_;
  int fd_ = -1;
  std::string buffer_;
  std::uint64_t size_ = 0;
};

}  // namespace dragoman
