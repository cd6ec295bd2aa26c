"""GET /api/v1/tail on a real server: each line once, in one order, over every transport and through every cut."""
import json
import pathlib
import random
import shutil
import tempfile
import threading
import unittest

from follow import ALL, STREAMS, Lines, Poll, Sse, WebSocket, path_of
from server_process import Server, ServerCase
from test_credentials import credential
from wire import Closed, basic


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

    def test_a_cut_before_the_first_event(self):
        calls = (("tail", {"q": "client:first"}), ("messages", {}), ("channel", {"channel": "/CFLongType/first:logs:*"}))
        for call, parameters in calls:
            for kind in STREAMS:
                with self.subTest(call=call, kind=kind.__name__):
                    parameters = {**parameters, "place": "true"}
                    with kind(self.server.port, call, **parameters) as reader:
                        place = reader.begin()
                    self.post("first", *[f"line{i}" for i in range(3)])
                    with kind(self.server.port, call, since=place, **parameters) as reader:
                        self.assertEqual(reader.begin(), place)
                        events = reader.take(3)
                    self.assertEqual([event["event"] for event in events], sorted({event["event"] for event in events}))
                    self.assertEqual(["line0" in json.dumps(event) for event in events], [True, False, False])

    def test_a_websocket_that_does_not_ask_is_told_no_place(self):
        for more in ({}, {"place": "false"}):
            with WebSocket(self.server.port, q="client:asks", **more) as reader:
                self.post("asks", "a line")
                self.assertEqual(reader._next()["line"], "a line")
        answer = self.hub.call("GET", path_of("tail", {"place": "yes"}))
        self.assertEqual((answer.status, "place" in answer.json()["error"]["message"]), (400, True))

    def test_a_websocket_that_asks_is_told_its_place_at_any_time(self):
        with WebSocket(self.server.port, q="client:asks2") as reader:
            reader.send(1, b"place")
            place = reader._next()
            self.assertEqual(place, {"event": place["event"], "heartbeat": True})
            self.post("asks2", "a line")
            event = reader._next()
            self.assertEqual(event["line"], "a line")
        # Its answer is good to come back with.
        self.post("asks2", "another")
        with WebSocket(self.server.port, q="client:asks2", since=place["event"]) as reader:
            self.assertEqual([reader._next()["line"] for _ in range(2)], ["a line", "another"])

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


if __name__ == "__main__":
    unittest.main()
