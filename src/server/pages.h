#pragma once
// The files of the web page, which are part of the program.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace dragoman {

/// A file as cmake/embed.cmake puts it into the program.
struct EmbeddedFile {
  std::string_view name;  ///< "style.css"
  std::string_view content;
};

/// The files of src/server/web.
extern const std::span<const EmbeddedFile> web_files;

class Pages {
 public:
  explicit Pages(std::span<const EmbeddedFile> files);

  /// Whether there is a file at a path; "/" is index.html.
  bool has(std::string_view path) const { return find(path) != nullptr; }

  /// The file, or 304 if the client's copy is the same. With all the headers that protect a page.
  Response get(const Request& request) const;

 private:
  struct Page {
    std::string path;
    const EmbeddedFile* file;
    std::string etag;
  };
  const Page* find(std::string_view path) const;
  std::vector<Page> pages_;
};

}  // namespace dragoman
