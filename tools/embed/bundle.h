#pragma once
// Makes one script of a module and those that it imports, so that a browser need not ask for each. Every module becomes
// a function that is called once, after those that it imports, and gives what it exports; names stay apart.

#include <map>
#include <string>
#include <vector>

namespace dragoman {

/// The script of `root`, stripped. `sources`: texts by names as imports have them, without "./". Of the ways to import
/// and export it knows those that the page uses, `import { a, b } from "./c.js";` and export before const, class or
/// function; throws Error for others, for files that are not there, and for modules that import one another in a
/// circle.
std::string bundle(const std::string& root, const std::map<std::string, std::string>& sources);

/// Names of the scripts that no other of them imports.
std::vector<std::string> roots(const std::map<std::string, std::string>& sources);

}  // namespace dragoman
