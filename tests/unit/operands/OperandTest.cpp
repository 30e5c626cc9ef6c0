// Queries, keys and values made while they are loaded, against formulas and against kernels that
// are given the made rows.
#include "compiler/graph/AttentionProgram.h"
#include "tests/unit/operands/Run.h"

#include <map>
#include <memory>

using namespace Halide;

namespace heed::test {
namespace {

/// score, softmax and weighted sum of %x, %y and %z, 4 heads to 2; `arguments` and `ops` make them.
std::string attention(const std::string &arguments, const std::string &ops, int dim = 32) {
  std::string D = std::to_string(dim) + "xf32>", Q = "tensor<?x?x4x" + D, K = "tensor<?x?x2x" + D,
              S = "tensor<?x4x?x?xf32>";
  return "attn.kernel @made(" + arguments + ") -> " + Q + " {\n" + ops +
         "%s = attn.score scaled_dot %x, %y : (" + Q + ", " + K + ") -> " + S + "\n" +
         "%w = attn.normalize softmax %s : " + S + "\n" + "%o = attn.weighted_sum %w, %z : (" + S +
         ", " + K + ") -> " + Q + "\n" + "attn.return %o : " + Q + "\n}";
}

const std::string plain = attention("%x: tensor<?x?x4x32xf32>, %y: tensor<?x?x2x32xf32>, "
                                    "%z: tensor<?x?x2x32xf32>",
                                    "");

constexpr int batch = 2, queries = 37, keys = 150, dim = 32;

class Operand : public OnTarget {
protected:
  Buffer<float> q = random<float>({batch, queries, 4, dim}, 1),
                k = random<float>({batch, keys, 2, dim}, 2),
                v = random<float>({batch, keys, 2, dim}, 3);

  /// Bit for bit.
  void expectSame(Buffer<float> &a, Buffer<float> &b) {
    int differ = 0;
    a.for_each_element([&](const int *at) { differ += a(at) != b(at); });
    EXPECT_EQ(differ, 0);
  }
  /// The plain kernel's output for rows made beforehand.
  Buffer<float> outputOf(Buffer<float> &q, Buffer<float> &k, Buffer<float> &v) {
    // Of each target; never destroyed, since Halide may be gone by then.
    static auto &kernels = *new std::map<std::string, std::unique_ptr<Compiled>>;
    std::unique_ptr<Compiled> &kernel = kernels[target.name];
    if (!kernel)
      kernel = std::make_unique<Compiled>(plain, target);
    auto out = zeros<float>({batch, q.dim(2).extent(), 4, dim});
    (*kernel)(q, k, v, out);
    return out;
  }
  void expectNear(Buffer<float> &a, Buffer<float> &b, double bound) {
    double worst = 0;
    a.for_each_element([&](const int *at) {
      worst = std::isnan(a(at)) ? 1e300 : std::max(worst, std::abs(double(a(at)) - b(at)));
    });
    EXPECT_LT(worst, bound);
  }
};

class OperandHere : public Operand {};

/// Rotates halves by an angle that grows with the position and falls with the column.
std::string rotary(const std::string &result, const std::string &source, const std::string &heads,
                   const std::string &offset) {
  std::string T = "tensor<?x?x" + heads + "x32xf32>";
  return result + " = attn.rowwise captures(" + source + " : " + T + ") {\n" + R"(
    ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: )" +
         T + R"():
      %half = arith.constant 16 : index
      %zero = arith.constant 0.0 : f32
      %isLow = arith.cmpi slt, %column, %half : index
      %up = arith.addi %column, %half : index
      %down = arith.subi %column, %half : index
      %partner = arith.select %isLow, %up, %down : index
      %pair = arith.select %isLow, %column, %down : index
      %a = attn.load %t[%batch, %position, %head, %column] : )" +
         T + "\n      %b = attn.load %t[%batch, %position, %head, %partner] : " + T + R"(
      %minus = arith.negf %b : f32
      %turned = arith.select %isLow, %minus, %b : f32
)" + offset +
         R"(
      %i = arith.index_cast %place : index to i32
      %p = arith.sitofp %i : i32 to f32
      %j = arith.index_cast %pair : index to i32
      %e = arith.sitofp %j : i32 to f32
      %rate = arith.constant -0.5 : f32
      %power = arith.mulf %e, %rate : f32
      %speed = math.exp %power : f32
      %angle = arith.mulf %p, %speed : f32
      %cos = math.cos %angle : f32
      %sin = math.sin %angle : f32
      %c = arith.mulf %a, %cos : f32
      %d = arith.mulf %turned, %sin : f32
      %r = arith.addf %c, %d : f32
      attn.yield %r : f32
    } : )" +
         T + "\n";
}

