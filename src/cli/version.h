#pragma once
// The program's version, as in CMakeLists.txt.

namespace dragoman {

inline constexpr const char* program_version = "0.1.0";

}  // namespace dragoman
