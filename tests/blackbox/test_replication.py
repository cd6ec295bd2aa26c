"""What is written at one hub is written at the other: every way in, filters, pauses, copies, chains and rings."""
import contextlib
import json
import pathlib
import random
import shutil
import socket
import tempfile
import threading
import unittest

from replication_hubs import SMALL_BLOCKS, WAIT_SECONDS, ReplicatingHub, wait_until_equal, wait_until_sent
from replication_load import Load
from server_process import wait_until
from socket_client import Socket
from store_comparison import Difference, compare
from tool_process import FAILED, FOUND, Tool, tool_binary
from wire import bulk, log_value

NOON = 1306065600000
DAY = "2011:4:22"
SEED = 1


class HubsCase(unittest.TestCase):
    def start(self, *options, **more):
        hub = ReplicatingHub(*options, **more)
        self.addCleanup(hub.remove)
        return hub

    def pair(self, *options):
        """A writes to B too."""
        b = self.start()
        return self.start(*options, targets=[b]), b

    def write_some(self, hub, name, count=20):
        with contextlib.closing(hub.hub()) as client:
            rows = {f"{name}:logs:l:{DAY}": {str(NOON + i): log_value(NOON + i, f"{name} {i}\n") for i in range(count)}}
            self.assertEqual(client.post_json("/v0.3/DATA/CFLongType", bulk(rows)).status, 200)
            self.assertEqual(client.post_form(f"/v0.3/COUNTER/{name}/c", {"increment": count}).status, 200)
            self.assertEqual(client.post_form(f"/v0.3/DATA/CFUTF8Type/{name}", {"a": name, "b": count}).status, 200)


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


