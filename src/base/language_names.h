#pragma once
// What languages are called, in English.

#include <string>
#include <string_view>

namespace dragoman {

/// "Portuguese (Brazil)" for pt-BR; the code itself where we know no name.
std::string language_name(std::string_view code);

/// "en" for "English" in whatever case; empty where we know no code.
std::string language_code(std::string_view name);

/// "pt" of pt-BR, in small letters.
std::string primary_language(std::string_view code);

}  // namespace dragoman
