#include "server/form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/http.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

const char* const part = "--x\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n";

TEST(Form, ReadsUrlencodedFields) {
  EXPECT_THAT(parse_urlencoded("q=Hello+world%21%C3%A1&source=en&&empty&x=%3D="),
              ElementsAre(Pair("q", "Hello world!á"), Pair("source", "en"), Pair("empty", ""), Pair("x", "==")));
  EXPECT_TRUE(parse_urlencoded("").empty());
}

TEST(Form, RefusesBrokenEscapes) {
  for (const char* body : {"q=%", "q=%4", "q=%zz", "%"}) EXPECT_THROW(parse_urlencoded(body), HttpError) << body;
}

TEST(Form, ReadsPartsWithWhatTheyHold) {
  const std::string body = std::string(part) +
                           "a\r\nb--x\r\n\r\n--x\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; "
                           "name=source\r\n\r\nen\r\n--x--\r\n";
  EXPECT_THAT(parse_multipart(body, "x"), ElementsAre(Pair("q", "a\r\nb--x\r\n"), Pair("source", "en")));
  EXPECT_THAT(parse_multipart("preamble\r\n" + std::string(part) + "\r\n--x--", "x"), ElementsAre(Pair("q", "")));
}

TEST(Form, RefusesBrokenParts) {
  const std::string begin(part);
  for (const std::string& body :
       {std::string(), std::string("--y--"), begin, begin + "a", begin + "a\r\n--x", std::string("--x"),
        std::string("--x\r\n\r\na\r\n--x--"), std::string("--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--"),
        std::string("--x\r\nContent-Disposition: form-data; name=\"q\"\r\n--x--"),
        std::string("--x junk\r\nContent-Disposition: form-data; name=q\r\n\r\na\r\n--x--")}) {
    EXPECT_THROW(parse_multipart(body, "x"), HttpError) << body;
  }
  EXPECT_THROW(parse_multipart("--x--", ""), HttpError);
  EXPECT_THROW(
      parse_multipart("--x\r\nContent-Disposition: form-data; name=f; filename=\"../a\"\r\n\r\na\r\n--x--", "x"),
      HttpError);
}

TEST(Form, ReadsParametersOfHeaders) {
  EXPECT_EQ(parse_header_value("Multipart/Form-Data; charset=utf-8; boundary=\"a;\\\"b\"", "boundary").value,
            "multipart/form-data");
  EXPECT_EQ(parse_header_value("multipart/form-data; charset=utf-8; boundary=\"a;\\\"b\"", "boundary").parameter,
            "a;\"b");
  EXPECT_EQ(parse_header_value("a/b ; Boundary = x ; y", "boundary").parameter, "x");
  EXPECT_EQ(parse_header_value("a/b;", "boundary").parameter, "");
  EXPECT_EQ(parse_header_value("", "boundary").value, "");
}

}  // namespace
}  // namespace dragoman