class ManyHubsTest(HubsCase):
    def test_three_in_a_chain(self):
        c = self.start()
        b = self.start(targets=[c])
        a = self.start(targets=[b])
        with Load(a, SEED) as load:
            load.wait_for_steps(100)
        wait_until_equal(a, b, c)
        load.check(c)

    def ring(self, count):
        hubs = [self.start(start=False) for _ in range(count)]
        for i, hub in enumerate(hubs):
            hub.targets = [hubs[(i + 1) % count]]
        for hub in hubs:
            hub.start()
        return hubs

    def check_ring(self, count):
        hubs = self.ring(count)
        loads = [Load(hub, SEED, clients=2, prefix=f"at{i}-") for i, hub in enumerate(hubs)]
        with contextlib.ExitStack() as stack:
            for load in loads:
                stack.enter_context(load)
            for load in loads:
                load.wait_for_steps(60)
        wait_until_equal(*hubs)
        for load in loads:
            for hub in hubs:
                load.check(hub)
        # One more write goes round once.
        before = [hub.status() for hub in hubs]
        self.write_one(hubs[0])
        wait_until(lambda: all(hub.hub().row("CFUTF8Type", "one") == {"a": "1"} for hub in hubs), WAIT_SECONDS, "the write at all hubs")
        wait_until_sent(*hubs)
        after = [hub.status() for hub in hubs]
        sent = [a["targets"][0]["sent_records"] - b["targets"][0]["sent_records"] for a, b in zip(after, before)]
        self.assertEqual(sent, [1] * (count - 1) + [0], "a record went round again, or not far enough")
        return hubs

    def write_one(self, hub):
        with contextlib.closing(hub.hub()) as client:
            self.assertEqual(client.post_form("/v0.3/DATA/CFUTF8Type/one", {"a": 1}).status, 200)

    def test_two_that_write_to_each_other(self):
        self.check_ring(2)

    def test_a_ring_of_three_ends_loops(self):
        self.check_ring(3)

    def test_both_write_the_same_cells_and_agree(self):
        a, b = self.ring(2)
        def write(hub, name):
            with contextlib.closing(hub.hub()) as client:
                for i in range(150):
                    client.post_form("/v0.3/DATA/CFUTF8Type/shared", {f"c{i % 7}": f"{name} {i}"})
                    if i % 10 == 3:
                        client.delete(f"/v0.3/DATA/CFUTF8Type/shared/c{i % 7}")
                    if i % 40 == 7:
                        client.delete("/v0.3/DATA/CFUTF8Type/shared")
                    client.post_form("/v0.3/COUNTER/shared/c", {"increment": 1})

        threads = [threading.Thread(target=write, args=(hub, name)) for hub, name in ((a, "a"), (b, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until_equal(a, b)
        self.assertEqual(a.hub().counter("shared", "c"), 300)


class OperatorTest(HubsCase):
    @classmethod
    def setUpClass(cls):
        tool_binary()
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="nm-tool-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)

    def test_status_pause_resume_resync(self):
        a, b = self.pair()
        tool = Tool(self.home, a.port)
        self.write_some(a, "one")
        wait_until_equal(a, b)
        name = a.name_of()
        self.assertIn(name, tool.text("replication", "status"))
        found = tool.json("replication", "status")[0]
        self.assertEqual((found["hub"], found["targets"][0]["name"]), (a.status()["hub"], name))
        tool.run("replication", "pause", name, code=FOUND)
        a.wait_for_state("paused")
        self.write_some(a, "two")
        # It stays so over a restart.
        a.restart()
        self.assertEqual(a.wait_for_state("paused")["state"], "paused")
        self.assertEqual(b.hub().row("CFUTF8Type", "two"), {})
        self.assertGreater(a.target()["lag_records"], 0)
        tool.run("replication", "resume", name, code=FOUND)
        wait_until_equal(a, b)
        self.write_some(b, "only-there")
        tool.run("replication", "resync", name, code=FOUND)
        wait_until_equal(a, b)
        tool.run("replication", "pause", "nobody:1", code=FAILED)
        self.assertEqual(tool.text("replication", "refused", name, code=1).strip(), "")

    def test_health_and_metrics(self):
        a, b = self.pair()
        self.write_some(a, "one")
        wait_until_equal(a, b)
        self.assertEqual(a.hub().get("/health").json()["replication"]["state"], "live")
        self.assertGreater(a.metric("nmstore_replication_sent_records_total"), 0)
        self.assertEqual(a.metric("nmstore_replication_lag_records"), 0)
        a.metric("nmstore_journal_bytes")
        b.kill()
        self.write_some(a, "two")
        a.wait_for_state("waiting")
        self.assertGreater(a.metric("nmstore_replication_lag_records"), 0)
        wait_until(lambda: a.metric("nmstore_replication_errors_total") > 1, WAIT_SECONDS, "tries to fail")
        b.start()
        wait_until_equal(a, b)

    def test_wrong_credentials_are_named_and_not_shown(self):
        b = self.start("--token", "token:account")
        a = self.start("--replicate-auth", "token:secret-that-is-wrong", targets=[b])
        self.write_some(a, "one")
        status = a.wait_for_state("waiting")
        self.assertIn("401", status["why"])
        text = json.dumps(a.status()) + a.hub().get("/metrics").body.decode() + a.log()
        self.assertNotIn("secret-that-is-wrong", text)

    def test_a_standby_takes_nothing_but_replication(self):
        b = self.start("--standby")
        a = self.start(targets=[b])
        tool = Tool(self.home, b.port)
        self.write_some(a, "one")
        wait_until_equal(a, b)
        refused = b.hub().post_form("/v0.3/DATA/CFUTF8Type/x", {"a": 1})
        self.assertEqual(refused.status, 503)
        self.assertIn(b"standby", refused.body)
        self.assertEqual(b.hub().post_lines([{"msg": "x"}], client="c", log="l").status, 503)
        self.assertEqual(b.hub().post_form("/v0.3/COUNTER/x/c", {"increment": 1}).status, 503)
        self.assertTrue(b.hub().get("/health").json()["replication"]["standby"])
        tool.run("replication", "open", code=FOUND)
        self.write_some(b, "mine")
        b.restart()
        self.write_some(b, "mine too")
        tool.run("replication", "standby", code=FOUND)
        self.assertEqual(b.hub().post_form("/v0.3/DATA/CFUTF8Type/x", {"a": 1}).status, 503)


if __name__ == "__main__":
    unittest.main()
