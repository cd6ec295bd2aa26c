"""A disk that is full: the server reads on, drops old days by itself, and takes writes again. Needs a small file system of its own,
and is skipped where it may not mount one.
"""
import itertools
import json
import os
import random
import socket
import subprocess
import time
import unittest

from server_process import Server, wait_until
from test_agents import ROW, TIME, message
from test_retention import DAY, metric, row_key, rows
from tool_process import FAILED, Tool


def mount(path, size):
    path.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], capture_output=True)
    if done.returncode != 0:
        raise unittest.SkipTest(f"this process may not mount a small file system: {done.stderr.decode().strip()}")


def fill(path, leave=0):
    """The file system that the path is on, but for so many bytes."""
    room = os.statvfs(path.parent)
    with open(path, "wb", buffering=0) as file:
        try:
            while file.tell() < room.f_bavail * room.f_frsize - leave and file.write(b"x" * 4096):
                pass
        except OSError:
            pass


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.server = Server(start=False)
        self.addCleanup(self.server.remove)
        disk = self.server.directory / "disk"
        mount(disk, "150m")
        self.addCleanup(lambda: subprocess.run(["umount", "-l", str(disk)], check=False))
        self.addCleanup(self.server.kill)
        self.server.data = disk / "data"
        self.filler = disk / "filler"
        self.memory = ["--memory", "16MiB"]

    def post_day(self, days_ago, lines):
        """A day of incompressible lines; the status."""
        at = int((time.time() - days_ago * DAY) * 1000)
        noise = random.Random(days_ago)
        return self.server.hub().post_lines([{"time": at, "msg": noise.randbytes(400).hex()} for _ in range(lines)],
                                            client="a", log="x").status

    def test_retention_makes_room_and_writes_go_on(self):
        self.server.options = self.memory
        self.server.start()
        days = range(39, 31, -1)
        for day in days:
            self.assertEqual(self.post_day(day, 16000), 200)
        # Little of what is kept, which a compaction writes anew before it gives room.
        self.assertEqual(self.post_day(2, 1000), 200)
        self.assertEqual(self.server.terminate(), 0)
        fill(self.filler)
        # It starts on the full disk, and there is nothing yet that may go.
        self.server.options = self.memory + ["--retention", "1y"]
        self.start_anyhow()
        hub = self.server.hub()
        fillers = (self.filler.with_suffix(f".{number}") for number in itertools.count())

        def refused():  # what the store itself gives back when it is quiet is taken as well
            fill(next(fillers), leave=2 << 20)  # less than the store keeps free
            return self.post_day(0, 1) == 503

        wait_until(refused, 60, "a write to be refused")
        self.assertEqual(hub.get("/health").status, 503)
        self.assertEqual(metric(hub, "nmstore_store_writable"), 0)
        self.assertEqual(len(rows(hub)), len(days) + 1 + (row_key("a", "x", 0) in rows(hub)))
        tool = Tool(self.server.directory, self.server.port)
        refused = tool.run("compact", code=FAILED)
        self.assertIn(b"read-only", refused.stderr)
        # Asked for by hand while it is full.
        did = []

        def retained():  # the server's own run may be at work at this moment: one at a time
            asked = tool.run("--json", "retention", "--keep", "34d")
            if b"running already" in asked.stderr:
                return False
            self.assertEqual(asked.returncode, 0, asked.stderr)
            did.append(json.loads(asked.stdout))
            return True

        wait_until(retained, 60, "the retention to be taken")
        self.assertEqual(did[0]["rows_by_age"], 5)
        wait_until(lambda: self.post_day(0, 1) == 200 and metric(hub, "nmstore_store_ballast_bytes") > 0, 60,
                   "a write to be taken, and the ballast to be there again")
        # And by the server's own policy, after a start on a disk that others have filled again.
        self.assertEqual(self.server.terminate(), 0)
        fill(self.filler.with_suffix(".more"))
        self.server.options = self.memory + ["--retention", "30d"]
        self.start_anyhow()
        hub = self.server.hub()
        wait_until(lambda: not {row_key("a", "x", day) for day in days} & set(rows(hub)), 60, "the old days to go")
        wait_until(lambda: self.post_day(1, 10) == 200 and metric(hub, "nmstore_store_ballast_bytes") > 0, 60,
                   "a write to be taken, and the ballast to be there again")
        self.assertEqual(metric(hub, "nmstore_store_writable"), 1)
        count = hub.get("/api/v1/search", q="client:a", limit=100000).json()
        lines = [e["line"] for e in count["entries"]]
        self.assertEqual(len([line for line in lines if len(line) == 800]), len(lines))
        self.assertGreaterEqual(len(lines), 1010)
        self.assertEqual(self.server.terminate(), 0)
        Tool(self.server.directory).text("verify", "--data", self.server.data)

    def test_agents_port_takes_nothing_while_the_disk_is_full_and_loses_nothing(self):
        port_file = self.server.directory / "agent-port"
        self.server.options = self.memory + ["--agent-listen", "127.0.0.1:0", "--agent-port-file", str(port_file)]
        self.server.start()
        hub, waits = self.server.hub(), "agents' messages not stored yet"

        def stored():
            return sorted(int(column) - TIME for column in hub.row("CFLongType", ROW))

        def send(agent, first, last):
            for number in range(first, last):
                agent.sendall(message(TIME + number, "x" * 100))

        def fill_up():
            fillers = (self.filler.with_suffix(f".{number}") for number in itertools.count())

            def refused():
                fill(next(fillers), leave=2 << 20)
                return self.post_day(0, 1) == 503

            wait_until(refused, 60, "a write to be refused")

        def make_room():
            for filler in self.filler.parent.glob("filler*"):
                filler.unlink()

        address = ("127.0.0.1", int(port_file.read_text()))
        with socket.create_connection(address, timeout=60) as agent:
            send(agent, 0, 10)
            wait_until(lambda: len(stored()) == 10, 60, "what came before")
            fill_up()
            send(agent, 10, 200)
            wait_until(lambda: waits in self.server.log(), 60, "the port to say that it waits")
            # Somebody else comes, who is not read either.
            with socket.create_connection(address, timeout=60) as other:
                send(other, 200, 210)
                self.assertEqual(stored(), list(range(10)))
                make_room()
                wait_until(lambda: len(stored()) == 210, 60, "what came meanwhile")
            send(agent, 210, 220)
            wait_until(lambda: len(stored()) == 220, 60, "what came afterwards")
            self.assertEqual(stored(), list(range(220)))
            # A stop does not wait for room, and says what it loses.
            fill_up()
            before = self.server.log().count(waits)
            send(agent, 220, 225)
            wait_until(lambda: self.server.log().count(waits) > before, 60, "the port to say that it waits")
            self.assertEqual(self.server.terminate(), 0)
            self.assertIn("agents' messages lost", self.server.log())
            self.assertEqual(agent.recv(1), b"")
        make_room()
        self.server.start()
        hub = self.server.hub()
        kept = stored()
        self.assertEqual(kept[:220], list(range(220)))
        self.assertLess(len(kept), 225)

    def start_anyhow(self):
        """Its health says 503 while the disk is full."""
        healthy = self.server.is_healthy
        self.server.is_healthy = lambda: True
        try:
            self.server.start()
        finally:
            self.server.is_healthy = healthy


if __name__ == "__main__":
    unittest.main()
