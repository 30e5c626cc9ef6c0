#include "schedules/families/Transpose.h"

using namespace Halide;
using namespace Halide::Internal;

namespace heed {
namespace {

constexpr int kPart = 16; // bytes that unpack instructions stay within

/// A block of vectors, its rows, on its way to become columns. Every step is bound to a name, since
/// two later ones read it.
class Block {
public:
  explicit Block(const std::vector<Expr> &vectors)
      : n(int(vectors.size())), inPart(kPart / vectors[0].type().bytes()) {
    for (const Expr &vector : vectors)
      rows.push_back(bind(vector));
  }

  void transpose() {
    for (int unit = 1; unit < inPart; unit *= 2)
      unpack(unit);
    for (int parts = n / inPart; parts > 1; parts /= 2)
      separateParts();
  }

  const Expr &row(int i) const { return rows[i]; }
  /// `body` with all names it may read.
  Stmt bindAround(Stmt body) const {
    for (auto name = bound.rbegin(); name != bound.rend(); ++name)
      body = LetStmt::make(name->first, name->second, body);
    return body;
  }

private:
  const int n, inPart; // rows, and elements of a row; elements of a part
  std::vector<Expr> rows;
  std::vector<std::pair<std::string, Expr>> bound;

  Expr bind(const Expr &value) {
    bound.emplace_back(unique_name("turned"), value);
    return Variable::make(value.type(), bound.back().first);
  }

  /// Of the elements of `a` and then `b`, those that `from` names.
  template <typename From> Expr choose(const Expr &a, const Expr &b, From from) {
    std::vector<int> indices(n);
    for (int i = 0; i < n; i++)
      indices[i] = from(i);
    return bind(Shuffle::make({a, b}, indices));
  }

  // Of each part, the lower or the upper half of both rows, `unit` elements of each in turn.
  Expr unpacked(const Expr &a, const Expr &b, int unit, bool upper) {
    return choose(a, b, [=, this](int i) {
      int part = i / inPart * inPart, at = i % inPart, chunk = at / (2 * unit);
      bool fromB = at / unit % 2;
      return part + (upper ? inPart / 2 : 0) + chunk * unit + at % unit + (fromB ? n : 0);
    });
  }

  void unpack(int unit) {
    std::vector<Expr> next(n);
    for (int group = 0; group < n; group += 2 * unit)
      for (int i = 0; i < unit; i++)
        for (bool upper : {false, true})
          next[group + 2 * i + upper] =
              unpacked(rows[group + i], rows[group + unit + i], unit, upper);
    rows = next;
  }

  // Rows g * inPart + j of one j hold parts that belong to the columns of j. Pairs of them give
  // their even parts to the first half of the rows, their odd ones to the second.
  void separateParts() {
    const int groups = n / inPart;
    std::vector<Expr> next(n);
    for (int j = 0; j < inPart; j++)
      for (int pair = 0; pair < groups / 2; pair++)
        for (bool odd : {false, true})
          next[(pair + (odd ? groups / 2 : 0)) * inPart + j] = choose(
              rows[2 * pair * inPart + j], rows[(2 * pair + 1) * inPart + j], [=, this](int i) {
                int part = i / inPart, source = part % (groups / 2);
                return (2 * source + odd) * inPart + i % inPart + (part < groups / 2 ? 0 : n);
              });
    rows = next;
  }
};

bool isPowerOfTwo(int n) { return n > 0 && (n & (n - 1)) == 0; }

/// Whether the vectors' elements are stored side by side, as many vectors as there are elements.
bool isSquare(const Store *store, const Shuffle *value) {
  const Ramp *index = store->index.as<Ramp>();
  if (!value || !value->is_interleave() || !index || !is_const_one(index->stride) ||
      !is_const_one(store->predicate))
    return false;
  int n = int(value->vectors.size());
  return n > 1 && n == value->vectors[0].type().lanes() && isPowerOfTwo(n) &&
         n * value->type.bytes() >= kPart;
}

} // namespace

Stmt Transpose::visit(const Store *store) {
  const Shuffle *value = store->value.as<Shuffle>();
  if (!isSquare(store, value))
    return IRMutator::visit(store);
  const int n = int(value->vectors.size());
  const Expr base = store->index.as<Ramp>()->base;
  Block block(value->vectors);
  block.transpose();
  Stmt stores;
  for (int i = n; i-- > 0;) {
    Stmt one = Store::make(store->name, block.row(i), Ramp::make(base + i * n, 1, n), store->param,
                           const_true(n), store->alignment + i * n);
    stores = stores.defined() ? Internal::Block::make(one, stores) : one;
  }
  return block.bindAround(stores);
}

} // namespace heed
