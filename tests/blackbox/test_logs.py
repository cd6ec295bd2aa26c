"""POST /api/v1/logs: every format and encoding, what is kept and what is named."""
import gzip
import json
import shutil
import subprocess
import unittest

from sanitizer import SANITIZER
from server_process import ServerCase
from wire import bulk, escape, log_value

NOON = 1700049600000  # 2023-11-15T12:00:00Z; the month counts from 0 in the day row
DAY = "2023:10:15"


class Case(ServerCase):
    def search(self, q="", **parameters):
        answer = self.hub.get("/api/v1/search", q=q, order="asc", **parameters)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()["entries"]

    def lines(self, q="", **parameters):
        return [entry["line"] for entry in self.search(q, **parameters)]

    def post(self, body, accepted, rejected=0, status=200, **options):
        answer = self.hub.post_lines(body, **options)
        self.assertEqual(answer.status, status, answer)
        report = answer.json()
        self.assertEqual((report["accepted"], report["rejected"]), (accepted, rejected), report)
        return report


class FormatTest(Case):
    def test_json_lines_with_fields(self):
        self.post([
            {"_time": NOON, "_msg": "first", "host": "h1", "log": "/var/log/a", "level": "info", "n": 5},
            {"@timestamp": "2023-11-15T12:00:00.001Z", "message": "second", "client": "h1", "file": "/var/log/a"},
            {"time": "2023-11-15T13:00:00.002+01:00", "msg": "third", "host": "h1", "log": "/var/log/a"},
            {"timestamp": NOON / 1000 + 1, "line": "fourth", "host": "h1", "log": "/var/log/a"},
        ], 4)
        entries = self.search("client:h1")
        self.assertEqual([e["line"] for e in entries], ["first", "second", "third", "fourth"])
        self.assertEqual([e["time"] for e in entries], [NOON, NOON + 1, NOON + 2, NOON + 1000])
        self.assertEqual({(e["client"], e["log"], e["kind"]) for e in entries}, {("h1", "/var/log/a", "logs")})
        self.assertEqual(entries[0]["fields"], {"level": "info", "n": 5})
        # They stand in the day row, as an agent would have posted them.
        row = self.hub.row("CFLongType", f"h1:logs:_var_log_a:{DAY}")
        self.assertEqual(list(row), [str(NOON), str(NOON + 1), str(NOON + 2), str(NOON + 1000)])
        self.assertEqual(row[str(NOON)], log_value(NOON, "first\n").replace("%3A%20", "%3A").replace("%2C%20", "%2C"))
        # Client and log are in the index rows.
        self.assertIn("h1", self.hub.row("CFUTF8Type", "clients"))
        self.assertEqual([name.replace("/", "_") for name in self.hub.row("CFUTF8Type", "h1:logs")], ["_var_log_a"])

    def test_forms_of_json_bodies(self):
        for number, (kind, body) in enumerate((
            ("application/x-ndjson", '{"msg":"a"}\n\r\n{"msg":"b"}\r\n\n'),
            ("application/stream+json", '{"msg":"a"}{"msg":"b"}'),
            ("application/json", '[{"msg":"a"},\n {"msg":"b"}]'),
            ("application/json; charset=utf-8", '{\n"msg": "a"\n}\n{"msg":"b"}'),
        )):
            self.post(body, 2, kind=kind, client=f"f{number}", log="l")
            self.assertEqual(self.lines(f"client:f{number}"), ["a", "b"])

    def test_plain_text(self):
        self.post(b"one\r\n\r\ntwo \xc3\xa9\nlast \xff\x80", 4, kind="text/plain", client="t", log="/l")
        lines = [line.encode("utf-8", "surrogateescape") for line in self.lines("client:t")]
        self.assertEqual(lines, [b"one", b"", b"two \xc3\xa9", b"last \xff\x80"])
        answer = self.hub.post_lines(b"x\n", kind="text/plain")
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.json()["error"]["code"], "invalid_argument")

    def test_chosen_fields(self):
        self.post([{"when": NOON, "text": "x", "who": "w", "where": "v", "msg": "stays"}], 1, time_field="when", line_field="text",
                  client_field="who", log_field="where")
        entry, = self.search("client:w")
        self.assertEqual((entry["time"], entry["line"], entry["log"], entry["fields"]), (NOON, "x", "v", {"msg": "stays"}))

    def test_lines_of_the_same_millisecond_are_all_there_in_order(self):
        self.post([{"time": NOON, "msg": f"same {i}"} for i in range(500)], 500, client="same", log="l")
        self.post([{"time": NOON, "msg": f"same {i}"} for i in range(500, 600)], 100, client="same", log="l")
        self.assertEqual(self.lines("client:same"), [f"same {i}" for i in range(600)])

    def test_a_very_long_line_is_cut_and_marked(self):
        self.post([{"msg": "begin " + "x" * (2 << 20)}, {"msg": "next"}], 2, client="long", log="l")
        long, following = self.lines("client:long")
        self.assertTrue(long.startswith("begin xxx") and long.endswith("[cut]"))
        self.assertLess(len(long), (1 << 20) + 100)
        self.assertEqual(following, "next")


