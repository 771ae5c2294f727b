#include "text/line_reader.h"

#include <gmock/gmock.h>

#include <thread>

#include "text/text_support.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Folder;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

Lines lines_of(LineReader& reader) {
  Lines lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}
Lines lines_of(const std::string& path) {
  LineReader reader(path);
  return lines_of(reader);
}

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i * 7919 % 100003) + "\n";
  return text;
}

TEST(LineReader, ReadsLinesAndTheLastWithoutNewline) {
  const Folder folder;
  EXPECT_THAT(lines_of(folder.file("a", "one\n\n two \nthree")), ElementsAre("one", "", " two ", "three"));
  EXPECT_THAT(lines_of(folder.file("b", "one\n")), ElementsAre("one"));
  EXPECT_THAT(lines_of(folder.file("c", "")), ElementsAre());
  EXPECT_THAT(lines_of(folder.file("d", "\n")), ElementsAre(""));
  LineReader reader(folder / "a");
  std::string line;
  reader.next(line);
  EXPECT_EQ(reader.line_number(), 1);
  lines_of(reader);
  EXPECT_EQ(reader.line_number(), 4);
}

TEST(LineReader, TellsCompressionByContentNotByName) {
  const Folder folder;
  const std::string text = numbers(30000);  // larger than all buffers
  const Lines expected = lines_of(folder.file("plain.gz", text));
  ASSERT_EQ(expected.size(), 30000u);
  EXPECT_EQ(lines_of(folder.file("gzip.txt", testing::gzip(text))), expected);
  EXPECT_EQ(lines_of(folder.file("zstd.txt", testing::zstd(text))), expected);
}

TEST(LineReader, ReadsSeveralMembersAndFramesAsOneStream) {
  const Folder folder;
  EXPECT_THAT(lines_of(folder.file("a", testing::gzip("one\ntw") + testing::gzip("o\nthree\n"))),
              ElementsAre("one", "two", "three"));
  const std::string skippable("\x5A\x2A\x4D\x18\x03\x00\x00\x00xyz", 11);
  EXPECT_THAT(lines_of(folder.file("b", testing::zstd("one\ntw") + skippable + testing::zstd("o\nthree\n"))),
              ElementsAre("one", "two", "three"));
  EXPECT_THAT(lines_of(folder.file("c", testing::gzip(""))), ElementsAre());
  EXPECT_THAT(lines_of(folder.file("d", testing::zstd(""))), ElementsAre());
}

TEST(LineReader, ReportsCompressedDataTruncatedAnywhere) {
  const Folder folder;
  const std::string text = numbers(300);
  const Lines expected = lines_of(folder.file("plain", text));
  for (const std::string& whole :
       {testing::gzip(text), testing::zstd(text), testing::zstd(text) + testing::zstd("x\n")}) {
    int complete = 0;  // between two frames nothing can be missed
    for (std::size_t size = 4; size < whole.size(); ++size) {
      const std::string path = folder.file("cut", whole.substr(0, size));
      try {
        ASSERT_EQ(lines_of(path), expected) << "no error at " << size << " of " << whole.size();
        ++complete;
      } catch (const Error& e) {
        ASSERT_THAT(e.what(), HasSubstr(path));
      }
    }
    EXPECT_LE(complete, 4);
  }
}

TEST(LineReader, ReportsCorruptCompressedData) {
  const Folder folder;
  std::string gzip = testing::gzip(numbers(300));
  const std::string trailing = folder.file("trailing", gzip + "garbage");
  EXPECT_EQ(error_of([&] { lines_of(trailing); }), trailing + ": the gzip data are truncated or corrupt");
  gzip[gzip.size() / 2] = char(gzip[gzip.size() / 2] ^ 0x55);
  const std::string corrupt = folder.file("corrupt", gzip);
  EXPECT_EQ(error_of([&] { lines_of(corrupt); }), corrupt + ": the gzip data are truncated or corrupt");
  // "hello hello hello hello" and "hello" with a checksum, as the zstd program writes it.
  std::string zstd(
      "\x28\xb5\x2f\xfd\x04\x58\x9d\x00\x00\x68\x68\x65\x6c\x6c\x6f\x20\x0a\x68\x65\x6c\x6c\x6f\x0a\x01\x00\x99\x4b\x11"
      "\x05\x34\x28\x9b",
      32);
  EXPECT_THAT(lines_of(folder.file("good", zstd)), ElementsAre("hello hello hello hello", "hello"));
  zstd.back() = char(zstd.back() ^ 1);
  const std::string wrong_sum = folder.file("wrong", zstd);
  EXPECT_EQ(error_of([&] { lines_of(wrong_sum); }), wrong_sum + ": the zstd data are truncated or corrupt");
}

