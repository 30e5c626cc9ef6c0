// Kernels from text, for tests.
#pragma once

#include "compiler/dialect/Attn.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

#include <string>

namespace heed {

/// A module with its context, and what was said about it.
class Parsed {
public:
  explicit Parsed(llvm::StringRef text)
      : handler(&context,
                [this](mlir::Diagnostic &diagnostic) { errors += diagnostic.str() + "\n"; }) {
    context.loadDialect<attn::AttnDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  }
  explicit operator bool() const { return static_cast<bool>(module); }
  attn::KernelOp kernel() { return *module->getOps<attn::KernelOp>().begin(); }

  mlir::MLIRContext context;
  std::string errors;

private:
  mlir::ScopedDiagnosticHandler handler;

public:
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace heed
