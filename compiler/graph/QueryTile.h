// What every form of attention computes in the same way: a tile of queries, packed so that lanes
// are queries, the keys it needs, and its scores against a block of keys.
#pragma once

#include "compiler/graph/BlockLists.h"
#include "compiler/graph/PairProgram.h"
#include "compiler/graph/WeightedQuotients.h"

#include <string>

namespace heed {

/// What a score that does not count becomes.
Halide::Expr maskScore(Halide::Expr keep, Halide::Expr score, double otherwise);
/// Whether a score does not count: in [-inf, -1e29], false for NaN.
Halide::Expr isMasked(Halide::Expr score);

/// What `sums` has at `place`; with several chains, its third dimension, their sum.
Halide::Expr sumOfChains(Halide::Func sums, int chains, const Exprs &place);

/// Of a normalizer's state: finalize's values, but 0 and -inf where the state is that of no key.
Exprs finalOf(const OnlineNormalizer &normalizer, const Exprs &state, const RowPosition &row);

/// Says how large the output (d, head, query, batch) is; a log-sum-exp is its second value.
void boundOutput(Halide::Func output, const PairProgram &program, int columns);

inline Halide::Expr divideUp(Halide::Expr a, int b) { return (a + (b - 1)) / b; }
inline int divideUp(int a, int b) { return (a + b - 1) / b; }
inline int roundUp(int a, int b) { return (a + b - 1) / b * b; }

/// How queries are cut into tiles, and these are worked on.
struct TileOrder {
  /// Tiles are counted from the last query, as are rows of the output: lanes of the last tile that
  /// have no query lie before the first one, not past the end.
  bool fromLast = false;
  /// Tasks go from the first query to the last nevertheless.
  bool forwards = false;
};

/// Where later queries look at more keys, tiles are counted from the last: lanes without a query
/// are among those that look at few. Of 100 causal tokens, 16 in a vector, that saves a sixth of
/// the products. What a tile looks at is then part of what the one before did; but a window moves
/// on, and what is fetched ahead lies forwards: swa8k takes 2% more time backwards.
TileOrder tileOrderOf(const PairProgram &program);

struct QueryTileStages {
  TileOrder order;
  Halide::Func gathered; ///< (q % turn, d, q / turn, tile, head, batch) scaled
  Halide::RVar strip;    ///< of its update, where some may be left out: q / turn
  Halide::Func packed; ///< (q, d, tile, head, batch); d of DotOrder::Pairs is a word of two columns
  PackedRows rows;     ///< (d, q, tile, head, batch)
  Halide::Func bases;  ///< (step, head, batch) what a step adds to the dot product of every pair;
                       ///< undefined where it is nothing
  WeightedQuotients quotients;        ///< undefined where scores have none
  Halide::Func hull;                  ///< (tile, head, batch) first key that may count, and the end
  std::vector<SegmentTable> segments; ///< what regions read, of the tile's queries
  Halide::Func status;   ///< (block, tile, head, batch): 0 where no pair of a block counts, 1 where
                         ///< some may, 2 where all do; undefined where ranges say it
  bool asksHeads = true; ///< or it is the same for all, and kept at head 0
  std::vector<BoxExtremes> boxes; ///< that it reads
  std::vector<BlockList> lists;   ///< made from it
};

/// Equally treated blocks of keys: key k of block b is b * keyTile + k. A masked block asks which
/// pairs count, and reads no key outside the tile's hull. Where there is a list, the `block` of a
/// Func is a position in it.
struct KeyBlocks {
  std::string name;
  int keyTile;
  bool masked;
  bool packsAhead = false; ///< for several parts of the tile, also blocks that none of them walks
                           ///< over: no row outside the hull may be read
  BlockList list;          ///< undefined where positions are the blocks' numbers
  Halide::Func dot; ///< (q, key, block, tile, head, batch) products of the packed query and the
                    ///< key; with chains (q, key, chain, block, ...)
  int chains = 1;   ///< sums that make a dot, each of every so many columns
  Halide::RVar chain, depth; ///< of its reduction: this many columns a step
  int columnsAtATime = 1;
  bool sharesDivisions = false;  ///< the columns of a step
  QuotientBounds bounds;         ///< undefined where they are not asked for
  PackedRows keyRows, valueRows; ///< (column, key, block, tile, head, batch)
};

/// The key blocks of a tile, half-open: lead masked, full without a mask, [full end, trail end)
/// masked.
struct TileBlocks {
  Halide::Expr leadBegin, leadEnd; ///< undefined where there is none
  Halide::Expr fullBegin, fullEnd;
  Halide::Expr trailEnd;
  bool hasLead;
};

/// A reduction over a block's keys that count.
struct BlockReduction {
  Halide::Func partial; ///< (q, u, block, tile, head, batch), independent partial results u
  int partials;         ///< how many
  Halide::RVar steps;
  Halide::Func total; ///< (q, block, tile, head, batch)
};

/// Rows that were computed with lanes as queries, turned so that lanes are columns.
struct TurnedRows {
  Halide::Func rows;   ///< (q, column, tile, head, batch); inlined
  Halide::Func turned; ///< (column % turn, q, column / turn, tile, head, batch)
};

/// Whether loop bounds cannot say which blocks count: ranges leave much undecided, or lie in
/// tables.
bool asksStatus(const PairProgram &program);

/// Builds these for a form to go on from. Head is the query's.
class QueryTileBuilder {
public:
  /// `onDevice`: keys and values are copied a block at a time even where they could be read from
  /// memory as they are; which blocks count is asked for all tiles before the first is computed, in
  /// Funcs whose sizes no tensor's elements say, since the host cannot read these.
  /// Results are finished `finishedQueries` queries at a time, and where none of these exist they
  /// are not gathered either: no walk may look at them. 0: a tile.
  QueryTileBuilder(const PairProgram &program, int queryTile, int turnWidth, bool onDevice = false,
                   int finishedQueries = 0, TileOrder order = {})
      : program(program), queryTile(queryTile), turnWidth(turnWidth), onDevice(onDevice),
        finishedQueries(finishedQueries ? finishedQueries : queryTile) {
    queries.order = order;
  }

protected:
  const PairProgram &program;
  const int queryTile;
  const int turnWidth; ///< rows transposed at a time
  const bool onDevice;
  const int finishedQueries; ///< of the Funcs of a result (q, ..., tile, ...): their own tile
  QueryTileStages queries;
  Halide::Var q{"q"}, d{"d"}, key{"key"}, block{"block"}, tile{"tile"}, head{"head"},
      batch{"batch"};
  // The tile's position a second time: the bounds of loops over blocks read these. A bound that
  // mentioned the producers' own coordinates would make their sizes dynamic.
  Halide::Var tileC{"tileC"}, headC{"headC"}, batchC{"batchC"};

