"""The query language and the calls of /api/v1 end to end: what is searched, counted, paged and walked while lines arrive."""
import json
import threading
import unittest
from urllib.parse import quote

from server_process import ServerCase
from wire import Wire, agent_request

NOON = 1700049600000  # 2023-11-15T12:00:00Z
MINUTE = 60000

LINES = {  # client, log, line, further fields
    "a": ("10.0.0.1", "/var/log/syslog", "error: connection refused by 10.0.0.9:80", {}),
    "b": ("10.0.0.1", "/var/log/syslog", "debug: Connection timeout after 30 s", {}),
    "c": ("10.0.0.2", "/var/log/syslog", "Received block blk_3886 of size 91178 from /10.250.10.6", {}),
    "d": ("10.0.0.2", "app", "all is well", {"user_id": 42, "level": "info"}),
    "e": ("web1", "app", "login", {"user_id": 7, "level": "error", "took": 12.5}),
    "f": ("web1", "app", "GRÜN ist die Hoffnung errors", {}),
    "g": ("web1", "/var/log/app_x", '{"status":503,"path":"/a/b","user_id":42}', {}),
}
QUERIES = [
    ("", "abcdefg"), ("*", "abcdefg"), ("error", "a"), ("ERROR", "a"), ("errors", "f"), ("error*", "af"), ("*onnect*", "ab"),
    ('"connection refused"', "a"), ('"refused connection"', ""), ("connection", "ab"), ("connection -timeout", "a"),
    ("connection NOT timeout", "a"), ("timeout OR refused", "ab"), ("connection AND (timeout OR refused)", "ab"),
    ("well OR connection refused", "ad"), ('c"Connection"', "b"), ('c"GRÜN"', "f"), ('c"grün"', ""), ("grün", "f"),
    ("10.0.0.9", "a"), ("0.0.0.9", ""), ("blk_3886", "c"), ("blk_388", ""), ("blk 3886", "c"), (r"/blk_38\d+/", "c"), (r"/CONNECTION/i", "ab"),
    (r"/CONNECTION/", ""), ("client:10.0.0.*", "abcd"), ("client:web1", "efg"), ("client:WEB1", ""), ("log:app", "def"),
    ("log:/var/log/syslog", "abc"), ("log:_var_log_syslog", "abc"), ("log:/var/log/*", "abcg"), ("log:/var/log/app/x", "g"),
    ("-client:web1 -client:10.0.0.1", "cd"), ("kind:logs", "abcdefg"), ("kind:plugins", ""), ("user_id:42", "dg"), ("user_id=42", "dg"),
    ("user_id>7", "dg"), ("user_id:[5 TO 9]", "e"), ("took>=12.5", "e"), ("status:503 path:/a/b", "g"), ("level:error", "ae"),
    ("client:nobody", ""), ("nothing-of-the-kind", ""),
]


class Case(ServerCase):
    def get(self, call, status=200, **parameters):
        answer = self.hub.get(f"/api/v1/{call}", **parameters)
        self.assertEqual(answer.status, status, answer)
        return answer.json()

    def post(self, lines, **parameters):
        answer = self.hub.post_lines(lines, **parameters)
        self.assertEqual((answer.status, answer.json()["rejected"]), (200, 0), answer)


