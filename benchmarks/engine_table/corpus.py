"""The raw text that everything is measured on, and the bodies made of it.

A corpus is a directory of *.log files. Without one our own generator makes six kinds, the same on every machine.
"""
import json
import pathlib
import shutil
import subprocess

DAY_MS = 86_400_000
START_MS = 1_767_571_200_000  # 2026-01-05T00:00:00Z: the day of the lines
KINDS = ("sshd", "kernel", "web", "json", "kv", "storage")
LINES_PER_BODY = 50_000


class Corpus:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.files = sorted(self.directory.glob("*.log"))
        if not self.files:
            raise SystemExit(f"{directory} has no *.log")
        self.bytes = sum(path.stat().st_size for path in self.files)

    def paths(self):
        return [str(path) for path in self.files]

    def make_bodies(self, program, directory, day=0, lines_per_body=LINES_PER_BODY):
        """The bodies of one day, in order. On other days than the first, long numbers are others."""
        shutil.rmtree(directory, ignore_errors=True)
        subprocess.run([program, str(directory), *self.paths(), "--lines-per-body", str(lines_per_body),
                        "--start-ms", str(START_MS + day * DAY_MS), "--redraw", str(day)],
                       check=True, stdout=subprocess.DEVNULL)
        return sorted(pathlib.Path(directory).glob("*.ndjson"))

    def kept(self, name, compute):
        """A figure that takes long and depends on the text alone: kept beside it as long as the files are the same."""
        path = self.directory / f".{name}.json"
        key = [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in self.files]
        try:
            kept = json.loads(path.read_text())
            if kept["of"] == key:
                return kept["value"]
        except (OSError, ValueError, KeyError):
            pass
        value = compute()
        try:
            path.write_text(json.dumps({"of": key, "value": value}) + "\n")
        except OSError:
            pass  # a corpus that cannot be written to is measured again next time
        return value


def generate(generator, directory, lines):
    """Our own lines, made once and kept."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    each = lines // len(KINDS)
    for number, kind in enumerate(KINDS):
        path = directory / f"{kind}.log"
        count = each + (1 if number < lines % len(KINDS) else 0)
        if path.exists():
            continue
        partial = path.with_suffix(".partial")
        with open(partial, "wb") as out:
            subprocess.run([generator, "--lines", str(count), "--kind", kind, "--seed", str(number + 1),
                            "--step-us", str(DAY_MS * 500 // max(count, 1))], check=True, stdout=out)
        partial.rename(path)
    return Corpus(directory)


def add_arguments(parser):
    parser.add_argument("--corpus", help="directory of raw text, *.log; without it our own lines are made")
    parser.add_argument("--lines", type=int, help="lines of our own (default 2,000,000)")
    parser.add_argument("--directory", help="where the data goes; the disk under it is what is measured")
    parser.add_argument("--programs", help="directory of the programs; without it they are built")


def of_arguments(arguments, programs, scratch):
    """The corpus that was named, or our own: kept for the next run, but for a small one."""
    if arguments.corpus:
        return Corpus(arguments.corpus)
    lines = arguments.lines or (20_000 if arguments.small else 2_000_000)
    kept = pathlib.Path(scratch if arguments.small else arguments.directory)
    return generate(programs.path("generate_logs"), kept / f"corpus-{lines}", lines)
