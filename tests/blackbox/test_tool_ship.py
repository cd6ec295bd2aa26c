"""nm-tool ship: every line exactly once, whatever is killed when and however the files are rotated."""
import collections
import gzip
import os
import pathlib
import random
import shutil
import signal
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from server_process import Server, wait_until
from tool_process import FAILED, FOUND, USAGE, Tool, end, free_port, tool_binary

WAIT_SECONDS = 60


class ShipCase(unittest.TestCase):
    def setUp(self):
        tool_binary()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="nm-ship-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.logs = self.directory / "logs"
        self.logs.mkdir()

    def start_server(self, **options):
        self.server = Server(listen=f"127.0.0.1:{free_port()}", **options)
        self.addCleanup(self.server.remove)
        self.tool = Tool(self.directory, self.server.port)

    def texts(self, *query):
        done = self.tool.run("search", "--raw", "--limit", "0", "--order", "oldest", *query)
        self.assertIn(done.returncode, (0, 1), done)
        return done.stdout.split(b"\n")[:-1]

    def start_ship(self, *arguments):
        process = self.tool.start("ship", "--client", "c", "--batch-delay", "20ms", "--poll", "10ms", *arguments)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process


class OnceTest(ShipCase):
    def setUp(self):
        super().setUp()
        self.start_server()

    def test_twice_sends_nothing_twice(self):
        log = self.logs / "app.log"
        log.write_bytes(b"one\ntwo\r\n\n\xff\xfe bytes\x00\x1b\nlast")
        ship = ["ship", "--once", "--client", "c", "--time", "arrival", str(log)]
        self.assertEqual(self.tool.json(*ship)[0]["lines"], 5)
        self.assertEqual(self.tool.json(*ship)[0]["lines"], 0)
        self.assertEqual(self.texts(), [b"one", b"two", b"", b"\xff\xfe bytes\x00\x1b", b"last"])
        with open(log, "ab") as more:
            more.write(b"\nnext\n")
        self.assertEqual(self.tool.json(*ship)[0]["lines"], 2)  # the newline that "last" got ends an empty rest
        self.assertEqual(self.texts("next"), [b"next"])

    def test_rotated_in_between(self):
        log = self.logs / "app.log"
        ship = ["ship", "--once", "--client", "c", "--time", "arrival", str(log)]
        log.write_text("a\n")
        self.tool.run(*ship, code=FOUND)
        with open(log, "a") as more:
            more.write("b\n")
        log.rename(self.logs / "app.log.1")
        log.write_text("c\n")
        self.tool.run(*ship, code=FOUND)
        self.tool.run(*ship, code=FOUND)
        self.assertEqual(self.texts(), [b"a", b"b", b"c"])

    def test_compressions_long_lines_and_names(self):
        for packing in ("none", "gzip", "zstd"):
            log = self.logs / f"{packing}.log"
            log.write_bytes(b"".join(b"line %d\n" % i for i in range(5000)) + b"x" * (3 << 20) + b"\n")
            self.tool.run("ship", "--once", "--client", "c", "--log", packing, "--compression", packing, "--batch-lines", "700",
                          str(log), code=FOUND)
            texts = self.texts(f"log:{packing}")
            self.assertEqual(len(texts), 5000 + 1)
            cut = sorted(texts)[-1]  # by the store, which marks it
            self.assertTrue(cut.startswith(b"x" * 1000) and cut.endswith("…[cut]".encode()) and len(cut) <= 1 << 20, cut[-20:])

    def test_times_are_read_from_lines(self):
        log = self.logs / "app.log"
        log.write_text("2011-11-21T18:26:40.250Z first\n  at a stack\nNov 22 06:18:30 host later\n")
        self.tool.run("ship", "--once", "--client", "c", str(log), code=FOUND)
        entries = self.tool.json("search", "--order", "oldest")
        self.assertEqual([e["time"] for e in entries[:2]], [1321900000250] * 2)
        self.assertGreater(entries[2]["time"], 1321900000250)

    def test_a_directory(self):
        (self.logs / "sub").mkdir()
        for name in ("a.log", "sub/b.log", "skip.txt", "a.log.1"):
            (self.logs / name).write_text(name + "\n")
        (self.logs / "binary").write_bytes(b"\0\1\2")
        with gzip.open(self.logs / "c.log.gz", "wb") as packed:
            packed.write(b"packed\n")
        ship = ["ship", "--once", "--client", "c", "--directory", str(self.logs)]
        self.tool.run(*ship, "--exclude", "*.txt", code=FOUND)
        self.assertEqual(self.texts(), [b"a.log"])
        self.tool.run(*ship, "--recursive", code=FOUND)
        self.assertEqual(sorted(self.texts()), [b"a.log", b"skip.txt", b"sub/b.log"])

    def test_what_cannot_be(self):
        self.tool.run("ship", "--once", str(self.logs / "absent"), code=FAILED)
        self.tool.run("ship", "--once", str(self.logs), code=USAGE)
        log = self.logs / "a.log"
        log.write_text("a\n")
        state = self.directory / "broken.json"
        state.write_text("garbage")
        self.assertIn(b"broken.json", self.tool.run("ship", "--once", "--state", state, str(log), code=FAILED).stderr)
        # A state that is older than what was sent with it must not lose lines in silence.
        state = self.directory / "old.json"
        ship = ["ship", "--once", "--client", "c", "--state", state, str(log)]
        self.tool.run(*ship, code=FOUND)
        saved = state.read_bytes()
        with open(log, "a") as more:
            more.write("b\n")
        self.tool.run(*ship, code=FOUND)
        state.write_bytes(saved)
        with open(log, "a") as more:
            more.write("c\n")
        for in_flight in self.directory.glob("old.json.inflight-*"):
            in_flight.unlink()
        self.assertIn(b"older", self.tool.run(*ship, code=FAILED).stderr)


