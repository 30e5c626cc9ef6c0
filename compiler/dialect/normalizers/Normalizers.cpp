#include "compiler/dialect/normalizers/Normalizers.h"
#include "compiler/dialect/normalizers/Texts.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace heed::attn;

namespace heed {
namespace {

struct Kind {
  NormalizerKind kind;
  const char *op; ///< that the text goes on from
  std::string (*text)();
  unsigned captures;
};

constexpr Kind kinds[] = {
    {NormalizerKind::Softmax, "attn.normalizer", normalizers::softmax, 0},
    {NormalizerKind::SoftmaxSinks, "attn.normalizer", normalizers::softmaxSinks, 1},
    {NormalizerKind::SoftmaxPlusOne, "attn.normalizer", normalizers::softmaxPlusOne, 0},
    {NormalizerKind::Sigmoid, "attn.normalizer", normalizers::sigmoid, 1},
    {NormalizerKind::ReluSquared, "attn.normalizer", normalizers::reluSquared, 0},
    {NormalizerKind::None, "attn.normalizer", normalizers::none, 0},
    {NormalizerKind::Sparsemax, "attn.threshold_normalizer", normalizers::sparsemax, 0},
    {NormalizerKind::Entmax15, "attn.threshold_normalizer", normalizers::entmax15, 0},
};

const Kind &kindOf(NormalizerKind kind) {
  return *llvm::find_if(kinds, [&](const Kind &row) { return row.kind == kind; });
}

void replaceAll(std::string &text, StringRef from, StringRef to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

std::string show(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// What a user of normalizers says about the one it wants.
struct Wanted {
  NormalizerKindAttr kind;
  FlatSymbolRefAttr symbol;
  Type arithmetic;
  SmallVector<Type> captures;
};

template <typename Op> Wanted wantedBy(Op op, Value numbers) {
  Wanted wanted{op.getKindAttr(),
                op.getNormalizerAttr(),
                cast<RankedTensorType>(numbers.getType()).getElementType(),
                {}};
  if constexpr (requires { op.getCaptures(); })
    llvm::append_range(wanted.captures, op.getCaptures().getTypes());
  return wanted;
}

Wanted wantedBy(Operation *user) {
  if (auto normalize = dyn_cast<NormalizeOp>(user))
    return wantedBy(normalize, normalize.getScores());
  if (auto merge = dyn_cast<MergeOp>(user))
    return wantedBy(merge, merge.getFirst());
  auto finish = cast<FinishOp>(user);
  return wantedBy(finish, finish.getState());
}

FailureOr<Normalizer> writeKind(Operation *user, const Wanted &wanted) {
  const Kind &kind = kindOf(wanted.kind.getValue());
  StringRef name = stringifyNormalizerKind(kind.kind);
  bool merges = isa<MergeOp>(user);
  if (!merges && wanted.captures.size() != kind.captures)
    return user->emitOpError() << "takes " << kind.captures << " captures for " << name << ", not "
                               << wanted.captures.size();
  // A merge looks at no capture: any will do.
  Type capture = kind.captures == 0 ? Type()
                 : merges ? RankedTensorType::get({ShapedType::kDynamic}, wanted.arithmetic)
                          : wanted.captures.front();
  if (auto tensor = dyn_cast_if_present<RankedTensorType>(capture);
      tensor && (tensor.getRank() != 1 || loadedType(tensor.getElementType()) != wanted.arithmetic))
    return user->emitOpError() << "the capture of " << name
                               << " must be a number for each head, as " << wanted.arithmetic
                               << ", not " << capture;
  std::string text = (kind.op + (" @" + name + " ") + kind.text()).str();
  replaceAll(text, "$P",
             kind.captures == 0 ? "%batch: index, %head: index, %query: index"
                                : "%batch: index, %head: index, %query: index, %capture: $CAPTURE");
  replaceAll(text, "$CAPTURE", capture ? show(capture) : "");
  replaceAll(text, "$MINUS_INFINITY",
             wanted.arithmetic.isF64() ? "0xFFF0000000000000" : "0xFF800000");
  replaceAll(text, "$T", show(wanted.arithmetic));
  auto owner = std::make_shared<OwningOpRef<ModuleOp>>(
      parseSourceString<ModuleOp>(text, ParserConfig(user->getContext())));
  if (!*owner)
    return user->emitOpError() << "normalizer " << name << " is broken: please report it";
  return Normalizer(&(**owner).getBody()->front(), owner);
}

FailureOr<Normalizer> findSymbol(Operation *user, const Wanted &wanted) {
  Operation *found = SymbolTable::lookupNearestSymbolFrom(user, wanted.symbol);
  if (!isa_and_present<NormalizerOp, ThresholdNormalizerOp>(found))
    return user->emitOpError() << "finds no attn.normalizer " << wanted.symbol
                               << " in the module: write it beside the kernel";
  if (failed(verify(found))) // it may stand after the kernel, not verified yet
    return failure();
  Normalizer normalizer(found);
  Type arithmetic = normalizer.online() ? normalizer.online().getArithmeticType()
                                        : normalizer.threshold().getArithmeticType();
  if (arithmetic != wanted.arithmetic)
    return user->emitOpError() << "computes in " << wanted.arithmetic << ", but normalizer "
                               << wanted.symbol << " in " << arithmetic;
  SmallVector<Type> captures = normalizer.online() ? normalizer.online().getCaptureTypes()
                                                   : normalizer.threshold().getCaptureTypes();
  if (!isa<MergeOp>(user) && captures != wanted.captures) // normalize (C1), finish (C2)
    return user->emitOpError() << "captures " << wanted.captures << ", but normalizer "
                               << wanted.symbol << " takes " << captures;
  return normalizer;
}

} // namespace

std::string normalizerText(NormalizerKind kind) { return kindOf(kind).text(); }

FailureOr<Normalizer> normalizerOf(Operation *user) {
  Wanted wanted = wantedBy(user);
  if (!wanted.kind == !wanted.symbol)
    return user->emitOpError("names a kind of normalizer or a symbol: one of the two");
  if (wanted.kind)
    return writeKind(user, wanted);
  return findSymbol(user, wanted);
}

} // namespace heed
