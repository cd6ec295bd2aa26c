"""HTTP as an old node agent speaks it, byte by byte, and as anybody else does.

The old agent labels every request a form, even when the body is JSON, sends Content-Length: 0 on GET, counts the
Content-Length in UTF-16 units, and always sends Basic credentials.
"""
import base64
import hashlib
import json
import os
import socket
from urllib.parse import quote, urlencode

from sanitizer import PATIENCE

TIMEOUT_SECONDS = 30 * PATIENCE
FORM = "application/x-www-form-urlencoded"


class Closed(Exception):
    """The server closed the connection before a whole answer had come."""


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        # Stored bytes that are no UTF-8 come as lone surrogates: surrogateescape gives them back.
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:500]!r}>"


class Wire:
    """One connection: bytes out, whole answers in."""

    def __init__(self, port, timeout=TIMEOUT_SECONDS):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)
        return self

    def _more(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed()
        self.buffer += data

    def _until(self, mark):
        while mark not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(mark, 1)
        return head

    def _exactly(self, count):
        while len(self.buffer) < count:
            self._more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def answer(self, head_only=False):
        while True:
            lines = self._until(b"\r\n\r\n").split(b"\r\n")
            version, status = lines[0].split(b" ")[:2]
            assert version in (b"HTTP/1.1", b"HTTP/1.0"), lines[0]
            if status != b"100":
                break
        headers = {}
        for line in lines[1:]:
            name, value = line.split(b":", 1)
            headers[name.decode().lower()] = value.strip().decode()
        if head_only or status in (b"204", b"304"):
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body = self._chunks()
        elif "content-length" in headers:
            body = self._exactly(int(headers["content-length"]))
        else:
            body = self.rest()
        return Answer(int(status), headers, body)

    def _chunks(self):
        body = b""
        while True:
            size = int(self._until(b"\r\n").split(b";")[0], 16)
            body += self._exactly(size)
            self._until(b"\r\n")
            if size == 0:
                return body

    def rest(self):
        """Everything up to the end of the connection."""
        try:
            while True:
                self._more()
        except Closed:
            data, self.buffer = self.buffer, b""
            return data

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def basic(token="token", account="account"):
    return "Basic " + base64.b64encode(f"{token}:{account}".encode()).decode()


def credential(token, roles, account):
    """A line of an --auth file, made from its definition: scrypt$N$r$p$salt$hash, the last two in hexadecimal."""
    salt = os.urandom(16)
    digest = hashlib.scrypt(account.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)
    return f"{token}:{roles}:scrypt$1024$8$1${salt.hex()}${digest.hex()}\n"


def agent_request(method, path, body=b"", keep_alive=True, authorization=basic(), more=()):
    """The bytes of a request as the old agent writes them."""
    lines = [f"{method} {path} HTTP/1.1", "Host: api.example.com", f"Content-Type: {FORM}", f"Content-Length: {len(body)}",
             f"Connection: {'keep-alive' if keep_alive else 'close'}"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    lines += more
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


class Hub:
    """A client of one server that keeps a connection, and opens another if the server has closed it."""

    def __init__(self, port, authorization=basic()):
        self.wire = None
        self.port = port
        self.authorization = authorization

    def call(self, method, path, body=b"", headers=(), query=None):
        if query:
            path += "?" + urlencode(query, quote_via=quote)
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogateescape")
        data = agent_request(method, path, body, authorization=self.authorization,
                             more=[f"{k}: {v}" for k, v in headers])
        reused = self.wire is not None
        try:
            return self._exchange(method, data)
        except (Closed, OSError):
            self.close()
            if not reused:
                raise
            return self._exchange(method, data)  # the server had closed the idle connection

    def _exchange(self, method, data):
        if self.wire is None:
            self.wire = Wire(self.port)
        answer = self.wire.send(data).answer(head_only=method == "HEAD")
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def close(self):
        if self.wire is not None:
            self.wire.close()
            self.wire = None

    def __del__(self):
        self.close()

    def get(self, path, **query):
        return self.call("GET", path, query={k.rstrip("_"): v for k, v in query.items() if v is not None})

    def post_form(self, path, fields, **query):
        return self.call("POST", path, urlencode(fields), query=query)

    def post_json(self, path, value, **query):
        return self.call("POST", path, json.dumps(value), query=query)

    def delete(self, path, **query):
        return self.call("DELETE", path, query=query)

    def row(self, family, row, **query):
        """All columns of a row, in order."""
        return self.get(f"/v0.3/DATA/{family}/{quote(row)}", **query).json()

    def counter(self, row, column):
        return int(self.get(f"/v0.3/COUNTER/{quote(row)}/{column}").json()[column])

    def post_lines(self, text, kind="application/x-ndjson", headers=(), **query):
        if not isinstance(text, (bytes, str)):
            text = "".join(json.dumps(line) + "\n" for line in text)
        body = text if isinstance(text, bytes) else text.encode()
        query = "?" + urlencode(query) if query else ""
        lines = [f"POST /api/v1/logs{query} HTTP/1.1", "Host: localhost", f"Content-Type: {kind}",
                 f"Content-Length: {len(body)}", f"Authorization: {self.authorization}"]
        lines += [f"{k}: {v}" for k, v in headers]
        return self._exchange("POST", "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def bulk(rows):
    """A bulk body from {row: {column: value}} or {row: [(column, value, ttl)…]}."""
    def columns(cells):
        if isinstance(cells, dict):
            cells = [(c, v) for c, v in cells.items()]
        return [{"columnname": c[0], "columnvalue": c[1], **({"ttl": c[2]} if len(c) > 2 else {})} for c in cells]
    return {"rowkeys": [{"rowkey": r, "columns": columns(cells)} for r, cells in rows.items()]}


UNESCAPED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@*_+-./")


def escape(text):
    """JavaScript's old escape()."""
    out = []
    for char in text:
        if char in UNESCAPED:
            out.append(char)
            continue
        units = char.encode("utf-16-be")
        for i in range(0, len(units), 2):
            unit = units[i] << 8 | units[i + 1]
            out.append(f"%{unit:02X}" if unit < 256 else f"%u{unit:04X}")
    return "".join(out)


def log_value(ms, text):
    """A log cell's value as the agents write it."""
    return escape(json.dumps({"date": ms, "returned": text}))
