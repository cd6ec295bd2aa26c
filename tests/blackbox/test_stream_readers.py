"""Readers of streams as they must not be: they do not read, come and go by the hundred, and end in the middle of anything."""
import json
import random
import socket
import struct
import threading
import unittest

from follow import STREAMS, Lines, Sse, WebSocket, path_of
from sanitizer import SANITIZER
from server_process import Server, ServerCase, wait_until
from test_tail import metric
from wire import Closed, Wire, basic


class ReadersTest(ServerCase):
    def post(self, client, *lines):
        text = "".join(json.dumps({"_msg": line}) + "\n" for line in lines)
        self.assertEqual(self.hub.post_lines(text, client=client, log="l").status, 200)

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
            elif how == 2 and reader.last == "0":
                reader.next()
            elif how == 3:
                reader.wire.socket.shutdown(socket.SHUT_WR)
            reader.close()

        def nothing_left():
            return all(metric(self.hub, name) == 0 for name in (
                "nmstore_streams", "nmstore_realtime_readers", "nmstore_realtime_topics"))

        self.post("gone", *[f"word{n}" for n in range(9)])
        memory = []
        for round_ in range(4):
            for i in range(500):
                come_and_go()
                if i % 50 == 0:
                    self.post("gone", *[f"word{n} {round_} {i} " + "x" * 1000 for n in range(9)])
            wait_until(nothing_left, 60, "all readers and what they followed to be forgotten")
            memory.append(self.server.memory_bytes())
        # What one reader took would be some 20 KiB of each of the 1000.
        if not SANITIZER:
            self.assertLess(memory[-1], memory[1] + (16 << 20), memory)

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


class StopTest(unittest.TestCase):
    def test_readers_that_do_not_read_do_not_hold_it_up(self):
        # Nobody but they could: it would wait for what runs as long as this.
        with Server("--drain-timeout", "10m", "--write-timeout", "10m") as server:
            stuck = [kind(server.port, q="client:c", receive_buffer=4096) for kind in STREAMS]
            quick = Lines(server.port, q="client:c")
            old = Wire(server.port).send(f"GET /api/v1/tail HTTP/1.0\r\nAuthorization: {basic()}\r\n\r\n".encode())
            for reader in (*stuck, quick, old):
                self.addCleanup(reader.close)
            hub = server.hub()
            for count in range(40):  # more than systems keep on the way
                self.assertEqual(hub.post_lines(f"{count} " + "x" * 300000, "text/plain", client="c", log="l").status, 200)
                self.assertEqual(quick.next()["line"].split()[0], str(count))
            poll = Wire(server.port).send(
                f"GET {path_of('tail', {'transport': 'poll', 'q': 'nothing', 'wait': 300})} HTTP/1.1\r\nHost: x\r\nAuthorization: {basic()}\r\n\r\n".encode())
            self.addCleanup(poll.close)
            wait_until(lambda: metric(hub, "nmstore_realtime_readers") == len(STREAMS) + 3, 60, "all to follow")
            self.assertEqual(server.terminate(), 0)
            with self.assertRaises(Closed):
                quick.next()
            answer = poll.answer()
            self.assertEqual((answer.json()["events"], answer.headers.get("connection")), ([], "close"))


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


if __name__ == "__main__":
    unittest.main()
