// Random bodies of linear and rowwise ops as MLIR text. Values stay within a few hundred and change
// smoothly with their operands, so that float32 and float64 must agree closely.
#pragma once

#include "tests/unit/linear/Random.h"

#include <string>
#include <vector>

namespace heed::test {

class RandomRegion {
public:
  /// `values` are the f32 values at hand. `columns` is not 0 where rows may be summed.
  RandomRegion(Random &random, std::vector<std::string> values, int columns = 0)
      : random(random), values(std::move(values)), columns(columns) {}

  /// Adds operations, and a yield of what they and all the values give.
  std::string write(int operations) {
    for (int i = 0; i < operations; i++)
      addOperation();
    std::string sum = values.front();
    for (size_t i = 1; i < values.size(); i++)
      sum = add("arith.addf " + sum + ", " + values[i] + " : f32");
    return text + "attn.yield " + sum + " : f32\n";
  }

private:
  Random &random;
  std::vector<std::string> values;
  const int columns;
  std::string text;
  int names = 0;

  std::string add(const std::string &operation) {
    std::string name = "%v" + std::to_string(names++);
    text += name + " = " + operation + "\n";
    return name;
  }
  std::string constant(const std::string &value, const std::string &type) {
    return add("arith.constant " + value + " : " + type);
  }
  std::string binary(const char *op, const std::string &x, const std::string &y) {
    return add(std::string(op) + " " + x + ", " + y + " : f32");
  }
  std::string unary(const char *op, const std::string &x) {
    return add(std::string(op) + " " + x + " : f32");
  }
  std::string any() { return values[size_t(random.between(0, int(values.size()) - 1))]; }

  std::string gelu(const std::string &x) {
    std::string z = binary("arith.mulf", x, constant("0.70710678", "f32"));
    std::string one = binary("arith.addf", unary("math.erf", z), constant("1.0", "f32"));
    return binary("arith.mulf", binary("arith.mulf", x, one), constant("0.5", "f32"));
  }
  std::string rsqrt(const std::string &x) {
    return unary("math.rsqrt",
                 binary("arith.addf", binary("arith.mulf", x, x), constant("1.0", "f32")));
  }
  std::string choiceByColumn() {
    std::string limit = constant(std::to_string(random.between(0, 100)), "index");
    std::string before = add("arith.cmpi slt, %column, " + limit + " : index");
    return add("arith.select " + before + ", " + any() + ", " + any() + " : f32");
  }
  std::string choiceByRow() {
    std::string two = constant("2", "index");
    std::string odd = add("arith.remsi %row, " + two + " : index");
    std::string one = constant("1", "index");
    std::string isOdd = add("arith.cmpi eq, " + odd + ", " + one + " : index");
    return add("arith.select " + isOdd + ", " + any() + ", " + any() + " : f32");
  }
  std::string mean(const std::string &x) {
    return binary("arith.mulf", unary("attn.row_sum", x),
                  constant(std::to_string(1.0 / columns), "f32"));
  }

  void addOperation() {
    switch (random.between(0, columns ? 9 : 8)) {
    case 0:
      return values.push_back(binary("arith.subf", any(), any()));
    case 1:
      return values.push_back(binary("arith.mulf", unary("math.tanh", any()), any()));
    case 2:
      return values.push_back(binary("arith.maximumf", any(), any()));
    case 3:
      return values.push_back(unary("math.exp", unary("math.tanh", any())));
    case 4:
      return values.push_back(gelu(any()));
    case 5:
      return values.push_back(rsqrt(any()));
    case 6:
      return values.push_back(choiceByColumn());
    case 7:
      return values.push_back(choiceByRow());
    case 8:
      return values.push_back(unary("math.absf", unary("arith.negf", any())));
    default:
      return values.push_back(mean(any()));
    }
  }
};

} // namespace heed::test