TEST(LineReader, RemovesByteOrderMarkAndCarriageReturns) {
  const Folder folder;
  LineReader reader(folder.file("a", "\xEF\xBB\xBFone\r\ntwo\r\r\n\xEF\xBB\xBFthree\rx\r"));
  EXPECT_THAT(lines_of(reader), ElementsAre("one", "two\r", "\xEF\xBB\xBFthree\rx"));
  EXPECT_TRUE(reader.report().sentences().empty());
}

TEST(LineReader, ReplacesAndCountsInvalidUtf8AndNul) {
  const Folder folder;
  // Lone continuation, overlong slash, truncated euro sign, surrogate, above U+10FFFF; valid ones stay.
  const std::string path =
      folder.file("a", "gut\n\x80x\nä\xC0\xAFö\n\xE2\x82\n\xED\xA0\x80\n\xF4\x90\x80\x80\n\xF0\x9F\x98\x80\na" +
                           std::string(1, '\0') + "b\n");
  LineReader reader(path);
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_THAT(lines_of(reader), ElementsAre("gut", r + "x", "ä" + r + r + "ö", r + r, r + r + r, r + r + r + r,
                                            "\xF0\x9F\x98\x80", "a b"));
  EXPECT_EQ(reader.report()[Flaw::invalid_utf8].count, 5);
  EXPECT_EQ(reader.report()[Flaw::invalid_utf8].line, 2);
  EXPECT_EQ(reader.report()[Flaw::invalid_utf8].file, path);
  EXPECT_EQ(reader.report()[Flaw::nul].count, 1);
  EXPECT_EQ(reader.report()[Flaw::nul].line, 8);
  EXPECT_THAT(reader.report().sentences(),
              ElementsAre("5 lines with invalid UTF-8, replaced by U+FFFD (first: " + path + " line 2)",
                          "1 line with NUL characters, replaced by spaces (first: " + path + " line 8)"));
}

TEST(LineReader, CutsLinesOverTheLimitBetweenCharacters) {
  const Folder folder;
  const std::string path =
      folder.file("a", "12345678\r\n123456789\n1234567ä\nab\n" + std::string(300000, 'x') + "\nc\n");
  LineReader reader(path, {.max_bytes = 8});
  std::vector<bool> cut;
  Lines lines;
  for (std::string line; reader.next(line);) {
    lines.push_back(line);
    cut.push_back(reader.line_was_cut());
  }
  EXPECT_THAT(lines, ElementsAre("12345678", "12345678", "1234567", "ab", "xxxxxxxx", "c"));
  EXPECT_THAT(cut, ElementsAre(false, true, true, false, true, false));
  EXPECT_EQ(reader.report()[Flaw::long_line].count, 3);
  EXPECT_EQ(reader.report()[Flaw::long_line].line, 2);
  LineReader unlimited(path, {.max_bytes = 0});
  EXPECT_EQ(lines_of(unlimited)[4].size(), 300000u);
}

TEST(LineReader, NamesFilesThatCannotBeRead) {
  const Folder folder;
  EXPECT_EQ(error_of([&] { LineReader reader(folder / "none"); }),
            "cannot open " + (folder / "none") + ": No such file or directory");
  EXPECT_EQ(error_of([&] { LineReader reader(folder.path()); }), "cannot read " + folder.path() + ": it is a folder");
}

TEST(LineReader, ReadsStandardInputCompressedToo) {
  for (const std::string& content : {std::string("a\nb"), testing::gzip("a\nb"), testing::zstd("a\nb\n")}) {
    testing::StandardInput input(content);
    input.end();
    EXPECT_THAT(lines_of("-"), ElementsAre("a", "b"));
  }
  testing::StandardInput input("a\n");
  input.end();
  LineReader reader("stdin");
  EXPECT_THAT(lines_of(reader), ElementsAre("a"));
  EXPECT_EQ(reader.name(), "standard input");
}

TEST(LineReader, StopsWaitingForStandardInputWhenAsked) {
  testing::StandardInput input("first\nsec");
  std::stop_source stop;
  LineReader reader("-", {.stop = stop.get_token()});
  std::string line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "first");
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request_stop();
  });
  EXPECT_THROW(reader.next(line), ReadingStopped);
}

TEST(LineReader, TakesColumnsOfTabSeparatedLines) {
  EXPECT_EQ(tsv_column("a\tb\tc", 0, 2, "f", 1), "a");
  EXPECT_EQ(tsv_column("a\tb\tc", 1, 2, "f", 1), "b");
  EXPECT_EQ(tsv_column("a\tb\tc", 2, 3, "f", 1), "c");
  EXPECT_EQ(tsv_column("a\t", 1, 2, "f", 1), "");
  EXPECT_EQ(error_of([] { tsv_column("a", 1, 2, "f.tsv", 7); }), "f.tsv line 7: 1 tab-separated column, expected 2");
}

}  // namespace
}  // namespace dragoman