Buffer<float> rotated(Buffer<float> &x, int offset) {
  Buffer<float> y = x.copy();
  y.for_each_element([&](int c, int h, int p, int b) {
    bool isLow = c < 16;
    float angle = float(p + offset) * std::exp(float(isLow ? c : c - 16) * -0.5f);
    float partner = isLow ? -x(c + 16, h, p, b) : x(c - 16, h, p, b);
    y(c, h, p, b) = x(c, h, p, b) * std::cos(angle) + partner * std::sin(angle);
  });
  return y;
}

TEST_P(OperandHere, RotaryPositionsOfQueriesStartAtTheOffset) {
  const std::string offset = "%o = attn.query_offset\n%place = arith.addi %position, %o : index",
                    none =
                        "%o = arith.constant 0 : index\n%place = arith.addi %position, %o : index";
  Compiled kernel(attention("%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, "
                            "%z: tensor<?x?x2x32xf32>",
                            rotary("%x", "%q", "4", offset) + rotary("%y", "%k", "2", none)),
                  target);
  auto out = zeros<float>({batch, queries, 4, dim});
  kernel(q, k, v, out);
  auto x = rotated(q, keys - queries), y = rotated(k, 0);
  auto expected = outputOf(x, y, v);
  expectNear(out, expected, 1e-5);
}

TEST_P(OperandHere, RowsAreNormalizedThenScaled) {
  // Two ops after each other: the second loads the first's rows at another column.
  auto norm = [](const std::string &result, const std::string &source, const std::string &heads) {
    std::string T = "tensor<?x?x" + heads + "x32xf32>";
    return result + "n = attn.rowwise captures(" + source + " : " + T + R"() {
    ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: )" +
           T + "):\n%a = attn.load %t[%batch, %position, %head, %column] : " + T + R"(
      %square = arith.mulf %a, %a : f32
      %sum = attn.row_sum %square : f32
      %r = math.rsqrt %sum : f32
      %b = arith.mulf %a, %r : f32
      attn.yield %b : f32
    } : )" +
           T + "\n" + result + " = attn.rowwise captures(" + result + "n : " + T + R"() {
    ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: )" +
           T + R"():
      %last = arith.constant 31 : index
      %other = arith.subi %last, %column : index
      %a = attn.load %t[%batch, %position, %head, %other] : )" +
           T + R"(
      %five = arith.constant 5.0 : f32
      %b = arith.mulf %a, %five : f32
      attn.yield %b : f32
    } : )" +
           T + "\n";
  };
  Compiled kernel(attention("%q: tensor<?x?x4x32xf32>, %k: tensor<?x?x2x32xf32>, "
                            "%z: tensor<?x?x2x32xf32>",
                            norm("%x", "%q", "4") + norm("%y", "%k", "2")),
                  target);
  auto normalized = [](Buffer<float> &x) {
    Buffer<float> y = x.copy();
    y.for_each_element([&](int c, int h, int p, int b) {
      double sum = 0;
      for (int d = 0; d < dim; d++)
        sum += x(d, h, p, b) * double(x(d, h, p, b));
      y(c, h, p, b) = float(5 * x(31 - c, h, p, b) / std::sqrt(sum));
    });
    return y;
  };
  auto out = zeros<float>({batch, queries, 4, dim});
  kernel(q, k, v, out);
  auto x = normalized(q), y = normalized(k);
  auto expected = outputOf(x, y, v);
  expectNear(out, expected, 1e-5);
}