class TwoServersTest(ShipCase):
    def test_each_server_gets_every_line_once(self):
        (self.logs / "l").write_text("a\nb\n")
        ship = ["ship", "--once", "--client", "c", "--time", "arrival", str(self.logs / "l")]
        with Server() as one, Server() as two:
            for server in (one, two):
                self.assertEqual(Tool(self.directory, server.port).json(*ship)[0]["lines"], 2)
            (self.logs / "l").rename(self.logs / "l.1")
            (self.logs / "l").write_text("c\n")
            for server in (two, one, two):
                Tool(self.directory, server.port).run(*ship, code=FOUND)
            for server in (one, two):
                self.tool = Tool(self.directory, server.port)
                self.assertEqual(self.texts(), [b"a", b"b", b"c"])


class FollowTest(ShipCase):
    def setUp(self):
        super().setUp()
        self.start_server()

    def write(self, name, text):
        with open(self.logs / name, "a") as log:
            log.write(text)

    def wait_for(self, expected, *query):
        wait_until(lambda: sorted(self.texts(*query)) == sorted(expected), WAIT_SECONDS, f"{expected} in {self.texts(*query)}")

    def test_rotations_while_it_follows(self):
        self.write("l", "a\npart")
        process = self.start_ship(str(self.logs / "l"))
        self.wait_for([b"a"])
        self.write("l", "ial\n")
        self.wait_for([b"a", b"partial"])
        self.write("l", "before\n")
        (self.logs / "l").rename(self.logs / "l.1")
        self.write("l.1", "tail of the old\n")
        self.write("l", "new\n")
        self.wait_for([b"a", b"partial", b"before", b"tail of the old", b"new"])
        shutil.copyfile(self.logs / "l", self.logs / "l.2")
        os.truncate(self.logs / "l", 0)
        self.write("l", "after the cut\n")
        self.wait_for([b"a", b"partial", b"before", b"tail of the old", b"new", b"after the cut"])
        code, out, err = end(process)
        self.assertEqual(code, 0, err)
        self.assertIn(b"shipped 6 lines", out)

    def test_new_files_in_a_directory(self):
        process = self.start_ship("--directory", str(self.logs), "--recursive")
        self.write("a", "in a\n")
        (self.logs / "deep").mkdir()
        self.write("deep/b", "in b\n")
        self.wait_for([b"in a", b"in b"])
        (self.logs / "a").rename(self.logs / "a.1")
        self.write("a", "new a\n")
        self.wait_for([b"in a", b"in b", b"new a"])
        (self.logs / "deep" / "b").unlink()
        self.write("c", "in c\n")
        self.wait_for([b"in a", b"in b", b"new a", b"in c"])
        self.assertEqual(end(process, signal.SIGINT)[0], 0)

    def test_two_shippers_need_states_of_their_own(self):
        self.write("l", "a\n")
        process = self.start_ship(str(self.logs / "l"))
        self.wait_for([b"a"])
        self.assertIn(b"--state", self.tool.run("ship", str(self.logs / "l"), code=FAILED).stderr)
        self.assertEqual(end(process)[0], 0)


