// An attention kernel, part by part.
#pragma once

#include <heed/builder/buckets.h>
#include <heed/builder/normalizers.h>
#include <heed/builder/tensors.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace heed {
inline namespace builder {

namespace detail {
struct Description;
}

/// How elements are stored. Kernels compute in f32, or in f64 where all three operands are.
enum class Storage { F32, F64, F16, BF16 };

struct AttentionShape {
  Extent heads = any;  ///< of the query
  Extent keyHeads = 0; ///< of key and value; 0: as many as the query's
  Extent headDim = 64;
  Extent valueDim = 0;               ///< 0: as headDim
  Storage query = Storage::F32;      ///< and of the output
  std::optional<Storage> cache = {}; ///< of key and value; as the query unless given
};

/// Which end of queries and keys is aligned where their numbers differ: the first query with the
/// first key, or the last with the last.
enum class Alignment { TopLeft, BottomRight };

/// A pair of a query and a key, in `modify` and `mask`.
struct Position {
  Integer batch, head, query, key;

  /// The number of queries, and of keys, of the batch entry.
  Integer queryLength() const;
  Integer keyLength() const;
  /// The query's place among the keys: `query`, or that plus key length - query length, unless an
  /// input says another offset (Attention::queryOffsets).
  Integer place(Alignment alignment = Alignment::BottomRight) const;
};

/// An element of a query, key or value while it is loaded.
struct Element {
  Real value;
  Integer batch, position, head, column;
  Tensor<Real, 4> source; ///< what `value` is loaded from

  /// The element of the same row at another column.
  Real at(const Integer &column) const { return source(batch, position, head, column); }
  /// The sum over the row's columns of what `value` is at each.
  Real rowSum(const Real &value) const;
  /// Of a query: its place among the keys.
  Integer place(Alignment alignment = Alignment::BottomRight) const;
};

/// Where a pairwise score stands.
struct Feature {
  Integer batch, head, column;
};

/// Which columns of a row rotary positions turn as one: c and c + dim / 2, or c and c + 1.
enum class Rotary { Half, Interleaved };

/// What scores are returned: as `score` gives them, after every modify, after every mask.
enum class Stage { Raw, Modified, Masked };

/// Describes one attention kernel. Operands are made in the order of the calls, after what says how
/// they are stored (int8, paged, ring); modifies apply in the order of the calls, masks after all
/// of them.
class Attention {
public:
  explicit Attention(std::string name, AttentionShape shape = {});
  ~Attention();
  Attention(const Attention &) = delete;
  Attention &operator=(const Attention &) = delete;

  const AttentionShape &shape() const; ///< with the zeros filled in

  // Inputs: arguments of the C function after query, key and value, in the order of the calls.
  template <typename T, size_t N> Tensor<T, N> input(std::string name, const Extent (&extents)[N]) {
    return Tensor<T, N>(addInput(std::move(name), detail::ElementOf<T>::name,
                                 std::vector<Extent>(extents, extents + N), ""));
  }
  template <typename T> Tensor<T> input(std::string name, std::vector<Extent> extents) {
    return Tensor<T>(addInput(std::move(name), detail::ElementOf<T>::name, std::move(extents), ""));
  }
  Segments segments(std::string name);               ///< cumulative lengths of packed sequences
  void keyLengths(std::string name = "key_lengths"); ///< of each batch entry
  void queryLengths(std::string name = "query_lengths");
  void queryOffsets(std::string name = "query_offsets"); ///< first query's place among the keys

  // Operands.
  template <typename F> void query(F element) { addElement(Operand::Query, element); }
  template <typename F> void key(F element) { addElement(Operand::Key, element); }
  template <typename F> void value(F element) { addElement(Operand::Value, element); }
  /// Times weights (heads or 1, dim, new dim).
  void projectQuery(const Tensor<Real, 3> &weights) { addProjection(Operand::Query, weights.data); }
  void projectKey(const Tensor<Real, 3> &weights) { addProjection(Operand::Key, weights.data); }
  /// Rotary positions from tables of cosines and sines (position, dim / 2), at the places of
  /// queries and the positions of keys (Su et al. 2021, section 3.2.2; halves as in GPT-NeoX).
  void rotary(const Tensor<Real, 2> &cosines, const Tensor<Real, 2> &sines,
              Rotary pairs = Rotary::Half);
  /// Queries and keys over their root mean square, times weights (dim).
  void queryKeyNorm(const Tensor<Real, 1> &queryWeights, const Tensor<Real, 1> &keyWeights,
                    double epsilon = 1e-6);
  /// A value is the first valueDim columns of its key, which are stored once (DeepSeek-AI 2024,
  /// DeepSeek-V2, section 2.1).
  void valueFromKeys();
  /// Keys and values are int8; scales of tokens (batch, key, key head) or of columns (key head,
  /// dim). Those of tokens lie as their rows do: in pages (page, position in it, key head), in a
  /// ring.
  template <size_t K, size_t V>
  void int8(const Tensor<Real, K> &keyScales, const Tensor<Real, V> &valueScales) {
    static_assert((K == 2 || K == 3) && (V == 2 || V == 3),
                  "heed: scales are (batch, key, head) for tokens or (head, column) for columns");
    addScale(Operand::Key, K == 3 ? keyScales.data : nullptr,
             [=](const Element &e) { return scaleOf(keyScales, e); });
    addScale(Operand::Value, V == 3 ? valueScales.data : nullptr,
             [=](const Element &e) { return scaleOf(valueScales, e); });
  }
  /// Keys and values are pools of pages (page, position in it, head, dim); an input `name` says the
  /// pages of each batch entry (Kwon et al. 2023, section 4.1).
  void paged(int64_t pageSize, std::string name = "page_table");
  /// Position p of a batch entry is in row (p + begin) % rows; an input `name` says begins.
  void ring(std::string name = "ring_begins");

  // Scores; scaledDot unless one is called.
  void dot();
  void scaledDot(); ///< by 1 / sqrt(dim)
  void scaledDot(double scale);
  /// The sum over the columns of what the lambda gives.
  template <typename F> void pairwise(F feature) {
    static_assert(std::is_invocable_v<F, Real, Real, Feature>,
                  "heed: pairwise takes a lambda of (Real query, Real key, Feature f)");
    if constexpr (std::is_invocable_v<F, Real, Real, Feature>)
      setPairwise(checked<Real, Real, Real, Feature>(feature));
  }
  /// cos(query, key) * scales[head] (Liu et al. 2022, Swin v2, section 3.2).
  void cosine(const Tensor<Real, 1> &scales);
  /// query^T W key, W (heads, query dim, key dim) (Luong et al. 2015, section 3.1).
  void bilinear(const Tensor<Real, 3> &weights);
  /// w . tanh(query Wq + key Wk) (Bahdanau et al. 2015, section A.1.2).
  void additive(const Tensor<Real, 3> &queryWeights, const Tensor<Real, 3> &keyWeights,
                const Tensor<Real, 1> &weights);
  /// -|query - key|^2 (Kim et al. 2021, section 3).
  void negativeSquaredDistance();

  // Scores to weights.
  template <typename F> void modify(F score) {
    static_assert(std::is_invocable_v<F, Real, Position>,
                  "heed: modify takes a lambda of (Real score, Position p)");
    if constexpr (std::is_invocable_v<F, Real, Position>)
      addModify(checked<Real, Real, Position>(score));
  }
  template <typename F> void mask(F counts) {
    static_assert(std::is_invocable_v<F, Position>, "heed: mask takes a lambda of (Position p)");
    if constexpr (std::is_invocable_v<F, Position>)
      addMask(checked<Truth, Position>(counts));
  }
  void normalize(const Normalizer &normalizer); ///< softmax unless called
  /// Weights may be rounded to this, BF16, where they multiply values: as frameworks do for
  /// bfloat16, and twice as fast on a CPU that multiplies pairs of it (AVX512_BF16).
  void weightsAs(Storage storage);

  // Results after the output, in the order of the calls.
  void returnLogSumExp();
  void returnWeights();
  void returnScores(Stage stage);
  void returnKeySums();
  /// The output is the unfinished state of an online normalizer. Two kernels more come with it:
  /// NAME_merge makes one state of two over different keys, NAME_finish the output, and the
  /// log-sum-exp where it is returned.
  void returnPartial();

  /// The description, which heedc compiles.
  std::string text() const;
  void write(const std::string &path) const;
  /// Writes OUTPUT.a, .h and .json with heedc, that of $HEEDC or else of $PATH.
  void compile(const std::string &output, const std::vector<std::string> &flags = {}) const;

private:
  enum class Operand { Query, Key, Value };
  /// The lambda, which has to give a `Result`.
  template <typename Result, typename... Parameters, typename F>
  static std::function<Result(Parameters...)> checked(const F &lambda) {
    constexpr bool gives = std::is_convertible_v<std::invoke_result_t<F, Parameters...>, Result>;
    static_assert(gives || !std::same_as<Result, Real>,
                  "heed: this lambda gives a number; a condition belongs into mask or select");
    static_assert(gives || !std::same_as<Result, Truth>,
                  "heed: the lambda of mask gives a condition, such as p.key <= p.query");
    if constexpr (gives)
      return lambda;
    else
      return {};
  }
  template <typename F> void addElement(Operand operand, const F &element) {
    static_assert(std::is_invocable_v<F, Element>,
                  "heed: query, key and value take a lambda of (Element e)");
    if constexpr (std::is_invocable_v<F, Element>)
      addElements(operand, "made", checked<Real, Element>(element));
  }

  template <typename T> static auto scaleOf(const Tensor<T, 2> &scales, const Element &e) {
    return scales(e.head, e.column);
  }
  template <typename T> static auto scaleOf(const Tensor<T, 3> &scales, const Element &e) {
    return scales(e.batch, e.position, e.head);
  }

  detail::TensorPtr addInput(std::string name, std::string element, std::vector<Extent> extents,
                             std::string role);
  void addElements(Operand operand, const std::string &what,
                   const std::function<Real(Element)> &element);
  void addPlaces(const std::string &what, const detail::TensorPtr &positions, int64_t factor,
                 const std::function<std::array<Integer, 2>(Element)> &row);
  void addScale(Operand operand, const detail::TensorPtr &ofTokens,
                const std::function<Real(Element)> &scale);
  void addProjection(Operand operand, detail::TensorPtr weights);
  void setPairwise(const std::function<Real(Real, Real, Feature)> &feature);
  void addModify(const std::function<Real(Real, Position)> &score);
  void addMask(const std::function<Truth(Position)> &counts);

  std::unique_ptr<detail::Description> state;
};

} // namespace builder
} // namespace heed
