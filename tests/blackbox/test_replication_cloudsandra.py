"""A target that is a plain server of CloudSandra's v0.3, strict: it gets cells, removals and sums of counters, through outages."""
import contextlib
import unittest

from cloudsandra_server import CloudSandra
from replication_hubs import SMALL_BLOCKS, WAIT_SECONDS, ReplicatingHub, wait_until_sent
from replication_load import Load
from server_process import wait_until
from store_comparison import compare_with_dump, wait_until_same
from wire import basic, bulk, log_value

NOON = 1306065600000
DAY = "2011:4:22"
SEED = 1


class PlainCase(unittest.TestCase):
    def setUp(self):
        self.plain = CloudSandra()
        self.addCleanup(self.plain.close)

    def start(self, *options):
        hub = ReplicatingHub("--replicate-auth", "token:account", *options, targets=[self.plain])
        self.addCleanup(hub.remove)
        return hub

    def wait_until_same(self, hub):
        client = hub.hub()
        try:
            for _ in range(2):  # and once more when nothing is on its way any more; meanwhile cells expire
                wait_until_same(lambda: compare_with_dump(client, self.plain.dump()), WAIT_SECONDS)
                wait_until_sent(hub)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{hub.status()}\n{self.plain.refusals[-5:]}") from None
        finally:
            client.close()

    def write_cells(self, hub, row, cells):
        with contextlib.closing(hub.hub()) as client:
            self.assertEqual(client.post_form(f"/v0.3/DATA/CFUTF8Type/{row}", cells).status, 200)

    def step(self, hub, row, column, number):
        with contextlib.closing(hub.hub()) as client:
            self.assertEqual(client.post_form(f"/v0.3/COUNTER/{row}/{column}", {"increment": number}).status, 200)


