"""Pages, bulk posts of every size, counting, TTL: the agents' writes in the amounts in which they come."""
import json
import threading
import unittest

from sanitizer import SANITIZER
from server_process import ServerCase, wait_until
from wire import Closed, Wire, agent_request, bulk, log_value

DAY = "10.0.0.1:logs:_var_log_syslog:2011:5:22"
MIDNIGHT = 1308700800000  # of that day
BIG_BODY = 64 << 20
# The body itself, the parser's places in it, the store's batch and write buffers, and a margin: far from a copy for every stage.
MEMORY_BOUND = 700 << 20


class PageTest(ServerCase):
    def test_three_pages_of_1000(self):
        cells = {str(MIDNIGHT + i * 7): f"v{i}" for i in range(2500)}
        self.assertEqual(self.hub.post_json("/v0.3/DATA/CFLongType", bulk({DAY: cells})).status, 200)
        seen, pages, start = {}, 0, None
        while True:
            page = self.hub.row("CFLongType", DAY, fromKey=start)
            names = list(page)
            if start is not None:
                self.assertEqual(names[0], start)  # inclusive: the last one of the page before comes again
            seen.update(page)
            pages += 1
            if len(page) < 1000:
                break
            start = names[-1]
        self.assertEqual(pages, 3)
        self.assertEqual(seen, cells)
        self.assertEqual(list(seen), sorted(cells, key=int))
        self.assertEqual(len(self.hub.row("CFLongType", DAY, limit=2500)), 2500)


class BulkTest(ServerCase):
    def test_two_minutes_of_an_agent(self):
        logs = [f"10.0.0.2:logs:_log_{i}:2011:5:22" for i in range(8)]
        plugins = [f"10.0.0.2:plugins:{name}:2011:5:22" for name in ("df", "free", "uptime", "iostat")]
        rows = {row: {} for row in logs + plugins}
        for second in range(120):
            ms = MIDNIGHT + second * 1000
            for row in logs:
                rows[row][str(ms)] = log_value(ms, f"{row} says {second} é €\n")
            for row in plugins[: 1 + second % 4]:
                rows[row][str(ms)] = json.dumps({"date": ms, "value": second})
        body = bulk(rows)
        body["rowkeys"] += bulk({"clients": []})["rowkeys"]
        for _ in range(2):  # the same again changes nothing, counters included
            self.assertEqual(self.hub.post_json("/v0.3/DATA/CFLongType", body).status, 200)
            for row, cells in rows.items():
                self.assertEqual(self.hub.row("CFLongType", row), cells)
                self.assertEqual(self.hub.counter(row, "plugins" if "plugins" in row else "logs"), len(cells))
        # One more entry in the same body counts once.
        rows[logs[0]][str(MIDNIGHT + 999999)] = "one more"
        self.assertEqual(self.hub.post_json("/v0.3/DATA/CFLongType", bulk(rows)).status, 200)
        self.assertEqual(self.hub.counter(logs[0], "logs"), 121)

    def test_single_posts_do_not_count(self):
        row = "10.0.0.3:logs:_l:2011:5:22"
        self.assertEqual(self.hub.post_form(f"/v0.3/DATA/CFLongType/{row}", {MIDNIGHT: "v"}).status, 200)
        self.assertEqual(self.hub.counter(row, "logs"), 0)

    def test_rows_that_are_no_day_rows_do_not_count(self):
        body = bulk({"some row": {"1": "a"}, "alerts:2011:5:22": {"1": "a"}})
        self.assertEqual(self.hub.post_json("/v0.3/DATA/CFLongType", body).status, 200)
        self.assertEqual(self.hub.get("/v0.3/COUNTER/some%20row").json(), {})

    def test_bad_columns_of_a_big_body_are_named_within_bounds(self):
        body = bulk({"many": [(f"bad {i}", "v") for i in range(3000)] + [("5", "good")]})
        answer = self.hub.post_json("/v0.3/DATA/CFLongType", body)
        self.assertEqual(answer.status, 400)
        self.assertIn("3000", answer.json()["detail"])
        self.assertEqual(len(answer.json()["errors"]), 1000)
        self.assertEqual(self.hub.row("CFLongType", "many"), {"5": "good"})


