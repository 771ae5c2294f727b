#include <gtest/gtest.h>

#include "dragoman/error.h"
#include "dragoman/training_options.h"

namespace dragoman {
namespace {

using Unit = Period::Unit;

TEST(Period, ReadsMarianNotation) {
  EXPECT_EQ(parse_period("10000", "save-freq"), (Period{10000, Unit::updates}));
  EXPECT_EQ(parse_period("10000u", "save-freq"), (Period{10000, Unit::updates}));
  EXPECT_EQ(parse_period("10,000u", "save-freq"), (Period{10000, Unit::updates}));
  EXPECT_EQ(parse_period("500Mt", "after"), (Period{500e6, Unit::tokens}));
  EXPECT_EQ(parse_period("10Gt", "after"), (Period{10e9, Unit::tokens}));
  EXPECT_EQ(parse_period("100Ku", "after"), (Period{100e3, Unit::updates}));
  EXPECT_EQ(parse_period("1.1M", "after"), (Period{1100000, Unit::updates}));
  EXPECT_EQ(parse_period("20e", "after"), (Period{20, Unit::epochs}));
  EXPECT_EQ(parse_period("1e3", "after"), (Period{1000, Unit::updates}));
  EXPECT_EQ(parse_period("0", "lr-warmup"), (Period{0, Unit::updates}));
}

TEST(Period, RefusesEverythingElseNamingTheSetting) {
  for (const char* text :
       {"", "u", "e", "x", "10x", "10uu", "-5", "1.5u", "nan", "inf", "1e300", "5 e", "10MMt", "0x10"}) {
    try {
      parse_period(text, "save-freq");
      ADD_FAILURE() << "'" << text << "' was accepted";
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find("save-freq"), std::string::npos) << e.what();
      EXPECT_NE(std::string(e.what()).find(std::string("'") + text + "'"), std::string::npos) << e.what();
    }
  }
}

TEST(Period, WrittenReadsBack) {
  for (const Period period : {Period{0, Unit::updates}, Period{1, Unit::epochs}, Period{1234567, Unit::tokens},
                              Period{2e6, Unit::updates}, Period{3e9, Unit::tokens}, Period{999999, Unit::updates}}) {
    EXPECT_EQ(parse_period(to_string(period), "x"), period) << to_string(period);
  }
  EXPECT_EQ(to_string(Period{10000, Unit::updates}), "10000u");
  EXPECT_EQ(to_string(Period{5e8, Unit::tokens}), "500Mt");
}

}  // namespace
}  // namespace dragoman
