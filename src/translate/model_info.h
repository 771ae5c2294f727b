#pragma once
// What `dragoman info` tells: a model in words and numbers, and what the program computes with.

#include <string>
#include <vector>

namespace dragoman {

/// Parameters, precision, size on disk, vocabularies and settings of a model, ours or of another engine, which is
/// loaded and so checked as for translating. `vocabs`: its vocabularies, if it does not say. With `tensors` a list of
/// them all: name, type, shape. Throws Error as load_models does.
std::string describe_model(const std::string& path, const std::vector<std::string>& vocabs, bool tensors);

/// Lines "oneDNN: ..." and so on about the libraries, the processor's instructions and the number of threads.
std::string describe_engine();

}  // namespace dragoman
