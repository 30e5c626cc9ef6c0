// heed-tune itself, on a kernel and a shape that take no time. Nothing here depends on what is
// fast.
#include "compiler/emit/Programs.h"
#include "tools/heed-tune/Log.h"

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace heed;
using namespace heed::tune;
using ::testing::HasSubstr;

namespace {

class Tool : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(folder.create());
    setenv("XDG_CACHE_HOME", folder.file("cache").c_str(), 1);
  }
  void TearDown() override { unsetenv("HEED_TUNE_FAULT"); }

  std::string command(const std::string &options) {
    auto has = [&](const char *option) { return options.find(option) != std::string::npos; };
    return HEED_BUILD_DIR "/tools/heed-tune --head-dim 8 --layout bshd --jobs 2 --table " +
           folder.file("t.json") + (has("--target") ? " " : " --target x86-64-sse41 ") +
           (has("--preset") ? "" : "--preset dense ") + options;
  }

  /// Its exit status; what it said on both streams is in `said`.
  int tune(const std::string &options) {
    FILE *pipe = popen((command(options) + " 2>&1").c_str(), "r");
    said.clear();
    for (char buffer[4096]; size_t count = fread(buffer, 1, sizeof buffer, pipe);)
      said.append(buffer, count);
    return WEXITSTATUS(pclose(pipe));
  }

  std::vector<Trial> trials() {
    Log log;
    EXPECT_FALSE(log.open(folder.file("t.log")));
    EXPECT_FALSE(log.firstIgnored);
    return log.trials().vec();
  }
  Table table() { return llvm::cantFail(readTable(folder.file("t.json"))); }
  std::string logText() {
    std::ifstream file(folder.file("t.log"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static constexpr const char *shape = "--shape h=2,hk=1,q=16,k=16 ";
  TemporaryFolder folder;
  std::string said;
};

TEST_F(Tool, findsAPlanKeepsItAndGoesOnWhereItWas) {
  ASSERT_EQ(tune(std::string(shape) + "--budget 4s"), 0) << said;
  EXPECT_THAT(said, HasSubstr("dense b=1,"));
  EXPECT_THAT(said, HasSubstr("x the default plan; "));
  EXPECT_THAT(said, HasSubstr("the model ranks them at rho "));
  Table found = table();
  ASSERT_EQ(found.entries.size(), 1u);
  EXPECT_EQ(found.target, "x86-64-sse41");
  EXPECT_EQ(found.entries[0].kernel.dim, 8);
  EXPECT_EQ(found.entries[0].shape, (Shape{{"queries", 16}, {"keys", 16}, {"batch_heads", 2}}));
  EXPECT_EQ(found.entries[0].kernel.group, 2); // h=2,hk=1: the kernel leaves both open
  EXPECT_EQ(found.entries[0].machine, machineName());
  EXPECT_GT(found.entries[0].seconds, 0);
  std::string page = llvm::cantFail(folder.read("t.html"));
  EXPECT_THAT(page, HasSubstr("\"outcome\":\"measured\""));
  EXPECT_EQ(page.find("http"), std::string::npos) << "a page that wants the network";

  std::string before = logText();
  size_t count = trials().size();
  ASSERT_GE(count, 1u);
  ASSERT_EQ(tune(std::string(shape) + "--budget 2s"), 0) << said;
  EXPECT_EQ(logText().substr(0, before.size()), before);
  int defaults = 0;
  for (const Trial &trial : trials())
    defaults += trial.plan == trials().front().plan && trial.rival == 0;
  EXPECT_EQ(defaults, 1) << "the default plan was measured again";
}

// With rows that are made, the default list has an online plan for up to 128 queries and another
// for more.
TEST_F(Tool, beginsWithThePlanThatTheShapeHasByDefault) {
  auto first = [&](const char *queries) {
    std::string options = std::string("--preset causal,rotary --shape h=1,q=") + queries +
                          ",k=160 --budget 1s --log " + folder.file(queries);
    EXPECT_EQ(tune(options), 0) << said;
    Log log;
    EXPECT_FALSE(log.open(folder.file(queries)));
    return log.trials().empty() ? Plan{} : log.trials().front().plan;
  };
  EXPECT_TRUE(std::holds_alternative<SplitPlan>(first("4").form));
  Plan some = first("64"), many = first("160");
  ASSERT_TRUE(std::holds_alternative<OnlinePlan>(some.form));
  ASSERT_TRUE(std::holds_alternative<OnlinePlan>(many.form));
  EXPECT_EQ(std::get<OnlinePlan>(some.form).taskTiles, 1);
  EXPECT_EQ(std::get<OnlinePlan>(many.form).taskTiles, 4);
}

// The plans of a device's form are searched like any other; calls run on PoCL.
TEST_F(Tool, tunesForADevice) {
  setenv("POCL_CACHE_DIR", folder.file("pocl").c_str(), 1);
  setenv("HL_OCL_BUILD_OPTIONS", "-cl-opt-disable", 1);
  int status = tune("--target opencl --shape h=2,hk=2,q=32,k=32 --budget 20s");
  unsetenv("POCL_CACHE_DIR");
  unsetenv("HL_OCL_BUILD_OPTIONS");
  ASSERT_EQ(status, 0) << said;
  Table found = table();
  ASSERT_EQ(found.entries.size(), 1u);
  EXPECT_EQ(found.target, "opencl");
  EXPECT_TRUE(std::holds_alternative<GpuPlan>(found.entries[0].plan.form));
  EXPECT_GT(found.entries[0].seconds, 0);
  EXPECT_EQ(found.entries[0].shareOfPeak, 0); // of a device the peak is not known
  size_t measured = 0;
  for (const Trial &trial : trials()) {
    EXPECT_NE(trial.outcome, Outcome::Wrong) << trial.note;
    measured += trial.outcome == Outcome::Measured || trial.outcome == Outcome::Slower;
  }
  EXPECT_GE(measured, 2u);
}

TEST_F(Tool, whereThereIsNoDeviceItSaysSo) {
  setenv("OCL_ICD_VENDORS", "/nonexistent", 1);
  EXPECT_EQ(tune("--target opencl --shape h=1,q=32,k=32 --budget 1s"), 1);
  unsetenv("OCL_ICD_VENDORS");
  EXPECT_THAT(said, HasSubstr("no plan works"));
  EXPECT_THAT(said, HasSubstr("there is no device or no driver"));
}

// Whatever was in the log when the process was killed is there afterwards, and counts.
TEST_F(Tool, killedAtAnyTimeLosesNoMeasurement) {
  pid_t child = fork();
  if (child == 0) {
    (void)!freopen("/dev/null", "w", stderr);
    setpgid(0, 0);
    execl("/bin/sh", "sh", "-c", ("exec " + command(std::string(shape) + "--budget 60s")).c_str(),
          nullptr);
    _exit(1);
  }
  for (int i = 0; i < 6000; ++i) {
    std::string text = logText();
    if (std::count(text.begin(), text.end(), '\n') >= 2)
      break;
    usleep(10000);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  std::string before = logText();
  before.resize(before.rfind('\n') + 1);
  size_t count = trials().size();
  ASSERT_GE(count, 2u);
  ASSERT_EQ(tune(std::string(shape) + "--budget 1s"), 0) << said;
  EXPECT_EQ(logText().substr(0, before.size()), before);
  EXPECT_EQ(table().entries.size(), 1u);
}

TEST_F(Tool, candidatesMayCrashAndHang) {
  setenv("HEED_TUNE_FAULT", "crash:2,hang:3", 1);
  for (const char *budget : {"8s", "60s"}) { // a busy machine may need more for three races
    unlink(folder.file("t.log").c_str());
    ASSERT_EQ(tune(std::string(shape) + "--patience 1 --budget " + budget), 0) << said;
    if (trials().size() >= 3)
      break;
  }
  std::multiset<Outcome> outcomes;
  for (const Trial &trial : trials()) {
    outcomes.insert(trial.outcome);
    if (trial.outcome == Outcome::Crashed)
      EXPECT_THAT(trial.note, HasSubstr("Segmentation fault"));
    if (trial.outcome == Outcome::Hung)
      EXPECT_THAT(trial.note, HasSubstr("no answer within"));
  }
  EXPECT_EQ(outcomes.count(Outcome::Crashed), 1u);
  EXPECT_EQ(outcomes.count(Outcome::Hung), 1u);
  EXPECT_GE(outcomes.count(Outcome::Measured), 1u);
  EXPECT_EQ(table().entries.size(), 1u);
}

TEST_F(Tool, whereNoPlanWorksItSaysWhy) {
  setenv("HEED_TUNE_FAULT", "crash:1,crash:2,crash:3,crash:4,crash:5,crash:6,crash:7,crash:8", 1);
  EXPECT_EQ(tune(std::string(shape) + "--budget 1s"), 1);
  EXPECT_THAT(said, HasSubstr("heed-tune: error: dense b=1,"));
  EXPECT_THAT(said, HasSubstr("no plan works: killed by signal 11"));
}

// Autoschedulers may fail: that is a line too.
TEST_F(Tool, comparesItselfWithOthers) {
  ASSERT_EQ(tune(std::string(shape) + "--budget 2s --compare"), 0) << said;
  for (const char *name :
       {"\nguided ", "\nrandom ", "\nAdams2019 ", "\nAdams2019, greedy ", "\nMullapudi2016 "})
    EXPECT_THAT(said, HasSubstr(name));
}

TEST_F(Tool, mistakesHaveAMessageAndStatusOne) {
  auto expect = [&](const std::string &options, const char *message) {
    EXPECT_EQ(tune(options), 1) << options << "\n" << said;
    EXPECT_THAT(said, HasSubstr("heed-tune: error: ")) << options;
    EXPECT_THAT(said, HasSubstr(message)) << options;
  };
  expect("--shape q=16,h=2 --budget 0s", "'0s' leaves no time to measure anything");
  expect("--shape rows=16", "no kernel has an open extent 'rows'");
  expect("--shape q=0", "q");
  expect("--shape q=16,h=3,hk=2", "h");
  expect(std::string(shape) + "--log /nowhere/t.log", "cannot write /nowhere/t.log");
  llvm::cantFail(folder.write("t.json", "{\"heed_table\": 1,"));
  expect(std::string(shape) + "--budget 1s", "t.json:1:");
}

} // namespace
