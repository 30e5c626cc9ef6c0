// The normalizers that Heed brings keep the laws, and each law can fail. What users are told of it:
// tests/lit/heedc/check-laws.mlir.
#include "compiler/laws/Laws.h"
#include "tests/unit/Parse.h"

using namespace heed;

namespace {

/// Of a user's normalizer, the laws that fail.
std::vector<std::string> broken(const std::string &text) {
  Parsed parsed(text);
  EXPECT_TRUE(parsed) << parsed.errors;
  auto results = checkLaws(Normalizer(&parsed.module->getBody()->front()));
  EXPECT_TRUE(succeeded(results)) << parsed.errors;
  std::vector<std::string> laws;
  for (const LawResult &result : *results)
    if (!result.counterexample.empty())
      laws.push_back(result.law);
  return laws;
}

/// A state of one value: a sum over keys. Pieces are bodies of regions.
std::string sum(const std::string &ofKey, const std::string &weight, const std::string &merged,
                const std::string &factor, const std::string &identity = "0.0") {
  return R"(attn.normalizer @n identity {
  %zero = arith.constant )" +
         identity + R"( : f64
  attn.yield %zero : f64
} summarize {
^bb0(%x: f64, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f64
  %sum = attn.block_sum )" +
         ofKey + R"( : f64
  attn.yield %sum : f64
} weight {
^bb0(%x: f64, %sum: f64, %batch: index, %head: index, %query: index):
  %scaled = arith.mulf %x, %sum : f64
  attn.yield )" +
         weight + R"( : f64
} merge {
^bb0(%a: f64, %b: f64):
  %one = arith.constant 1.0 : f64
  %sum = arith.addf %a, %b : f64
  %half = arith.mulf %sum, %sum : f64
  attn.yield )" +
         merged + ", " + factor + R"(, %one : f64, f64, f64
} finalize {
^bb0(%sum: f64, %batch: index, %head: index, %query: index):
  %one = arith.constant 1.0 : f64
  attn.yield %one : f64
})";
}

using Laws = std::vector<std::string>;

} // namespace

TEST(Laws, HoldForEveryKind) {
  for (const char *type : {"f32", "f64"})
    for (const char *kind : {"softmax", "softmax_plus_one", "relu_squared", "none", "sparsemax",
                             "entmax15", "softmax_sinks", "sigmoid"}) {
      std::string scores = "tensor<?x2x?x?x" + std::string(type) + ">",
                  rows = "tensor<?x?x2x8x" + std::string(type) + ">",
                  perHead = "tensor<2x" + std::string(type) + ">";
      bool captures =
          llvm::StringRef(kind) == "softmax_sinks" || llvm::StringRef(kind) == "sigmoid";
      Parsed parsed("attn.kernel @k(%q: " + rows + ", %k: " + rows + ", %v: " + rows +
                    (captures ? ", %c: " + perHead : "") + ") -> " + rows +
                    " {\n  %s = attn.score dot %q, %k : (" + rows + ", " + rows + ") -> " + scores +
                    "\n  %w = attn.normalize " + kind + " %s" +
                    (captures ? " captures(%c : " + perHead + ")" : "") + " : " + scores +
                    "\n  %o = attn.weighted_sum %w, %v : (" + scores + ", " + rows + ") -> " +
                    rows + "\n  attn.return %o : " + rows + "\n}");
      ASSERT_TRUE(parsed) << parsed.errors;
      std::string table;
      EXPECT_TRUE(succeeded(checkAllLaws(*parsed.module, table))) << kind << parsed.errors;
      EXPECT_EQ(table.find(std::string(kind) + "\n"), 0u) << table;
    }
}

TEST(Laws, AModuleWithoutNormalizers) {
  Parsed parsed("");
  std::string table;
  EXPECT_TRUE(succeeded(checkAllLaws(*parsed.module, table)));
  EXPECT_EQ(table, "no normalizers\n");
}

TEST(Laws, HoldForASum) { EXPECT_EQ(broken(sum("%one", "%x", "%sum", "%one")), Laws()); }

TEST(Laws, EachCanFail) {
  EXPECT_EQ(broken(sum("%one", "%x", "%half", "%one")),
            (Laws{"merge is associative", "identity changes nothing"}));
  EXPECT_EQ(broken(sum("%one", "%x", "%a", "%one")), Laws{"merge is commutative"});
  EXPECT_EQ(broken(sum("%one", "%x", "%sum", "%one", "1.0")),
            (Laws{"identity changes nothing", "no keys sum up to identity"}));
  EXPECT_EQ(broken(sum("%one", "%scaled", "%sum", "%one")),
            Laws{"merge's factors agree with weight"});
  EXPECT_EQ(broken(sum("%x", "%scaled", "%b", "%one")),
            (Laws{"merge is commutative", "identity changes nothing",
                  "merge's factors agree with weight", "splitting the keys changes no weight"}));
}
