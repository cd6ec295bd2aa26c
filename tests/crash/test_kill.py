"""SIGKILL at random moments under load: what was answered 2xx is there, once, and nothing is there by half.

Several clients write at once, each in its own way, and note what was answered. After each kill the server is opened again on the
same directory, and every client's notes are compared with what is stored. A request that was not answered may have
been taken or not, but only as a whole.
"""
import functools
import json
import os
import random
import threading
import unittest

from server_process import Server
from wire import Closed, bulk, log_value

KILLS = int(os.environ.get("NM_KILLS", "30"))
SEED = int(os.environ.get("NM_KILL_SEED", "1"))
NOON = 1700049600000  # 2023-11-15T12:00:00Z
DAY = "2023:10:15"
LONG_AGO = NOON - 30 * 86_400_000
RUN_SECONDS = (0.02, 0.4)  # how long the load lasts before the kill
CELLS_PER_BULK = 10
LINES_PER_POST = 8
CHECKED_PAGE = 100000


@functools.cache
def cell_at(time):
    return log_value(time, f"line {time}\n")


class Client(threading.Thread):
    """Writes until the server is gone. `sure`: what was answered; `open_`: what was asked for last, without an answer."""

    def __init__(self, case, name, state):
        super().__init__(daemon=True)
        self.case, self.name_, self.state, self.failure = case, name, state, None

    def run(self):
        hub = self.case.server.hub()
        try:
            while not self.case.stop.is_set():
                self.state["open"] = self.state["next"]
                answer = self.write(hub, self.state["next"])
                if answer.status != 200:
                    self.failure = answer
                    return
                self.state["sure"] = self.state["next"]
                self.state["open"] = None
                self.state["next"] += 1
        except (Closed, OSError):
            pass  # killed
        except Exception as e:
            self.failure = e
        finally:
            hub.close()

    def resume(self, hub):
        """Before the next round: what was not answered is sent again, as the agents and shippers do."""
        if self.state["open"] is not None:
            self.case.assertEqual(self.write(hub, self.state["open"]).status, 200)
            self.state["sure"] = self.state["open"]
            self.state["next"] = self.state["open"] + 1
            self.state["open"] = None

    def count(self):
        """How many writes must be there, and how many may."""
        sure = self.state["sure"] + 1
        return sure, sure + (self.state["open"] is not None)


class Singles(Client):
    """A form of two columns a post: both or none."""

    def write(self, hub, i):
        return hub.post_form(f"/v0.3/DATA/CFUTF8Type/{self.name_}", {f"a{i:06}": i, f"b{i:06}": i})

    def check(self, hub):
        row = hub.row("CFUTF8Type", self.name_, limit=CHECKED_PAGE)
        written = sorted(int(c[1:]) for c in row if c[0] == "a")
        self.case.assertEqual(written, sorted(int(c[1:]) for c in row if c[0] == "b"), "half a form")
        self.case.assertEqual(written, list(range(len(written))))
        self.case.assertIn(len(written), self.count())
        self.case.assertTrue(all(int(c[1:]) == int(v) for c, v in row.items()))


