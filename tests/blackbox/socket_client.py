"""The client's side of a WebSocket (RFC 6455), for tests."""
import json
import os
import struct

from wire import Wire, basic

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class SocketClosed(Exception):
    """The server closed the socket; `code` is its close code."""

    def __init__(self, code):
        super().__init__(f"closed with {code}")
        self.code = code


class Socket:
    def __init__(self, port, path="/", authorization=basic(), headers=()):
        self.wire = Wire(port)
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers]
        if authorization:
            lines.append(f"Authorization: {authorization}")
        self.wire.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = self.wire._until(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            self.wire.close()
            raise AssertionError(head)
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head

    def _frame(self, opcode, payload):
        length = len(payload)
        if length < 126:
            head = bytes([0x80 | opcode, 0x80 | length])
        elif length < 65536:
            head = bytes([0x80 | opcode, 0x80 | 126]) + struct.pack(">H", length)
        else:
            head = bytes([0x80 | opcode, 0x80 | 127]) + struct.pack(">Q", length)
        mask = os.urandom(4)
        stream = (mask * (length // 4 + 1))[:length]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(length, "big") if length else b""
        self.wire.send(head + mask + masked)

    def send_text(self, text):
        self._frame(TEXT, text if isinstance(text, bytes) else text.encode())

    def receive_text(self):
        while True:
            first, second = self.wire._exactly(2)
            length = second & 0x7F
            if length == 126:
                length = struct.unpack(">H", self.wire._exactly(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self.wire._exactly(8))[0]
            payload = self.wire._exactly(length)
            opcode = first & 0x0F
            if opcode == TEXT:
                return payload.decode()
            if opcode == PING:
                self._frame(PONG, payload)
            if opcode == CLOSE:
                raise SocketClosed(struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None)

    def receive(self):
        return json.loads(self.receive_text())

    def say_goodbye(self):
        """Closes as a browser does, and waits for the server's answer."""
        self._frame(CLOSE, struct.pack(">H", 1000))
        try:
            while True:
                self.receive_text()
        except SocketClosed:
            pass
        self.close()

    def close(self):
        self.wire.close()
