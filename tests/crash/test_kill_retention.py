"""SIGKILL at random moments while old days are dropped: a row goes whole or stays whole, the oldest days first, and what is kept
loses nothing that was answered.
"""
import json
import os
import random
import subprocess
import threading
import time
import unittest

from server_process import START_SECONDS, Server, clean_environment, wait_until
from wire import Closed, Hub

KILLS = int(os.environ.get("NM_KILLS", "30")) // 2
SEED = int(os.environ.get("NM_KILL_SEED", "1"))
DAY_MS = 86400 * 1000
OLD_DAYS = range(40, 80)  # days ago, of which the policy keeps 30
LOGS = 12
LINES = 5
RUN_SECONDS = (0.02, 0.5)  # from the start of the process to its kill
PAGE = 100000
RETENTION = ["--retention", "30d", "--retention-interval", "100ms"]


def old_line(log, day, number):
    return f"log {log} day {day} line {number}"


class Writer(threading.Thread):
    """Appends to today's row; `sure` lines were answered, one more may be there."""

    def __init__(self, hub, first):
        super().__init__(daemon=True)
        self.hub, self.sure, self.failure = hub, first, None

    def run(self):
        try:
            while True:
                answer = self.hub.post_lines([{"msg": f"kept {self.sure}"}], client="kept", log="l",
                                             headers=[("NM-Source", "kept"), ("NM-Sequence", str(self.sure + 1))])
                if answer.status != 200:
                    self.failure = answer
                    return
                self.sure += 1
        except (Closed, OSError):
            pass  # killed


class KillRetentionTest(unittest.TestCase):
    def setUp(self):
        random.seed(SEED)
        self.noon = int(time.time() * 1000) // DAY_MS * DAY_MS + DAY_MS // 2
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.kept = 0

    def post_old(self):
        hub = self.server.hub()
        for log in range(LOGS):
            lines = [{"time": self.noon - day * DAY_MS + n, "msg": old_line(log, day, n)} for day in OLD_DAYS for n in range(LINES)]
            self.assertEqual(hub.post_lines(lines, client="old", log=f"l{log}").status, 200)
        hub.close()

    def run_and_kill(self):
        port_file = self.server.directory / "port"
        port_file.unlink(missing_ok=True)
        self.server.options = RETENTION
        with open(self.server.directory / "log", "ab") as log:
            process = subprocess.Popen(self.server.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=clean_environment(), cwd=self.server.directory)
        try:
            kill_at = time.monotonic() + random.uniform(*RUN_SECONDS)
            writer = None
            while time.monotonic() < kill_at:
                if writer is None and port_file.exists():
                    writer = Writer(Hub(int(port_file.read_text())), self.kept)
                    writer.start()
                time.sleep(0.001)
        finally:
            process.kill()
            process.wait(START_SECONDS)
        if writer is not None:
            writer.join(60)
            self.assertFalse(writer.is_alive(), "the writer hangs")
            self.assertIsNone(writer.failure)
            self.kept = writer.sure
        self.server.options = []
        self.server.start()

    def check(self):
        """How many of the old rows are left."""
        hub = self.server.hub()
        entries = hub.get("/api/v1/search", q="client:old", order="asc", limit=PAGE).json()["entries"]
        there = {}
        for entry in entries:
            _, log, _, day, _, number = entry["line"].split()
            there.setdefault((int(log), int(day)), []).append(int(number))
        for row, numbers in there.items():
            self.assertEqual(numbers, list(range(LINES)), f"row {row} is not whole")
        left = {day for _, day in there}
        gone = {day for day in OLD_DAYS for log in range(LOGS) if (log, day) not in there}
        if left and gone:
            self.assertGreaterEqual(min(gone), max(left), "a newer day went before an older one")
        rows = [r for r in hub.get("/api/v1/rows", family="CFLongType", limit=PAGE).json()["rows"] if r.startswith("old:")]
        self.assertEqual(len(rows), len(there), "rows without lines, or lines without rows")
        kept = [e["line"] for e in hub.get("/api/v1/search", q="client:kept", order="asc", limit=PAGE).json()["entries"]]
        self.assertEqual(kept, [f"kept {n}" for n in range(len(kept))])
        self.assertIn(len(kept), (self.kept, self.kept + 1))
        self.kept = len(kept)
        lines = hub.call("POST", "/api/v1/admin/verify").body.decode().splitlines()
        self.assertEqual(json.loads(lines[-1])["result"], "ok", lines[-1])
        hub.close()
        return len(there)

    def test_kill_while_old_days_go(self):
        left = 0
        for kill in range(KILLS):
            with self.subTest(kill=kill):
                if left == 0:
                    self.post_old()
                self.assertEqual(self.server.terminate(), 0)
                self.run_and_kill()
                left = self.check()
        # And at last all of them, without a kill.
        self.server.options = RETENTION
        self.server.restart()
        hub = self.server.hub()
        wait_until(lambda: not hub.get("/api/v1/search", q="client:old", limit=1).json()["entries"], 60, "the old days to go")
        self.assertEqual(self.check(), 0)


if __name__ == "__main__":
    unittest.main()
