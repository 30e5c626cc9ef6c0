// The three things heed-run does.
#pragma once

#include "models/bert/SentenceEncoder.h"
#include "tools/heed-run/CommandLine.h"

namespace heed {

/// Writes to standard output and, where asked for, the page's file.
Status run(const CommandLine &line);

} // namespace heed
