"""nm-tool as a process: run to its end, or in the background; its place kept in a directory of the test's own."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from server_process import STOP_SECONDS, clean_environment

FOUND, NOTHING, USAGE, FAILED, PARTIAL = 0, 1, 2, 3, 4


def tool_binary():
    path = os.environ.get("NM_TOOL")
    if not path:
        raise unittest.SkipTest("NM_TOOL does not name the nm-tool to test")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tool:
    def __init__(self, home, port=None, **environment):
        self.environment = clean_environment(HOME=str(home), XDG_STATE_HOME=str(home / "state"), TERM="dumb", TZ="UTC",
                                             **environment)
        if port is not None:
            self.environment["NM_URL"] = f"http://127.0.0.1:{port}"

    def run(self, *arguments, code=None, stdin=b""):
        done = subprocess.run([tool_binary(), *map(str, arguments)], input=stdin, capture_output=True, timeout=STOP_SECONDS,
                              env=self.environment)
        if code is not None and done.returncode != code:
            raise AssertionError(f"nm-tool {arguments} ended with {done.returncode}, not {code}:\n"
                                 f"{done.stdout.decode(errors='replace')}\n{done.stderr.decode(errors='replace')}")
        return done

    def text(self, *arguments, code=FOUND, **options):
        return self.run(*arguments, code=code, **options).stdout.decode()

    def json(self, *arguments, code=FOUND, **options):
        """One object for each line."""
        return [json.loads(line) for line in self.text("--json", *arguments, code=code, **options).splitlines()]

    def start(self, *arguments):
        return subprocess.Popen([tool_binary(), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.environment)


def end(process, number=signal.SIGTERM):
    """Asks a process to stop; gives its exit code, output and errors."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        out, err = process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"nm-tool did not stop: {out!r} {err!r}") from None
    return process.returncode, out, err


class Home(unittest.TestCase):
    """A directory for all tests of a class, in which nm-tool keeps what it must remember."""

    @classmethod
    def setUpClass(cls):
        tool_binary()
        super().setUpClass()
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="nm-tool-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)

    def begin(self, *arguments, tool=None):
        """nm-tool in the background, which ends with the test at the latest."""
        process = (tool or self.tool).start(*arguments)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process