// One tile a task, as the plain kernel has: with several LLVM orders sums in another way.
TEST_P(Operand, BytesTimesAScalePerToken) {
  auto dequantized = [](const std::string &result, const std::string &bytes,
                        const std::string &scales) {
    return result + " = attn.rowwise captures(" + bytes + ", " + scales +
           R"( : tensor<?x?x2x32xi8>, tensor<?x?x2xf32>) {
    ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x2x32xi8>, %u: tensor<?x?x2xf32>):
      %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x2x32xi8>
      %f = arith.sitofp %a : i32 to f32
      %scale = attn.load %u[%batch, %position, %head] : tensor<?x?x2xf32>
      %b = arith.mulf %f, %scale : f32
      attn.yield %b : f32
    } : tensor<?x?x2x32xf32>
)";
  };
  Compiled kernel(attention("%x: tensor<?x?x4x32xf32>, %kb: tensor<?x?x2x32xi8>, "
                            "%ks: tensor<?x?x2xf32>, %vb: tensor<?x?x2x32xi8>, "
                            "%vs: tensor<?x?x2xf32>",
                            dequantized("%y", "%kb", "%ks") + dequantized("%z", "%vb", "%vs")),
                  target, /*runPasses=*/true, /*sharesRows=*/false);
  auto bytes = random<int8_t>({batch, keys, 2, dim}, 4, 40);
  auto scales = random<float>({batch, keys, 2}, 5, 0.02);
  Buffer<float> wide = k.copy();
  wide.for_each_element([&](int c, int h, int p, int b) {
    wide(c, h, p, b) = float(bytes(c, h, p, b)) * scales(h, p, b);
  });
  auto out = zeros<float>({batch, queries, 4, dim});
  kernel(q, bytes, scales, bytes, scales, out);
  auto expected = outputOf(q, wide, wide);
  expectSame(out, expected);
}

std::string paged(const std::string &result, const std::string &pool) {
  return result + " = attn.rowwise captures(" + pool +
         R"(, %table : tensor<?x16x2x32xf32>, tensor<?x?xi32>) positions(%table[1] * 16) {
    ^bb0(%batch: index, %position: index, %head: index, %column: index, %p: tensor<?x16x2x32xf32>, %t: tensor<?x?xi32>):
      %size = arith.constant 16 : index
      %block = arith.divsi %position, %size : index
      %slot = arith.remsi %position, %size : index
      %n = attn.load %t[%batch, %block] : tensor<?x?xi32>
      %page = arith.index_cast %n : i32 to index
      %a = attn.load %p[%page, %slot, %head, %column] : tensor<?x16x2x32xf32>
      attn.yield %a : f32
    } : tensor<?x?x2x32xf32>
)";
}

TEST_P(Operand, PagedEqualsContiguousBitForBit) {
  Compiled kernel(attention("%x: tensor<?x?x4x32xf32>, %kp: tensor<?x16x2x32xf32>, "
                            "%vp: tensor<?x16x2x32xf32>, %table: tensor<?x?xi32>, "
                            "%lengths: tensor<?xi32> {attn.key_lengths}",
                            paged("%y", "%kp") + paged("%z", "%vp")),
                  target);
  Compiled contiguous(attention("%x: tensor<?x?x4x32xf32>, %y: tensor<?x?x2x32xf32>, "
                                "%z: tensor<?x?x2x32xf32>, "
                                "%lengths: tensor<?xi32> {attn.key_lengths}",
                                ""),
                      target);
  const int pages = (keys + 15) / 16;
  Buffer<int> table(pages, batch);
  table.for_each_element(
      [&](int i, int b) { table(i, b) = (i * 7 + b * 11 + 3) % (2 * pages + 1); });
  std::vector<int> order(2 * pages + 1);
  for (size_t i = 0; i < order.size(); i++)
    order[i] = int(i);
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  table.for_each_element([&](int i, int b) { table(i, b) = order[size_t(i + b * pages)]; });
  auto kp = zeros<float>({2 * pages + 1, 16, 2, dim}), vp = kp.copy();
  kp.fill(std::nanf("")), vp.fill(std::nanf("")); // what no sequence owns is never read
  k.for_each_element([&](int c, int h, int p, int b) {
    kp(c, h, p % 16, table(p / 16, b)) = k(c, h, p, b);
    vp(c, h, p % 16, table(p / 16, b)) = v(c, h, p, b);
  });
  Buffer<int> lengths(batch);
  lengths(0) = keys, lengths(1) = 77;
  for (int length : {1, 16, 77}) { // rows past the length belong to nobody
    lengths(1) = length;
    auto out = zeros<float>({batch, queries, 4, dim}), expected = out.copy();
    kernel(q, kp, vp, table, lengths, out);
    contiguous(q, k, v, lengths, expected);
    expectSame(out, expected);
  }
}

