#include "server/pages.h"

#include <fmt/format.h>

#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <optional>

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

std::string decompressed(std::string_view gzip) {
  namespace io = boost::iostreams;
  io::filtering_istream in;
  in.push(io::gzip_decompressor());
  in.push(io::array_source(gzip.data(), gzip.size()));
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Calls visit(coding, weight) for each coding of an Accept-Encoding; weights are from 0 to 1 (RFC 9110, 12.4.2).
template <class Visit>
void for_each_coding(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(item.size() + 1, list.size()));
    const std::string_view coding = trimmed(item.substr(0, item.find(';')));
    const std::size_t weight = item.find("q=");
    visit(coding, weight == std::string_view::npos ? 1 : std::atof(std::string(item.substr(weight + 2)).c_str()));
  }
}

}  // namespace

bool takes_gzip(const Request& request) {
  std::optional<double> gzip, any;
  double identity = 0;
  for (const HeaderField& field : request.headers) {
    if (!equal_ignoring_case(field.name, "Accept-Encoding")) continue;
    for_each_coding(field.value, [&](std::string_view coding, double weight) {
      if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) gzip = weight;
      if (coding == "*") any = weight;
      if (equal_ignoring_case(coding, "identity")) identity = weight;
    });
  }
  const double weight = gzip.value_or(any.value_or(0));
  return weight > 0 && weight >= identity;
}

Pages::Pages(std::span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    const std::string path = file.name == "index.html" ? "/" : "/" + std::string(file.name);
    std::string content = decompressed(file.gzip);
    const std::uint64_t hash = hash_of(content);
    pages_.push_back(
        {path, &file, std::move(content), fmt::format("\"{:016x}\"", hash), fmt::format("\"{:016x}-gzip\"", hash)});
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
  const bool is_compressed = takes_gzip(request);
  const std::string& etag = is_compressed ? page.etag_compressed : page.etag;
  Response response{.content_type = content_type(page.file->name),
                    .headers = {{"ETag", etag},
                                {"Vary", "Accept-Encoding"},
                                {"Cache-Control", "no-cache"},
                                {"Content-Security-Policy", content_security_policy},
                                {"X-Content-Type-Options", "nosniff"},
                                {"Referrer-Policy", "no-referrer"},
                                {"Cross-Origin-Opener-Policy", "same-origin"},
                                {"Cross-Origin-Resource-Policy", "same-origin"},
                                {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()"}}};
  const std::string* known = request.header("If-None-Match");
  if (known != nullptr && (*known == "*" || known->find(etag) != std::string::npos)) {
    response.status = 304;
  } else if (is_compressed) {
    response.headers.push_back({"Content-Encoding", "gzip"});
    response.body = page.file->gzip;
  } else {
    response.body = page.content;
  }
  return response;
}

}  // namespace dragoman