  /// `bound`, of the tile's second coordinates, in the first.
  Halide::Expr inFirst(Halide::Expr bound) const;

  // Where keys are split, tiles of parts of the keys lie side by side: tile * parts() + part.
  int partKeys = 0;
  Halide::Expr parts() const;
  Halide::Expr tiles() const;
  /// Of a tile's part; statuses and lists count its blocks from there.
  Halide::Expr firstKeyOf(Halide::Expr t) const;
  bool fromLast() const { return queries.order.fromLast; }
  /// May be negative where tiles are counted from the last query.
  Halide::Expr firstQuery(Halide::Expr t) const {
    return firstQuery(partKeys ? t / parts() : t, queryTile);
  }
  /// Whether there is none of `count` queries from `first` on, in entry b of the batch. Counted
  /// from the last query it is said of the place in that order, in which `queries` cancels out.
  Halide::Expr areNone(Halide::Expr first, int count, Halide::Expr b) const {
    return fromLast() ? simplify(program.queries - (first + count)) >= program.queries
                      : first >= program.queryLength(b);
  }
  /// The query of lane q; the nearest there is for lanes without one.
  RowPosition rowPosition() const { return positionOf(firstQuery(tile) + q); }
  /// Of a result.
  RowPosition finishedPosition() const { return positionOf(finishedQuery()); }
  Halide::Expr hasNoQuery() const; ///< lane q of what is finished

  void packQuery();
  /// The keys a tile needs; the hull is cut to those that exist, and its begin may be past its end.
  KeyRanges keysOf(Halide::Expr tile, Halide::Expr head, Halide::Expr batch) const;
  KeyRanges keysOf(Halide::Expr firstQuery, int queries, Halide::Expr head,
                   Halide::Expr batch) const;
  /// The same of those that exist, which no bounds of loops have to be: what may be read.
  KeyRanges keysToRead(Halide::Expr firstQuery, int queries, Halide::Expr head,
                       Halide::Expr batch) const;
  /// As loop bounds: of the tile's second coordinates.
  TileBlocks blocksOf(const KeyRanges &keys, int keyTile) const;
  void addHull();
  Halide::Expr hullBegin() { return queries.hull(tile, head, batch)[0]; }
  Halide::Expr hullEnd() { return queries.hull(tile, head, batch)[1]; }

  void addStatus(int keyTile);
  Halide::Expr statusAt(Halide::Expr block) { return queries.status(block, tile, head, batch); }
  /// Whether a block has a key of the hull.
  Halide::Expr isInHull(Halide::Expr block, int keyTile) const;
  /// Blocks there can be, and at least two: see BlockList::most.
  Halide::Expr mostBlocks(int keyTile) const;
  /// Blocks of the hull that `isWanted`.
  BlockList listBlocks(const std::string &name, int keyTile,
                       const std::function<Halide::Expr(Halide::Expr block)> &isWanted);
  /// The first key of a block.
  Halide::Expr firstKey(const KeyBlocks &blocks, Halide::Expr position, Halide::Expr tile) const;

