#include "compiler/dialect/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/DialectImplementation.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heed::attn;

#include "compiler/dialect/AttnDialect.cpp.inc"

#include "compiler/dialect/AttnEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "compiler/dialect/AttnAttrs.cpp.inc"

#include "compiler/dialect/AttnInterfaces.cpp.inc"

void AttnDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/AttnOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "compiler/dialect/AttnAttrs.cpp.inc"
      >();
}

LogicalResult AttnDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned,
                                                    NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name != keyLengthsRole && name != queryLengthsRole && name != queryOffsetsRole &&
      name != segmentsRole)
    return op->emitError() << "'" << name << "' is no role of an argument: use " << keyLengthsRole
                           << ", " << queryLengthsRole << ", " << queryOffsetsRole << " or "
                           << segmentsRole;
  if (!isa<UnitAttr>(attribute.getValue()))
    return op->emitError() << "role '" << name << "' takes no value";
  return success();
}
