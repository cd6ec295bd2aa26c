"""Those who follow a server: its streams as lines, as Server-Sent Events, on a WebSocket, and polled."""
import base64
import json
import os
import socket
from urllib.parse import quote, urlencode

from wire import Closed, Wire, basic


def path_of(call, parameters):
    return f"/api/v1/{call}?" + urlencode({k: v for k, v in parameters.items() if v is not None}, quote_via=quote)


class Stream:
    """One open answer. next() gives the next event as a dict, heartbeats left out; Closed at its end."""

    transport = None
    accept = "*/*"

    def __init__(self, port, call="tail", headers=(), authorization=basic(), since=None, receive_buffer=None, **parameters):
        self.wire = self.connect(port) if receive_buffer is None else small_wire(port, receive_buffer)
        lines = [f"GET {path_of(call, {'transport': self.transport, 'since': since, **parameters})} HTTP/1.1", "Host: localhost",
                 *self.more_headers(), *headers]
        if authorization:
            lines.append(f"Authorization: {authorization}")
        self.wire.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        self.status, self.headers = self._head()
        self.last = since
        self.body = b""

    connect = staticmethod(Wire)

    def more_headers(self):
        return ()

    def _head(self):
        lines = self.wire._until(b"\r\n\r\n").split(b"\r\n")
        return int(lines[0].split(b" ")[1]), dict(line.decode().lower().split(": ", 1) for line in lines[1:])

    def _piece(self):
        """The next chunk; Closed at the end of the answer."""
        size = int(self.wire._until(b"\r\n"), 16)
        data = self.wire._exactly(size)
        self.wire._until(b"\r\n")
        if size == 0:
            raise Closed()
        return data

    def _until(self, mark):
        while mark not in self.body:
            self.body += self._piece()
        one, self.body = self.body.split(mark, 1)
        return one

    def next(self):
        while True:
            event = self._next()
            if event is not None:
                self.last = event["event"]
                if not event.get("heartbeat"):
                    return event

    def begin(self):
        """Reads the place with which it begins, which is `last` from then on."""
        place = self._next()
        if place is not None:  # not that of an Sse, which is no event
            assert place == {"event": place["event"], "heartbeat": True}, place
            self.last = place["event"]
        return self.last

    def take(self, count):
        return [self.next() for _ in range(count)]

    def until(self, line):
        """Events up to the one of this line."""
        events = []
        while not events or events[-1].get("line") != line:
            events.append(self.next())
        return events

    def close(self):
        self.wire.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def small_wire(port, receive_buffer):
    wire = Wire.__new__(Wire)
    wire.buffer = b""
    wire.socket = socket.socket()
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    wire.socket.settimeout(120)
    wire.socket.connect(("127.0.0.1", port))
    return wire


class Lines(Stream):
    transport = "lines"

    def _next(self):
        return json.loads(self._until(b"\n"))


class Sse(Stream):
    transport = "sse"

    def _next(self):
        fields = {}
        for line in self._until(b"\n\n").split(b"\n"):
            name, _, value = line.partition(b":")
            if name:
                fields[name] = value[1:] if value[:1] == b" " else value
        if b"id" in fields:
            self.last = fields[b"id"].decode()
        if b"data" not in fields:
            return None
        event = json.loads(fields[b"data"])
        assert event["event"] == fields[b"id"].decode(), fields
        return event


class WebSocket(Stream):
    transport = "websocket"

    def more_headers(self):
        return ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode())

    def send(self, opcode, payload=b""):
        mask = os.urandom(4)
        assert len(payload) < 126
        self.wire.send(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask +
                       bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def _next(self):
        first, size = self.wire._exactly(2)
        assert first & 0xF0 == 0x80 and size < 128, (first, size)  # whole messages, not masked
        if size == 126:
            size = int.from_bytes(self.wire._exactly(2), "big")
        elif size == 127:
            size = int.from_bytes(self.wire._exactly(8), "big")
        payload = self.wire._exactly(size)
        if first & 15 == 8:
            self.send(8, payload[:2])
            raise Closed()
        if first & 15 == 9:
            self.send(10, payload)
        return json.loads(payload) if first & 15 == 1 else None


class Poll:
    """As the others, by asking again and again."""

    def __init__(self, port, call="tail", since=None, **parameters):
        from wire import Hub
        self.hub, self.call, self.parameters = Hub(port), call, parameters
        self.last, self.events = since, []
        if since is None:
            self.ask(0)

    def ask(self, wait=10):
        answer = self.hub.get(f"/api/v1/{self.call}", transport="poll", wait=wait, since=self.last, **self.parameters)
        assert answer.status == 200, answer
        self.events += answer.json()["events"]
        self.last = answer.json()["next"]

    def next(self):
        while not self.events:
            self.ask()
        return self.events.pop(0)

    take, until = Stream.take, Stream.until

    def close(self):
        self.hub.close()


STREAMS = (Lines, Sse, WebSocket)
ALL = (*STREAMS, Poll)
