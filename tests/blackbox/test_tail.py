"""GET /api/v1/tail on a real server: each line once, in one order, over every transport and through every cut."""
import json
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from follow import ALL, STREAMS, Lines, Poll, Sse, WebSocket, path_of
from server_process import Server, ServerCase, wait_until
from test_credentials import credential
from wire import Closed, Wire, basic


def found(hub, query):
    """Every line of a search, as (id, line)."""
    answer = hub.call("GET", path_of("search", {"q": query, "limit": 1000}))
    assert answer.status == 200, answer
    page = answer.json()
    assert "next" not in page or not page["next"], "more than a page"
    return sorted((entry["id"], entry["line"]) for entry in page["entries"])


def metric(hub, name):
    """The sum over its labels."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in hub.get("/metrics").body.decode().splitlines()
               if line.split("{")[0].split(" ")[0] == name)


class TransportTest(ServerCase):
    def post(self, client, *lines, **more):
        text = "".join(json.dumps({"_msg": line, "level": "info", **more}) + "\n" for line in lines)
        self.assertEqual(self.hub.post_lines(text, client=client, log="l").status, 200)

    def test_the_same_events_over_each(self):
        readers = [kind(self.server.port, q="client:same wanted") for kind in ALL]
        for reader in readers:
            self.addCleanup(reader.close)
        for i in range(50):
            self.post("same", f"wanted {i}", f"other {i}", f"wanted too {i} \u20ac")
        first, *others = [reader.take(100) for reader in readers]
        for other in others:
            self.assertEqual(other, first)
        self.assertEqual([event["line"] for event in first[:2]], ["wanted 0", "wanted too 0 \u20ac"])
        self.assertEqual(first[0]["client"], "same")
        self.assertEqual(first[0]["fields"], {"level": "info"})
        self.assertEqual(sorted((event["id"], event["line"]) for event in first), found(self.hub, "client:same wanted"))

    def test_a_cut_at_every_event(self):
        place = Poll(self.server.port).last
        for i in range(30):
            self.post("cut", f"a {i}", f"b {i}")
        with Lines(self.server.port, q="client:cut", since=place) as reader:
            whole = reader.take(60)
        for at, event in enumerate(whole):
            for kind in (Sse, WebSocket, (Lines, Poll)[at % 2]):
                with self.subTest(at=at, kind=kind.__name__):
                    reader = kind(self.server.port, q="client:cut", since=event["event"])
                    self.assertEqual(reader.take(59 - at), whole[at + 1:])
                    reader.close()
            # As a browser comes back, whatever its page had asked for.
            last = [f"Last-Event-ID: {event['event']}"]
            with Sse(self.server.port, q="client:cut", since=random.choice(("now", place)), headers=last) as reader:
                self.assertEqual(reader.take(59 - at), whole[at + 1:])

    def test_bad_parameters(self):
        for parameters, word in (({"q": "("}, "q"), ({"since": "yesterday"}, "since"), ({"slow": "never"}, "slow"),
                                 ({"transport": "pigeon"}, "transport"), ({"wait": "x"}, "wait"), ({"wait": "301"}, "wait"),
                                 ({"nonsense": "1"}, "nonsense"), ({"since": "1-2"}, "since")):
            with self.subTest(parameters):
                answer = self.hub.call("GET", path_of("tail", parameters))
                self.assertEqual(answer.status, 400, answer)
                if word != "q":
                    self.assertIn(word, answer.json()["error"]["message"])
        answer = self.hub.call("GET", path_of("tail", {}), headers=[("Last-Event-ID", "x")])
        self.assertEqual(answer.status, 400)
        self.assertIn("Last-Event-ID", answer.json()["error"]["message"])
        self.assertIn(self.hub.call("GET", path_of("tail", {"transport": "websocket"})).status, (400, 426))

    def test_head(self):
        answer = self.hub.call("HEAD", path_of("tail", {"transport": "sse"}))
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["content-type"].startswith("text/event-stream"))
        self.assertEqual(self.hub.get("/health").status, 200)

    def test_a_websocket_says_goodbye(self):
        with WebSocket(self.server.port, q="client:ws") as reader:
            self.assertEqual(reader.status, 101)
            self.post("ws", "one")
            self.assertEqual(reader.next()["line"], "one")
            reader.send(8, b"\x03\xe8")
            self.assertEqual(reader.wire._exactly(4)[2:], b"\x03\xe8")

    def test_readers_that_stop_reading_hold_up_nobody(self):
        count, width = 600, 30000
        slow = [kind(self.server.port, q="client:slow", receive_buffer=4096) for kind in STREAMS]
        dropping = [kind(self.server.port, q="client:slow", slow="drop", receive_buffer=4096) for kind in STREAMS]
        quick = Lines(self.server.port, q="client:slow")
        for reader in (*slow, *dropping, quick):
            self.addCleanup(reader.close)
        writing = threading.Thread(target=lambda: [self.post("slow", f"{i} " + "x" * width) for i in range(count)])
        writing.start()
        self.assertEqual([int(event["line"].split()[0]) for event in quick.take(count)], list(range(count)))
        writing.join()
        self.post("slow", "the end")
        for reader in slow:
            with self.subTest(slow=type(reader).__name__):
                self.assertEqual([int(event["line"].split()[0]) for event in reader.take(count)], list(range(count)))
        for reader in dropping:
            with self.subTest(dropping=type(reader).__name__):
                events = reader.until("the end")
                dropped = sum(event.get("dropped", 0) for event in events)
                lines = [event["line"].split()[0] for event in events if "line" in event]
                self.assertGreater(dropped, 0)
                self.assertEqual(dropped + len(lines), count + 1)
                self.assertEqual(len(set(lines)), len(lines))

    def test_readers_that_are_dropped_at_random_leave_nothing(self):
        chance = random.Random(2)

        def come_and_go():
            query = {"q": f"client:gone word{chance.randrange(9)}"}
            how = chance.randrange(5)
            if how == 0:  # in the middle of what it asks
                with Wire(self.server.port) as wire:
                    request = f"GET {path_of('tail', query)} HTTP/1.1\r\nHost: x\r\nAuthorization: {basic()}\r\n\r\n".encode()
                    wire.send(request[:chance.randrange(1, len(request))])
                return
            # Those from the beginning of what is kept have much to catch up with.
            reader = chance.choice(STREAMS)(self.server.port, since=chance.choice((None, "0")), **query)
            if how == 1:  # with a reset
                reader.wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif how == 2:
                reader.wire._more() if reader.last == "0" else None
            elif how == 3:
                reader.wire.socket.shutdown(socket.SHUT_WR)
            reader.close()

        def nothing_left():
            return all(metric(self.hub, name) == 0 for name in (
                "nmstore_streams", "nmstore_realtime_readers", "nmstore_realtime_topics"))

        memory = []
        for round_ in range(5):
            for i in range(500):
                come_and_go()
                if i % 50 == 0:
                    self.post("gone", *[f"word{n} {round_} {i} " + "x" * 1000 for n in range(9)])
            wait_until(nothing_left, 60, "all readers and what they followed to be forgotten")
            memory.append(self.server.memory_bytes())
        # What one reader took would be some 20 KiB of each of the 1500.
        self.assertLess(memory[-1], memory[1] + (32 << 20), memory)

    def test_500_readers_that_come_and_go(self):
        chance = random.Random(1)
        open_ = []
        for i in range(500):
            kind = chance.choice(STREAMS)
            open_.append(kind(self.server.port, q=f"client:many word{i % 7}"))
            if chance.random() < 0.6:
                open_.pop(chance.randrange(len(open_))).close()
            if i % 25 == 0:
                self.post("many", *[f"word{n}" for n in range(7)])
        self.post("many", *[f"word{n} last" for n in range(7)])
        for reader in open_:
            events = [reader.next()]
            while not events[-1]["line"].endswith("last"):
                events.append(reader.next())
            reader.close()
        wait_until(lambda: metric(self.hub, "nmstore_streams") == 0, 60, "all streams to be over")
        answers = [self.hub.get("/api/v1/search", q="client:many").status for _ in range(20)]
        self.assertEqual(set(answers), {200})


class WriteTimeoutTest(unittest.TestCase):
    def test_a_reader_that_takes_nothing_is_closed(self):
        with Server("--write-timeout", "1s") as server:
            stuck = [kind(server.port, q="client:c", receive_buffer=4096) for kind in STREAMS]
            quick = Sse(server.port, q="client:c")
            for reader in (*stuck, quick):
                self.addCleanup(reader.close)
            hub, count = server.hub(), 0
            hit = 'nmstore_limit_hits_total{limit="write_timeout"}'

            def all_hit():
                nonlocal count
                self.assertEqual(hub.post_lines(f"{count} " + "x" * 300000, "text/plain", client="c", log="l").status, 200)
                self.assertEqual(quick.next()["line"].split()[0], str(count))
                count += 1
                text = hub.get("/metrics").body.decode()
                return any(line == f"{hit} {len(STREAMS)}" for line in text.splitlines())

            wait_until(all_hit, 120, "the readers that take nothing to be closed")
            for reader in stuck:
                # Whatever was on its way, and the end.
                self.assertNotIn(str(count - 1).encode() + b" xxx", reader.wire.rest())
            self.assertEqual(metric(hub, "nmstore_realtime_readers"), 1)
            # They come back, and have missed nothing.
            with WebSocket(server.port, q="client:c", since="0") as again:
                self.assertEqual([event["line"].split()[0] for event in again.take(count)], [str(i) for i in range(count)])


class RestartTest(unittest.TestCase):
    def follow_through(self, stop):
        with Server() as server:
            sent, stopping = [], threading.Event()

            def write():
                i = 0
                while not stopping.is_set():
                    try:
                        if server.hub().post_lines(f"line {i}", "text/plain", client="c", log="l").status == 200:
                            sent.append(f"line {i}")
                            i += 1
                    except (OSError, Closed):
                        i += 1  # whether it was stored is not known
                    if len(sent) >= 600:
                        return

            seen, last = {}, Poll(server.port).last
            for round_ in range(4):
                writing = threading.Thread(target=write)
                stopping.clear()
                writing.start()
                reader = STREAMS[round_ % 3](server.port, q="client:c", since=last)
                try:
                    for _ in range(40 if round_ < 3 else 0):
                        event = reader.next()
                        self.assertNotIn(event["id"], seen)
                        seen[event["id"]] = event["line"]
                    stop(server)
                    while round_ < 3:
                        event = reader.next()
                        self.assertNotIn(event["id"], seen)
                        seen[event["id"]] = event["line"]
                except (Closed, OSError):
                    pass
                last = reader.last
                reader.close()
                stopping.set()
                writing.join()
                sent.clear()
                server.start()
            server.hub().post_lines("the end", "text/plain", client="c", log="l")
            with Lines(server.port, q="client:c", since=last) as reader:
                for event in reader.until("the end"):
                    self.assertNotIn("gap", event)
                    self.assertNotIn(event["id"], seen)
                    seen[event["id"]] = event["line"]
            self.assertEqual(sorted(seen.items()), found(server.hub(), "client:c"))

    def test_terminated(self):
        self.follow_through(lambda server: self.assertEqual(server.terminate(), 0))

    def test_killed(self):
        self.follow_through(lambda server: server.kill())


class RolesTest(unittest.TestCase):
    def test_who_may_follow(self):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="nm-auth-"))
        self.addCleanup(shutil.rmtree, directory)
        auth = directory / "auth"
        auth.write_text(credential("agent", "ingest", "a") + credential("reader", "read", "r") +
                        credential("boss", "admin,read,ingest", "b"))
        auth.chmod(0o600)
        with Server("--auth", str(auth)) as server:
            def status(path, authorization):
                return server.hub(authorization=authorization).get(path).status

            for path in ("/api/v1/tail?wait=0", "/api/v1/messages?wait=0", "/api/v1/channel?channel=/CFUTF8Type/r&wait=0",
                         "/cloudsandra/?channel=reader/CFUTF8Type/nothing"):
                with self.subTest(path):
                    self.assertEqual(status(path, None), 401)
                    self.assertEqual(status(path, basic("reader", "wrong")), 401)
                    self.assertEqual(status(path, basic("agent", "a")), 403)
            other = "/api/v1/channel?wait=0&channel="
            self.assertEqual(status(other + "reader/CFUTF8Type/r", basic("reader", "r")), 200)
            self.assertEqual(status(other + "boss/CFUTF8Type/r", basic("reader", "r")), 400)
            self.assertEqual(status(other + "reader/CFUTF8Type/r", basic("boss", "b")), 200)
            for kind in STREAMS:
                with kind(server.port, authorization=None) as reader:
                    self.assertEqual(reader.status, 401)


class NodeTest(ServerCase):
    """What Node has built in, where it is new enough for a WebSocket."""

    script = """
const socket = new WebSocket(`ws://127.0.0.1:${process.argv[1]}/api/v1/tail?q=client:node`);
socket.onopen = () => console.log("open");
socket.onmessage = message => { console.log(JSON.parse(message.data).line); socket.close(); };
socket.onclose = event => { console.log(event.code); };
"""

    def test_websocket(self):
        node = shutil.which("node")
        if node is None or subprocess.run([node, "-e", "process.exit(typeof WebSocket === 'function' ? 0 : 1)"],
                                          check=False).returncode != 0:
            self.skipTest("no Node with a WebSocket built in (22 or newer)")
        process = subprocess.Popen([node, "-e", self.script, str(self.server.port)], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, 60)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "open\n")
        self.hub.post_lines("for node", "text/plain", client="node", log="l")
        self.assertEqual(process.stdout.readline(), "for node\n")
        self.assertIn(process.stdout.readline(), ("1000\n", "1005\n"))


if __name__ == "__main__":
    unittest.main()