class BigBodyTest(ServerCase):
    options = ("--max-body", "64MiB", "--memory", "64MiB")

    def big_body(self):
        value = log_value(MIDNIGHT, "a line of some length, as logs have them, with a number 12345\n" * 60)
        pieces, size, count = [], 0, 0
        while size < BIG_BODY - 20000:
            piece = f'{{"columnname":"{MIDNIGHT + count}","columnvalue":"{value}","ttl":"0"}}'
            pieces.append(piece)
            size += len(piece) + 1
            count += 1
        body = f'{{"rowkeys":[{{"rowkey":"{DAY}","columns":[' + ",".join(pieces) + "]}]}"
        return body.encode(), count, value

    def test_64_megabytes(self):
        body, count, value = self.big_body()
        self.assertEqual(self.hub.call("POST", "/v0.3/DATA/CFLongType", body).json()["message"], "Success")
        self.assertEqual(self.hub.counter(DAY, "logs"), count)
        last = str(MIDNIGHT + count - 1)
        self.assertEqual(self.hub.row("CFLongType", DAY, fromKey=last), {last: value})
        peak = self.server.memory_peak_bytes()
        if not SANITIZER:
            self.assertLess(peak, MEMORY_BOUND, f"{peak >> 20} MiB for a body of {len(body) >> 20} MiB")

    def test_one_byte_over_the_limit(self):
        with Wire(self.server.port) as wire:
            wire.send(agent_request("POST", "/v0.3/DATA/CFLongType", more=[]).replace(
                b"Content-Length: 0", b"Content-Length: %d" % (BIG_BODY + 1)))
            answer = wire.answer()
            self.assertEqual(answer.status, 413)
            self.assertEqual(answer.json()["status"], "413")
            # The connection is closed, or it answers the next request: it does not hang, and does not take the body for one.
            if answer.headers.get("connection", "").lower() == "close":
                self.assertEqual(wire.rest(), b"")
        with Wire(self.server.port) as wire:
            self.assertEqual(wire.send(agent_request("GET", "/v0.3/COLUMNFAMILY")).answer().status, 200)

    def test_a_body_over_the_limit_that_is_really_sent(self):
        row = "x" * 100
        body = (f'{{"rowkeys":[{{"rowkey":"{row}","columns":[{{"columnname":"1","columnvalue":"'.encode()
                + b"x" * BIG_BODY + b'"}]}]}')
        with Wire(self.server.port) as wire:
            try:
                wire.send(agent_request("POST", "/v0.3/DATA/CFLongType", body))
            except OSError:
                pass  # closed while we were sending, which an answer precedes
            try:
                self.assertEqual(wire.answer().status, 413)
            except (Closed, OSError):
                pass
        self.assertEqual(self.hub.row("CFLongType", row), {})


class CounterTest(ServerCase):
    def test_four_clients_of_1000_increments(self):
        errors = []

        def count(port):
            try:
                with Wire(port) as wire:
                    for _ in range(1000):
                        answer = wire.send(agent_request("POST", "/v0.3/COUNTER/connections/total", b"increment=1")).answer()
                        if answer.status != 200:
                            errors.append(answer)
            except Exception as e:  # a thread's failure must be the test's
                errors.append(e)

        threads = [threading.Thread(target=count, args=(self.server.port,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(self.hub.counter("connections", "total"), 4000)


class TtlTest(ServerCase):
    def test_cells_go_when_their_time_has_come(self):
        self.assertEqual(self.hub.post_form("/v0.3/DATA/CFUTF8Type/short", {"a": "1"}, ttl=1).status, 200)
        self.assertEqual(self.hub.post_form("/v0.3/DATA/CFUTF8Type/short", {"b": "2"}, ttl=3600).status, 200)
        body = bulk({DAY: [("1", "brief", "1"), ("2", "stays", ""), ("3", "long", 3600)]})
        self.assertEqual(self.hub.post_json("/v0.3/DATA/CFLongType", body).status, 200)
        wait_until(lambda: self.hub.row("CFUTF8Type", "short") == {"b": "2"}, 20, "the cell to expire")
        wait_until(lambda: self.hub.row("CFLongType", DAY) == {"2": "stays", "3": "long"}, 20, "the entry to expire")

    def test_a_cell_written_again_without_a_ttl_stays(self):
        for _ in range(3):
            self.assertEqual(self.hub.post_form("/v0.3/DATA/CFUTF8Type/again", {"a": "1"}, ttl=1).status, 200)
            self.assertEqual(self.hub.post_form("/v0.3/DATA/CFUTF8Type/again", {"a": "2"}).status, 200)
        self.assertEqual(self.hub.post_form("/v0.3/DATA/CFUTF8Type/marker", {"a": "1"}, ttl=1).status, 200)
        wait_until(lambda: self.hub.row("CFUTF8Type", "marker") == {}, 20, "the marker to expire")
        self.assertEqual(self.hub.row("CFUTF8Type", "again"), {"a": "2"})


if __name__ == "__main__":
    unittest.main()
