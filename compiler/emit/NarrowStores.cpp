#include "compiler/emit/NarrowStores.h"

using namespace Halide;
using namespace Halide::Internal;

namespace heed {

Stmt NarrowStores::visit(const Store *store) {
  const Type type = store->value.type();
  if (type.bits() != 16 || type.is_scalar() || type.lanes() > 4 || is_const_one(store->predicate))
    return IRMutator::visit(store);
  const std::string value = unique_name("lanes");
  Expr lanes = Variable::make(type, value);
  Stmt stores;
  for (int lane = type.lanes(); lane-- > 0;) {
    auto one = [&](const Expr &all) { return Shuffle::make_extract_element(all, lane); };
    Stmt alone = IfThenElse::make(one(store->predicate),
                                  Store::make(store->name, one(lanes), one(store->index),
                                              store->param, const_true(), ModulusRemainder()));
    stores = stores.defined() ? Block::make(alone, stores) : alone;
  }
  return LetStmt::make(value, mutate(store->value), stores);
}

} // namespace heed