class RefusingServer(BaseHTTPRequestHandler):
    """Answers as it is told, one status after another; then takes everything."""
    statuses = []
    bodies = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).bodies.append((self.headers["NM-Source"], self.headers["NM-Sequence"], body))
        status = self.statuses.pop(0) if self.statuses else 200
        answer = b'{"accepted":1,"rejected":0,"errors":[]}' if status == 200 else b'{"error":{"code":"x","message":"told to"}}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        if status == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class RefusalTest(ShipCase):
    def serve(self, statuses):
        handler = type("Handler", (RefusingServer,), {"statuses": list(statuses), "bodies": []})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.tool = Tool(self.directory, server.server_address[1])
        (self.logs / "l").write_text("a\n")
        return handler

    def test_what_may_pass_is_tried_again_byte_for_byte(self):
        handler = self.serve([503, 500, 429, 408])
        self.tool.run("ship", "--once", str(self.logs / "l"), code=FOUND)
        self.assertEqual(len(handler.bodies), 5)
        self.assertEqual(len(set(handler.bodies)), 1)

    def test_what_is_refused_for_good_ends_it_and_is_kept(self):
        for status in (400, 401, 403, 404, 413, 415):
            with self.subTest(status):
                handler = self.serve([status])
                state = self.directory / f"{status}.json"
                ship = ["ship", "--once", "--state", state, str(self.logs / "l")]
                done = self.tool.run(*ship)
                self.assertIn(done.returncode, (USAGE, FAILED))
                self.assertNotEqual(done.stderr, b"")
                self.tool.run(*ship, code=FOUND)
                self.assertEqual(len(handler.bodies), 2)
                self.assertEqual(len(set(handler.bodies)), 1)


class CrashTest(ShipCase):
    """The shipper is killed at random moments while its files rotate, and so is the server."""

    SECONDS = 12

    def rotate(self):
        for i in range(300, 0, -1):
            old = self.logs / f"l.{i}"
            if old.exists():
                old.rename(self.logs / f"l.{i + 1}")
        (self.logs / "l").rename(self.logs / "l.1")

    def test_every_line_exactly_once(self):
        seed = random.randrange(1 << 30)
        source = random.Random(seed)
        self.start_server()
        written = []
        stop = threading.Event()

        def produce():
            producer = random.Random(seed + 1)
            number = 0
            while not stop.is_set():
                with open(self.logs / "l", "a") as log:
                    for _ in range(producer.randrange(1, 40)):
                        line = f"line {number} {'x' * producer.randrange(200)}"
                        number += 1
                        written.append(line.encode())
                        half = producer.randrange(len(line))
                        log.write(line[:half])
                        log.flush()
                        log.write(line[half:] + "\n")
                        log.flush()
                if producer.random() < 0.15:
                    self.rotate()
                time.sleep(producer.random() * 0.02)

        (self.logs / "l").touch()
        # It must have seen the log once: what is rotated away before that is not followed.
        process = self.start_ship("--time", "arrival", "--batch-lines", "50", str(self.logs / "l"))
        wait_until(lambda: b'"inode"' in (self.directory / "state/nm-tool/ship.json").read_bytes()
                   if (self.directory / "state/nm-tool/ship.json").exists() else False, WAIT_SECONDS, "the first state")
        producer = threading.Thread(target=produce)
        producer.start()
        end_at = time.monotonic() + self.SECONDS
        kills = 0
        try:
            while time.monotonic() < end_at:
                time.sleep(source.random() * 0.3)
                if source.random() < 0.2:
                    self.server.kill()
                    self.server.start()
                process.kill()
                process.wait()
                kills += 1
                process = self.start_ship("--time", "arrival", "--batch-lines", "50", str(self.logs / "l"))
        finally:
            stop.set()
            producer.join()
        arrived = collections.Counter()

        def all_there():
            arrived.clear()
            arrived.update(self.texts())
            return arrived.total() >= len(written) or process.poll() is not None

        try:
            wait_until(all_there, WAIT_SECONDS, "the last lines")
        except AssertionError:
            pass  # told below, with what is missing
        code, _, err = end(process)
        self.assertEqual(code, 0, err)
        doubled = [line for line, count in arrived.items() if count > 1]
        missing = [line for line in written if line not in arrived]
        self.assertEqual((doubled, missing, len(arrived)), ([], [], len(written)), f"seed {seed}, {kills} kills: {err}")
