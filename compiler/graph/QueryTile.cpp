#include "compiler/graph/QueryTile.h"
#include "compiler/evaluate/HalideMath.h"
#include "compiler/evaluate/Storage.h"
#include "compiler/graph/Calls.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

using namespace Halide;

namespace heed {

// Halide emits comparisons `nnan`, so one may drop a NaN. These work on bits.

// Not a select: Halide would guard the production of the score with an if.
Expr maskScore(Expr keep, Expr score, double otherwise) {
  Expr bits = bitsOf(score), none = bitsOf(numberLike(score, otherwise));
  Expr all = select(keep, Internal::make_const(bits.type(), -1), Internal::make_zero(bits.type()));
  return reinterpret(score.type(), (bits & all) | (none & ~all));
}

// Negative floats order as their bits do.
Expr isMasked(Expr score) {
  Type bits = UInt(score.type().bits());
  Expr low = reinterpret(bits, numberLike(score, -1e29));
  Expr span = reinterpret(bits, numberLike(score, -std::numeric_limits<double>::infinity())) - low;
  return reinterpret(bits, score) - low <= span;
}

Expr sumOfChains(Func sums, int chains, const Exprs &place) {
  if (chains == 1)
    return sums(place);
  Expr sum;
  for (int chain = 0; chain < chains; chain++) {
    Exprs ofChain = place;
    ofChain.insert(ofChain.begin() + 2, chain);
    sum = sum.defined() ? sum + sums(ofChain) : Expr(sums(ofChain));
  }
  return sum;
}

Exprs finalOf(const OnlineNormalizer &normalizer, const Exprs &state, const RowPosition &row) {
  Exprs final = normalizer.finalize(state, row), identity = normalizer.identity();
  if (state.empty())
    return final; // no key's weights sum to nothing whatever the factor is
  Expr empty = Internal::const_true();
  for (size_t i = 0; i < state.size(); i++)
    empty = empty && bitsOf(state[i]) == bitsOf(identity[i]);
  final[0] = selectBits(empty, 0.0f, final[0]);
  if (normalizer.hasLogSumExp)
    final[1] = selectBits(empty, -std::numeric_limits<float>::infinity(), final[1]);
  return final;
}

// One Func may have several buffers, but they share dimensions: the log-sum-exp's is passed with a
// first dimension of stride 0, and of its equal stores LLVM keeps one a vector.
void boundOutput(Func output, const PairProgram &program, int columns) {
  OutputImageParam buffer = output.output_buffers()[0];
  buffer.dim(0).set_bounds(0, columns);
  buffer.dim(1).set_bounds(0, program.queryHeads);
  buffer.dim(2).set_bounds(0, program.queries);
  buffer.dim(3).set_bounds(0, program.batch);
  if (output.outputs() > 1)
    output.output_buffers()[1].dim(0).set_stride(0);
}

Expr QueryTileBuilder::inFirst(Expr bound) const {
  const std::map<std::string, Expr> first{
      {tileC.name(), tile}, {headC.name(), head}, {batchC.name(), batch}};
  return substitute(first, bound);
}

Expr QueryTileBuilder::hasNoQuery() const { return areNone(finishedQuery(), 1, batch); }

void QueryTileBuilder::packQuery() {
  Expr factor = Internal::make_const(program.type, program.queryFactor());
  auto rowOf = [&](Expr inTile) {
    return clamp(firstQuery(tile) + inTile, 0, program.queryLength(batch) - 1);
  };
  if (program.order == DotOrder::Pairs) {
    auto [first, second] = program.query.pair(d, head, rowOf(q), batch);
    queries.rows.rows = Func("queryRows");
    queries.rows.rows(d, q, tile, head, batch) = wordOf(first, second);
  } else if (program.query.isMade()) {
    OperandRows rows =
        program.query.rows("query", {{q, tile, head, batch}, {head, rowOf(q), batch}});
    queries.rows = {Func("queryRows"), rows.made};
    queries.rows.rows(d, q, tile, head, batch) = rows.element(d);
  }
  queries.rows.width = program.order == DotOrder::Pairs ? 2 : 1;
  queries.rows.buffer = program.query.buffer();
  queries.rows.columns = program.dim / queries.rows.width;
  // What no walk looks at is not gathered; but bounds of quotients are of all lanes. Where strips
  // do not divide what is finished together, those are judged that share one. Where none is left
  // out there is no update, for which CUDA kernels would spill.
  const int together = program.term ? queryTile : std::lcm(finishedQueries, turnWidth);
  Var qi("qi"), qb("qb");
  auto strip = [&](Expr number) {
    std::vector<Expr> rows;
    for (int i = 0; i < turnWidth; i++) {
      Expr inTile = number * turnWidth + i;
      rows.push_back(queries.rows.rows.defined()
                         ? Expr(queries.rows.rows(d, inTile, tile, head, batch))
                         : program.query(d, head, rowOf(inTile), batch));
      if (program.order != DotOrder::Pairs)
        rows.back() = factor * rows.back();
    }
    return mux(qi, rows);
  };
  queries.gathered = Func("gatheredQuery");
  if (together < queryTile) {
    RDom strips(0, queryTile / turnWidth, "queryStrips");
    strips.where(
        !areNone(firstQuery(tile) + strips * turnWidth / together * together, together, batch));
    queries.strip = strips;
    Expr gathered = strip(strips);
    queries.gathered(qi, d, qb, tile, head, batch) = undef(gathered.type());
    queries.gathered(qi, d, strips, tile, head, batch) = gathered;
  } else {
    queries.gathered(qi, d, qb, tile, head, batch) = strip(qb);
  }
  queries.packed = Func("packedQuery");
  queries.packed(q, d, tile, head, batch) =
      queries.gathered(q % turnWidth, d, q / turnWidth, tile, head, batch);
}

KeyRanges QueryTileBuilder::keysOf(Expr first, int queries, Expr h, Expr b) const {
  return keysOfRange(first, first + (queries - 1), h, b);
}

KeyRanges QueryTileBuilder::keysToRead(Expr first, int queries, Expr h, Expr b) const {
  Expr last = first + (queries - 1);
  return fromLast() ? keysOfRange(max(first, 0), max(last, 0), h, b)
                    : keysOfRange(first, last, h, b);
}

KeyRanges QueryTileBuilder::keysOfRange(Expr first, Expr last, Expr h, Expr b) const {
  Expr length = program.keyLength(b);
  KeyRanges keys{0, length, 0, length};
  if (program.ranges)
    keys = program.ranges(b, h, first, last);
  keys.hullBegin = simplify(clamp(keys.hullBegin, 0, program.keys));
  keys.hullEnd = simplify(clamp(keys.hullEnd, 0, length));
  if (!equal(program.queryLength(b), program.queries))
    keys.hullEnd = select(first < program.queryLength(b), keys.hullEnd, 0);
  return keys;
}

// At least one, so that a call without keys has something to merge.
Expr QueryTileBuilder::parts() const { return max(divideUp(program.keys, partKeys), 1); }

Expr QueryTileBuilder::firstKeyOf(Expr t) const {
  return partKeys ? t % parts() * partKeys : Expr(0);
}

Expr QueryTileBuilder::tiles() const {
  Expr ofQueries = divideUp(program.queries, queryTile);
  return partKeys ? ofQueries * parts() : ofQueries;
}

KeyRanges QueryTileBuilder::keysOf(Expr t, Expr h, Expr b) const {
  KeyRanges keys = keysOf(firstQuery(t), queryTile, h, b);
  if (!partKeys)
    return keys;
  Expr begin = t % parts() * partKeys, end = begin + partKeys;
  return {max(keys.hullBegin, begin), min(keys.hullEnd, end), max(keys.fullBegin, begin),
          min(keys.fullEnd, end)};
}

// What these say about a tile goes into every address of the loops' bodies: they are kept as small
// as can be, since lowering takes time with their size.
TileBlocks QueryTileBuilder::blocksOf(const KeyRanges &r, int keyTile) const {
  Expr length = program.keyLength(batchC);
  TileBlocks blocks;
  blocks.hasLead = !can_prove(r.fullBegin <= r.hullBegin);
  blocks.fullBegin = blocks.hasLead ? divideUp(clamp(r.fullBegin, 0, program.keys), keyTile)
                                    : Expr(r.hullBegin / keyTile);
  blocks.fullEnd = max(blocks.fullBegin, min(r.fullEnd, length) / keyTile);
  blocks.trailEnd = divideUp(r.hullEnd, keyTile);
  blocks.leadBegin = r.hullBegin / keyTile;
  blocks.leadEnd = min(blocks.fullBegin, blocks.trailEnd);
  return blocks;
}

void QueryTileBuilder::addHull() {
  KeyRanges keys =
      fromLast() ? keysToRead(firstQuery(tile), queryTile, head, batch) : keysOf(tile, head, batch);
  queries.hull = Func("hull");
  queries.hull(tile, head, batch) = Tuple(keys.hullBegin, keys.hullEnd);
  queries.segments = program.segments;
}

bool asksStatus(const PairProgram &program) {
  if (!program.status)
    return false;
  if (program.leavesUndecided || !program.ranges)
    return program.leavesUndecided;
  Var first, last, head, batch;
  KeyRanges r = program.ranges(batch, head, first, last);
  auto isInTable = [](const Expr &bound) { return calls(bound, {Internal::Call::Halide}); };
  return isInTable(r.hullBegin) || isInTable(r.hullEnd) || isInTable(r.fullBegin) ||
         isInTable(r.fullEnd);
}

TileOrder tileOrderOf(const PairProgram &program) {
  Var first, last, head, batch;
  const bool areAllThere = equal(program.queryLength(batch), program.queries);
  if (!program.ranges || !areAllThere || !program.segments.empty() || asksStatus(program))
    return {};
  KeyRanges r = program.ranges(batch, head, first, last);
  // They are asked for queries before the first, too, which are no places in a tensor.
  for (const Expr &bound : {r.hullBegin, r.hullEnd, r.fullBegin, r.fullEnd})
    if (calls(bound, {Internal::Call::Image, Internal::Call::Halide}))
      return {};
  if (!expr_uses_var(r.hullEnd, last.name()))
    return {};
  return {.fromLast = true, .forwards = expr_uses_var(r.hullBegin, first.name())};
}

void QueryTileBuilder::addStatus(int keyTile) {
  Expr first = firstQuery(tile), firstKey = firstKeyOf(tile) + block * keyTile,
       lastKey = firstKey + (keyTile - 1);
  BlockStatus pairs =
      program.status(batch, head, first, first + (queryTile - 1), firstKey, lastKey);
  Expr all = pairs.all && lastKey < program.keyLength(batch),
       status = cast<uint8_t>(select(all, 2, select(pairs.may, 1, 0)));
  queries.boxes = pairs.boxes;
  if (onDevice)
    status = select(isInHull(block, keyTile), status, cast<uint8_t>(0));
  queries.status = Func("status");
  queries.status(block, tile, head, batch) = status;
  if (!onDevice)
    return;
  queries.asksHeads = expr_uses_var(status, head.name());
  queries.status.bound(block, 0, mostBlocks(keyTile));
  boundTiles(queries.status, queries.asksHeads);
  for (BoxExtremes &box : queries.boxes)
    if (box.lines.defined()) {
      box.lines.bound(box.lines.args()[0], 0, max(box.extent, 1)); // no launch is empty
      boundTiles(box.lines);
    }
}

void QueryTileBuilder::boundTiles(Func f, bool ofHeads) const {
  for (const Var &v : f.args())
    if (v.name() == tile.name())
      f.bound(v, 0, tiles());
    else if (v.name() == head.name())
      f.bound(v, 0, ofHeads ? program.queryHeads : Expr(1));
    else if (v.name() == batch.name())
      f.bound(v, 0, program.batch);
}

Expr QueryTileBuilder::isInHull(Expr b, int keyTile) const {
  KeyRanges keys = keysOf(tile, head, batch);
  Expr begin = firstKeyOf(tile);
  return b >= (keys.hullBegin - begin) / keyTile && b < divideUp(keys.hullEnd - begin, keyTile);
}

Expr QueryTileBuilder::mostBlocks(int keyTile) const {
  return max(divideUp(partKeys ? Expr(partKeys) : program.keys, keyTile), 2);
}

// Each block is written behind the last one, which counts only if it is wanted.
BlockList QueryTileBuilder::listBlocks(const std::string &name, int keyTile,
                                       const std::function<Expr(Expr)> &isWanted) {
  Expr most = mostBlocks(keyTile);
  RDom r(0, 2, 0, most, name + "_block");
  if (!onDevice)
    r.where(isInHull(r.y, keyTile));
  BlockList list{Func(name + "_list"), r.x, most, queries.asksHeads};
  Var i("i");
  list.blocks(i, tile, head, batch) = undef<int>();
  list.blocks(0, tile, head, batch) = 0;
  FuncRef count = list.blocks(0, tile, head, batch);
  Expr next = unsafe_promise_clamped(count + 1, 1, most);
  list.blocks(select(r.x == 0, next, 0), tile, head, batch) =
      select(r.x == 0, r.y, count + cast<int>(isWanted(r.y)));
  list.blocks.bound(i, 0, most + 1);
  if (onDevice)
    boundTiles(list.blocks, queries.asksHeads);
  queries.lists.push_back(list);
  return list;
}

Expr QueryTileBuilder::firstKey(const KeyBlocks &blocks, Expr position, Expr t) const {
  if (!blocks.list.defined())
    return position * blocks.keyTile;
  return firstKeyOf(t) + blocks.list.at(position, t, head, batch) * blocks.keyTile;
}

// Rows outside the hull are never read, so what they hold (NaN, unmapped memory) cannot reach the
// result through a weight of zero.
Expr QueryTileBuilder::rowInHull(const KeyBlocks &blocks, Expr inBlock) {
  Expr k = firstKey(blocks, block, tile) + inBlock;
  return unsafe_promise_clamped(min(max(k, hullBegin()), hullEnd() - 1), 0, program.keys - 1);
}

Expr QueryTileBuilder::row(const KeyBlocks &blocks, Expr inBlock) {
  if (blocks.masked || blocks.packsAhead)
    return rowInHull(blocks, inBlock);
  return unsafe_promise_clamped(firstKey(blocks, block, tile) + inBlock, 0, program.keys - 1);
}

Expr QueryTileBuilder::blockElement(const PairOperand &operand, const KeyBlocks &blocks,
                                    PackedRows &packed, const std::string &name, int columns,
                                    Expr column, Expr inBlock) {
  if (!operand.isMade() && !onDevice) {
    packed.buffer = operand.buffer(), packed.columns = columns;
    return operand(column, keyHead(), row(blocks, inBlock), batch);
  }
  if (!packed.rows.defined()) {
    Expr packedRow = row(blocks, key);
    OperandRows rows = operand.rows(
        blocks.name + name, {{key, block, tile, head, batch}, {keyHead(), packedRow, batch}});
    packed = {Func(blocks.name + name + "_rows"), rows.made, columns};
    packed.rows(d, key, block, tile, head, batch) = rows.element(d);
  }
  return packed.rows(column, inBlock, block, tile, head, batch);
}

Expr QueryTileBuilder::value(KeyBlocks &blocks, Expr column, Expr inBlock) {
  return blockElement(program.value, blocks, blocks.valueRows, "_value", program.valueDim, column,
                      inBlock);
}

Expr QueryTileBuilder::valuePair(KeyBlocks &blocks, Expr column, Expr pair) {
  PackedRows &packed = blocks.valueRows;
  if (!packed.rows.defined()) {
    auto stored = [&](Expr inBlock) {
      return program.value.stored(d, keyHead(), row(blocks, inBlock), batch);
    };
    packed.rows = Func(blocks.name + "_value_rows");
    packed.columns = program.valueDim;
    packed.rows(d, key, block, tile, head, batch) = wordOf(stored(2 * key), stored(2 * key + 1));
  }
  return packed.rows(column, pair, block, tile, head, batch);
}

void QueryTileBuilder::addDot(KeyBlocks &blocks, bool asksBounds) {
  blocks.columnsAtATime = program.order == DotOrder::OddFirst ? 2 : program.columnsAtATime;
  blocks.dot = Func(blocks.name + "_dot");
  const Expr zero = Internal::make_zero(program.type);
  if (blocks.chains > 1) {
    RDom depth({{0, blocks.chains}, {0, program.dotSteps() / blocks.chains}},
               blocks.name + "_depth");
    blocks.chain = depth.x, blocks.depth = depth.y;
    Var chain("chain");
    blocks.dot(q, key, chain, block, tile, head, batch) = zero;
    FuncRef dot = blocks.dot(q, key, depth.x, block, tile, head, batch);
    dot = plusProducts(dot, blocks, depth.y * blocks.chains + depth.x);
    return;
  }
  const int steps = program.term ? program.dim / program.columnsAtATime : program.dotSteps();
  RDom depth(0, steps, blocks.name + "_depth");
  blocks.depth = depth;
  blocks.dot(q, key, block, tile, head, batch) = zero;
  FuncRef dot = blocks.dot(q, key, block, tile, head, batch);
  if (!program.term) {
    dot = plusProducts(dot, blocks, depth);
    return;
  }
  addBases();
  auto add = [&](Expr step, Expr sum) {
    if (queries.bases.defined())
      sum = queries.bases(step, head, batch) + sum;
    blocks.dot(q, key, block, tile, head, batch) += sum;
  };
  std::vector<PairTerm> terms = termsOf(blocks, depth);
  blocks.sharesDivisions = terms.size() > 1 && terms.front().denominator.defined();
  if (!asksBounds || !blocks.sharesDivisions || terms.front().addend == 0)
    return add(depth, sumOf(terms));
  addBounds(blocks);
  Expr end = select(blocks.bounds.areKept(block, tile, head, batch) != 0, steps, 0);
  depth.where(depth < end);
  add(depth, boundedSum(blocks, depth));
  RDom rest(0, steps, blocks.name + "_rest");
  rest.where(rest >= end);
  blocks.bounds.depth = rest;
  add(rest, sumOf(termsOf(blocks, rest)));
}

void QueryTileBuilder::addQuotients() {
  WeightedQuotients &quotients = queries.quotients;
  if (quotients.defined())
    return;
  Var step("step");
  StepWeights ofStep = weightsOf(termsOfNoPair(step));
  quotients.ofStep = Func("stepWeights");
  quotients.ofStep(step, head, batch) = Tuple(ofStep.largest, ofStep.scale, ofStep.offset);
  ColumnWeight ofColumn =
      weightOf(termOfNoPair(d), quotients.ofStep(d / program.columnsAtATime, head, batch)[0]);
  quotients.ofColumn = Func("columnWeights");
  quotients.ofColumn(d, head, batch) = Tuple(ofColumn.ratio, ofColumn.addend);
  quotients.query = Func("weightedQuery");
  quotients.query(q, d, tile, head, batch) =
      queries.packed(q, d, tile, head, batch) * quotients.ofColumn(d, head, batch)[0];
  RDom all(0, queryTile, "queries");
  quotients.most = Func("mostOfQueries");
  quotients.most(d, tile, head, batch) = 0;
  FuncRef most = quotients.most(d, tile, head, batch);
  most = max(most, magnitude(quotients.query(all, d, tile, head, batch)));
  quotients.queries = all;
}

void QueryTileBuilder::addBounds(KeyBlocks &blocks) {
  addQuotients();
  WeightedQuotients &quotients = queries.quotients;
  QuotientBounds &bounds = blocks.bounds;
  auto bitsOfKey = [&](Expr inBlock) {
    return magnitude(
        blockElement(program.key, blocks, blocks.keyRows, "_key", program.dim, d, inBlock));
  };
  RDom keys(0, blocks.keyTile, blocks.name + "_keys");
  bounds.most = Func(blocks.name + "_mostOfKeys");
  bounds.most(d, block, tile, head, batch) = 0;
  FuncRef most = bounds.most(d, block, tile, head, batch);
  most = max(most, bitsOfKey(keys));
  bounds.keys = keys;

  const int together = boundedAtATime(program.columnsAtATime);
  RDom products(0, program.dim / together, blocks.name + "_products");
  auto mostOf = [&](Expr column) {
    Expr query = reinterpret<float>(quotients.most(column, tile, head, batch)),
         ofKey = reinterpret<float>(bounds.most(column, block, tile, head, batch)),
         addend = abs(quotients.ofColumn(column, head, batch)[1]);
    return query * ofKey + addend;
  };
  Expr product = mostOf(products * together);
  for (int i = 1; i < together; i++)
    product = product * mostOf(products * together + i);
  bounds.areKept = Func(blocks.name + "_areKept");
  bounds.areKept(block, tile, head, batch) = cast<uint8_t>(1);
  bounds.areKept(block, tile, head, batch) =
      bounds.areKept(block, tile, head, batch) & cast<uint8_t>(isBounded(product));
  bounds.products = products;
}

Expr QueryTileBuilder::boundedSum(KeyBlocks &blocks, Expr step) {
  WeightedQuotients &quotients = queries.quotients;
  Exprs denominators;
  for (int i = 0; i < program.columnsAtATime; i++) {
    Expr column = step * program.columnsAtATime + i;
    denominators.push_back(quotients.query(q, column, tile, head, batch) *
                               columnOf(blocks, column).second +
                           quotients.ofColumn(column, head, batch)[1]);
  }
  FuncRef ofStep = quotients.ofStep(step, head, batch);
  return sumOfReciprocals(denominators) * ofStep[1] + ofStep[2];
}

std::pair<Expr, Expr> QueryTileBuilder::columnOf(KeyBlocks &blocks, Expr column) {
  return {queries.packed(q, column, tile, head, batch),
          blockElement(program.key, blocks, blocks.keyRows, "_key", program.dim, column, key)};
}

Expr QueryTileBuilder::keyPair(KeyBlocks &blocks, Expr step) {
  PackedRows &packed = blocks.keyRows;
  const bool inOrder = program.key.isInOrder();
  auto [first, second] =
      program.key.pair(inOrder ? step : Expr(d), keyHead(), row(blocks, key), batch);
  if (inOrder) {
    packed.buffer = program.key.buffer(), packed.columns = program.dim;
    return oneWordOf(first, second);
  }
  if (!packed.rows.defined()) {
    packed.rows = Func(blocks.name + "_key_rows");
    packed.columns = program.dotSteps();
    packed.rows(d, key, block, tile, head, batch) = wordOf(first, second);
  }
  return packed.rows(step, key, block, tile, head, batch);
}

Expr QueryTileBuilder::plusProducts(Expr sum, KeyBlocks &blocks, Expr step) {
  auto product = [&](Expr column) {
    auto [x, y] = columnOf(blocks, column);
    return x * y;
  };
  switch (program.order) {
  case DotOrder::Columns:
    return sum + product(step);
  case DotOrder::OddFirst:
    return sum + product(2 * step + 1) + product(2 * step);
  case DotOrder::Pairs:
    return sum + productsOfPairs(queries.packed(q, step, tile, head, batch), keyPair(blocks, step));
  }
  llvm_unreachable("covered switch");
}

std::vector<PairTerm> QueryTileBuilder::termsOf(KeyBlocks &blocks, Expr step) {
  std::vector<PairTerm> terms;
  for (int i = 0; i < program.columnsAtATime; i++) {
    Expr column = step * program.columnsAtATime + i;
    auto [x, y] = columnOf(blocks, column);
    terms.push_back(program.term(x, y, batch, head, column));
  }
  return terms;
}

PairTerm QueryTileBuilder::termOfNoPair(Expr column) const {
  Expr none = Internal::make_zero(program.type);
  return program.term(none, none, batch, head, column);
}

std::vector<PairTerm> QueryTileBuilder::termsOfNoPair(Expr step) const {
  std::vector<PairTerm> terms;
  for (int i = 0; i < program.columnsAtATime; i++)
    terms.push_back(termOfNoPair(step * program.columnsAtATime + i));
  return terms;
}

void QueryTileBuilder::addBases() {
  if (queries.bases.defined())
    return;
  Var step("step");
  Expr sum = basesOf(termsOfNoPair(step));
  if (!sum.defined())
    return;
  queries.bases = Func("bases");
  queries.bases(step, head, batch) = sum;
}

Pair QueryTileBuilder::pairOf(const KeyBlocks &blocks, Expr inBlock) {
  RowPosition position = rowPosition();
  return {position.batch, position.head, position.query, row(blocks, inBlock)};
}

Expr QueryTileBuilder::anyScore(const KeyBlocks &blocks, Expr inBlock) {
  Expr s =
      program.dotOf(sumOfChains(blocks.dot, blocks.chains, {q, inBlock, block, tile, head, batch}));
  if (program.modify)
    s = program.modify(s, pairOf(blocks, inBlock));
  return program.isInUnit() ? s : s * Internal::make_const(program.type, program.unit);
}

Expr QueryTileBuilder::finalScore(const KeyBlocks &blocks, Expr inBlock, double otherwise) {
  Expr s = anyScore(blocks, inBlock);
  if (!blocks.masked)
    return s;
  Expr k = firstKey(blocks, block, tile) + inBlock, keep = k >= hullBegin() && k < hullEnd();
  return maskScore(program.keep ? keep && program.keep(pairOf(blocks, inBlock)) : keep, s,
                   otherwise);
}

// Independent partial results a row reduction over n steps keeps.
static int partialsOf(int n) { return n % 4 == 0 ? 4 : n % 2 == 0 ? 2 : 1; }

BlockReduction QueryTileBuilder::reduceBlock(const std::string &name, int steps, bool isMax,
                                             const std::function<Expr(Expr)> &value) {
  int partials = partialsOf(steps);
  return reduceBlock(name, RDom(0, steps / partials, name + "_steps"), partials, isMax, value);
}

BlockReduction QueryTileBuilder::reduceBlock(const std::string &name, const RDom &r, int partials,
                                             bool isMax, const std::function<Expr(Expr)> &value) {
  auto join = [=](Expr a, Expr b) { return isMax ? max(a, b) : a + b; };
  BlockReduction reduction;
  reduction.steps = r;
  reduction.partials = partials;
  Var u("u");
  Func partial(name + "_partial");
  partial(q, u, block, tile, head, batch) = Internal::make_const(program.type, isMax ? noScore : 0);
  partial(q, u, block, tile, head, batch) =
      join(partial(q, u, block, tile, head, batch), value(r * partials + u));
  Expr total = partial(q, 0, block, tile, head, batch);
  for (int i = 1; i < partials; i++)
    total = join(total, partial(q, i, block, tile, head, batch));
  reduction.partial = partial;
  reduction.total = Func(name);
  reduction.total(q, block, tile, head, batch) = total;
  return reduction;
}

// A sum with a loaded value, or with a part's number, a remainder, is no single point to bounds
// inference, and a masked block's stages would run for every block there could be. Otherwise the
// sum is better: a window's kernel compiles in half the time.
Expr QueryTileBuilder::blockOf(RDom &r, RVar b, Expr begin, Expr end) const {
  Expr at = b;
  if (partKeys || calls(begin, {Internal::Call::Image, Internal::Call::Halide}))
    r.where(b >= begin);
  else
    at += begin;
  r.where(at < end);
  return at;
}

TurnedRows QueryTileBuilder::turn(const std::string &name, const Expr &columns,
                                  const std::function<Expr(Expr)> &value) {
  TurnedRows result;
  result.rows = Func(name);
  result.rows(q, d, tile, head, batch) = value(d);
  Var di("di"), db("db");
  Exprs strip;
  for (int i = 0; i < turnWidth; i++) {
    Expr column = db * turnWidth + i;
    if (!can_prove(columns % turnWidth == 0))
      column = min(column, columns - 1);
    strip.push_back(result.rows(q, column, tile, head, batch));
  }
  result.turned = Func(name + "_turned");
  result.turned(di, q, db, tile, head, batch) = mux(di, strip);
  return result;
}

Expr QueryTileBuilder::turnedAt(TurnedRows &rows, Expr column, Expr row) {
  return rows.turned(column % turnWidth, finishedLane(row), column / turnWidth,
                     row / finishedQueries, head, batch);
}

Func QueryTileBuilder::output(TurnedRows &rows, int columns, Func logSumExp) {
  Var query("query");
  Func out("out");
  Expr value = program.stored(turnedAt(rows, d, query));
  if (logSumExp.defined())
    out(d, head, query, batch) =
        Tuple(value, logSumExp(finishedLane(query), query / finishedQueries, head, batch));
  else
    out(d, head, query, batch) = value;
  boundOutput(out, program, columns);
  return out;
}

} // namespace heed
