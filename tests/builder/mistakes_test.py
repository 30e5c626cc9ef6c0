#!/usr/bin/env python3
"""Wrong programs are told what is wrong in our words: mistakes_test.py COMPILER INCLUDE-FOLDER

Compiles each mistake of mistakes.txt: it must fail with the words in the first error, and hardly another after it. The same function
without a mistake must compile.
"""
import concurrent.futures
import pathlib
import subprocess
import sys

COMPILER, INCLUDE = sys.argv[1:3]
MOST_ERRORS = 3
PROGRAM = """#include <heed/builder.h>
using namespace heed;
void describe(Attention &a, Tensor<Real, 1> slopes, Tensor<Real, 2> table) {
%s
}
"""


def errors(body):
    """The lines of errors; none if it compiles."""
    done = subprocess.run([COMPILER, "-std=c++20", "-fsyntax-only", "-I", INCLUDE, "-x", "c++", "-"],
                          input=PROGRAM % body, capture_output=True, text=True)
    found = [line for line in done.stderr.splitlines() if "error:" in line]
    return found if done.returncode else []


def main():
    paragraphs = pathlib.Path(__file__).with_name("mistakes.txt").read_text().split("\n\n")[1:]
    mistakes = [paragraph.strip().split("\n", 1) for paragraph in paragraphs]
    right = "a.modify([&](Real x, Position p) { return x + slopes[p.head] * table(p.head, whole(x)); });"
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(errors, [body for _, body in mistakes] + [right]))
    wrong = [f"this has no mistake, but: {found[-1]}"] if found[-1] else []
    for (words, body), lines in zip(mistakes, found):
        if not lines or words not in lines[0] or len(lines) > MOST_ERRORS:
            wrong.append(f"{body}\n  should say: {words}\n  says: {lines or 'nothing'}")
    print(f"{len(mistakes)} mistakes, {len(wrong)} not explained", *wrong, sep="\n")
    return bool(wrong) or not mistakes


if __name__ == "__main__":
    sys.exit(main())
