"""Old days of logs go by age and by total bytes: in the background, on request, on a closed directory."""
import random
import time
import unittest

from server_process import Server, ServerCase, wait_until
from tool_process import USAGE, Tool

DAY = 86400


def row_key(client, log, days_ago):
    day = time.gmtime(time.time() - days_ago * DAY)
    return f"{client}:logs:{log}:{day.tm_year}:{day.tm_mon - 1}:{day.tm_mday}"


def post_day(case, hub, client, log, days_ago, lines=3):
    """Lines that cannot be compressed much, so that a row's share of the store is that of its lines."""
    at = int((time.time() - days_ago * DAY) * 1000)
    noise = random.Random(days_ago)
    answer = hub.post_lines([{"time": at, "msg": f"line {noise.getrandbits(64):x}"} for _ in range(lines)], client=client, log=log)
    case.assertEqual(answer.status, 200, answer.body)


def rows(hub):
    return hub.get("/api/v1/rows", family="CFLongType").json()["rows"]


def metric(hub, name):
    for line in hub.get("/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    raise AssertionError(f"no {name} in /metrics")


class RetentionOnRequest(ServerCase):
    """A server that keeps everything by itself."""

    def setUp(self):
        super().setUp()
        self.tool = Tool(self.server.directory, self.server.port)

    def test_dry_run_then_for_good(self):
        for days in (40, 20, 0):
            post_day(self, self.hub, "a", "x", days)
        post_day(self, self.hub, "b", "y", 40)
        before = rows(self.hub)
        (would,) = self.tool.json("retention", "--keep", "30d", "--rule", "b=1y", "--dry-run")
        self.assertEqual([r["row"] for r in would["rows"]], [row_key("a", "x", 40)])
        self.assertEqual((would["dry_run"], would["rows_by_age"], would["rows_by_bytes"]), (True, 1, 0))
        self.assertEqual(rows(self.hub), before)
        (did,) = self.tool.json("retention", "--keep", "30d", "--rule", "b=1y")
        self.assertEqual([r["row"] for r in did["rows"]], [row_key("a", "x", 40)])
        self.assertEqual(sorted(rows(self.hub)), sorted(set(before) - {row_key("a", "x", 40)}))
        self.assertEqual(metric(self.hub, 'nmstore_store_rows_dropped_total{why="age"}'), 1)
        self.assertIn("would drop 0 day rows", self.tool.text("retention", "--keep", "30d", "--rule", "b=1y", "--dry-run"))
        # The client and its log stay in the index rows.
        self.assertIn("a", self.hub.row("CFUTF8Type", "clients"))

    def test_what_is_wrong_is_told(self):
        self.tool.text("retention", "--keep", "30", code=USAGE)
        self.tool.text("retention", "--rule", "x", code=USAGE)
        answer = self.hub.call("POST", "/api/v1/admin/retention?keep=30")
        self.assertEqual(answer.status, 400, answer.body)
        # Nothing says what to keep: nothing goes.
        answer = self.hub.call("POST", "/api/v1/admin/retention")
        self.assertEqual(answer.status, 400, answer.body)


class RetentionInTheBackground(unittest.TestCase):
    def test_by_age_at_start_and_regularly(self):
        with Server() as server:
            hub = server.hub()
            for days in (40, 3):
                post_day(self, hub, "a", "x", days)
            post_day(self, hub, "alerting", "x", 40)
            server.options = ["--retention", "30d", "--retention-rule", "alerting=forever", "--retention-interval", "100ms"]
            server.restart()
            hub = server.hub()
            left = sorted([row_key("a", "x", 3), row_key("alerting", "x", 40)])
            wait_until(lambda: sorted(rows(hub)) == left, 60, "the old day to go")
            post_day(self, hub, "a", "late", 50)
            wait_until(lambda: sorted(rows(hub)) == left, 60, "the late day to go")
            wait_until(lambda: metric(hub, "nmstore_retention_runs_total") >= 2, 60, "the run to be counted")
            self.assertEqual(metric(hub, "nmstore_retention_failures_total"), 0)
            wait_until(lambda: row_key("a", "x", 40) in server.log(), 60, "the run to be logged")
            self.assertEqual(server.terminate(), 0)

    def test_by_bytes_and_a_closed_directory(self):
        with Server() as server:
            hub = server.hub()
            for days in range(9, 0, -1):
                post_day(self, hub, "a", "x", days, lines=5000)
            tool = Tool(server.directory, server.port)
            tool.text("compact")
            all_rows = rows(hub)
            self.assertEqual(len(all_rows), 9)
            (report,) = tool.json("retention", "--bytes", "1TB", "--dry-run")
            self.assertEqual(report["rows"], [])
            self.assertEqual(server.terminate(), 0)
            data = ("--data", server.data)
            tool.text("retention", *data, code=USAGE)
            (would,) = tool.json("retention", "--bytes", str(report["store_bytes"] * 2 // 3), "--dry-run", *data)
            self.assertEqual(would["over_bytes"], 0, would)
            self.assertIn(would["rows_by_bytes"], range(2, 7))
            (did,) = tool.json("retention", "--bytes", str(report["store_bytes"] * 2 // 3), *data)
            self.assertEqual([r["row"] for r in did["rows"]], [r["row"] for r in would["rows"]])
            self.assertEqual(did["rows"][0]["row"], row_key("a", "x", 9))
            tool.text("verify", *data)
            # Nothing may go of today: that is told, and the server says it too.
            server.options = ["--retention-bytes", "1kB", "--retention-interval", "100ms"]
            server.start()
            post_day(self, server.hub(), "a", "x", 0)
            wait_until(lambda: rows(server.hub()) == [row_key("a", "x", 0)], 60, "all but today to go")
            self.assertEqual(server.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
