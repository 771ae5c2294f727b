#include "text/temp_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace dragoman {

TempFile::TempFile(const std::string& folder) : folder_(folder) {
  fd_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);  // has no name from the start
  if (fd_ >= 0) return;
  std::string path = folder + "/dragoman-XXXXXX";  // not all file systems can do that
  fd_ = ::mkostemp(path.data(), O_CLOEXEC);
  require(fd_ >= 0, "tempdir: cannot make a temporary file in {}: {}", folder, std::strerror(errno));
  ::unlink(path.c_str());
}

TempFile::~TempFile() {
  if (fd_ >= 0) ::close(fd_);
}

TempFile::TempFile(TempFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      size_(std::exchange(other.size_, 0)) {}

TempFile& TempFile::operator=(TempFile&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  std::swap(size_, other.size_);
  return *this;
}

void TempFile::write(std::string_view bytes) {
  size_ += bytes.size();
  if (buffer_.size() + bytes.size() > buffer_bytes) {
    write_through(buffer_);
    buffer_.clear();
  }
  if (bytes.size() >= buffer_bytes) {
    write_through(bytes);
  } else {
    if (buffer_.capacity() < buffer_bytes) buffer_.reserve(buffer_bytes);
    buffer_.append(bytes);
  }
}

void TempFile::write_through(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    require(count >= 0 || errno == EINTR, "tempdir: cannot write a temporary file in {}: {}", folder_,
            std::strerror(errno));
    if (count > 0) bytes.remove_prefix(std::size_t(count));
  }
}

void TempFile::finish() {
  write_through(buffer_);
  buffer_ = std::string();
}

bool TempFile::Reader::read(char* data, std::size_t size) {
  if (offset_ - (buffer_.size() - begin_) + size > file_->size_) return false;
  while (size > 0) {
    if (begin_ == buffer_.size()) {
      buffer_.resize(std::size_t(std::min<std::uint64_t>(buffer_bytes, file_->size_ - offset_)));
      begin_ = 0;
      const ssize_t count = ::pread(file_->fd_, buffer_.data(), buffer_.size(), off_t(offset_));
      require(count > 0 || (count < 0 && errno == EINTR), "tempdir: cannot read a temporary file in {}: {}",
              file_->folder_, count < 0 ? std::strerror(errno) : "it ends early");
      buffer_.resize(std::size_t(std::max<ssize_t>(count, 0)));
      offset_ += buffer_.size();
    }
    const std::size_t taken = std::min(size, buffer_.size() - begin_);
    std::memcpy(data, buffer_.data() + begin_, taken);
    data += taken;
    size -= taken;
    begin_ += taken;
  }
  return true;
}

void TempFile::Reader::skip(std::uint64_t size) {
  const std::size_t buffered = buffer_.size() - begin_;
  if (size <= buffered) {
    begin_ += std::size_t(size);
    return;
  }
  offset_ += size - buffered;
  begin_ = buffer_.size();
}

}  // namespace dragoman