class LanguageTest(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = [{"time": NOON + i * MINUTE, "host": client, "log": log, "_msg": line, **fields}
                 for i, (client, log, line, fields) in enumerate(LINES.values())]
        answer = cls.server.hub().post_lines(lines)
        assert answer.json()["accepted"] == len(LINES), answer

    def found(self, q, **parameters):
        names = {line: name for name, (_, _, line, _) in LINES.items()}
        return "".join(names[e["line"]] for e in self.get("search", q=q, order="asc", **parameters)["entries"])

    def test_queries(self):
        for q, expected in QUERIES:
            with self.subTest(q):
                self.assertEqual(self.found(q), expected)

    def test_newest_first_unless_asked_otherwise(self):
        lines = [e["line"] for e in self.get("search")["entries"]]
        self.assertEqual(lines, [line for _, _, line, _ in LINES.values()][::-1])

    def test_times(self):
        self.assertEqual(self.found("", from_=NOON + MINUTE, to=NOON + 3 * MINUTE), "bc")
        self.assertEqual(self.found("", from_="2023-11-15T12:05:00Z"), "fg")
        self.assertEqual(self.found("", to="2023-11-15T13:00:00+01:00"), "")
        self.assertEqual(self.found("", from_="-1h"), "")

    def test_queries_that_cannot_be_read(self):
        for q in ("(a", "a)", '"open', "/(/", "a AND", "client:", "user_id:[5 TO", "error | count", "NOT"):
            with self.subTest(q):
                error = self.get("search", status=400, q=q)["error"]
                self.assertTrue(error["message"])
                self.assertGreaterEqual(error["column"], 1)
        for parameters in ({"limit": "0"}, {"limit": "x"}, {"limit": "1000000000"}, {"order": "sideways"}, {"cursor": "nonsense"},
                           {"from_": "whenever"}, {"from_": 5, "to": 4}, {"colour": "red"}):
            with self.subTest(parameters):
                self.assertEqual(self.get("search", status=400, **parameters)["error"]["code"], "invalid_argument")
        self.assertEqual(self.hub.call("GET", "/api/v1/search?q=%ff%fe").status, 400)

    def test_histogram(self):
        whole = self.get("histogram", q="", from_=NOON, to=NOON + 7 * MINUTE, step="2m")
        self.assertEqual((whole["step"], whole["total"]), (2 * MINUTE, 7))
        self.assertEqual([b["count"] for b in whole["buckets"]], [2, 2, 2, 1])
        self.assertEqual([b["time"] for b in whole["buckets"]], [NOON + i * 2 * MINUTE for i in range(4)])
        by = self.get("histogram", q="", from_=NOON, to=NOON + 7 * MINUTE, step="7m", by="client")
        self.assertEqual({s["value"]: sum(b["count"] for b in s["buckets"]) for s in by["series"]}, {"10.0.0.1": 2, "10.0.0.2": 2, "web1": 3})
        self.assertEqual(self.get("histogram", q="nothing", from_=NOON, to=NOON + MINUTE)["total"], 0)
        self.get("histogram", status=400, step="fast")

    def test_words(self):
        words = self.get("words", q="connection", limit=3)["words"]
        self.assertEqual(words[0], {"word": "connection", "count": 2})
        self.assertEqual(len(words), 3)
        counts = {w["word"]: w["count"] for w in self.get("words", q="client:10.0.0.1 refused")["words"]}
        self.assertEqual(counts, {w: 1 for w in ("error", "connection", "refused", "by", "10", "0", "9", "80")})

    def test_lists(self):
        self.assertEqual([c["client"] for c in self.get("clients")["clients"]], ["10.0.0.1", "10.0.0.2", "web1"])
        logs = {(e["client"], e["log"].replace("/", "_")) for e in self.get("logs")["logs"]}
        self.assertEqual(logs, {(c, log.replace("/", "_")) for c, log, _, _ in LINES.values()})
        self.assertEqual(len(self.get("logs", client="web1")["logs"]), 2)
        rows = self.get("rows", family="CFLongType", limit=2)
        self.assertEqual(len(rows["rows"]), 2)
        more = self.get("rows", family="CFLongType", from_=rows["next"])["rows"]
        self.assertEqual(more[0], rows["next"])
        self.assertEqual(len(set(rows["rows"] + more)), 5)
        row = self.get("row", family="CFLongType", row=rows["rows"][0], limit=1)
        self.assertEqual(row["cells"][0]["column"], str(NOON))
        families = {f["name"] for f in self.get("families")["families"]}
        self.assertLessEqual({"CFLongType", "CFUTF8Type"}, families)
        self.assertIsInstance(self.get("stats"), dict)

    def test_a_tag_names_its_client(self):
        self.assertEqual(self.hub.post_form("/v0.3/DATA/CFUTF8Type/client-tags", {"10.0.0.2": "storage"}).status, 200)
        self.assertEqual(self.found("client:storage"), "cd")
        tags = {c["client"]: c["tag"] for c in self.get("clients")["clients"]}
        self.assertEqual(tags["10.0.0.2"], "storage")
        self.assertEqual(self.hub.delete("/v0.3/DATA/CFUTF8Type/client-tags/10.0.0.2").status, 200)

    def stream(self, q, **parameters):
        wire = Wire(self.server.port)
        self.addCleanup(wire.close)
        more = "".join(f"&{k}={v}" for k, v in parameters.items())
        answer = wire.send(agent_request("GET", f"/api/v1/search?q={quote(q)}{more}", more=["Accept: application/x-ndjson"])).answer()
        return answer, [json.loads(line) for line in answer.body.splitlines()]

    def test_stream(self):
        answer, lines = self.stream("connection", order="asc")
        self.assertTrue(answer.headers["content-type"].startswith("application/x-ndjson"))
        self.assertEqual([e.get("line") for e in lines[:-1]], [LINES["a"][2], LINES["b"][2]])
        self.assertTrue(lines[-1]["stats"]["complete"])
        answer, lines = self.stream("(")
        self.assertEqual(answer.status, 400)


class PageTest(Case):
    COUNT = 237

    def setUp(self):
        super().setUp()
        self.client = "pages-" + self._testMethodName
        # Three logs, and many lines in one millisecond: what pages must not lose.
        for log in range(3):
            self.post([{"time": NOON + i // 40, "msg": f"{log}-{i:03}"} for i in range(self.COUNT // 3)], client=self.client, log=f"l{log}")

    def page(self, **parameters):
        return self.get("search", q=f"client:{self.client}", **parameters)

    def test_walk_there_and_back(self):
        for order in ("asc", "desc"):
            whole = [e["id"] for e in self.page(order=order)["entries"]]
            self.assertEqual(len(whole), self.COUNT)
            self.assertEqual(len(set(whole)), self.COUNT)
            for limit in (1, 7, 50, 79, 1000):
                pages, cursor = [], None
                while True:
                    page = self.page(order=order, limit=limit, cursor=cursor)
                    pages.append(page)
                    cursor = page["next"]
                    if not cursor:
                        break
                self.assertEqual([e["id"] for p in pages for e in p["entries"]], whole, (order, limit))
                # Back again from the last page.
                back, cursor = [e["id"] for e in pages[-1]["entries"]], pages[-1]["prev"]
                while cursor:
                    page = self.page(order=order, limit=limit, cursor=cursor)
                    if not page["entries"]:
                        break
                    back = [e["id"] for e in page["entries"]] + back
                    cursor = page["prev"]
                self.assertEqual(back, whole, (order, limit))
                if limit == 1 and order == "asc":
                    break

    def test_pages_while_lines_arrive(self):
        before = [e["id"] for e in self.page(order="asc")["entries"]]
        stop = threading.Event()
        failures = []

        def write():
            hub = self.server.hub()
            for number in range(100000):
                if stop.is_set():
                    return
                # Before, among and behind what is being walked, and in the same milliseconds.
                for time in (NOON - 5, NOON, NOON + 1, NOON + 1000):
                    answer = hub.post_lines([{"time": time, "msg": f"new {number}"}], client=self.client, log="l1")
                    if answer.status != 200:
                        failures.append(answer)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for order in ("asc", "desc"):
                for _ in range(2):
                    seen, cursor = [], None
                    while True:
                        page = self.page(order=order, limit=10, cursor=cursor)
                        seen += [e["id"] for e in page["entries"]]
                        cursor = page["next"]
                        if not cursor or len(seen) > 5000:
                            break
                    self.assertEqual(len(seen), len(set(seen)), "a line came twice")
                    known = [i for i in seen if i in set(before)]
                    if cursor is None or not cursor:
                        self.assertEqual(known, before if order == "asc" else before[::-1], "a line was skipped")
        finally:
            stop.set()
            writer.join(60)
        self.assertEqual(failures, [])

    def test_context(self):
        entries = [e for e in self.page(order="asc")["entries"] if e["log"] == "l1"]
        middle = 30
        around = self.get("context", id=entries[middle]["id"], before=3, after=4)["entries"]
        self.assertEqual([e["line"] for e in around], [e["line"] for e in entries[middle - 3 : middle + 5]])
        edge = self.get("context", id=entries[0]["id"], before=3, after=0)["entries"]
        self.assertEqual([e["id"] for e in edge], [entries[0]["id"]])
        self.get("context", status=400, id="nonsense")
        self.get("context", status=400)

    def test_a_stream_stops_when_its_reader_goes(self):
        wire = Wire(self.server.port)
        wire.send(agent_request("GET", "/api/v1/search?q=", more=["Accept: application/x-ndjson"]))
        wire.socket.recv(100)
        wire.close()
        self.assertEqual(len(self.page(limit=5)["entries"]), 5)


class DropTest(Case):
    def test_drop_rows(self):
        for day in range(3):
            self.post([{"time": NOON + day * 86400000, "msg": "x"}], client="drop", log="l")
        rows = [f"drop:logs:l:2023:10:{day}" for day in (15, 16, 17)]
        wanted = {"client": "drop", "to": NOON + 86400000 * 2 - 43200000}
        tried = self.hub.delete("/api/v1/rows", dry_run="true", **wanted).json()
        self.assertEqual((tried["dropped"], tried["rows"], tried["dry_run"]), (2, rows[:2], True))
        self.assertEqual(len(self.get("search", q="client:drop")["entries"]), 3)
        self.assertEqual(self.hub.delete("/api/v1/rows", **wanted).json()["dropped"], 2)
        self.assertEqual(len(self.get("search", q="client:drop")["entries"]), 1)
        self.assertEqual(self.hub.delete("/api/v1/rows").status, 400)


class AdminTest(Case):
    def run_job(self, name):
        answer = self.hub.call("POST", f"/api/v1/admin/{name}")
        self.assertEqual(answer.status, 200, answer)
        lines = [json.loads(line) for line in answer.body.splitlines()]
        self.assertEqual(lines[-1]["result"], "ok", lines[-1])
        return lines[-1]

    def test_compact_verify_backup(self):
        self.post([{"msg": f"line {i}"} for i in range(1000)], client="c", log="l")
        self.hub.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "1"})
        self.run_job("verify")
        self.run_job("compact")
        self.run_job("backup")
        self.run_job("backup")
        self.assertEqual(len(self.get("admin/backups")["backups"]), 2)
        self.assertEqual(len(self.get("search", q="client:c")["entries"]), 1000)

    def test_metrics(self):
        answer = self.hub.get("/metrics")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["content-type"].startswith("text/plain"))
        names = {line.split("{")[0].split(" ")[0] for line in answer.body.decode().splitlines() if line and line[0] != "#"}
        self.assertTrue(any(name.startswith("nm") for name in names), names)


if __name__ == "__main__":
    unittest.main()
