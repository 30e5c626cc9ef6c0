#include "tools/heed-bench/Slice.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace heed::bench {

/// The body, where it sees the query at all, sees query + `first` instead.
static void shiftQuery(attn::Component component, int64_t first) {
  if (!llvm::is_contained(component.getParameterNames(), "query"))
    return;
  Block &body = component.getBody().front();
  auto builder = ImplicitLocOpBuilder::atBlockBegin(component.getLoc(), &body);
  unsigned number =
      llvm::find(component.getParameterNames(), "query") - component.getParameterNames().begin();
  Value query = body.getArgument(number);
  Value shift = arith::ConstantIndexOp::create(builder, first);
  auto place = arith::AddIOp::create(builder, query, shift);
  query.replaceAllUsesExcept(place, place);
}

OwningOpRef<ModuleOp> sliceQueries(attn::KernelOp kernel, int64_t first, int64_t queries) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  auto slice = cast<attn::KernelOp>(kernel->clone());
  module->push_back(slice);
  for (auto component : slice.getBody().getOps<attn::Component>())
    shiftQuery(component, first);
  slice.walk([&](attn::QueryOffsetOp offset) {
    ImplicitLocOpBuilder builder(offset.getLoc(), offset);
    Value keys = attn::KeyLengthOp::create(builder, builder.getIndexType());
    Value whole = arith::ConstantIndexOp::create(builder, queries);
    offset.replaceAllUsesWith(arith::SubIOp::create(builder, keys, whole).getResult());
    offset.erase();
  });
  slice.walk([&](attn::QueryLengthOp length) {
    ImplicitLocOpBuilder builder(length.getLoc(), length);
    length.replaceAllUsesWith(arith::ConstantIndexOp::create(builder, queries).getResult());
    length.erase();
  });
  return module;
}

} // namespace heed::bench
