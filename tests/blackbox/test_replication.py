"""What is written at one hub is written at the other: every way in, filters, copies, a journal that is too small."""
import json
import pathlib
import random
import shutil
import socket
import tempfile
import unittest

from replication_hubs import DAY, NOON, SMALL_BLOCKS, WAIT_SECONDS, HubsCase, wait_until_equal, wait_until_sent
from replication_load import Load
from server_process import wait_until
from socket_client import Socket
from store_comparison import Difference, compare
from wire import bulk, log_value

SEED = 1


class WaysInTest(HubsCase):
    def test_every_way_in(self):
        b = self.start()
        directory = pathlib.Path(tempfile.mkdtemp(prefix="nm-replication-"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        agent_port = directory / "agent-port"
        a = self.start("--agent-listen", "127.0.0.1:0", "--agent-port-file", str(agent_port), targets=[b])
        hub = a.hub()
        self.addCleanup(hub.close)

        def done(answer):
            self.assertEqual(answer.status, 200, answer)

        # Families and columns.
        for family, comparator in (("Names", "ASCIIType"), ("Ids", "TimeUUIDType"), ("Numbers", "IntegerType"), ("Gone", "UUIDType")):
            done(hub.post_form(f"/v0.3/COLUMNFAMILY/{family}/{comparator}", {}))
        done(hub.post_form("/v0.3/COLUMN/Names/state/UTF8Type", {"isIndex": "true"}))
        done(hub.post_form("/v0.3/COLUMN/Names/size/LongType", {}))
        done(hub.post_form("/v0.3/DATA/Names/one", {"state": "on", "size": 5}))
        done(hub.post_form("/v0.3/DATA/Gone/r", {"1b4e28ba-2fa1-11d2-883f-0016d3cca427": "x"}))
        done(hub.delete("/v0.3/COLUMNFAMILY/Gone"))
        # Cells: text of all sorts, bytes that are none, times to live, removals.
        done(hub.call("POST", "/v0.3/DATA/CFUTF8Type/bytes", b"a=%FF%FEx&b=%00&%C3%BC=%E2%80%A8"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/mortal", {"long": 1}, ttl=86400))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/mortal", {"short": 1}, ttl=1))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/removed", {"a": 1, "b": 2}))
        done(hub.delete("/v0.3/DATA/CFUTF8Type/removed/a"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/removed%20row", {"a": 1}))
        done(hub.delete("/v0.3/DATA/CFUTF8Type/removed%20row"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/again", {"a": 1, "b": 2}))
        done(hub.delete("/v0.3/DATA/CFUTF8Type/again"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/again", {"b": 3}))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/great", {"v": "x" * 3_000_000}))
        done(hub.post_json("/v0.3/DATA/CFLongType", bulk({f"c:logs:l:{DAY}": [(str(NOON + i), log_value(NOON + i, f"l {i}\n"), 86400 * (i % 2))
                                                                              for i in range(500)]})))
        self.assertEqual(hub.post_json("/v0.3/DATA/CFLongType", bulk({"partly": {"1": "good", "bad": "x"}})).status, 400)
        # Counters.
        done(hub.post_form("/v0.3/COUNTER/connections/connections-total", {"increment": 3}))
        done(hub.post_form("/v0.3/COUNTER/row/c", {"decrement": (1 << 63) - 1}))
        done(hub.post_json("/v0.3/COUNTER", {"rowkeys": [{"rowkey": "row", "columns": [{"columnname": c, "increment": i} for i, c in enumerate("xyz")]}]}))
        done(hub.delete("/v0.3/COUNTER/row/x"))
        done(hub.post_form("/v0.3/COUNTER/gone/c", {"increment": 1}))
        done(hub.delete("/v0.3/COUNTER/gone"))
        # Lines: few and many at once, with fields, without times; twice.
        done(hub.post_lines([{"host": "h", "log": "/l", "time": NOON + i, "msg": f"line {i}", "n": i, "level": "error"} for i in range(50)]))
        done(hub.post_lines([{"time": NOON + i // 7, "msg": f"many {i} " + "words " * 20} for i in range(3000)], client="m", log="/m"))
        done(hub.post_lines(b"plain\r\n\xff\xfe\n\nlast", kind="text/plain", client="p", log="/p"))
        for _ in range(2):
            done(hub.post_lines([{"msg": "once", "time": NOON}], client="s", log="/s", headers=[("NM-Source", "s"), ("NM-Sequence", "1")]))
        # Cells and lines of the same row and time.
        done(hub.post_form(f"/v0.3/DATA/CFLongType/s:logs:_s:{DAY}", {str(NOON): log_value(NOON, "a cell\n")}))
        # Ours: tags, the inventory, dropping of days, jobs.
        self.assertIn(hub.call("POST", "/api/v1/tags?client=h&tag=web").status, (200, 204))
        machines = b"h web1 web\n"
        done(hub._exchange("PUT", b"PUT /api/v1/inventory HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
                           % (len(machines), machines)))
        done(hub.post_lines([{"time": NOON - 90 * 86_400_000, "msg": "old"}], client="o", log="/o"))
        done(hub.delete("/api/v1/rows", client="o", to="2011-05-01"))
        done(hub.post_form("/v0.3/MAPREDUCE/table/CFUTF8Type", {"type": "external"}))
        done(hub.post_form("/v0.3/MAPREDUCE/table/Found", {"type": "standard"}))
        for _ in range(2):
            done(hub.post_form("/v0.3/MAPREDUCE/job", {"fromTable": "CFUTF8Type", "overwriteTable": "Found", "select": "rowkey, columnname, value",
                                                       "where": "rowkey='again'"}))
        # A page's socket, and the raw port of agents.
        page = Socket(a.port, "/ws")
        page.send_text(json.dumps({"type": "post", "request": "client-tags", "data": "h2", "subRequest": "db"}))
        wait_until(lambda: hub.row("CFUTF8Type", "client-tags").get("h2"), WAIT_SECONDS, "the tag")
        page.say_goodbye()
        with socket.create_connection(("127.0.0.1", int(agent_port.read_text()))) as agent:
            agent.sendall(b"//START//" + json.dumps({"name": "/l", "key": f"10.0.0.9:logs:_l:{DAY}", "date": NOON, "data": "x", "origin": "10.0.0.9"}).encode() + b"//END//")
        wait_until(lambda: hub.row("CFLongType", f"10.0.0.9:logs:_l:{DAY}"), WAIT_SECONDS, "the agent's message")
        wait_until(lambda: "short" not in hub.row("CFUTF8Type", "mortal"), WAIT_SECONDS, "the short life's end")

        wait_until_equal(a, b)
        # Connections are counted by each hub for itself.
        self.assertEqual(b.hub().counter("connections", "connections-total"), 0)
        status = a.target()
        self.assertEqual((status["state"], status["kind"], status["refused"], status["copied"]), ("live", "hub", 0, True))
        # Sealing, merging and compaction are each hub's own.
        self.assertEqual(hub.call("POST", "/api/v1/admin/compact").status, 200)
        wait_until_equal(a, b)
        for server in (a, b):
            report = json.loads(server.hub().call("POST", "/api/v1/admin/verify").body.splitlines()[-1])
            self.assertEqual(report.get("problem_count", 0), 0, report)
        self.assertEqual((a.terminate(), b.terminate()), (0, 0))

    def test_under_load_with_blocks_at_once(self):
        b = self.start(*SMALL_BLOCKS)
        a = self.start(*SMALL_BLOCKS, targets=[b])
        with Load(a, SEED) as load:
            load.wait_for_steps(300)
        wait_until_equal(a, b)
        load.check(a)
        load.check(b)


class ChosenTest(HubsCase):
    def test_only_what_matches(self):
        b, c = self.start(), self.start()
        a = self.start("--replicate-only", "CFLongType/web*", "--replicate-only", "counters/web*", "--replicate-skip", "*/web9*", targets=[b])
        for name in ("web1", "web9", "db"):
            self.write_some(a, name)
        self.write_some(a, "web2")
        wait_until(lambda: b.hub().counter("web2", "c") == 20, WAIT_SECONDS, "the last counter")
        wait_until_sent(a)
        hub = b.hub()
        self.assertEqual(hub.get("/api/v1/rows", family="CFLongType").json()["rows"], [f"web1:logs:l:{DAY}", f"web2:logs:l:{DAY}"])
        self.assertEqual(hub.get("/api/v1/rows", family="CFUTF8Type").json()["rows"], [])
        self.assertEqual([r for r in hub.get("/api/v1/counters", prefix="").json()["rows"] if r != "connections"],
                         ["web1", f"web1:logs:l:{DAY}", "web2", f"web2:logs:l:{DAY}"])
        # Other patterns are another stream: of what was before it is not known what is there.
        a.terminate()
        a.options, a.targets = [], [c]
        a.start()
        self.write_some(a, "db2")
        a.wait_for_state("live")
        hub.close()

    def test_what_was_there_before_comes_with_a_copy(self):
        a = self.start()
        for i in range(5):
            self.write_some(a, f"before{i}", 50)
        b = self.start()
        self.write_some(b, "only-there")
        a.terminate()
        a.targets = [b]
        a.start()
        self.write_some(a, "after")
        wait_until(lambda: b.hub().row("CFUTF8Type", "after"), WAIT_SECONDS, "what comes from now on")
        self.assertFalse(a.target()["copied"])
        with self.assertRaises(Difference):
            compare(a.hub(), b.hub())
        a.command_target("resync")
        # A copy replaces what the other has.
        wait_until_equal(a, b)
        self.assertTrue(a.target()["copied"])
        # And then the journal goes on.
        self.write_some(a, "later")
        wait_until_equal(a, b)

    def test_a_journal_without_a_target_misses_nothing(self):
        a = self.start("--journal")
        self.write_some(a, "before")
        a.terminate()
        b = self.start()
        a.targets = [b]
        a.start()
        wait_until_equal(a, b)
        self.assertTrue(a.target()["copied"])

    def test_a_copy_is_cut_off_and_begins_again(self):
        a = self.start("--journal")
        for i in range(40):
            self.write_some(a, f"row{i}", 100)
        b = self.start()
        a.terminate()
        a.targets = [b]
        a.start()
        wait_until_equal(a, b)
        with Load(a, SEED) as load:
            for _ in range(3):
                a.command_target("resync")
                load.wait_for_steps(10)
                b.kill()
                b.start()
        wait_until_equal(a, b)
        load.check(b)


class JournalLimitTest(HubsCase):
    def test_more_than_the_journal_keeps_needs_a_copy(self):
        b = self.start()
        a = self.start("--replicate-keep", "1MiB", targets=[b])
        self.write_some(a, "first")
        wait_until_equal(a, b)
        b.kill()
        hub = a.hub()
        self.addCleanup(hub.close)
        chance = random.Random(SEED)

        def more():
            value = chance.randbytes(150_000).hex()
            self.assertEqual(hub.post_form("/v0.3/DATA/CFUTF8Type/great", {f"c{chance.randrange(30)}": value}).status, 200)
            return a.target()["state"] == "needs copy"

        wait_until(more, WAIT_SECONDS, "the journal to be full")
        b.start()
        self.write_some(a, "unseen")
        status = a.wait_for_state("needs copy")
        self.assertTrue(status["why"])
        self.assertEqual(b.hub().row("CFUTF8Type", "unseen"), {}, "it got something although it needs a copy")
        self.assertIn("needs copy", json.dumps(hub.get("/health").json()["replication"]))
        a.command_target("resync")
        wait_until_equal(a, b)
        self.assertEqual(a.target()["state"], "live")


if __name__ == "__main__":
    unittest.main()
