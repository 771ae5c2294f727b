// Makes a source file of the web page: its files stripped (strip.h), scripts with all that they import (bundle.h), and
// compressed, as EmbeddedFile of server/pages.h. What is compressed is kept too, for tests that serve it.
//
//   embed_page TARGET.cc FOLDER FILE...      FOLDER: where that goes, which holds nothing else

#include <boost/iostreams/copy.hpp>
#include <boost/iostreams/device/array.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

#include "base/error.h"
#include "bundle.h"
#include "strip.h"

namespace dragoman {
namespace {

std::string compressed(const std::string& text) {
  namespace io = boost::iostreams;
  io::filtering_istream in;
  in.push(io::gzip_compressor(io::gzip_params(io::gzip::best_compression)));
  in.push(io::array_source(text.data(), text.size()));
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A string literal of any bytes, in lines.
std::string literal(const std::string& bytes) {
  constexpr std::size_t bytes_of_line = 32;
  std::string result;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % bytes_of_line == 0) result += i == 0 ? "\"" : "\"\n    \"";
    result += fmt::format("\\{:03o}", static_cast<unsigned char>(bytes[i]));
  }
  return result + "\"";
}

std::string content_of(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  require(in.good() && text.good(), "{}: cannot be read", path);
  return text.str();
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  require(out.flush().good(), "{}: cannot be written", path.string());
}

void embed(const std::string& target, const std::filesystem::path& folder, int count, char** paths) {
  std::map<std::string, std::string> scripts, files;
  for (int i = 0; i < count; ++i) {
    const std::string name = std::filesystem::path(paths[i]).filename();
    if (name.ends_with(".js")) {
      scripts[name] = content_of(paths[i]);
    } else {
      files[name] = strip(name, content_of(paths[i]));
    }
  }
  for (const std::string& name : roots(scripts)) files[name] = bundle(name, scripts);
  std::string source = "// Made by tools/embed from the files of the page.\n#include \"server/pages.h\"\n\n";
  source += "namespace dragoman {\nnamespace {\n\nconst EmbeddedFile files[] = {\n";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, text] : files) {
    write(folder / name, text);
    const std::string gzip = compressed(text);
    source += fmt::format("    {{\"{}\",\n    {{{},\n     {}}}}},\n", name, literal(gzip), gzip.size());
  }
  source +=
      "};\n\n}  // namespace\n\nconst std::span<const EmbeddedFile> web_files = files;\n\n}  // namespace dragoman\n";
  write(target, source);
}

}  // namespace
}  // namespace dragoman

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: embed_page TARGET.cc FOLDER FILE...\n";
    return 2;
  }
  try {
    dragoman::embed(arguments[1], arguments[2], count - 3, arguments + 3);
  } catch (const std::exception& error) {
    std::cerr << "embed_page: " << error.what() << "\n";
    return 1;
  }
}
