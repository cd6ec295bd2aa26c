"""A server of CloudSandra's v0.3, strict and minimal, for tests: it understands what the old clients send, and nothing else.

Refused is whatever the old API does not have: other parameters, bodies in pieces or packed, other content types than the
form that old clients call everything, bulk counters, removal of counters, what cannot be text. All is kept in memory.

It can be told to misbehave: see Faults.
"""
import base64
import collections
import hmac
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_to_bytes

from cloudsandra_store import TYPES, Refusal, Store

FORM = "application/x-www-form-urlencoded"
MAX_BODY = 64 << 20


class Faults:
    """What goes wrong, told while requests run. `match` is a pattern of "METHOD /path", or None for every request."""

    def __init__(self):
        self.lock = threading.Lock()
        self.bad_values = []  # (text that a value holds, whether the answer names the column)
        self.answers = []     # [how often, pattern, status, Retry-After]
        self.lost = []        # [how often, pattern]
        self.delay = 0.0
        self.outage = False   # connections are closed as soon as they come

    def refuse_value(self, text, named=True):
        with self.lock:
            self.bad_values.append((text, named))

    def accept_values(self):
        with self.lock:
            self.bad_values.clear()

    def answer(self, count, status, match=None, retry_after=None):
        """The next requests are not done, and answered so."""
        with self.lock:
            self.answers.append([count, re.compile(match or ""), status, retry_after])

    def lose_answers(self, count, match=None):
        """The next requests are done, and their connections closed without a word."""
        with self.lock:
            self.lost.append([count, re.compile(match or "")])

    def take(self, rules, what):
        with self.lock:
            for rule in rules:
                if rule[0] > 0 and rule[1].search(what):
                    rule[0] -= 1
                    return rule
        return None

    def pending(self):
        with self.lock:
            return sum(rule[0] for rule in self.answers + self.lost)

    def bad(self, value):
        with self.lock:
            return next((named for text, named in self.bad_values if text in value), None)


class CloudSandra(Store):
    """Use as a context. `port`, `faults`, `requests` (a Counter of "POST DATA" and so on), `refusals` (what was answered 400)."""

    def __init__(self, token="token", account="account"):
        self.credential = base64.b64encode(f"{token}:{account}".encode())
        self.faults = Faults()
        super().__init__(self.faults.bad)
        self.requests = collections.Counter()
        self.refusals = []
        self.connections = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"store": self}))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def set_outage(self, on):
        """While it is on, whoever is connected is cut off, and whoever comes."""
        self.faults.outage = on
        if on:
            self.cut()

    def cut(self):
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.server.shutdown()
        self.cut()
        self.server.server_close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def decoded(text):
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise Refusal(400, "not UTF-8") from None


