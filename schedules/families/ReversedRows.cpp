#include "schedules/families/ReversedRows.h"

using namespace Halide;
using namespace Halide::Internal;

namespace heed {

ReversedRows::ReversedRows(const Func &output, bool forwards)
    : name(output.name()), forwards(forwards) {
  for (int i = 0; i < output.outputs(); i++)
    bytes[name + (output.outputs() > 1 ? "." + std::to_string(i) : "")] = output.types()[i].bytes();
}

Stmt ReversedRows::visit(const LetStmt *let) {
  constexpr int rows = 2;
  Expr value = let->value;
  for (const auto &[buffer, size] : bytes) {
    auto ask = [&, buffer = buffer](Call::ConstString what) {
      Expr handle = Variable::make(type_of<halide_buffer_t *>(), buffer + ".buffer");
      return Call::make(Int(32), what, {handle, rows}, Call::Extern);
    };
    if (let->name == buffer + ".stride." + std::to_string(rows))
      value = -value;
    if (let->name == buffer) {
      Expr last = cast<int64_t>(ask(Call::buffer_get_extent) - 1) *
                  cast<int64_t>(ask(Call::buffer_get_stride)) * size;
      value = reinterpret(value.type(), reinterpret<uint64_t>(value) + cast<uint64_t>(last));
    }
  }
  return LetStmt::make(let->name, value, mutate(let->body));
}

Stmt ReversedRows::visit(const For *loop) {
  if (!forwards || loop->for_type != ForType::Parallel || !starts_with(loop->name, name + ".s0."))
    return IRMutator::visit(loop);
  Expr task = Variable::make(Int(32), loop->name), last = loop->min + loop->extent - 1;
  return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->partition_policy,
                   loop->device_api, substitute(loop->name, last - (task - loop->min), loop->body));
}

} // namespace heed
