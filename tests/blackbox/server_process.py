"""A real nm-stored on a directory of its own, for one test case: started, asked, stopped, killed, started again.

The binary's path comes from the environment (NM_STORED). Every wait has a bound, and what the server wrote to its log is
shown when it does not do what it should.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from sanitizer import PATIENCE, check_log
from wire import Hub

START_SECONDS = 60  # generous: the machine may be busy
STOP_SECONDS = 60 * PATIENCE
POLL_SECONDS = 0.01


def binary():
    path = os.environ.get("NM_STORED")
    if not path:
        raise unittest.SkipTest("NM_STORED does not name the nm-stored to test")
    return path


def clean_environment(**more):
    """The environment without settings of the server that whoever runs the tests may have."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NM_")}
    kept.update(more)
    return kept


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds * PATIENCE} s in vain for {what}")
        time.sleep(POLL_SECONDS)


class Server:
    """Owns a temporary directory: its data, its log. Use as a context, or terminate() and remove()."""

    def __init__(self, *options, listen="127.0.0.1:0", start=True):
        self.options = list(options)
        self.listen = listen
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="nm-blackbox-"))
        self.data = self.directory / "data"
        self.process = None
        self.port = None
        if start:
            self.start()

    def command(self):
        return [binary(), "--data", str(self.data), "--listen", self.listen,
                "--port-file", str(self.directory / "port"), *self.options]

    def start(self):
        port_file = self.directory / "port"
        port_file.unlink(missing_ok=True)
        command = self.command()
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=clean_environment(), cwd=self.directory)
        wait_until(lambda: port_file.exists() or self.process.poll() is not None, START_SECONDS, "the port file")
        if self.process.poll() is not None:
            raise AssertionError(f"nm-stored ended with {self.process.returncode}:\n{self.log()}")
        self.port = int(port_file.read_text())
        wait_until(self.is_healthy, START_SECONDS, "/health")
        return self

    def is_healthy(self):
        try:
            return Hub(self.port).get("/health").status == 200
        except OSError:
            return False

    def hub(self, **options):
        return Hub(self.port, **options)

    def log(self):
        return (self.directory / "log").read_text(errors="replace")[-8000:]

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def terminate(self, number=signal.SIGTERM):
        """Asks it to stop and gives its exit code."""
        if self.process is None:
            return None
        if self.is_running():
            self.process.send_signal(number)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"nm-stored did not stop in {STOP_SECONDS} s:\n{self.log()}") from None
        self.process = None
        return code

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            self.process = None

    def restart(self):
        code = self.terminate()
        if code != 0:
            raise AssertionError(f"nm-stored ended with {code}:\n{self.log()}")
        return self.start()

    def memory_peak_bytes(self):
        return self._memory("VmHWM:")

    def memory_bytes(self):
        return self._memory("VmRSS:")

    def _memory(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {name} in /proc")

    def remove(self):
        self.kill()
        log = self.directory / "log"
        text = log.read_text(errors="replace") if log.exists() else ""
        shutil.rmtree(self.directory, ignore_errors=True)
        check_log(text)  # also of a server that was killed, or whose exit code nobody has looked at

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


class ServerCase(unittest.TestCase):
    """One server for all tests of a class, which use rows of their own. It must be alive after each, and end cleanly."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.options)
        cls.addClassCleanup(cls.server.remove)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.terminate()
        if code != 0:
            raise AssertionError(f"nm-stored ended with {code}:\n{cls.server.log()}")

    def setUp(self):
        self.hub = self.server.hub()

    def tearDown(self):
        self.assertTrue(self.server.is_running(), "the server died:\n" + self.server.log())
        self.assertTrue(self.server.is_healthy(), "the server does not answer:\n" + self.server.log())
