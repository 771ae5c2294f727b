#include "server/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/error.h"

namespace dragoman {
namespace {

Request asked_as(const std::string& host, std::vector<HeaderField> more = {}) {
  Request request{.method = "POST", .headers = {{"Host", host}}, .local_address = "127.0.0.1"};
  request.headers.insert(request.headers.end(), more.begin(), more.end());
  return request;
}

int host_status(const Guard& guard, const Request& request) {
  try {
    guard.check_host(request);
  } catch (const HttpError& error) {
    return error.status;
  }
  return 200;
}

int origin_status(const Guard& guard, const Request& request, bool is_open = true) {
  try {
    guard.check_origin(request, is_open);
  } catch (const HttpError& error) {
    return error.status;
  }
  return 200;
}

TEST(Guard, KnowsTheNamesOfThisComputerWithOurPort) {
  const Guard guard({.port = 5000});
  for (const char* host : {"localhost:5000", "127.0.0.1:5000", "[::1]:5000"}) {
    EXPECT_EQ(host_status(guard, asked_as(host)), 200) << host;
  }
}

TEST(Guard, RefusesAllOtherNamesHoweverTheyResembleOurs) {
  const Guard guard({.port = 5000, .allow_hosts = {"translate.example.org"}});
  for (const char* host : {"localhost.evil.com:5000",
                           "127.0.0.1.nip.io:5000",
                           "localhost.:5000",
                           "LOCALHOST:5000",
                           "Localhost:5000",
                           "user@localhost:5000",
                           "localhost:5000@evil.com",
                           "2130706433:5000",
                           "0x7f000001:5000",
                           "127.1:5000",
                           "evil.com:5000",
                           "localhost",
                           "localhost:5001",
                           "localhost:80",
                           "localhost:05000",
                           "127.0.0.1",
                           "[::]:5000",
                           "0.0.0.0:5000",
                           "[::ffff:127.0.0.1]:5000",
                           " localhost:5000",
                           "localhost:5000 ",
                           "localhost:5000,evil.com",
                           "",
                           "evil.translate.example.org",
                           "translate.example.org.evil.com",
                           "translate.example.org:80",
                           "example.org"}) {
    EXPECT_EQ(host_status(guard, asked_as(host)), 403) << host;
  }
}

TEST(Guard, WantsExactlyOneHost) {
  const Guard guard({.port = 5000});
  EXPECT_EQ(host_status(guard, {.method = "GET"}), 400);
  EXPECT_EQ(host_status(guard, asked_as("localhost:5000", {{"host", "localhost:5000"}})), 400);
}

TEST(Guard, KnowsAllowedNamesAsTheyWereGiven) {
  const Guard guard({.port = 5000, .allow_hosts = {"translate.example.org", "proxy.example.org:8443"}});
  EXPECT_EQ(host_status(guard, asked_as("translate.example.org")), 200);
  EXPECT_EQ(host_status(guard, asked_as("translate.example.org:5000")), 200);
  EXPECT_EQ(host_status(guard, asked_as("proxy.example.org:8443")), 200);
  EXPECT_EQ(host_status(guard, asked_as("proxy.example.org")), 403);
  EXPECT_EQ(host_status(guard, asked_as("proxy.example.org:5000")), 403);
}

TEST(Guard, KnowsTheAddressThatItWasReachedAt) {
  const Guard guard({.address = "0.0.0.0", .port = 5000});
  Request request = asked_as("192.168.1.20:5000");
  request.local_address = "192.168.1.20";
  EXPECT_EQ(host_status(guard, request), 200);
  request.local_address = "::ffff:192.168.1.20";
  EXPECT_EQ(host_status(guard, request), 200);
  request.local_address = "192.168.1.21";
  EXPECT_EQ(host_status(guard, request), 403);
}

TEST(Guard, PortEightyNeedNotBeNamed) {
  const Guard guard({.port = 80});
  EXPECT_EQ(host_status(guard, asked_as("localhost")), 200);
  EXPECT_EQ(host_status(guard, asked_as("localhost:80")), 200);
}

TEST(Guard, ProgramsWithoutOriginMayAsk) {
  EXPECT_EQ(origin_status(Guard({.port = 5000}), asked_as("localhost:5000")), 200);
}

TEST(Guard, PagesOfOtherOriginsMayNotAsk) {
  const Guard guard({.port = 5000});
  EXPECT_EQ(origin_status(guard, asked_as("localhost:5000", {{"Origin", "http://localhost:5000"}})), 200);
  for (const char* origin : {"http://localhost:3000", "http://evil.com", "null", "https://localhost:5000",
                             "http://127.0.0.1:5000", "http://localhost:5000.evil.com", ""}) {
    EXPECT_EQ(origin_status(guard, asked_as("localhost:5000", {{"Origin", origin}})), 403) << origin;
  }
  EXPECT_EQ(origin_status(guard, asked_as("localhost:5000", {{"Sec-Fetch-Site", "cross-site"}})), 403);
  EXPECT_EQ(origin_status(guard, asked_as("localhost:5000", {{"Sec-Fetch-Site", "same-site"}})), 403);
  EXPECT_EQ(origin_status(guard, asked_as("localhost:5000", {{"Sec-Fetch-Site", "same-origin"}})), 200);
  EXPECT_EQ(origin_status(guard, asked_as("localhost:5000", {{"Sec-Fetch-Site", "none"}})), 200);
}

TEST(Guard, BehindAProxyThePageMaySpeakHttps) {
  const Guard guard({.port = 5000, .allow_hosts = {"translate.example.org"}});
  const auto from = [](const char* origin) { return asked_as("translate.example.org", {{"Origin", origin}}); };
  EXPECT_EQ(origin_status(guard, from("https://translate.example.org")), 200);
  EXPECT_EQ(origin_status(guard, from("http://translate.example.org")), 200);
  EXPECT_EQ(origin_status(guard, from("https://example.org")), 403);
}

TEST(Guard, AnAllowedOriginGetsTheHeadersThatLetItReadTheAnswer) {
  const Guard guard({.port = 5000, .cors_origins = {"https://app.example.org"}});
  const Request request =
      asked_as("localhost:5000", {{"Origin", "https://app.example.org"}, {"Sec-Fetch-Site", "cross-site"}});
  EXPECT_EQ(origin_status(guard, request, false), 200);
  const auto headers = guard.cors_headers(request, false);
  EXPECT_THAT(headers,
              ::testing::Contains(::testing::AllOf(::testing::Field(&HeaderField::name, "Access-Control-Allow-Origin"),
                                                   ::testing::Field(&HeaderField::value, "https://app.example.org"))));
  EXPECT_EQ(origin_status(guard, asked_as("localhost:5000", {{"Origin", "https://app.example.org.evil.com"}})), 403);
}

TEST(Guard, AStarAllowsAllPagesButOnlyOpenRoutes) {
  const Guard guard({.port = 5000, .cors_origins = {"*"}});
  const Request request = asked_as("localhost:5000", {{"Origin", "http://evil.com"}});
  EXPECT_EQ(origin_status(guard, request, true), 200);
  EXPECT_EQ(origin_status(guard, request, false), 403);
  EXPECT_EQ(guard.cors_headers(request, false).size(), 1u);  // Vary
}

TEST(Guard, SendsNoAccessControlUnlessAskedTo) {
  EXPECT_TRUE(Guard({.port = 5000})
                  .cors_headers(asked_as("localhost:5000", {{"Origin", "http://localhost:5000"}}), true)
                  .empty());
}

TEST(Guard, RefusesToBeSeenByOthersWithoutProtection) {
  for (const char* address : {"0.0.0.0", "::", "192.168.1.20", "2001:db8::1"}) {
    try {
      check_exposure(address, false, false);
      ADD_FAILURE() << address;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("--allow-host NAME"));
    }
    EXPECT_NO_THROW(check_exposure(address, true, false));
    EXPECT_NO_THROW(check_exposure(address, false, true));
  }
  for (const char* address : {"127.0.0.1", "127.0.0.2", "::1"}) EXPECT_NO_THROW(check_exposure(address, false, false));
  EXPECT_THROW(check_exposure("127.evil.com", false, false), Error);
}

TEST(Guard, RefusesSettingsThatCannotBe) {
  EXPECT_THROW(Guard({.allow_hosts = {"Example.org"}}), Error);
  EXPECT_THROW(Guard({.allow_hosts = {"https://example.org"}}), Error);
  EXPECT_THROW(Guard({.allow_hosts = {""}}), Error);
  EXPECT_THROW(Guard({.cors_origins = {"example.org"}}), Error);
  EXPECT_THROW(Guard({.cors_origins = {"https://example.org/"}}), Error);
}

}  // namespace
}  // namespace dragoman
