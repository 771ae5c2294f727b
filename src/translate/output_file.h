#pragma once
// Where output goes: a file that is there only when it is whole, or standard output.

#include <functional>
#include <string>
#include <string_view>

namespace dragoman {

/// Takes text to write. On standard output all of it has left the program when the call returns. Throws Error naming
/// the file if it cannot be written.
using Write = std::function<void(std::string_view text)>;

/// Thrown by Write when nobody reads our standard output any more, as with `head`.
struct OutputClosed {};

/// Calls body(write). A file gets its name when body returns; if body throws, what was there before stays. "stdout" and
/// "-" are standard output; it and whatever is no regular file (/dev/null, a named pipe) are written directly.
void with_output(const std::string& path, const std::function<void(const Write&)>& body);

}  // namespace dragoman
