// What the ops whose body is a region of scalar operations have in common.
#ifndef HEED_ATTN_INTERFACES_TD
#define HEED_ATTN_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Attn_Component : OpInterface<"Component"> {
  let description = [{
    An op whose body gives one element from its position. The body's arguments are the op's parameters
    (`getParameterNames`: `x`, `y` and `acc` are numbers of the op's arithmetic type, f32 or f64; all others
    are positions of type index), then one tensor for each capture. The rules hold for the body of every
    component:

    - (C1) The body is isolated: its arguments are the parameters and then the captures, in order and type.
    - (C2) It holds operations of `arith` and `math`, and those of `attn` that name the op as their parent.
    - (C3) Every value in it is f32, f64, i1, i32, i64 or index.
    - (C4) It ends in an `attn.yield` of one value of the type the op asks for.
    - (C5) Integer constants lie in [-2^30, 2^30]: kernels compute in 32 bits, and positions are added to them.
  }];
  let cppNamespace = "::heed::attn";
  let methods = [
    InterfaceMethod<"The tensors the body may load from.", "::mlir::OperandRange", "getCaptures">,
    InterfaceMethod<"The body: one block.", "::mlir::Region &", "getBody">,
    InterfaceMethod<"Names of the body's arguments before the captures.",
      "::llvm::ArrayRef<::llvm::StringRef>", "getParameterNames">,
    InterfaceMethod<"What the body yields.", "::mlir::Type", "getYieldedType">,
    InterfaceMethod<"The type of the body's numbers: f32 or f64.", "::mlir::Type", "getArithmeticType">,
    InterfaceMethod<"The body's arguments that stand for the captures.",
      "::mlir::Block::BlockArgListType", "getCaptureArguments", (ins), [{}], [{
        return $_op.getBody().getArguments().drop_front($_op.getParameterNames().size());
      }]>,
  ];
  let verifyWithRegions = 1;
  let verify = [{ return ::heed::attn::verifyComponent(::llvm::cast<Component>($_op)); }];
}

#endif
