"""Our own programs: built where nobody says where they are."""
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOLS = ("rg", "zstd", "curl")
NAMES = ("nm-stored", "nm-tool", "generate_logs", "make_bodies")


class Programs:
    def __init__(self, directory=None, also=()):
        """`also`: targets beside those that every benchmark needs."""
        missing = [tool for tool in TOOLS if shutil.which(tool) is None]
        if missing:
            raise SystemExit(f"this needs {', '.join(missing)}: scripts/setup installs all that is needed")
        self.directory = pathlib.Path(directory).resolve() if directory else build(also)

    def path(self, name):
        return str(self.directory / name)

    def results(self):
        """Where results are kept, beside the programs."""
        return self.directory.parent / "benchmarks" / "results"


def build(also=()):
    """Release, of this source; the directory of the programs."""
    directory = ROOT / "build" / "release"
    if not (directory / "CMakeCache.txt").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "release", "-j", str(os.cpu_count()), "--target", *NAMES, *also],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return directory / "bin"


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}"