TEST_P(Operand, PastAndNewKeysAreOne) {
  auto joined = [](const std::string &result, const std::string &past, const std::string &fresh) {
    return result + " = attn.rowwise captures(" + past + ", " + fresh +
           R"( : tensor<?x?x2x32xf32>, tensor<?x?x2x32xf32>) positions()" + past + "[1] + " +
           fresh + R"([1]) {
    ^bb0(%batch: index, %position: index, %head: index, %column: index, %p: tensor<?x?x2x32xf32>, %t: tensor<?x?x2x32xf32>):
      %n = attn.extent %p[1] : tensor<?x?x2x32xf32>
      %isPast = arith.cmpi slt, %position, %n : index
      %new = arith.subi %position, %n : index
      %same = arith.constant 0 : index
      %old = arith.addi %position, %same : index
      %a = attn.load %p[%batch, %old, %head, %column] : tensor<?x?x2x32xf32>
      %b = attn.load %t[%batch, %new, %head, %column] : tensor<?x?x2x32xf32>
      %c = arith.select %isPast, %a, %b : f32
      attn.yield %c : f32
    } : tensor<?x?x2x32xf32>
)";
  };
  Compiled kernel(attention("%x: tensor<?x?x4x32xf32>, %kp: tensor<?x?x2x32xf32>, "
                            "%kn: tensor<?x?x2x32xf32>, %vp: tensor<?x?x2x32xf32>, "
                            "%vn: tensor<?x?x2x32xf32>",
                            joined("%y", "%kp", "%kn") + joined("%z", "%vp", "%vn")),
                  target);
  const int past = 101;
  auto slice = [](Buffer<float> &x, int begin, int end) {
    auto part = zeros<float>({batch, end - begin, 2, dim});
    part.for_each_element(
        [&](int c, int h, int p, int b) { part(c, h, p, b) = x(c, h, p + begin, b); });
    return part;
  };
  auto kp = slice(k, 0, past), kn = slice(k, past, keys), vp = slice(v, 0, past),
       vn = slice(v, past, keys), out = zeros<float>({batch, queries, 4, dim});
  kernel(q, kp, kn, vp, vn, out);
  auto expected = outputOf(q, k, v);
  expectSame(out, expected);
}

TEST_P(OperandHere, ProjectedRows) {
  auto check = [&](int inputs, int columns, int weightHeads) {
    SCOPED_TRACE(std::to_string(inputs) + " to " + std::to_string(columns));
    std::string I = std::to_string(inputs), C = std::to_string(columns),
                W = "tensor<" + std::to_string(weightHeads) + "x" + I + "x" + C + "xf32>";
    auto project = [&](const std::string &r, const std::string &x, const std::string &w,
                       int heads) {
      std::string H = std::to_string(heads);
      return r + " = attn.project " + x + ", " + w + " : (tensor<?x?x" + H + "x" + I + "xf32>, " +
             W + ") -> tensor<?x?x" + H + "x" + C + "xf32>\n";
    };
    std::string V = "tensor<?x?x2x" + C + "xf32>";
    Compiled kernel(
        attention("%q: tensor<?x?x4x" + I + "xf32>, %k: tensor<?x?x2x" + I + "xf32>, %z: " + V +
                      ", %u: tensor<1x" + I + "x" + C + "xf32>, %m: " + W,
                  "%x = attn.project %q, %u : (tensor<?x?x4x" + I + "xf32>, tensor<1x" + I + "x" +
                      C + "xf32>) -> tensor<?x?x4x" + C + "xf32>\n" + project("%y", "%k", "%m", 2),
                  columns),
        target);
    auto q = random<float>({batch, queries, 4, inputs}, 1),
         k = random<float>({batch, keys, 2, inputs}, 2),
         v = random<float>({batch, keys, 2, columns}, 3),
         u = random<float>({1, inputs, columns}, 4, 0.3),
         w = random<float>({weightHeads, inputs, columns}, 5, 0.3),
         out = zeros<float>({batch, queries, 4, columns});
    kernel(q, k, v, u, w, out);
    auto product = [&](Buffer<float> &x, Buffer<float> &m, int c, int h, int p, int b) {
      double sum = 0;
      for (int d = 0; d < inputs; d++)
        sum += double(x(d, h, p, b)) * m(c, d, m.dim(2).extent() == 1 ? 0 : h);
      return sum;
    };
    std::vector<double> x, y; // [((b * n + p) * heads + h) * columns + c]
    for (int b = 0; b < batch; b++) {
      for (int p = 0; p < queries; p++)
        for (int h = 0; h < 4; h++)
          for (int c = 0; c < columns; c++)
            x.push_back(product(q, u, c, h, p, b));
      for (int p = 0; p < keys; p++)
        for (int h = 0; h < 2; h++)
          for (int c = 0; c < columns; c++)
            y.push_back(product(k, w, c, h, p, b));
    }
    double error = worstError(
        out, keys,
        [&](int b, int h, int i, int j) {
          double s = 0;
          for (int c = 0; c < columns; c++)
            s += x[size_t(((b * queries + i) * 4 + h) * columns + c)] *
                 y[size_t(((b * keys + j) * 2 + h / 2) * columns + c)];
          return s / std::sqrt(columns);
        },
        [&](int b, int h, int j, int d) { return double(v(d, h / 2, j, b)); });
    EXPECT_LT(error, 2e-5);
  };
  check(16, 32, 2);
  check(5, 19, 1);
}

