#!/usr/bin/env python3
"""Tests of tests: each listed mistake in the graph has to make the property test fail, each in caches their own tests.

mutants_test.py SOURCE BUILD [NUMBER...]. A mutant is one line of a copy of the source, changed; only that file is compiled
again, not optimized, and the test linked with it in front of its library. The property test begins at the case that is known
to find it, since most find nothing; which one that is, a run prints where a row is wrong, and it only costs time.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
ONLINE, STATE, TILE, ROW, OPERANDS, ROWWISE, BOXES, MERGE = (
    f"compiler/graph/{name}.cpp" for name in ("Online", "StateSlots", "QueryTile", "Row", "ReadOperands", "Rowwise", "Boxes", "Merge"))
GPU = "compiler/graph/Gpu.cpp"  # on PoCL, whose optimizer would take minutes
ON_DEVICE = {"HEED_PROPERTY_TARGET": "opencl", "HEED_PROPERTY_CASES": "20", "HL_OCL_BUILD_OPTIONS": "-cl-opt-disable"}
APPEND, VIEW = "runtime/cache/Append.cpp", "runtime/cache/View.cpp"
TESTS = {  # of a file's folder: where its object is, the test that has to fail
    "compiler/graph": ("compiler/graph/CMakeFiles/heed_graph.dir/", "tests/property/property_test"),
    "runtime/cache": ("runtime/CMakeFiles/heed_runtime.dir/cache/", "tests/unit/runtime/runtime-unit")}
MUTANTS = [  # what is wrong, file, the text, what takes its place, the first case of the property test that finds it
    ("the hull's last key counts no more", TILE, "k < hullEnd();", "k < hullEnd() - 1;"),
    ("a key past the hull counts", TILE, "k < hullEnd();", "k <= hullEnd();"),
    ("the state is not rescaled", STATE, "likely(old(s) * old(0) + column * old(1))", "likely(old(s) + column * old(1))", 4),
    ("the block is not rescaled", STATE, "likely(old(s) * old(0) + column * old(1))", "likely(old(s) * old(0) + column)", 4),
    ("full blocks reach past the length", TILE, "min(r.fullEnd, length) / keyTile", "divideUp(min(r.fullEnd, length), keyTile)", 12),
    ("full blocks begin too early", TILE, "divideUp(clamp(r.fullBegin, 0, program.keys), keyTile)", "clamp(r.fullBegin, 0, program.keys) / keyTile", 12),
    ("masked keys keep a weight", ONLINE, "select(isMasked(s), otherwise, value)", "value", 4),
    ("the trail begins a block late", ONLINE, "{part.fullEnd, part.trailEnd,", "{part.fullEnd + 1, part.trailEnd,", 4),
    ("a cut block lacks its last group", ONLINE, "divideUp(hull.hullEnd - first, plan.grain())", "(hull.hullEnd - first) / plan.grain()", 4),
    ("a cut block begins a group late", ONLINE, "(hull.hullBegin - first) / plan.grain()", "(hull.hullBegin - first) / plan.grain() + 1", 4),
    ("queries of the last tile are not clamped", TILE, "clamp(firstQuery(tile) + inTile, 0, program.queryLength(batch) - 1)", "Expr(firstQuery(tile) + inTile)"),
    ("grouped heads share by remainder", TILE, "{keyHead(), packedRow, batch}", "{head % program.keyHeads, packedRow, batch}", 1),
    ("the final factor is dropped", ONLINE, "final(stages.firstColumn + column) * factor)", "final(stages.firstColumn + column))", 4),
    ("the offset forgets the query length", OPERANDS, ": self->keyLength(batch) - self->queryLength(batch);", ": self->keyLength(batch);", 4),
    ("masked keys keep a weight that is returned", ROW, "isMasked(s) || factor() == zero", "factor() == zero", 3),
    ("returned weights are not final", ROW, 'Internal::substitute("score", s, weightOfKey) * factor()', 'Internal::substitute("score", s, weightOfKey)', 3),
    ("blocks that may count are whole", TILE, "select(all, 2, select(pairs.may, 1, 0))", "select(pairs.may, 2, select(all, 1, 0))", 9),
    ("whole blocks reach past the length", TILE, "pairs.all && lastKey < program.keyLength(batch)", "pairs.all", 73),
    ("a status knows the tile's first query only", TILE, "first, first + (queryTile - 1), firstKey, lastKey", "first, first, firstKey, lastKey", 2),
    ("a list lacks its last block", TILE, "b < divideUp(keys.hullEnd - begin, keyTile);", "b < divideUp(keys.hullEnd - begin, keyTile) - 1;", 2),
    ("a tile is whole when its first part is", ONLINE, "i < edgeTiles; i++", "i < 1; i++", 51),
    ("a key past the length has a weight", ONLINE, "inBlock < hullEnd();", "inBlock <= hullEnd();", 62),
    ("a box lacks its last column", BOXES, "along <= last[axes[i]]", "along < last[axes[i]]", 2),
    ("rows are walked without the last block of the list", ROW, "stages.blocks.list.count(t, headC, batchC)", "stages.blocks.list.count(t, headC, batchC) - 1", 2),
    ("a row's sum lacks its last column", ROWWISE, "steps.where(place < columns);", "steps.where(place < columns - 1);", 19),
    ("a block's rows are those of the first batch entry", TILE, "{keyHead(), packedRow, batch}", "{keyHead(), packedRow, 0}"),
    ("queries in shared memory are overlaid", GPU, "withQueriesAlive(finished(c))", "finished(c)", 18),
    ("page and slot are swapped", OPERANDS, "return operands.load(value, indices);", "if (indices.size() == 4) return operands.load(value, {indices[1], indices[0], indices[2], indices[3]}); return operands.load(value, indices);"),
    ("a page holds one position", OPERANDS, "* int(term.factor)", "", 4),
    ("the second of two states is not rescaled", MERGE, "program.second(slot, row()) * at(stages.merged, normalizer.states + 1)", "program.second(slot, row())", 7),
    ("a table's row begins where the last one's pages end", VIEW, "++entry, table += tableColumns)", "++entry, table += sequence(entry - 1).blocks)"),
    ("a view's page and slot are swapped", VIEW, "strides[0] = cache.isPaged() ? slot : step * slot;", "strides[0] = cache.isPaged() ? plane.rowElements() : step * slot;"),
    ("the last page counts whole", VIEW, "lengths[entry] = int32_t(s.end - s.first);", "lengths[entry] = int32_t(cache.isPaged() ? s.blocks * cache.options.tokens : s.end - s.first);"),
    ("a new page is taken a token early", APPEND, "(s.end + token) % blockTokens == 0", "(s.end + token + 1) % blockTokens == 0"),
    ("a page that is no longer shared lacks its last token", APPEND, "copyBlock(cache, s.last, own, s.end % blockTokens);", "copyBlock(cache, s.last, own, s.end % blockTokens - 1);"),
]


def ninja_command(output):
    """The command that makes `output`."""
    commands = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", output], check=True, capture_output=True, text=True)
    return commands.stdout.strip().splitlines()[-1].removeprefix("ninja: Entering directory")


def test_with(folder, file, text):
    """The test of `file`, built with `text` in its place."""
    objects, test = TESTS[str(pathlib.PurePath(file).parent)]
    source, object = SOURCE / file, objects + pathlib.PurePath(file).name + ".o"
    (folder / source.name).write_text(text)
    compile = [word for word in shlex.split(ninja_command(object)) if not word.endswith("ccache")] + ["-O0", "-w"]
    compile = [str(folder / source.name) if pathlib.Path(BUILD, word).resolve() == source.resolve() else
               str(folder / "mutant.o") if word == object else
               str(folder / "mutant.d") if word == object + ".d" else word for word in compile]
    subprocess.run(compile, cwd=BUILD, check=True)
    link = re.sub(rf"-o {test}\b", f"{folder}/mutant.o -o {folder}/test", ninja_command(test))
    subprocess.run(link, cwd=BUILD, shell=True, check=True)
    return folder / "test"


def run_test(test, file, first):
    """What the test says from a case on, and whether it fails."""
    environment = os.environ | {"HEED_PROPERTY_SHRINK": "0", "HEED_PROPERTY_SEED": "1", "HEED_PROPERTY_FIRST": str(first),
                                "GTEST_FILTER": "Attention.*:*Cache*", "GTEST_FAIL_FAST": "1"}
    if file == GPU:
        environment |= ON_DEVICE
    run = subprocess.run([test], env=environment, capture_output=True, text=True)
    return run.stdout, run.returncode != 0


def is_caught(folder, what, file, old, new, first=0):
    original = (SOURCE / file).read_text()
    if original.count(old) != 1:
        print(f"NO MUTANT: {what}: {file} has its text {original.count(old)} times: {old}")
        return False
    test = test_with(folder, file, original.replace(old, new))
    output, caught = run_test(test, file, first)
    if not caught and first:
        output, caught = run_test(test, file, 0)
    case = re.search(r"^HEED_PROPERTY_FIRST=(\d+) failed", output, flags=re.M)
    by = f" by case {case[1]}, not {first}" if case and int(case[1]) != first else ""
    reason = re.search(r"Failure\n(?:Failed\n)?(.*)$", output, flags=re.M)
    print(f"caught{by}: {what}" + (f": {reason[1]}" if reason else "") if caught else f"SURVIVED: {what}", flush=True)
    return caught


chosen = [MUTANTS[int(n)] for n in sys.argv[3:]] or MUTANTS
with tempfile.TemporaryDirectory() as folder:
    survivors = [m[0] for m in chosen if not is_caught(pathlib.Path(folder), *m)]
print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants caught")
sys.exit(bool(survivors))
