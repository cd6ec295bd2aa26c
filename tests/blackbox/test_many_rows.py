"""Thousands of machines that have little to tell: each a row with some lines, all of the same hours."""
import json
import threading
import unittest

from sanitizer import SANITIZER
from server_process import ServerCase
from wire import bulk

NOON = 1700049600000
DAY = "2023:10:15"  # months count from 0
CLIENTS = 1500
LINES, READINGS = 6, 60
QUERIES = 8  # at the same time
# A query has every row open: some kilobytes of memory for each, and not what a long row's reader would take.
MEMORY_BOUND = 600 << 20


def client(number):
    return f"10.1.{number >> 8}.{number & 255}"


class ManyRowsTest(ServerCase):
    def fill(self):
        for begin in range(0, CLIENTS, 500):
            rows = {f"{client(i)}:plugins:uptime:{DAY}": {
                str(NOON - n * 60_000): json.dumps({"date": NOON - n * 60_000, "value": {"load": i % 7}})
                for n in range(READINGS)} for i in range(begin, begin + 500)}
            self.assertEqual(self.hub.post_json("/v0.3/DATA/CFLongType", bulk(rows)).status, 200)
        answer = self.hub.post_lines([
            {"host": client(i), "log": "/var/log/syslog", "time": NOON - n * 60_000, "message": f"boot {n}"}
            for n in range(LINES) for i in range(CLIENTS)])
        self.assertEqual(answer.status, 200, answer)

    def search_at_once(self):
        found = []

        def search():
            answer = self.server.hub().get("/api/v1/search", q="boot", limit=1000)
            found.append((answer.status, len(answer.json()["entries"])))

        threads = [threading.Thread(target=search) for _ in range(QUERIES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [(200, 1000)] * QUERIES)

    def test_queries_over_all_rows_take_little_memory(self):
        self.fill()
        for restarted in (False, True):
            with self.subTest(restarted=restarted):
                if restarted:
                    self.server.restart()
                self.search_at_once()
                if not SANITIZER:
                    self.assertLess(self.server.memory_peak_bytes(), MEMORY_BOUND)


if __name__ == "__main__":
    unittest.main()
