#include "text/input_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/iostreams/categories.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/zstd.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "text/zstd_frames.h"

namespace dragoman {
namespace {

/// A file descriptor whose first bytes can be looked at before they are read.
class RawFile {
 public:
  RawFile(const std::string& path, std::string name, std::stop_token stop)
      : name_(std::move(name)), stop_(std::move(stop)) {
    if (is_standard_input(path)) {
      fd_ = STDIN_FILENO;
    } else {
      fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      require(fd_ >= 0, "cannot open {}: {}", name_, std::strerror(errno));
      owned_ = true;
    }
    struct stat status {};
    const bool known = ::fstat(fd_, &status) == 0;
    if (known && S_ISDIR(status.st_mode)) {
      if (owned_) ::close(fd_);
      fail("cannot read {}: it is a folder", name_);
    }
    may_wait_ = !known || !S_ISREG(status.st_mode);
  }
  ~RawFile() {
    if (owned_) ::close(fd_);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  /// Up to `bytes` of the beginning, which will be read again.
  std::string_view peek(std::size_t bytes) {
    head_.resize(bytes);
    std::size_t have = 0;
    while (have < bytes) {
      const std::size_t more = read_descriptor(head_.data() + have, bytes - have);
      if (more == 0) break;
      have += more;
    }
    head_.resize(have);
    return head_;
  }

  std::size_t read(char* data, std::size_t size) {
    std::size_t count = 0;
    if (head_given_ < head_.size()) {
      count = std::min(size, head_.size() - head_given_);
      std::memcpy(data, head_.data() + head_given_, count);
      head_given_ += count;
    } else {
      count = read_descriptor(data, size);
    }
    if (is_zstd) {
      frames_.feed({data, count});
      require(count > 0 || size == 0 || frames_.complete(), "{}: the zstd data are truncated", name_);
    }
    return count;
  }

  bool is_zstd = false;

 private:
  std::size_t read_descriptor(char* data, std::size_t size) {
    while (true) {
      if (may_wait_) {
        if (stop_.stop_requested()) throw ReadingStopped{};
        pollfd waiting{fd_, POLLIN, 0};
        if (stop_.stop_possible() && ::poll(&waiting, 1, /*milliseconds=*/100) <= 0)
          continue;  // time is up, or a signal
      }
      const ssize_t count = ::read(fd_, data, size);
      if (count >= 0) return std::size_t(count);
      require(errno == EINTR || errno == EAGAIN, "cannot read {}: {}", name_, std::strerror(errno));
    }
  }

  std::string name_;
  std::stop_token stop_;
  int fd_ = -1;
  bool owned_ = false;
  bool may_wait_ = false;
  std::string head_;
  std::size_t head_given_ = 0;
  ZstdFrames frames_;
};

/// RawFile as a Boost.Iostreams source.
struct RawSource {
  using char_type = char;
  using category = boost::iostreams::source_tag;
  RawFile* file;
  std::streamsize read(char* data, std::streamsize size) {
    const std::size_t count = file->read(data, std::size_t(size));
    return count == 0 ? -1 : std::streamsize(count);
  }
};

}  // namespace

bool is_standard_input(const std::string& path) { return path == "-" || path == "stdin"; }

struct InputStream::Impl {
  Impl(const std::string& path, std::stop_token stop)
      : name(is_standard_input(path) ? "standard input" : path), file(path, name, std::move(stop)) {
    const std::string_view head = file.peek(4);
    const bool skippable = head.size() == 4 && (head[0] & 0xF0) == 0x50 && head.substr(1) == "\x2A\x4D\x18";
    if (head.substr(0, 2) == "\x1F\x8B") {
      decompressor.emplace<boost::iostreams::gzip_decompressor>("gzip");
    } else if (head == "\x28\xB5\x2F\xFD" || skippable) {
      file.is_zstd = true;
      decompressor.emplace<boost::iostreams::zstd_decompressor>("zstd");
    }
    if (decompressor.format != nullptr) decompressor.chain.push(RawSource{&file}, /*buffer_size=*/65536);
  }

  struct Decompressor {
    template <class Filter>
    void emplace(const char* format_name) {
      format = format_name;
      chain.push(Filter(), /*buffer_size=*/65536);
    }
    const char* format = nullptr;  ///< null: plain
    boost::iostreams::filtering_streambuf<boost::iostreams::input> chain;
  };

  std::string name;
  RawFile file;
  Decompressor decompressor;
};

InputStream::InputStream(const std::string& path, std::stop_token stop)
    : impl_(std::make_unique<Impl>(path, std::move(stop))) {}
InputStream::~InputStream() = default;
InputStream::InputStream(InputStream&&) noexcept = default;
InputStream& InputStream::operator=(InputStream&&) noexcept = default;

std::size_t InputStream::read(char* data, std::size_t size) {
  if (impl_->decompressor.format == nullptr) return impl_->file.read(data, size);
  try {
    const std::streamsize count = impl_->decompressor.chain.sgetn(data, std::streamsize(size));
    return count > 0 ? std::size_t(count) : 0;
  } catch (const std::ios_base::failure&) {  // the base of Boost's gzip_error and zstd_error
    fail("{}: the {} data are truncated or corrupt", impl_->name, impl_->decompressor.format);
  }
}

const std::string& InputStream::name() const { return impl_->name; }

}  // namespace dragoman
