import os
import lit.formats

config.name = "heed"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.environment["HEED_SCHEDULES"] = ""  # no tables: plans are the default ones
config.substitutions.append(("%examples", os.path.join(config.heed_source, "examples")))
for name, folder in [("heed-opt", config.heed_tools)] + [(tool, config.llvm_tools) for tool in ("FileCheck", "not", "llc")]:
    config.substitutions.append((r"(?<![\w/-])%s(?![\w-])" % name, os.path.join(folder, name)))
