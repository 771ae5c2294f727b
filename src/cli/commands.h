#pragma once
// The commands of the program. Each takes the arguments after its name and returns the exit code. evaluate has a header
// of its own.

#include <string>
#include <vector>

namespace dragoman {

int vocab_command(const std::vector<std::string>& args);
int train_command(const std::vector<std::string>& args);
int translate_command(const std::vector<std::string>& args);
int serve_command(const std::vector<std::string>& args);
int interactive_command(const std::vector<std::string>& args);
int score_command(const std::vector<std::string>& args);
int convert_command(const std::vector<std::string>& args);
int quantize_command(const std::vector<std::string>& args);
int shortlist_command(const std::vector<std::string>& args);
int info_command(const std::vector<std::string>& args);
int report_command(const std::vector<std::string>& args);
int aer_command(const std::vector<std::string>& args);
int attention_command(const std::vector<std::string>& args);

}  // namespace dragoman