class PlainTest(PlainCase):
    def test_every_kind_of_write(self):
        a = self.start()
        hub = a.hub()
        self.addCleanup(hub.close)

        def done(answer):
            self.assertEqual(answer.status, 200, answer)

        done(hub.post_form("/v0.3/COLUMNFAMILY/Names/ASCIIType", {}))
        done(hub.post_form("/v0.3/COLUMN/Names/size/LongType", {"isIndex": "true"}))
        done(hub.post_form("/v0.3/DATA/Names/one", {"size": 5}))
        done(hub.post_form("/v0.3/COLUMNFAMILY/Gone/UTF8Type", {}))
        done(hub.post_form("/v0.3/DATA/Gone/one", {"size": 5}))
        done(hub.delete("/v0.3/COLUMNFAMILY/Gone"))
        done(hub.call("POST", "/v0.3/DATA/CFUTF8Type/odd%20row%20%C3%BC%2F%27%22%26%3D%25%0A",
                      "a+b=x%0Ay&%C3%BC=%E2%80%A8&%3D%26%25=%2B+%2B&u=%F0%9D%84%9E"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": 1, "b": 2, "c": 3}))
        done(hub.delete("/v0.3/DATA/CFUTF8Type/r/b"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/again", {"a": 1, "b": 2}))
        done(hub.delete("/v0.3/DATA/CFUTF8Type/again"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/again", {"b": 3}))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/gone", {"b": 3}))
        done(hub.delete("/v0.3/DATA/CFUTF8Type/gone"))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/mortal", {"long": 1}, ttl=86400))
        done(hub.post_form("/v0.3/DATA/CFUTF8Type/mortal", {"short": 1}, ttl=1))
        done(hub.post_json("/v0.3/DATA/CFLongType", bulk({f"c:logs:l:{DAY}": {str(NOON + i): log_value(NOON + i, f"l {i}\n") for i in range(2500)}})))
        done(hub.post_lines([{"host": "h", "log": "/l", "time": NOON + i // 3, "msg": f"line {i} größer %41"} for i in range(2000)]))
        done(hub.post_form("/v0.3/COUNTER/r/c", {"increment": 3}))
        done(hub.post_form("/v0.3/COUNTER/r/c", {"decrement": 10}))
        done(hub.post_form("/v0.3/COUNTER/r/removed", {"increment": 3}))
        done(hub.delete("/v0.3/COUNTER/r/removed"))
        done(hub.post_form("/v0.3/COUNTER/odd%20row%20%C3%BC/a%2Fb", {"increment": (1 << 62)}))
        wait_until(lambda: "short" not in hub.row("CFUTF8Type", "mortal"), WAIT_SECONDS, "the short life's end")
        self.wait_until_same(a)
        found = a.target()
        self.assertEqual((found["kind"], found["state"], found["refused"]), ("cloudsandra", "live", 0), found)
        with self.plain.lock:
            left = self.plain.families["CFUTF8Type"].rows["mortal"]["long"].expires
        expires = {c["column"]: c["expires"] for c in hub.get("/api/v1/row", family="CFUTF8Type", row="mortal").json()["cells"]}["long"]
        self.assertLess(abs(left * 1000 - expires), 30_000)
        self.assertEqual(self.plain.refusals, [], "it was asked what the old API does not have")

    def test_names_of_dots(self):
        a = self.start()
        hub = a.hub()
        self.addCleanup(hub.close)
        rows = "/v0.3/DATA/CFUTF8Type"
        hub.post_json(rows, bulk({row: {"keep": "1", ".": "2", "..": "3", "...": "4"} for row in ("row", ".", "..")}))
        hub.post_json("/v0.3/COUNTER", {"rowkeys": [{"rowkey": row, "columns": [{"columnname": "..", "increment": 5}]} for row in ("row", "..")]})
        self.wait_until_same(a)
        for path in ("/row/%2e", "/row/%2e%2e", "/%2e%2e", "/%2e/keep"):
            self.assertEqual(hub.delete(rows + path).status, 200)
        hub.delete("/v0.3/COUNTER/row/%2e%2e")
        self.wait_until_same(a)
        self.assertEqual(self.plain.dump()["cells"]["CFUTF8Type"]["row"], [("...", "4"), ("keep", "1")])
        self.assertEqual(a.target()["refused"], 0)

    def test_under_load_through_outages_and_kills(self):
        a = self.start(*SMALL_BLOCKS)
        with Load(a, SEED) as load:
            for turn in range(4):
                load.wait_for_steps(40)
                self.plain.set_outage(True)
                load.wait_for_steps(20)
                if turn % 2:
                    a.kill()
                    a.start()
                self.plain.faults.answer(1, (500, 429, 503, 502)[turn], retry_after=1 if turn == 1 else None)
                self.plain.set_outage(False)
                a.wait_for_state("live", "catching up")
        self.wait_until_same(a)
        load.check(a)

    def test_an_outage(self):
        a = self.start()
        self.write_cells(a, "before", {"a": 1})
        self.wait_until_same(a)
        self.plain.set_outage(True)
        for i in range(50):
            self.write_cells(a, f"during{i}", {"a": i})
            self.step(a, "during", "c", 1)
        a.wait_for_state("waiting")
        self.plain.set_outage(False)
        self.wait_until_same(a)
        a.wait_for_state("live")

    def test_one_bad_value_is_set_aside_and_the_rest_comes(self):
        for named in (True, False):
            with self.subTest(named=named):
                self.plain.faults.accept_values()
                self.plain.faults.refuse_value("unwanted", named)
                a = self.start()
                self.plain.set_outage(True)  # so that all goes as few posts
                for i in range(40):
                    self.write_cells(a, f"row{i}", {"a": "unwanted" if i == 17 else i, "b": "good"})
                self.plain.set_outage(False)
                wait_until(lambda: self.plain.dump()["cells"]["CFUTF8Type"].get("row39"), WAIT_SECONDS, "the last row")
                wait_until_sent(a)
                cells = self.plain.dump()["cells"]["CFUTF8Type"]
                self.assertEqual(cells["row17"], [("b", "good")])
                self.assertEqual([cells[f"row{i}"] for i in range(40) if i != 17], [[("a", str(i)), ("b", "good")] for i in range(40) if i != 17])
                self.assertEqual(a.target()["refused"], 1)
                refused = a.hub().get(f"/api/v1/replication/targets/{a.name_of()}/refused").json()["refused"]
                self.assertEqual([(r["what"], r["value"]) for r in refused], [("CFUTF8Type/row17/a", "unwanted")])
                self.assertTrue(refused[0]["why"])
                self.assertEqual(a.hub().delete(f"/api/v1/replication/targets/{a.name_of()}/refused").status, 200)
                self.assertEqual(a.target()["refused"], 0)
                a.remove()

    def test_lost_answers_count_once(self):
        a = self.start()
        self.step(a, "r", "c", 1)
        self.wait_until_same(a)
        for turn in range(6):
            self.plain.faults.lose_answers(1, "COUNTER" if turn % 2 else "DATA|COUNTER")
            for i in range(5):
                self.step(a, "r", "c", 7)
                self.step(a, "r", f"d{i}", -turn)
            self.write_cells(a, f"row{turn}", {"a": turn})
            wait_until(lambda: self.plain.faults.pending() == 0, WAIT_SECONDS, "an answer to be lost")
            if turn == 3:
                a.kill()
                a.start()
        self.wait_until_same(a)
        self.assertEqual(self.plain.dump()["counters"]["r"]["c"], 1 + 6 * 5 * 7)

    def test_killed_while_counters_are_sent(self):
        a = self.start()
        self.plain.faults.delay = 0.01
        for turn in range(4):
            for i in range(20):
                self.step(a, f"r{i % 3}", f"c{i}", i + 1)
            had = self.plain.requests["POST COUNTER"]
            wait_until(lambda: self.plain.requests["POST COUNTER"] > had, WAIT_SECONDS, "a counter to be sent")
            a.kill()
            a.start()
        self.plain.faults.delay = 0
        self.wait_until_same(a)

    def test_idle_it_is_left_alone(self):
        a = self.start()
        self.write_cells(a, "r", {"a": 1})
        self.wait_until_same(a)
        a.wait_for_state("live")
        before = self.plain.requests.total()
        self.write_cells(a, "r", {"b": 1})
        self.wait_until_same(a)
        self.assertLessEqual(self.plain.requests.total() - before, 2)

    def test_a_copy_of_what_was_there_before(self):
        plain_hub = ReplicatingHub()
        self.addCleanup(plain_hub.remove)
        for i in range(30):
            self.write_cells(plain_hub, f"row{i}", {f"c{n}": n for n in range(20)})
            self.step(plain_hub, f"row{i}", "c", i)
        plain_hub.terminate()
        plain_hub.options += ["--replicate-auth", "token:account"]
        plain_hub.targets = [self.plain]
        with self.plain.lock:
            self.plain.put_form("CFUTF8Type", "row3", {"only there": "x"}, 0)
            self.plain.step("row5", "c", {"increment": "1000"})
        plain_hub.start()
        plain_hub.wait_for_state("live")
        plain_hub.command_target("resync")
        wait_until(lambda: plain_hub.target()["copied"], WAIT_SECONDS, "the copy")
        wait_until_sent(plain_hub)
        with self.plain.lock:
            left = self.plain.families["CFUTF8Type"].rows["row3"].pop("only there")
        self.assertEqual(left.value, "x")  # what is not here stays there
        self.wait_until_same(plain_hub)
        self.assertEqual(self.plain.requests["DELETE DATA"], 0)

    def test_counters_of_a_copy_that_are_removed_again(self):
        b = self.start()
        a = ReplicatingHub(targets=[b])
        self.addCleanup(a.remove)
        b.wait_for_state("live")
        a.command_target("pause")
        for column in ("x", "y"):
            self.step(a, "r", column, 5)
            self.step(a, "gone", column, 5)
        self.plain.set_outage(True)  # so that all goes at once
        a.command_target("resync")
        a.command_target("resume")
        wait_until(lambda: b.hub().counter("r", "y") == 5, WAIT_SECONDS, "the copy")
        with contextlib.closing(a.hub()) as hub:
            for path in ("r/x", "gone"):
                self.assertEqual(hub.delete(f"/v0.3/COUNTER/{path}").status, 200)
        self.step(a, "r", "y", 1)
        wait_until_sent(a)
        self.plain.set_outage(False)
        self.wait_until_same(b)
        self.assertEqual(b.hub().get("/v0.3/COUNTER/r").json(), {"y": "6"})
        self.assertEqual(b.target()["refused"], 0)

    def test_a_record_that_moves_a_counter_and_removes_it(self):
        """No hub makes such a record; one that takes it goes on all the same, also after a restart."""
        a = self.start()
        self.step(a, "r", "there", 3)
        self.step(a, "kept", "c", 3)
        self.wait_until_same(a)
        text = lambda word: bytes([len(word)]) + word
        add, remove = b"\x08" + text(b"r") + text(b"x") + b"\x0a", b"\x09" + text(b"r") + b"\x00"
        stamp, left = b"", 1306065600000 << 20
        while left:
            stamp += bytes([left & 0x7f | (0x80 if left > 0x7f else 0)])
            left >>= 7
        record = b"\x01" + stamp + add + remove
        body = packed(b"\x02" + bytes([len(record)]) + record)
        path = f"/api/v1/replication/records?hub={'ab' * 16}&stream=&from=1&end=3&begin=true"
        head = (f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-nm-journal\r\n"
                f"Content-Length: {len(body)}\r\nAuthorization: {basic()}\r\n\r\n")
        with contextlib.closing(a.hub()) as hub:
            answer = hub._exchange("POST", head.encode() + body)
        self.assertEqual(answer.status, 200, answer)
        for _ in range(2):
            self.step(a, "kept", "c", 1)
            self.wait_until_same(a)
            self.assertTrue(a.is_running())
            a.terminate()
            a.start()
        self.assertEqual(a.target()["refused"], 0)
        self.assertFalse(any(self.plain.dump()["counters"].get("r", {}).values()))


def packed(data):
    """A frame of zstd with one block as it is."""
    return bytes.fromhex("28b52ffda0") + len(data).to_bytes(4, "little") + (len(data) << 3 | 1).to_bytes(3, "little") + data


if __name__ == "__main__":
    unittest.main()