TEST_P(OperandHere, ARowwiseKernelOfRankFourTakesAnyStrides) {
  Compiled kernel(R"(attn.kernel @scale(%x: tensor<?x?x2x19xf32>) -> tensor<?x?x2x19xf32> {
    %y = attn.rowwise captures(%x : tensor<?x?x2x19xf32>) {
    ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x2x19xf32>):
      %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x2x19xf32>
      %sum = attn.row_sum %a : f32
      %b = arith.mulf %a, %sum : f32
      attn.yield %b : f32
    } : tensor<?x?x2x19xf32>
    attn.return %y : tensor<?x?x2x19xf32>
  })",
                  target);
  auto x = random<float>({3, 21, 2, 19}, 1);
  // (batch, head, position, column) in memory, seen as (batch, position, head, column).
  auto turned = zeros<float>({3, 2, 21, 19});
  Buffer<float> out = turned;
  out.transpose(1, 2);
  kernel(x, out);
  x.for_each_element([&](int c, int h, int p, int b) {
    double sum = 0;
    for (int d = 0; d < 19; d++)
      sum += x(d, h, p, b);
    ASSERT_NEAR(out(c, h, p, b), x(c, h, p, b) * sum, 1e-4);
  });
}

// What rows are made of is made with them, block by block, but for projections: those are computed
// before everything else.
TEST(OperandRows, NameTheProjectionsThatTheyRead) {
  const std::string rows = "tensor<?x?x2x8xf32>", w = "tensor<2x8x8xf32>";
  auto twice = [&](const std::string &result, const std::string &x) {
    std::string y = result + "Projected";
    return y + " = attn.project " + x + ", %w : (" + rows + ", " + w + ") -> " + rows + "\n" +
           result + " = attn.rowwise captures(" + y + " : " + rows + ") {\n" +
           "^bb0(%b: index, %i: index, %h: index, %c: index, %t: " + rows + "):\n" +
           "%e = attn.load %t[%b, %i, %h, %c] : " + rows + "\n%f = arith.addf %e, %e : f32\n" +
           "attn.yield %f : f32\n} : " + rows + "\n";
  };
  Parsed parsed("attn.kernel @made(%q: " + rows + ", %k: " + rows + ", %v: " + rows + ", %w: " + w +
                ") -> " + rows + " {\n" + twice("%x", "%q") + twice("%y", "%k") +
                "%s = attn.score dot %x, %y : (" + rows + ", " + rows +
                ") -> tensor<?x2x?x?xf32>\n%n = attn.normalize softmax %s : tensor<?x2x?x?xf32>\n"
                "%o = attn.weighted_sum %n, %v : (tensor<?x2x?x?xf32>, " +
                rows + ") -> " + rows + "\nattn.return %o : " + rows + "\n}");
  ASSERT_TRUE(parsed) << parsed.errors;
  Operands operands(*kernelSignature(parsed.kernel()));
  RowsAhead ahead = readAttention(*viewAttention(parsed.kernel()), operands)->ahead;
  EXPECT_EQ(ahead.projections.size(), 2u);
  EXPECT_EQ(ahead.made.size(), 2u);
}

INSTANTIATE_ON_TARGETS(Operand);
INSTANTIATE_ON_HOST(OperandHere);

} // namespace
} // namespace heed::test
