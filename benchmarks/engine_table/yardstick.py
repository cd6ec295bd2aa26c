"""What the figures are ratios to: zstd and ripgrep on the same raw text, measured in the same run."""
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

# A word border as our words have it: `_` separates, unlike in rg's -w.
BEFORE = r"(?:^|[^\pL\pN])"
BEHIND = r"(?:[^\pL\pN]|$)"


def packed_bytes(corpus, level):
    """The sum over the files, each packed alone by `zstd -LEVEL`."""
    def one(path):
        with subprocess.Popen(["zstd", f"-{level}", "-q", "-c", path], stdout=subprocess.PIPE) as process:
            return sum(iter(lambda: len(process.stdout.read(1 << 20)), 0))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(one, corpus.paths()))


def run_rg(arguments, corpus):
    """(wall seconds, CPU seconds, lines) of one `rg -c` over all files, which it takes in parallel."""
    begin = time.perf_counter()
    with subprocess.Popen(["rg", "--no-config", "--no-filename", "-c", *arguments, *corpus.paths()],
                          stdout=subprocess.PIPE) as process:
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode > 1:
        raise SystemExit(f"rg {arguments} failed")
    return wall, usage.ru_utime + usage.ru_stime, sum(int(line) for line in out.split())


def exact_word(text):
    """Arguments for rg by which a word or phrase has the borders that our query language gives it."""
    return ["-i", "-e", BEFORE + re.escape(text) + BEHIND]


def count_both(first, second, corpus):
    """Lines that have both words, exactly; not timed."""
    found = subprocess.Popen(["rg", "--no-config", "--no-filename", *exact_word(first), *corpus.paths()],
                             stdout=subprocess.PIPE)
    both = subprocess.run(["rg", "--no-config", "-c", *exact_word(second)], stdin=found.stdout,
                          stdout=subprocess.PIPE, check=False)
    found.stdout.close()
    found.wait()
    return int(both.stdout or 0)
