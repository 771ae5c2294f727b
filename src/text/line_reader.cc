#include "text/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace dragoman {

LineReader::LineReader(const std::string& path, LineReaderOptions options)
    : input_(path, options.stop), options_(std::move(options)), buffer_(std::size_t(65536), '\0') {}

bool LineReader::next_raw(std::string& line) {
  line.clear();
  // A little more than the limit, so that CR, a byte order mark or half a character at the limit do no harm.
  const std::size_t keep = options_.max_bytes == 0 ? std::string::npos : options_.max_bytes + 8;
  bool any = false;
  while (true) {
    if (begin_ == end_) {
      begin_ = 0;
      end_ = input_.read(buffer_.data(), buffer_.size());
      if (end_ == 0) return any;
    }
    any = true;
    const char* from = buffer_.data() + begin_;
    const void* newline = std::memchr(from, '\n', end_ - begin_);
    const std::size_t length = newline ? std::size_t(static_cast<const char*>(newline) - from) : end_ - begin_;
    line.append(from, std::min(length, keep - line.size()));
    begin_ += length + (newline ? 1 : 0);
    if (newline) return true;
  }
}

bool LineReader::next(std::string& line) {
  if (!next_raw(line)) return false;
  ++line_number_;
  if (line_number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.ends_with('\r')) line.pop_back();
  line_was_cut_ = options_.max_bytes != 0 && line.size() > options_.max_bytes;
  if (line_was_cut_) {
    cut_at_character(line, options_.max_bytes);
    report_.count(Flaw::long_line, name(), line_number_);
  }
  const bool invalid = repair_utf8(line);
  const bool nul = repair_nul(line);
  if (invalid) report_.count(Flaw::invalid_utf8, name(), line_number_);
  if (nul) report_.count(Flaw::nul, name(), line_number_);
  line_was_repaired_ = invalid || nul;
  return true;
}

std::string_view tsv_column(std::string_view line, int index, int expected, const std::string& file,
                            std::int64_t line_number) {
  const auto columns = std::count(line.begin(), line.end(), '\t') + 1;
  require(columns >= expected, "{} line {}: {} tab-separated {}, expected {}", file, line_number, columns,
          columns == 1 ? "column" : "columns", expected);
  std::size_t begin = 0;
  for (int i = 0; i < index; ++i) begin = line.find('\t', begin) + 1;
  return line.substr(begin, line.find('\t', begin) - begin);
}

}  // namespace dragoman