  Halide::Expr keyHead() const { return head / (program.queryHeads / program.keyHeads); }
  /// Where key `inBlock` of a block lies in the key and value tensors.
  Halide::Expr row(const KeyBlocks &blocks, Halide::Expr inBlock);
  /// The same, of any block: the nearest one that some query of the tile needs.
  Halide::Expr rowInHull(const KeyBlocks &blocks, Halide::Expr inBlock);
  /// `asksBounds`: whether quotients are in bounds, to sum them in the faster way then.
  void addDot(KeyBlocks &blocks, bool asksBounds = false);
  /// Value column of key `inBlock` of a block.
  Halide::Expr value(KeyBlocks &blocks, Halide::Expr column, Halide::Expr inBlock);
  /// The same of keys 2 * `pair` and the next, as a word.
  Halide::Expr valuePair(KeyBlocks &blocks, Halide::Expr column, Halide::Expr pair);
  /// In the normalizer's unit, of the row that a key reads, whether the pair counts or not.
  Halide::Expr anyScore(const KeyBlocks &blocks, Halide::Expr inBlock);
  /// In the normalizer's unit; `otherwise` where the pair does not count.
  Halide::Expr finalScore(const KeyBlocks &blocks, Halide::Expr inBlock, double otherwise);

  /// Largest or sum of `value` over `steps` steps of a block.
  BlockReduction reduceBlock(const std::string &name, int steps, bool isMax,
                             const std::function<Halide::Expr(Halide::Expr step)> &value);
  /// The same over as many steps for each of `steps`, into as many partial results.
  BlockReduction reduceBlock(const std::string &name, const Halide::RDom &steps, int partials,
                             bool isMax,
                             const std::function<Halide::Expr(Halide::Expr step)> &value);
  /// Makes `b`, of `r`, run over [begin, end) from 0 on; gives the block.
  Halide::Expr blockOf(Halide::RDom &r, Halide::RVar b, Halide::Expr begin, Halide::Expr end) const;

  TurnedRows turn(const std::string &name, const Halide::Expr &columns,
                  const std::function<Halide::Expr(Halide::Expr column)> &value);
  /// Element (column, row) of turned rows.
  Halide::Expr turnedAt(TurnedRows &rows, Halide::Expr column, Halide::Expr row);
  /// The kernel's output (d, head, query, batch), and the log-sum-exp, (q, tile, head, batch), as
  /// its second value where one is defined.
  Halide::Func output(TurnedRows &rows, int columns, Halide::Func logSumExp);

  /// Of a Func of all tiles on a device; of one head, if not `ofHeads`.
  void boundTiles(Halide::Func f, bool ofHeads = true) const;

private:
  KeyRanges keysOfRange(Halide::Expr firstQuery, Halide::Expr lastQuery, Halide::Expr head,
                        Halide::Expr batch) const;
  /// A column of the packed query and of the key.
  std::pair<Halide::Expr, Halide::Expr> columnOf(KeyBlocks &blocks, Halide::Expr column);
  /// The key's columns of a step of the dot product, as a word.
  Halide::Expr keyPair(KeyBlocks &blocks, Halide::Expr step);
  /// `sum` and the products of a step.
  Halide::Expr plusProducts(Halide::Expr sum, KeyBlocks &blocks, Halide::Expr step);
  /// Of the columns of one step of a pairwise score; of no pair: what is the same for all.
  std::vector<PairTerm> termsOf(KeyBlocks &blocks, Halide::Expr step);
  std::vector<PairTerm> termsOfNoPair(Halide::Expr step) const;
  PairTerm termOfNoPair(Halide::Expr column) const;
  void addBases();
  void addQuotients();
  void addBounds(KeyBlocks &blocks);
  /// Of the columns of a step, in bounds.
  Halide::Expr boundedSum(KeyBlocks &blocks, Halide::Expr step);
  Halide::Expr firstQuery(Halide::Expr t, int ofTile) const {
    return fromLast() ? program.queries - (t + 1) * ofTile : t * ofTile;
  }
  Halide::Expr finishedQuery() const {
    return (finishedQueries < queryTile ? firstQuery(tile, finishedQueries) : firstQuery(tile)) + q;
  }
  /// Of a query that a tile's lane stands for: it lacks them on one side only.
  RowPosition positionOf(Halide::Expr query) const {
    return {batch, head, fromLast() ? max(query, 0) : min(query, program.queries - 1)};
  }
  /// Of row `row` of a result.
  Halide::Expr finishedLane(Halide::Expr row) const {
    Halide::Expr lane = row % finishedQueries;
    return fromLast() ? finishedQueries - 1 - lane : lane;
  }
  Pair pairOf(const KeyBlocks &blocks, Halide::Expr inBlock);
  Halide::Expr blockElement(const PairOperand &operand, const KeyBlocks &blocks, PackedRows &packed,
                            const std::string &name, int columns, Halide::Expr column,
                            Halide::Expr inBlock);
};

} // namespace heed
