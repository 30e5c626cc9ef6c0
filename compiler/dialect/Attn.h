// The attn dialect: its ops, enumerations and the names of the roles an argument may have. The ops
// are documented in AttnOps.td.
#pragma once

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace heed::attn {
class Component;

/// The rules that hold for the body of every component (AttnInterfaces.td).
mlir::LogicalResult verifyComponent(Component component);

/// What a load from a tensor of these elements gives: narrow floats are widened to f32, i8 to i32.
mlir::Type loadedType(mlir::Type element);

/// The number among its op's captures of a region's argument that stands for one: parameters are
/// scalars and come first, captures are tensors.
unsigned captureNumber(mlir::Value regionArgument);

/// Roles of kernel arguments: unit attributes on them.
inline constexpr llvm::StringLiteral keyLengthsRole = "attn.key_lengths";
inline constexpr llvm::StringLiteral queryLengthsRole = "attn.query_lengths";
inline constexpr llvm::StringLiteral queryOffsetsRole = "attn.query_offsets";
inline constexpr llvm::StringLiteral segmentsRole = "attn.segments";

/// What attn.block_max gives where no key counts; scores in kernels are above it, or masked.
inline constexpr double noScore = -1e30;
} // namespace heed::attn

#include "compiler/dialect/AttnDialect.h.inc"

#include "compiler/dialect/AttnEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/AttnAttrs.h.inc"

#include "compiler/dialect/AttnInterfaces.h.inc"

#define GET_OP_CLASSES
#include "compiler/dialect/AttnOps.h.inc"
