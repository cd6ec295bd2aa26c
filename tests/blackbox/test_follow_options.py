"""What a server is told of those who follow it: heartbeats, how long messages may be, what is kept for them, whose pages may."""
import json
import unittest

from follow import STREAMS, Lines, Poll, Sse, WebSocket, path_of
from server_process import Server
from socket_client import Socket, SocketClosed
from test_tail import metric
from wire import basic

PAGE = "https://page.example:8443"


class FollowOptionsTest(unittest.TestCase):
    def serve(self, *options):
        server = Server(*options)
        self.addCleanup(server.remove)
        return server

    def follow(self, kind, server, **parameters):
        reader = kind(server.port, **parameters)
        self.addCleanup(reader.close)
        return reader

    def test_heartbeat(self):
        server = self.serve("--heartbeat", "100ms")
        # At the default these would be longer in coming than the tests' sockets wait.
        lines = self.follow(Lines, server, q="nothing")
        for _ in range(3):
            self.assertTrue(json.loads(lines._until(b"\n"))["heartbeat"])
        sse = self.follow(Sse, server, q="nothing")
        for _ in range(3):
            self.assertRegex(sse._until(b"\n\n"), rb"^id: [0-9-]+\n:$")
        socket = self.follow(WebSocket, server, q="nothing")
        self.assertEqual(socket.wire._exactly(2), b"\x89\x00")
        socket.wire.rest()  # a client that answers no ping is dead: it ends

    def test_each_transport_is_counted_as_itself(self):
        server = self.serve()
        counted = lambda: {line.split('"')[1]: int(line.rsplit(" ", 1)[1]) for line in server.hub().get("/metrics").body.decode().splitlines()
                           if line.startswith("nmstore_streams_total{")}
        self.assertEqual(set(counted().values()), {0})
        server.hub().get("/api/v1/tail", transport="poll", wait=0)
        self.assertEqual(counted(), {"sse": 0, "ndjson": 0, "websocket": 0, "poll": 1})
        for kind in (Lines, Sse, WebSocket):
            self.follow(kind, server)
        self.assertEqual(counted(), {"sse": 1, "ndjson": 1, "websocket": 1, "poll": 1})

    def test_long_messages(self):
        server = self.serve("--max-message", "2KiB")
        for size in (2048, 2049):
            page = Socket(server.port, "/ws")
            self.addCleanup(page.close)
            page.receive()
            text = json.dumps({"type": "get", "request": "users", "more": ""})
            page.send_text(text.replace('""', '"' + "x" * (size - len(text)) + '"'))
            if size <= 2048:
                self.assertEqual(page.receive()["type"], "users")
                continue
            with self.assertRaises(SocketClosed) as closed:
                page.receive()
            self.assertEqual(closed.exception.code, 1009)

    def test_what_is_kept_for_those_who_come_back(self):
        for options, is_gap in (((), False), (("--changes-bytes", "64KiB"), True)):
            with self.subTest(options):
                server = self.serve(*options)
                hub = server.hub()
                place = Poll(server.port).last
                for i in range(40):
                    # Told values stand in the record themselves.
                    answer = hub.post_form("/v0.3/DATA/CFUTF8Type/told", {str(n): "x" * 1000 for n in range(10)},
                                           realtime="true")
                    self.assertEqual(answer.status, 200)
                    self.assertEqual(hub.post_lines(f"line {i}", "text/plain", client="c", log="l").status, 200)
                for kind in STREAMS:
                    events = self.follow(kind, server, q="client:c", since=place).until("line 39")
                    self.assertEqual("gap" in events[0], is_gap, kind.__name__)
                    lines = [event["line"] for event in events if "line" in event]
                    self.assertEqual(lines, [f"line {i}" for i in range(40 - len(lines), 40)])
                    self.assertEqual(len(lines) == 40, not is_gap)
                self.assertEqual(metric(hub, "nmstore_realtime_gaps_total"), len(STREAMS) if is_gap else 0)

    def test_pages_of_other_servers(self):
        server = self.serve("--allow-origin", "https://other.example", "--allow-origin", PAGE.upper())
        server.hub().post_lines("a line", "text/plain", client="c", log="l")
        for origin, allowed in ((PAGE, True), ("https://page.example", False), ("null", False)):
            headers = [f"Origin: {origin}"]
            with self.subTest(origin):
                socket = self.follow(WebSocket, server, q="line", since="0", headers=headers)
                self.assertEqual(socket.status, 101 if allowed else 403)
                sse = self.follow(Sse, server, q="line", since="0", headers=headers)
                self.assertEqual(sse.status, 200)
                self.assertEqual(sse.headers.get("access-control-allow-origin"), origin.lower() if allowed else None)
                self.assertEqual(sse.headers.get("access-control-allow-credentials"), "true" if allowed else None)
                self.assertEqual(sse.next()["line"], "a line")
                if allowed:
                    self.assertEqual(socket.next()["line"], "a line")
                    Socket(server.port, "/ws", basic(), headers).close()
                else:
                    with self.assertRaisesRegex(AssertionError, "403"):
                        Socket(server.port, "/ws", basic(), headers)
        # Nothing of the sort is said to programs.
        answer = server.hub().call("GET", path_of("tail", {"q": "line", "since": "0", "wait": 0}))
        self.assertNotIn("access-control-allow-origin", answer.headers)


if __name__ == "__main__":
    unittest.main()
