"""The formula in JAX, exported as StableHLO and compiled by IREE for this CPU."""

import iree.compiler
import iree.runtime
import jax
import numpy as np
from jax import export

from peers import Prepared
from peers.jax_common import formula

VERSION_OF = "iree-base-compiler"


def prepare(problem, threads):
    import ml_dtypes

    dtype = ml_dtypes.bfloat16 if problem.case.dtype == "bf16" else np.float32
    arrays = [x.astype(dtype) for x in (problem.query, problem.key, problem.value)]
    shapes = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in arrays]
    text = export.export(jax.jit(formula(problem)))(*shapes).mlir_module()
    binary = iree.compiler.compile_str(text, input_type="stablehlo", target_backends=["llvm-cpu"],
                                       extra_args=["--iree-llvmcpu-target-cpu=host"])
    config = iree.runtime.Config(device=device(threads))
    module = iree.runtime.load_vm_module(iree.runtime.VmModule.copy_buffer(config.vm_instance, binary), config)
    inputs = [iree.runtime.asdevicearray(config.device, x) for x in arrays]
    last = {}

    def call():
        last["output"] = module.main(*inputs)

    def output():
        return np.asarray(last["output"].to_host()).astype(np.float32).reshape(problem.query.shape)

    return Prepared(call, output)


def device(threads):
    if threads == 1:
        return iree.runtime.get_device("local-sync")
    iree.runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
    return iree.runtime.get_device("local-task")
