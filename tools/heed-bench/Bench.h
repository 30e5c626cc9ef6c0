// One run of heed-bench, from cases to figures.
#pragma once

#include "schedules/plan/Plan.h"
#include "tools/heed-bench/CommandLine.h"

namespace heed::bench {

/// Compiles, checks and measures what the command line asks for: the report.
llvm::Expected<std::string> run(const CommandLine &line);

/// What the machine can do: the FMA peak, and reading `line.bytes` bytes.
llvm::Expected<std::string> runMachine(const CommandLine &line);

/// "gpt1k  --shape b=1,h=12,...  --preset causal" for every case.
std::string listCases();

/// An error where `target` needs what the best target of this CPU, `host`, has not.
llvm::Error checkRuns(const TargetInfo &target, const TargetInfo &host);

} // namespace heed::bench
