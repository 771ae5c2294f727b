#pragma once
// Folders that appear whole or not at all.

#include <functional>
#include <string>

namespace dragoman {

/// Calls fill(folder) with an empty folder beside `path`, which becomes `path` when `fill` returns. If it throws, the
/// folder goes away and what was at `path` stays. What is there already is replaced, in one step where the file system
/// can do that, if `may_replace` (given `path`) does not throw. Missing parent folders are made. Throws Error naming
/// the path.
void write_folder(const std::string& path, const std::function<void(const std::string& path)>& may_replace,
                  const std::function<void(const std::string& folder)>& fill);

}  // namespace dragoman
