"""nm-tool pull: a whole store comes over from a CloudSandra endpoint, each cell once, whatever is cut off when."""
import json
import pathlib
import random
import shutil
import signal
import tempfile
import time
import unittest

from cloudsandra_server import CloudSandra
from faulty_proxy import Proxy
from sanitizer import SANITIZER
from server_process import Server, wait_until
from store_comparison import compare_with_dump, compare
from tool_process import FAILED, FOUND, PARTIAL, USAGE, Tool, end, free_port, tool_binary
from wire import bulk, log_value

AUTH = "token:account"
NOON = 1306065600000
WAIT_SECONDS = 60


def fill(store, seed, rows=60, great=2500):
    """Families of all kinds, a row of several pages, names and values with all sorts of characters, counters."""
    chance = random.Random(seed)
    odd = ["plain", "a=b&c", "ein Größe", "quote'd", 'double"d', "new\nline", "tab\t", "\u2028", "100%", "%u2028", "x/y", "\x00\x01", " "]
    cells = [("CFUTF8Type", f"row {odd[i % len(odd)]} {i}", f"{odd[c % len(odd)]}{c}", odd[chance.randrange(len(odd))] * 3)
             for i in range(rows) for c in range(chance.randrange(1, 30))]
    cells += [("CFUTF8Type", "great", f"{c:05}", "v" * chance.randrange(50)) for c in range(great)]
    day = "10.0.0.1:logs:_var_log_syslog:2011:4:22"
    cells += [("CFLongType", day, str(NOON + c - great // 2), log_value(NOON + c, f"line {c}\n")) for c in range(great)]
    cells += [("CFLongType", "numbers", str(c), "x") for c in (-5, 0, 9, 10, 99, 100)]
    with store.lock:
        store.create_family("Names", "ASCIIType")
        store.create_family("Ids", "UUIDType")
        store.create_family("Empty", "IntegerType")
        cells += [("Names", "r", f"n{c}", "7") for c in range(5)]
        cells += [("Ids", "r", "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "x")]
        for family, row, column, value in cells:
            good, errors = store.put(family, [(row, column, value, 0)])
            assert not errors, errors
            store.store(family, good)
        # What was there before a column was declared need not be of its type.
        store.declare("Names", "n1", "LongType", {"isIndex": "true"})
        store.put_form("Names", "old", {"n2": "no number"}, 0)
        store.declare("Names", "n2", "LongType", {})
        for row, column, value in [(day, "logs", great), (day, "line", -3), ("connections", "connections-total", 12), ("great", "zero", 0),
                                   ("quote'd", "unseen", 5), ("numbers", "most", (1 << 63) - 1), ("numbers", "least", -(1 << 63))]:
            store.counters[row][column] = value
        # v0.3 tells counters by their rows, and no row is called so.
        del store.counters["quote'd"]
        for c in range(1500):
            store.counters["great"][f"c{c}"] = c


class PullCase(unittest.TestCase):
    def setUp(self):
        tool_binary()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="nm-pull-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.store = CloudSandra()
        self.addCleanup(self.store.close)
        self.tool = Tool(self.directory, NM_FROM_TOKEN=AUTH)

    def pull(self, *arguments, code=FOUND):
        return self.tool.run("pull", "--from", self.store.url, *arguments, code=code)

    def opened(self, data):
        """A server over a directory that was filled."""
        server = Server(start=False)
        self.addCleanup(server.remove)
        server.data = data
        return server.start()

    def check(self, hub):
        compare_with_dump(hub, self.store.dump())
        # Of a row with a zero the counter is there, too.
        self.assertIn("zero", hub.get("/v0.3/COUNTER/great", fromKey="zero").json())


class DirectoryTest(PullCase):
    def test_everything_is_the_same(self):
        fill(self.store, 1)
        data = self.directory / "data"
        told = json.loads(self.pull("--json", "--data", data).stdout)
        dump = self.store.dump()
        self.assertEqual(told["cells"], sum(len(c) for rows in dump["cells"].values() for c in rows.values()))
        self.assertEqual((told["families"], told["refused"]), (5, 0))
        self.assertEqual(told["counters"], sum(map(len, dump["counters"].values())))
        self.assertEqual([p.name for p in self.directory.glob("data.pull.json")], [], "the place is kept although all is done")
        self.assertEqual(self.store.refusals, [])
        self.check(self.opened(data).hub())

    def test_names_of_dots(self):
        with self.store.lock:
            for row in (".", "..", "...", "a", "zz"):
                self.store.put_form("CFUTF8Type", row, {".": "one", "..": "two", "x": row}, 0)
                self.store.step(row, "..", {"increment": "3"})
        self.pull("--data", self.directory / "data")
        compare_with_dump(self.opened(self.directory / "data").hub(), self.store.dump())

    def test_a_source_that_takes_dots_for_a_path_gives_all_else(self):
        with self.store.lock:
            for row in ("..", "a", "zz"):
                self.store.put_form("CFUTF8Type", row, {"x": row}, 0)
        self.store.faults.answer(1000, 404, r"/%2E%2E$")
        told = self.pull("--json", "--data", self.directory / "data", code=PARTIAL)
        self.assertIn("row .. of CFUTF8Type is left out", told.stderr.decode())
        self.assertEqual(json.loads(told.stdout)["refused"], 1)
        hub = self.opened(self.directory / "data").hub()
        self.assertEqual(hub.get("/api/v1/rows", family="CFUTF8Type").json()["rows"], ["a", "zz"])

    def test_a_source_that_gives_fewer_than_it_is_asked_for_gives_all(self):
        fill(self.store, 11, rows=320)
        self.store.most_of_page = 150
        data = self.directory / "data"
        self.pull("--data", data)
        self.store.most_of_page = 1 << 30
        self.check(self.opened(data).hub())

    def test_rows_that_the_source_does_not_give_keep_back_no_others(self):
        with self.store.lock:
            for i in range(50):
                self.store.put_form("CFUTF8Type", f"r{i:02}", {"x": "1"}, 0)
                self.store.step(f"r{i:02}", "c", {"increment": "3"})
        for status, row in ((400, "r00"), (404, "r07"), (414, "r08"), (431, "r49")):
            self.store.faults.answer(1000, status, f"DATA/CFUTF8Type/{row}")
        self.store.faults.answer(1000, 422, "COUNTER/r10")
        data = self.directory / "data"
        told = self.pull("--json", "--data", data, code=PARTIAL)
        for what in ("row r00 of CFUTF8Type", "row r07", "row r08", "row r49", "counters of row r10"):
            self.assertIn(what, told.stderr.decode())
        self.assertEqual(json.loads(told.stdout)["refused"], 5)
        hub = self.opened(data).hub()
        self.assertEqual(len(hub.get("/api/v1/rows", family="CFUTF8Type").json()["rows"]), 46)
        self.assertEqual(hub.counter("r48", "c"), 3)

    def test_a_source_that_gives_nothing_any_more_ends_it_where_it_is(self):
        with self.store.lock:
            for i in range(50):
                self.store.put_form("CFUTF8Type", f"r{i:02}", {"x": "1"}, 0)
        self.store.faults.answer(21, 404, "DATA/CFUTF8Type/r[1-4]")
        data = self.directory / "data"
        self.pull("--data", data, code=FAILED)
        self.assertEqual(self.store.faults.pending(), 0)
        self.pull("--data", data)
        compare_with_dump(self.opened(data).hub(), self.store.dump())

    def test_a_source_that_has_no_counters_ends_it_where_it_is(self):
        with self.store.lock:
            for i in range(50):
                self.store.put_form("CFUTF8Type", f"r{i:02}", {"x": "1"}, 0)
                self.store.step(f"r{i:02}", "c", {"increment": "3"})
        self.store.faults.answer(21, 404, "COUNTER/")
        data = self.directory / "data"
        self.assertIn("counters of row r20", self.pull("--data", data, code=FAILED).stderr.decode())
        self.pull("--data", data)
        compare_with_dump(self.opened(data).hub(), self.store.dump())

    def test_again_brings_what_has_changed_and_counts_nothing_twice(self):
        fill(self.store, 2, rows=5, great=20)
        data = self.directory / "data"
        self.pull("--data", data)
        with self.store.lock:
            self.store.put_form("CFUTF8Type", "great", {"00000": "other", "new": "n"}, 0)
            self.store.step("great", "c1", {"increment": "41"})
        # The value that had been there before its column was declared is no news, and would not be taken now.
        self.assertIn(b"Names/old/n2", self.pull("--data", data, code=PARTIAL).stderr)
        self.check(self.opened(data).hub())

    def test_killed_again_and_again_it_goes_on(self):
        fill(self.store, 3)
        self.store.faults.delay = 0.002
        data = self.directory / "data"
        chance = random.Random(3)
        began = killed = 0
        for attempt in range(200):
            asked = sum(self.store.requests.values())
            process = self.tool.start("pull", "--from", self.store.url, "--data", data, "--json")
            # After so many of its requests, not after a time: how far it is then is no matter of the machine's speed.
            most = asked + chance.randint(3, 40) if attempt < 10 else float("inf")
            wait_until(lambda: process.poll() is not None or sum(self.store.requests.values()) >= most, WAIT_SECONDS,
                       "it has asked so much, or has ended")
            if process.poll() is None:
                process.send_signal(signal.SIGKILL if attempt % 2 else signal.SIGINT)
            out, err = process.communicate(timeout=WAIT_SECONDS)
            began += b"going on behind" in err
            if process.returncode == 0:
                break
            self.assertIn(process.returncode, (-9, 130, -2), err)
            killed += 1
        self.assertEqual(process.returncode, 0)
        self.assertGreater(killed, 2, "it was hardly killed")
        self.assertGreater(began, 1, "it never went on")
        self.check(self.opened(data).hub())

    def test_bad_answers_and_lost_connections_are_tried_again(self):
        fill(self.store, 4, rows=10, great=1100)
        for status, match in ((500, "CQL"), (503, "DATA"), (429, "COUNTER"), (408, "DATA"), (502, "COLUMNFAMILY/")):
            self.store.faults.answer(2, status, match)
        self.store.faults.answer(1, 429, "DATA/CFLongType", retry_after=1)
        self.store.faults.lose_answers(3, "DATA")
        data = self.directory / "data"
        done = self.pull("--data", data)
        self.assertEqual(self.store.faults.pending(), 0)
        self.assertIn(b"trying again", done.stderr)
        self.assertIn(b"answers again", done.stderr)
        self.check(self.opened(data).hub())

    def test_what_cannot_be_is_said(self):
        fill(self.store, 5, rows=2, great=5)
        data = self.directory / "data"

        def said(code, *arguments, tool=self.tool, url=self.store.url):
            return tool.run("pull", "--from", url, "--data", data, *arguments, code=code).stderr.decode()

        self.assertIn("--auth", said(FAILED, "--auth", "token:wrong"))
        self.assertIn("CloudSandra", said(FAILED, url=self.store.url + "/elsewhere"))
        self.assertIn("cannot reach", said(FAILED, url=f"http://127.0.0.1:{free_port()}"))
        self.assertIn("--from", said(USAGE, url="ftp://x"))
        self.assertIn("no family Nothing", said(FAILED, "--family", "Nothing"))
        self.assertFalse(list(self.directory.glob("*.pull.json")), "a place is kept although nothing was copied")
        with self.opened(self.directory / "open") as server:
            self.assertIn("--url", self.pull("--data", server.data, code=FAILED).stderr.decode())

    def test_a_source_that_is_not_there_leaves_nothing_behind(self):
        data = self.directory / "data"
        self.tool.run("pull", "--from", f"http://127.0.0.1:{free_port()}", "--data", data, code=FAILED)
        self.assertFalse(data.exists())

    def test_a_place_is_of_one_pull(self):
        fill(self.store, 6)
        self.store.faults.delay = 0.01
        state = self.directory / "place"
        process = self.tool.start("pull", "--from", self.store.url, "--data", self.directory / "one", "--state", state)
        wait_until(state.exists, WAIT_SECONDS, "the state file")
        self.assertIn(b"another nm-tool", self.pull("--data", self.directory / "two", "--state", state, code=FAILED).stderr)
        code, _, err = end(process, signal.SIGINT)
        self.assertEqual(code, 130, err)
        self.assertIn(b"is of a pull from", self.pull("--data", self.directory / "two", "--state", state, code=FAILED).stderr)
        state.write_text("{}")
        self.assertIn(b"move it away", self.pull("--data", self.directory / "one", "--state", state, code=FAILED).stderr)

    def interrupt(self, *arguments):
        """A pull that is stopped once its place is kept."""
        self.store.faults.delay = 0.01
        process = self.tool.start("pull", "--from", self.store.url, "--data", self.directory / "data", *arguments)
        self.addCleanup(process.kill)
        wait_until((self.directory / "data.pull.json").exists, WAIT_SECONDS, "the state file")
        code, _, err = end(process, signal.SIGINT)
        self.assertEqual(code, 130, err)
        self.store.faults.delay = 0

    def test_a_place_is_of_what_was_to_be_copied(self):
        fill(self.store, 6)
        data = self.directory / "data"
        only = ("--family", "CFUTF8Type", "--no-counters")
        self.interrupt(*only)
        # Of these, what comes before the place has not been copied.
        for other in ((), ("--family", "CFUTF8Type"), ("--family", "Names", *only), ("--no-counters",)):
            told = self.pull("--data", data, *other, code=FAILED).stderr
            self.assertIn(b"of the families CFUTF8Type only, without counters", told)
        self.assertIn(b"going on behind", self.pull("--data", data, *only).stderr)
        self.pull("--data", data)
        self.check(self.opened(data).hub())

    def test_a_place_is_of_the_directory_that_was_filled(self):
        fill(self.store, 6)
        self.interrupt()
        shutil.rmtree(self.directory / "data")
        self.assertIn(b"beginning anew", self.pull("--data", self.directory / "data").stderr)
        self.check(self.opened(self.directory / "data").hub())

    def test_one_family_only(self):
        fill(self.store, 7, rows=3, great=5)
        data = self.directory / "data"
        told = json.loads(self.pull("--json", "--data", data, "--family", "Names", "--no-counters").stdout)
        self.assertEqual((told["families"], told["rows"], told["counters"]), (1, 2, 0))

    def test_what_our_store_cannot_take_is_left_out_and_told(self):
        with self.store.lock:
            self.store.put_form("CFUTF8Type", "r", {"good": "1"}, 0)
            self.store.families["Bytes"] = type(self.store.families["CFUTF8Type"])("BytesType")
        done = self.pull("--data", self.directory / "data", code=PARTIAL)
        self.assertIn(b"BytesType", done.stderr)


class ServerTest(PullCase):
    def target(self):
        server = Server()
        self.addCleanup(server.remove)
        return server

    def test_into_a_running_server(self):
        fill(self.store, 8)
        server = self.target()
        self.tool.environment["NM_URL"] = f"http://127.0.0.1:{server.port}"
        # A counter that is there already, and a day row's word that is none: both must come out as they are over there.
        server.hub().post_form("/v0.3/COUNTER/numbers/most", {"increment": 5})
        self.pull()
        self.check(server.hub())
        self.pull(code=PARTIAL)
        self.check(server.hub())

    def test_both_sides_die(self):
        fill(self.store, 9, great=1500)
        server = Server(listen=f"127.0.0.1:{free_port()}")
        self.addCleanup(server.remove)
        self.tool.environment["NM_URL"] = f"http://127.0.0.1:{server.port}"
        self.store.faults.delay = 0.002
        process = self.tool.start("pull", "--from", self.store.url)
        self.addCleanup(process.kill)
        for _ in range(3):
            had = self.store.requests.total()
            wait_until(lambda: self.store.requests.total() > had + 40 or process.poll() is not None, WAIT_SECONDS, "progress")
            server.kill()
            server.start()
            self.store.cut()
        self.store.faults.delay = 0
        out, err = process.communicate(timeout=WAIT_SECONDS)
        self.assertEqual(process.returncode, 0, err)
        self.check(server.hub())

    def test_a_server_that_is_made_anew_gets_all(self):
        fill(self.store, 9)
        server = Server(listen=f"127.0.0.1:{free_port()}")
        self.addCleanup(server.remove)
        self.tool.environment["NM_URL"] = f"http://127.0.0.1:{server.port}"
        state = self.directory / "place"
        for anew in (False, True):
            self.store.faults.delay = 0.01
            process = self.tool.start("pull", "--from", self.store.url, "--state", state)
            self.addCleanup(process.kill)
            wait_until(state.exists, WAIT_SECONDS, "the state file")
            self.assertEqual(end(process, signal.SIGINT)[0], 130)
            self.assertEqual(server.terminate(), 0)
            if anew:
                shutil.rmtree(server.data)
            server.start()
            self.store.faults.delay = 0
            told = self.pull("--state", state).stderr
            self.assertIn(b"beginning anew" if anew else b"going on behind", told)
            self.check(server.hub())

    def test_answers_of_the_server_are_lost(self):
        """Also of counters' posts, on connections that are kept: nothing counts twice."""
        fill(self.store, 10, rows=5, great=20)
        server = self.target()
        for seed in range(3):
            with Proxy(server.port, seed) as proxy:
                self.tool.environment["NM_URL"] = f"http://127.0.0.1:{proxy.port}"
                self.store.faults.delay = 0.01
                process = self.tool.start("pull", "--from", self.store.url)
                self.addCleanup(process.kill)
                wait_until(lambda: proxy.bytes_down > 0, WAIT_SECONDS, "a first answer")
                proxy.be_rough({"pass": 1, "lose answer": 8, "cut answer": 1}, most_bytes=60_000)
                wait_until(lambda: sum(proxy.fates.values()) > 8 or process.poll() is not None, WAIT_SECONDS, "connections to be cut")
                proxy.be_calm()
                self.store.faults.delay = 0
                out, err = process.communicate(timeout=WAIT_SECONDS)
                self.assertIn(process.returncode, (FOUND, PARTIAL), err)
            self.check(server.hub())
            with self.store.lock:
                for column in list(self.store.counters["great"]):
                    self.store.step("great", column, {"increment": "3"})

    def test_a_standby_is_told_of_at_once(self):
        server = Server("--standby")
        self.addCleanup(server.remove)
        self.tool.environment["NM_URL"] = f"http://127.0.0.1:{server.port}"
        told = self.pull(code=FAILED).stderr
        self.assertIn(b"is a standby", told)
        self.assertIn(b"nm-tool replication open", told)

    def test_values_that_it_refuses_are_left_out(self):
        server = self.target()
        hub = server.hub()
        hub.post_form("/v0.3/COLUMN/CFUTF8Type/n/LongType", {})
        with self.store.lock:
            self.store.put_form("CFUTF8Type", "r", {"n": "no number", "m": "x"}, 0)
        self.tool.environment["NM_URL"] = f"http://127.0.0.1:{server.port}"
        done = self.pull(code=PARTIAL)
        self.assertIn(b"CFUTF8Type/r/n", done.stderr)
        self.assertEqual(hub.row("CFUTF8Type", "r"), {"m": "x"})

    def test_from_an_nm_stored(self):
        source, server = self.target(), self.target()
        hub = source.hub()
        hub.call("POST", "/v0.3/DATA/CFUTF8Type/bytes", b"a=%FF%FEx&b=%00")
        hub.post_json("/v0.3/DATA/CFLongType", bulk({f"c{i}:logs:l:2011:4:22": {str(NOON + i): log_value(NOON + i, "l\n")}
                                                     for i in range(1200)}))
        hub.post_form("/v0.3/COUNTER/no row at all/c", {"increment": 7})
        data = self.directory / "data"
        self.tool.run("pull", "--from", f"http://127.0.0.1:{source.port}", "--data", data, code=FOUND)
        compare(hub, self.opened(data).hub())
        self.tool.run("pull", "--from", f"http://127.0.0.1:{source.port}", "--url", f"http://127.0.0.1:{server.port}", code=FOUND)
        compare(hub, server.hub())

    def test_great_rows_need_little_memory(self):
        """70 MB in one row, of cells for which pages of 1000 are too much."""
        source = self.target()
        hub = source.hub()
        value = "0123456789abcdef" * (1 << 13)  # 128 KiB
        for i in range(0, 600, 50):
            answer = hub.post_form("/v0.3/DATA/CFUTF8Type/great", {f"{c:04}": value for c in range(i, i + 50)})
            self.assertEqual(answer.status, 200)
        data = self.directory / "data"
        process = self.tool.start("pull", "--from", f"http://127.0.0.1:{source.port}", "--data", data)
        self.addCleanup(process.kill)
        peak = 0
        status = pathlib.Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
            time.sleep(0.02)
        out, err = process.communicate()
        self.assertEqual(process.returncode, 0, err)
        if not SANITIZER:
            self.assertLess(peak, 300 << 20)
        hub = self.opened(data).hub()
        found = [c for i in range(0, 600, 50) for c, v in hub.row("CFUTF8Type", "great", fromKey=f"{i:04}", limit=50).items() if v == value]
        self.assertEqual(found, [f"{c:04}" for c in range(600)])


if __name__ == "__main__":
    unittest.main()
