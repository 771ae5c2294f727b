#pragma once
// The files of the web page, which are part of the program.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace dragoman {

/// A file as tools/embed puts it into the program.
struct EmbeddedFile {
  std::string_view name;  ///< "style.css"
  std::string_view gzip;  ///< its content, compressed
};

/// The files of src/server/web, without comments and indentation.
extern const std::span<const EmbeddedFile> web_files;

/// Whether a request takes an answer in gzip (Accept-Encoding), and no other encoding rather than that.
bool takes_gzip(const Request& request);

class Pages {
 public:
  explicit Pages(std::span<const EmbeddedFile> files);

  /// Whether there is a file at a path; "/" is index.html.
  bool has(std::string_view path) const { return find(path) != nullptr; }

  /// The file, compressed if the client takes that, or 304 if its copy is the same. With all the headers that protect
  /// a page.
  Response get(const Request& request) const;

 private:
  struct Page {
    std::string path;
    const EmbeddedFile* file;
    std::string content;                ///< for clients that do not take gzip
    std::string etag, etag_compressed;  ///< what is sent differs, so that these must too
  };
  const Page* find(std::string_view path) const;
  std::vector<Page> pages_;
};

}  // namespace dragoman
