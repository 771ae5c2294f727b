#include "autograd/tape.h"

#include <gtest/gtest.h>

#include <vector>

#include "autograd/context.h"

namespace dragoman {
namespace {

TEST(Tape, RunsBackwardFromTheLastToTheFirstAndForgets) {
  Arena arena;
  Tape tape;
  std::vector<int> order;
  auto* out = &order;
  for (int i = 0; i < 5; ++i) tape.record(arena, [=] { out->push_back(i); });
  tape.run_backward();
  EXPECT_EQ(order, (std::vector<int>{4, 3, 2, 1, 0}));
  tape.run_backward();
  EXPECT_EQ(order.size(), 5u);
}

TEST(Tape, ForgetsWhatItIsToldToForget) {
  Arena arena;
  Tape tape;
  int runs = 0;
  auto* count = &runs;
  tape.record(arena, [=] { ++*count; });
  tape.clear();
  tape.record(arena, [=] { *count += 10; });
  tape.run_backward();
  EXPECT_EQ(runs, 10);
}

TEST(Context, GivesGradientsOnlyWhileRecording) {
  Arena arena;
  Tape tape;
  Random random;
  const Context inference{arena}, recording{arena, &tape, &random};
  const Tensor plain = inference.make({2, 3}), recorded = recording.make({2, 3});
  EXPECT_EQ(plain.gradient, nullptr);
  EXPECT_TRUE(recorded.needs_gradient());
  EXPECT_FALSE(recorded.has_gradient()) << "nobody has contributed yet";
  EXPECT_NE(recorded.gradient->data, recorded.data);
  int runs = 0;
  auto* count = &runs;
  inference.on_backward([=] { ++*count; });
  tape.run_backward();
  EXPECT_EQ(runs, 0);
}

TEST(Gradient, IsOverwrittenByTheFirstAndSummedByOthers) {
  std::vector<float> numbers = {7, 7};
  Gradient gradient{numbers.data(), false};
  EXPECT_EQ(gradient.take_beta(), 0);
  EXPECT_EQ(gradient.take_beta(), 1);
  EXPECT_EQ(gradient.summed(2)[0], 7) << "once written it is not cleared";
  gradient.filled = false;
  EXPECT_EQ(gradient.summed(2)[1], 0);
  EXPECT_EQ(gradient.take_beta(), 1);
}

}  // namespace
}  // namespace dragoman