class Bulks(Client):
    """A bulk of cells in two day rows: all or none, and their counters with them."""

    def rows(self):
        return [f"{self.name_}:logs:{log}:{DAY}" for log in ("one", "two")]

    def write(self, hub, i):
        times = [NOON + i * CELLS_PER_BULK + n for n in range(CELLS_PER_BULK)]
        return hub.post_json("/v0.3/DATA/CFLongType", bulk({row: {str(t): cell_at(t) for t in times}
                                                            for row in self.rows()}))

    def check(self, hub):
        counts = []
        for row in self.rows():
            cells = hub.row("CFLongType", row, limit=CHECKED_PAGE)
            self.case.assertEqual(list(cells), [str(NOON + i) for i in range(len(cells))], "a hole in a row")
            self.case.assertTrue(all(v == cell_at(int(t)) for t, v in cells.items()))
            self.case.assertEqual(hub.counter(row, "logs"), len(cells), "cells and their counter differ")
            counts.append(len(cells))
        self.case.assertEqual(counts[0], counts[1], "half a bulk")
        self.case.assertEqual(counts[0] % CELLS_PER_BULK, 0, "half a bulk")
        self.case.assertIn(counts[0] // CELLS_PER_BULK, self.count())


class Lines(Client):
    """Lines with NM-Source and NM-Sequence: sent again after a crash, they are there once."""

    def write(self, hub, i):
        lines = [{"time": NOON + i, "msg": f"post {i} line {n}"} for n in range(LINES_PER_POST)]
        return hub.post_lines(lines, client=self.name_, log="/l",
                              headers=[("NM-Source", self.name_), ("NM-Sequence", str(i + 1))])

    def check(self, hub):
        entries = hub.get("/api/v1/search", q=f"client:{self.name_}", order="asc", limit=CHECKED_PAGE).json()["entries"]
        self.case.assertEqual(len(entries) % LINES_PER_POST, 0, "half a post")
        posts = len(entries) // LINES_PER_POST
        self.case.assertEqual([e["line"] for e in entries],
                              [f"post {i} line {n}" for i in range(posts) for n in range(LINES_PER_POST)])
        self.case.assertIn(posts, self.count())


class Counters(Client):
    """Steps of one, and of two counters in one post: these go together."""

    def write(self, hub, i):
        if i % 2:
            return hub.call("POST", f"/v0.3/COUNTER/{self.name_}/singles", "increment=1")
        steps = {"rowkeys": [{"rowkey": self.name_, "columns": [{"columnname": "x", "increment": 3}, {"columnname": "y", "decrement": 3}]}]}
        return hub.post_json("/v0.3/COUNTER", steps)

    def resume(self, hub):
        """A step is not sent again: nobody can tell whether it was counted. Ask what is there, and go on from that."""
        if self.state["open"] is not None:
            if self.taken(hub) > self.state["sure"] + 1:
                self.state["sure"] = self.state["open"]
            self.state["next"] = self.state["sure"] + 1
            self.state["open"] = None

    def taken(self, hub):
        x, y = hub.counter(self.name_, "x"), hub.counter(self.name_, "y")
        self.case.assertEqual((x, x % 3), (-y, 0), "half a post of counters")
        return x // 3 + hub.counter(self.name_, "singles")

    def check(self, hub):
        self.case.assertIn(self.taken(hub), self.count())


class OldLines(Client):
    """Lines of a day that retention drops: whole rows go, from the first post on to one of the last."""

    def write(self, hub, i):
        lines = [{"time": LONG_AGO + i, "msg": f"post {i} line {n}"} for n in range(LINES_PER_POST)]
        return hub.post_lines(lines, client=self.name_, log=f"old{i // 50}")

    def resume(self, hub):
        """What was dropped cannot be told from what was not taken: the next post is another one."""
        if self.state["open"] is not None:
            self.state["lost"] = self.state.get("lost", set()) | {self.state["open"]}
            self.state["next"] = self.state["open"] + 1
            self.state["open"] = None

    def check(self, hub):
        logs = {}
        for e in hub.get("/api/v1/search", q=f"client:{self.name_}", order="asc", limit=CHECKED_PAGE, from_=LONG_AGO,
                         to=NOON).json()["entries"]:
            logs.setdefault(e["log"], []).append(e["line"])
        lost = self.state.get("lost", set()) | {self.state["open"]}
        for log, lines in logs.items():
            first, last = int(log[3:]) * 50, min(int(log[3:]) * 50 + 49, self.state["next"])
            left = sorted({int(line.split()[1]) for line in lines})
            self.case.assertEqual(lines, [f"post {i} line {n}" for i in left for n in range(LINES_PER_POST)], "half a post")
            sure = [i for i in range(first, last + 1) if i <= self.state["sure"] and i not in lost]
            self.case.assertEqual([i for i in left if i not in lost], sure[len(sure) - len(set(left) - lost):], "a row dropped by half")


class Maintenance(Client):
    """Compacts again and again."""

    def write(self, hub, i):
        return hub.call("POST", "/api/v1/admin/compact")

    def resume(self, hub):
        self.state["open"] = None

    def check(self, hub):
        answer = hub.call("POST", "/api/v1/admin/verify")
        self.case.assertEqual(json.loads(answer.body.splitlines()[-1])["problems"], [])


class KillTest(unittest.TestCase):
    KINDS = (Singles, Singles, Bulks, Bulks, Lines, Lines, Counters, Counters)
    OPTIONS = ()

    def test_kill_under_load(self):
        random.seed(SEED)
        self.server = Server(*self.OPTIONS)
        self.addCleanup(self.server.remove)
        names = [f"{kind.__name__.lower()}{i}" for i, kind in enumerate(self.KINDS)]
        states = {name: {"next": 0, "sure": -1, "open": None} for name in names}
        for kill in range(KILLS):
            with self.subTest(kill=kill):
                self.round(names, states)
        writers = [states[name] for kind, name in zip(self.KINDS, names) if kind is not Maintenance]
        self.assertGreater(min(state["next"] for state in writers), 0, "a client never came to write")
        # And once more after a clean stop.
        self.server.restart()
        self.check(names, states)
        self.assertEqual(self.server.terminate(), 0)

    def clients(self, names, states):
        return [kind(self, name, states[name]) for kind, name in zip(self.KINDS, names)]

    def check(self, names, states):
        hub = self.server.hub()
        clients = self.clients(names, states)
        for client in clients:
            client.check(hub)
            client.resume(hub)
        hub.close()

    def round(self, names, states):
        self.stop = threading.Event()
        clients = self.clients(names, states)
        for client in clients:
            client.start()
        # The moment of the kill is the one thing here that is left to chance.
        self.stop.wait(random.uniform(*RUN_SECONDS))
        self.server.kill()
        self.stop.set()
        for client in clients:
            client.join(60)
            self.assertFalse(client.is_alive(), "a client hangs")
            self.assertIsNone(client.failure)
        self.server.start()
        self.check(names, states)


class KillSealingTest(KillTest):
    """The same while everything is sealed and merged as soon as it is there, compacted, and dropped for its age."""
    KINDS = (Bulks, Bulks, Lines, Lines, OldLines, OldLines, Maintenance, Counters)
    OPTIONS = ("--seal-block", "2KiB", "--seal-direct", "600", "--seal-idle", "1", "--seal-idle-after", "0ms",
               "--seal-settle-after", "0ms", "--retention-rule", "logs:*/old*=1d", "--retention-interval", "100ms")


if __name__ == "__main__":
    unittest.main()
