"""own.py TABLE VERSION FOLDER: TABLE as if it came with Heed for several CPUs: in FOLDER/all for this one, too, of which llc --version
says the name, and in FOLDER/alike for another of its kind."""
import os
import re
import sys

text, cpu = open(sys.argv[1]).read(), re.search(r"Host CPU: (\S+)", open(sys.argv[2]).read())[1]
machines = {"0another": "Another CPU", cpu[:-1]: "A CPU alike", cpu + "-a": "A CPU with more to its name", cpu: "This CPU"}
for folder, names in (("all", machines), ("alike", ["0another", cpu[:-1]])):
    path = os.path.join(sys.argv[3], folder, "x86-64-avx2")
    os.makedirs(path)
    for name in names:
        open(os.path.join(path, name + ".json"), "w").write(text.replace("Test CPU", machines[name]))
