#include "format/zip_archive.h"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "base/error.h"
#include "base/files.h"

namespace dragoman {
namespace {

constexpr zip_uint64_t most_bytes = std::uint64_t(16) << 30;

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

}  // namespace

std::vector<ZipEntry> read_zip(std::span<const std::byte> bytes, const std::string& path) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  require(source != nullptr, "{}: {}", path, text_of(error));
  const std::unique_ptr<zip_t, Discard> archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (!archive) {
    zip_source_free(source);
    fail("{}: a damaged zip archive: {}", path, text_of(error));
  }
  std::vector<ZipEntry> entries;
  zip_uint64_t total = 0;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    require(zip_stat_index(archive.get(), zip_uint64_t(i), 0, &stat) == 0 && (stat.valid & ZIP_STAT_NAME) != 0 &&
                (stat.valid & ZIP_STAT_SIZE) != 0,
            "{}: file {} of the zip archive is damaged", path, i + 1);
    ZipEntry entry{stat.name, {}};
    const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive.get(), zip_uint64_t(i), 0));
    require(file != nullptr, "{}: '{}': {}", path, entry.name, zip_strerror(archive.get()));
    constexpr std::size_t chunk = 1 << 20;  // what is claimed may not be there: memory grows with what was read
    for (;;) {
      const std::size_t had = entry.content.size();
      const std::size_t wanted = std::size_t(std::min<zip_uint64_t>(stat.size - had, std::max(chunk, had)));
      if (wanted == 0) break;
      require(total + wanted <= most_bytes, "{}: more than {} bytes in all", path, most_bytes);
      entry.content.resize(had + wanted);
      const zip_int64_t got = zip_fread(file.get(), entry.content.data() + had, wanted);
      require(got > 0, "{}: '{}' is damaged after {} bytes, expected {}", path, entry.name, had, stat.size);
      entry.content.resize(had + std::size_t(got));
      total += zip_uint64_t(got);
    }
    char end;
    require(zip_fread(file.get(), &end, 1) == 0, "{}: '{}' is damaged (its checksum is another)", path, entry.name);
    entries.push_back(std::move(entry));
  }
  return entries;
}

void write_zip(const std::string& path, std::span<const ZipEntry> entries) {
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_source_t, FreeSource> buffer(zip_source_buffer_create(nullptr, 0, 0, &error));
  require(buffer != nullptr, "{}: {}", path, text_of(error));
  zip_source_keep(buffer.get());  // the archive takes one hold
  std::unique_ptr<zip_t, Discard> archive(zip_open_from_source(buffer.get(), ZIP_TRUNCATE, &error));
  require(archive != nullptr, "{}: {}", path, text_of(error));
  for (const ZipEntry& entry : entries) {
    zip_source_t* source = zip_source_buffer(archive.get(), entry.content.data(), entry.content.size(), 0);
    require(source != nullptr, "{}: {}", path, zip_strerror(archive.get()));
    const zip_int64_t index = zip_file_add(archive.get(), entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail("{}: {}: {}", path, entry.name, zip_strerror(archive.get()));
    }
    zip_set_file_compression(archive.get(), zip_uint64_t(index), ZIP_CM_STORE, 0);
  }
  require(zip_close(archive.get()) == 0, "{}: {}", path, zip_strerror(archive.get()));
  archive.release();
  require(zip_source_open(buffer.get()) == 0, "{}: cannot read back what was packed", path);
  zip_source_seek(buffer.get(), 0, SEEK_END);
  std::string content(std::size_t(zip_source_tell(buffer.get())), '\0');
  zip_source_seek(buffer.get(), 0, SEEK_SET);
  const bool whole = zip_source_read(buffer.get(), content.data(), content.size()) == zip_int64_t(content.size());
  zip_source_close(buffer.get());
  require(whole, "{}: cannot read back what was packed", path);
  write_atomically(path, content);
}

}  // namespace dragoman
