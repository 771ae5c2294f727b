#include "server/pages.h"

#include <fmt/format.h>

#include <cstdint>

namespace dragoman {
namespace {

constexpr const char* content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri "
    "'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::string content_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".json") || name.ends_with(".webmanifest")) return "application/json";
  return "text/plain; charset=utf-8";
}

}  // namespace

Pages::Pages(std::span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    const std::string path = file.name == "index.html" ? "/" : "/" + std::string(file.name);
    pages_.push_back({path, &file, fmt::format("\"{:016x}\"", hash_of(file.content))});
  }
}

const Pages::Page* Pages::find(std::string_view path) const {
  for (const Page& page : pages_) {
    if (page.path == path) return &page;
  }
  return nullptr;
}

Response Pages::get(const Request& request) const {
  const Page& page = *find(request.path);
  Response response{.content_type = content_type(page.file->name),
                    .headers = {{"ETag", page.etag},
                                {"Cache-Control", "no-cache"},
                                {"Content-Security-Policy", content_security_policy},
                                {"X-Content-Type-Options", "nosniff"},
                                {"Referrer-Policy", "no-referrer"},
                                {"Cross-Origin-Opener-Policy", "same-origin"},
                                {"Cross-Origin-Resource-Policy", "same-origin"},
                                {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()"}}};
  const std::string* known = request.header("If-None-Match");
  if (known != nullptr && (*known == "*" || known->find(page.etag) != std::string::npos)) {
    response.status = 304;
  } else {
    response.body = page.file->content;
  }
  return response;
}

}  // namespace dragoman