class BadLineTest(Case):
    def test_good_lines_are_kept_and_bad_ones_named(self):
        body = b"\n".join([b'{"msg":"one"}', b'{"msg":"two', b"text", b'{"msg":"bad \xff"}', b'{"msg":"x","time":"soon"}', b"",
                           b'{"msg":"seven"}', b"[1]", b'{"msg":"nine"}'])
        report = self.post(body, 3, 5, client="bad", log="l")
        self.assertEqual([e["line"] for e in report["errors"]], [2, 3, 4, 5, 8])
        self.assertTrue(all(e["reason"] for e in report["errors"]))
        self.assertEqual(self.lines("client:bad"), ["one", "seven", "nine"])

    def test_missing_client_or_log(self):
        report = self.post([{"msg": "a", "host": "h"}, {"msg": "b", "host": "h", "log": "l"}, {"msg": "c"}], 1, 2)
        self.assertEqual([e["line"] for e in report["errors"]], [1, 3])

    def test_nothing_good_at_all(self):
        report = self.post(b"not json\n", 0, 1, status=400, client="none", log="l")
        self.assertIn("error", report)
        self.assertEqual(self.lines("client:none"), [])

    def test_unknown_kinds_and_parameters(self):
        for options in ({"kind": "image/png"}, {"kind": "application/x-ndjson", "headers": [("Content-Encoding", "br")]}):
            answer = self.hub.post_lines(b'{"msg":"x"}', client="c", log="l", **options)
            self.assertEqual(answer.status, 415, answer)
        self.assertEqual(self.hub.post_lines(b'{"msg":"x"}', colour="red").status, 400)


