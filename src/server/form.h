#pragma once
// The forms that HTML and LibreTranslate's clients send: application/x-www-form-urlencoded and multipart/form-data.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman {

using FormFields = std::vector<std::pair<std::string, std::string>>;  // in their order; names may occur again

/// "q=Hello+world%21&source=en". Throws HttpError 400 for a broken escape.
FormFields parse_urlencoded(std::string_view body);

/// Parts between lines of "--" and the boundary. Throws HttpError 400 for a broken form, and for a part that is a file.
FormFields parse_multipart(std::string_view body, std::string_view boundary);

/// A header such as `multipart/form-data; boundary="x"`, taken apart: the value in small letters, and a parameter.
struct HeaderValue {
  std::string value;
  std::string parameter;  ///< empty: it has none of that name
};
HeaderValue parse_header_value(std::string_view text, std::string_view parameter);

}  // namespace dragoman