def pairs(text, known=None):
    """A form or a query; a name that stands twice, or that is not among `known`, is refused."""
    found = {}
    for part in filter(None, text.split("&")):
        name, equals, value = part.partition("=")
        name = decoded(name.replace("+", " "))
        if not equals or name in found or (known is not None and name not in known):
            raise Refusal(400, f"unknown, repeated or broken: {name}")
        found[name] = decoded(value.replace("+", " "))
    return found


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    store = None

    def setup(self):
        super().setup()
        with self.store.lock:
            self.store.connections.add(self.connection)

    def finish(self):
        with self.store.lock:
            self.store.connections.discard(self.connection)
        try:
            super().finish()
        except OSError:
            pass

    def handle(self):
        if self.store.faults.outage:
            return
        try:
            super().handle()
        except OSError:
            pass

    def log_message(self, *_):
        pass

    def answer(self, status, value, retry_after=None):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if retry_after is not None:
            self.send_header("Retry-After", str(retry_after))
        self.end_headers()
        self.wfile.write(body)

    def failure(self, status, detail, errors=None, retry_after=None):
        names = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}
        value = {"status": str(status), "message": names.get(status, "Failure"), "detail": detail}
        if errors is not None:
            value["errors"] = errors
        self.answer(status, value, retry_after)

    def body(self):
        if self.headers.get("Transfer-Encoding") or self.headers.get("Content-Encoding") or self.headers.get("Expect"):
            self.close_connection = True
            raise Refusal(400, "bodies come whole, as they are, and at once")
        length = self.headers.get("Content-Length")
        if length is None and self.command == "POST":
            self.close_connection = True
            raise Refusal(411, "Content-Length is missing")
        if int(length or 0) > MAX_BODY:
            self.close_connection = True
            raise Refusal(413, "too much")
        data = self.rfile.read(int(length or 0))
        if len(data) < int(length or 0):
            raise ConnectionResetError
        if data and self.headers.get("Content-Type", "").split(";")[0].strip() != FORM:
            raise Refusal(400, f"old clients call everything {FORM}")
        return data

    def serve(self):
        faults = self.store.faults
        path, _, query = self.path.partition("?")
        what = f"{self.command} {path}"
        try:
            body = self.body()
            if faults.outage:
                raise ConnectionResetError
            with self.store.lock:
                self.store.requests["".join(what.split("/")[:3:2])] += 1
            if faults.delay:
                time.sleep(faults.delay)
            fault = faults.take(faults.answers, what)
            if fault:
                self.failure(fault[2], "told to", retry_after=fault[3])
                return
            given = self.headers.get("Authorization", "").encode()
            if not hmac.compare_digest(given, b"Basic " + self.store.credential):
                raise Refusal(401, "wrong credentials")
            with self.store.lock:
                result = self.route(path, query, body)
            if faults.take(faults.lost, what):
                raise ConnectionResetError
            self.answer(200, {"status": "200", "message": "Success"} if result is None else result)
        except Refusal as e:
            if e.status == 400:
                self.store.refusals.append((what, e.detail))
            self.failure(e.status, e.detail, e.errors)
        except OSError:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_PUT = serve

    def route(self, path, query, body):
        parts = [decoded(part) for part in path.split("/")]
        if parts[:2] != ["", "v0.3"] or "" in parts[1:]:
            raise Refusal(404, "no such path")
        kind, rest = parts[2] if len(parts) > 2 else "", parts[3:]
        call = getattr(self, f"{self.command}_{kind}_{len(rest)}", None)
        if call is None:
            raise Refusal(405 if kind in ("COLUMNFAMILY", "COLUMN", "DATA", "COUNTER", "CQL") else 404, "no such call")
        if body and self.command != "POST":
            raise Refusal(400, "a body is for POST")
        return call(*rest, query=query, body=body)

    def form(self, body):
        return pairs(body.decode("latin-1"))

    def POST_COLUMNFAMILY_2(self, family, comparator, query, body):
        pairs(query, ())
        self.store.create_family(family, comparator)

    def GET_COLUMNFAMILY_0(self, query, body):
        pairs(query, ())
        return {"columnfamilies": [self.store.describe(name) for name in sorted(self.store.families)]}

    def GET_COLUMNFAMILY_1(self, family, query, body):
        pairs(query, ())
        return self.store.describe(family)

    def DELETE_COLUMNFAMILY_1(self, family, query, body):
        pairs(query, ())
        self.store.family(family)
        del self.store.families[family]

    def POST_COLUMN_3(self, family, column, type_, query, body):
        pairs(query, ())
        self.store.declare(family, column, type_, self.form(body))

    def POST_DATA_2(self, family, row, query, body):
        options = pairs(query, ("ttl", "realtime"))
        if options.get("realtime", "false") not in ("true", "false") or not re.fullmatch(r"\d{0,9}", options.get("ttl", "")):
            raise Refusal(400, "ttl or realtime")
        self.store.put_form(family, row, self.form(body), int(options.get("ttl") or 0))

    def POST_DATA_1(self, family, query, body):
        pairs(query, ())
        self.store.put_bulk(family, body)

    def GET_DATA_2(self, family, row, query, body):
        options = pairs(query, ("fromKey", "limit"))
        family = self.store.family(family)
        return self.store.page(family.slice(row), TYPES[family.comparator], options)

    def DELETE_DATA_2(self, family, row, query, body):
        pairs(query, ())
        self.store.remove(family, row)

    def DELETE_DATA_3(self, family, row, column, query, body):
        pairs(query, ())
        self.store.remove(family, row, column)

    def POST_COUNTER_2(self, row, column, query, body):
        pairs(query, ())
        self.store.step(row, column, self.form(body))

    def GET_COUNTER_2(self, row, column, query, body):
        pairs(query, ())
        return {column: str(self.store.counters.get(row, {}).get(column, 0))}

    def GET_COUNTER_1(self, row, query, body):
        options = pairs(query, ("fromKey", "limit"))
        cells = sorted((c, str(v)) for c, v in self.store.counters.get(row, {}).items())
        return self.store.page(cells, str, options)

    def GET_CQL_1(self, family, query, body):
        return self.store.select(family, pairs(query, ("query",)))