class EncodingTest(Case):
    options = ("--max-body", "4MiB")

    def test_gzip(self):
        body = gzip.compress(b'{"msg":"a"}\n') + gzip.compress(b'{"msg":"b"}\n')
        self.post(body, 2, headers=[("Content-Encoding", "gzip")], client="gz", log="l")
        self.assertEqual(self.lines("client:gz"), ["a", "b"])

    def test_zstd(self):
        if not shutil.which("zstd"):
            self.skipTest("no zstd program")
        body = subprocess.run(["zstd", "-q", "-c"], input=b'{"msg":"a"}\n{"msg":"b"}\n', capture_output=True, check=True, timeout=30).stdout
        self.post(body, 2, headers=[("Content-Encoding", "zstd")], client="zs", log="l")
        self.assertEqual(self.lines("client:zs"), ["a", "b"])

    def test_broken_bodies_store_nothing(self):
        good = gzip.compress(b'{"msg":"a"}\n' * 1000)
        for body in (b"", good[:-5], good[: len(good) // 2], b"plain", good + b"x"):
            answer = self.hub.post_lines(body, headers=[("Content-Encoding", "gzip")], client="broken", log="l")
            self.assertEqual(answer.status, 400, answer)
        self.assertEqual(self.lines("client:broken"), [])

    def test_a_bomb_is_refused(self):
        body = gzip.compress(b'{"msg":"' + b"x" * (256 << 20) + b'"}', 1)
        answer = self.hub.post_lines(body, headers=[("Content-Encoding", "gzip")], client="bomb", log="l")
        self.assertEqual(answer.status, 413, answer)
        if not SANITIZER:
            self.assertLess(self.server.memory_peak_bytes(), 200 << 20)

    def test_a_bulk_may_be_packed_too(self):
        body = gzip.compress(json.dumps(bulk({"packed": {"a": "1"}})).encode())
        answer = self.hub.call("POST", "/v0.3/DATA/CFUTF8Type", body, headers=[("Content-Encoding", "gzip")])
        self.assertEqual(answer.status, 200)
        self.assertEqual(self.hub.row("CFUTF8Type", "packed"), {"a": "1"})


class OriginTest(Case):
    def ship(self, source, sequence, text):
        return self.hub.post_lines([{"msg": text}], client="ship", log="l",
                                   headers=[("NM-Source", source), ("NM-Sequence", str(sequence))])

    def test_what_is_sent_again_is_taken_once(self):
        for sequence in (1, 2, 2, 1, 3, 3):
            answer = self.ship("file:/a", sequence, f"a{sequence}")
            self.assertEqual(answer.status, 200, answer)
        self.assertTrue(self.ship("file:/a", 3, "a3").json()["repeated"])
        self.assertEqual(self.ship("file:/b", 1, "b1").status, 200)
        self.assertEqual(sorted(self.lines("client:ship")), ["a1", "a2", "a3", "b1"])
        self.server.restart()
        self.hub = self.server.hub()
        self.assertTrue(self.ship("file:/a", 3, "a3").json()["repeated"])
        self.assertEqual(sorted(self.lines("client:ship")), ["a1", "a2", "a3", "b1"])

    def test_half_an_origin(self):
        for headers in ([("NM-Source", "s")], [("NM-Sequence", "1")], [("NM-Source", "s"), ("NM-Sequence", "x")],
                        [("NM-Source", "s"), ("NM-Sequence", "0")]):
            self.assertEqual(self.hub.post_lines([{"msg": "x"}], client="c", log="l", headers=headers).status, 400)


class AgentCellTest(Case):
    """Agents' cells, taken apart into lines."""

    def post_cells(self, row, values):
        cells = {str(NOON + i * 10): value for i, value in enumerate(values)}
        self.assertEqual(self.hub.post_json("/v0.3/DATA/CFLongType", bulk({row: cells})).status, 200)
        self.assertEqual(self.hub.row("CFLongType", row), cells)  # byte for byte

    def test_lines_and_half_lines(self):
        row = f"half:logs:_l:{DAY}"
        self.post_cells(row, [log_value(1, "one\ntwo\nthr"), log_value(2, "ee\nfo"), log_value(3, "u"), log_value(4, "r\nfive\n"),
                              log_value(5, "unfinished")])
        expected = ["one", "two", "three", "four", "five", "unfinished"]
        self.assertEqual(self.lines("client:half"), expected)
        answer = self.hub.get("/api/v1/search", q="client:half", order="desc").json()
        self.assertEqual([e["line"] for e in answer["entries"]], expected[::-1])
        self.assertEqual(self.lines("client:half three"), ["three"])
        self.assertEqual(self.lines("client:half thr"), [])
        # A joined line has the time and the id of its beginning.
        self.assertEqual([e["time"] - NOON for e in self.search("client:half")], [0, 0, 0, 10, 30, 40])
        # Page by page, both ways, in every size of page.
        for limit in range(1, 7):
            for order, wanted in (("asc", expected), ("desc", expected[::-1])):
                seen, cursor = [], None
                while True:
                    page = self.hub.get("/api/v1/search", q="client:half", order=order, limit=limit, cursor=cursor).json()
                    seen += [e["line"] for e in page["entries"]]
                    cursor = page["next"]
                    if not cursor:
                        break
                self.assertEqual(seen, wanted, (limit, order))

    def test_every_form_of_a_value(self):
        row = f"forms:logs:_l:{DAY}"
        self.post_cells(row, [log_value(1, "escaped é € 😀\n"), escape(log_value(2, "escaped twice é\n")),
                              json.dumps({"date": "3", "returned": "not escaped\n"}), "no object at all", "%7B%22broken"])
        self.assertEqual(self.lines("client:forms"), ["escaped é € 😀", "escaped twice é", "not escaped", "no object at all", '{"broken'])

    def test_plugins_and_alerts_are_one_line_each(self):
        self.post_cells(f"p:plugins:df:{DAY}", [escape('{"date":1,"value":91,"disk":{"root":"12%"}}')])
        self.post_cells(f"alerts:{DAY}", [escape(escape('{"text":"disk full"}'))])
        entry, = self.search("client:p value>90")
        self.assertEqual((entry["kind"], entry["log"]), ("plugins", "df"))
        self.assertEqual(json.loads(entry["line"])["value"], 91)
        self.assertEqual(self.lines("client:p value>91"), [])
        alert, = self.search("kind:alerts full")
        self.assertEqual(alert["client"], "")
        self.assertEqual(json.loads(alert["line"]), {"text": "disk full"})
        alerts = self.hub.get("/api/v1/alerts").json()["alerts"]
        self.assertEqual(len(alerts), 1)


if __name__ == "__main__":
    unittest.main()
