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
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote_to_bytes

FORM = "application/x-www-form-urlencoded"
DEFAULT_PAGE = 1000
MAX_BODY = 64 << 20
INT64 = (-(1 << 63), (1 << 63) - 1)
SELECT_KEYS = re.compile(r"SELECT KEY(?: WHERE KEY >= '((?:[^']|'')*)')?(?: LIMIT (\d+))?", re.DOTALL)


class Refusal(Exception):
    def __init__(self, status, detail, errors=None):
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors


def long_of(text):
    if not re.fullmatch(r"[+-]?\d{1,19}", text):
        raise ValueError(f'"{text}" is not a LongType')
    value = int(text)
    if not INT64[0] <= value <= INT64[1]:
        raise ValueError(f'"{text}" is not a LongType')
    return value


def integer_of(text):
    if not re.fullmatch(r"[+-]?\d+", text):
        raise ValueError(f'"{text}" is not an IntegerType')
    return int(text)


def ascii_of(text):
    if not text.isascii():
        raise ValueError("not an ASCIIType")
    return text


def uuid_of(text):
    value = uuid.UUID(text)
    return value.version or 0, value.time if value.version == 1 else 0, value.bytes


def time_uuid_of(text):
    value = uuid.UUID(text)
    if value.version != 1:
        raise ValueError(f'"{text}" is not a TimeUUIDType')
    return value.time, value.bytes


# Of each type: what a text is sorted by, or ValueError.
TYPES = {"UTF8Type": lambda text: text.encode(), "ASCIIType": ascii_of, "LongType": long_of, "IntegerType": integer_of,
         "UUIDType": uuid_of, "TimeUUIDType": time_uuid_of}
CANONICAL = {"LongType": lambda text: str(long_of(text)), "IntegerType": lambda text: str(integer_of(text)),
             "UUIDType": lambda text: str(uuid.UUID(text)), "TimeUUIDType": lambda text: str(uuid.UUID(text))}


class Cell:
    __slots__ = ("value", "expires")

    def __init__(self, value, ttl):
        self.value = value
        self.expires = time.time() + ttl if ttl else None

    def lives(self):
        return self.expires is None or self.expires > time.time()


class Family:
    def __init__(self, comparator):
        self.comparator = comparator
        self.columns = {}  # name -> (type, indexed)
        self.rows = {}     # key -> {column: Cell}

    def column(self, text):
        """The canonical name, or ValueError."""
        if not text:
            raise ValueError("a column needs a name")
        TYPES[self.comparator](text)
        return CANONICAL.get(self.comparator, str)(text)

    def check_value(self, column, value):
        if column in self.columns:
            TYPES[self.columns[column][0]](value)

    def slice(self, row):
        order = TYPES[self.comparator]
        return sorted(((c, cell.value) for c, cell in self.rows.get(row, {}).items() if cell.lives()), key=lambda c: order(c[0]))


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


class CloudSandra:
    """Use as a context. `port`, `faults`, `requests` (a Counter of "POST DATA" and so on), `refusals` (what was answered 400)."""

    def __init__(self, token="token", account="account"):
        self.credential = base64.b64encode(f"{token}:{account}".encode())
        self.lock = threading.RLock()
        self.families = {"CFUTF8Type": Family("UTF8Type"), "CFLongType": Family("LongType")}
        self.counters = collections.defaultdict(dict)  # row -> {column: value}
        self.faults = Faults()
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

    # ---- What it holds, for comparison -------------------------------------------------------

    def dump(self):
        """{"families": {name: (comparator, {column: (type, indexed)})}, "cells": {family: {row: [(column, value)…]}},
        "counters": {row: {column: value}}}, all as texts, without what has expired, without empty rows."""
        with self.lock:
            cells = {name: {row: family.slice(row) for row in sorted(family.rows)} for name, family in self.families.items()}
            return {"families": {n: (f.comparator, dict(f.columns)) for n, f in self.families.items()},
                    "cells": {n: {row: c for row, c in rows.items() if c} for n, rows in cells.items()},
                    "counters": {row: dict(c) for row, c in self.counters.items() if c}}

    # ---- Calls -------------------------------------------------------------------------------

    def family(self, name, status=400):
        if name not in self.families:
            raise Refusal(status, f"no column family {name}")
        return self.families[name]

    def create_family(self, name, comparator):
        if not re.fullmatch(r"\w{1,48}", name, re.ASCII):
            raise Refusal(400, f"{name} is no name of a column family")
        if comparator not in TYPES:
            raise Refusal(400, f"{comparator} is no type")
        if self.families.setdefault(name, Family(comparator)).comparator != comparator:
            raise Refusal(400, f"{name} exists with another type")

    def describe(self, name):
        family = self.family(name, status=404)
        return {"name": name, "comparator": family.comparator,
                "columns": [{"name": c, "type": t, "isIndex": i} for c, (t, i) in sorted(family.columns.items())]}

    def declare(self, family, column, type_, form):
        if type_ not in TYPES:
            raise Refusal(400, f"{type_} is no type")
        if set(form) - {"isIndex"}:
            raise Refusal(400, "unknown field")
        try:
            column = self.family(family).column(column)
        except ValueError as e:
            raise Refusal(400, str(e)) from None
        indexed = self.family(family).columns.get(column, (None, False))[1]
        self.families[family].columns[column] = (type_, {"true": True, "false": False}.get(form.get("isIndex"), indexed))

    def put(self, family, cells):
        """cells: [(row, column, value, ttl)…]; gives the errors of those that are not stored, and stores the others."""
        good, errors = [], []
        for row, column, value, ttl in cells:
            try:
                name = self.family(family).column(column)
                self.family(family).check_value(name, value)
                named = self.faults.bad(value)
                if named is False:
                    raise Refusal(400, "something here is not wanted")
                if named:
                    raise ValueError("this value is not wanted")
                good.append((row, name, value, ttl))
            except (ValueError, UnicodeEncodeError) as e:
                errors.append({"rowkey": row, "columnname": column, "reason": str(e)})
        return good, errors

    def store(self, family, cells):
        for row, column, value, ttl in cells:
            self.families[family].rows.setdefault(row, {})[column] = Cell(value, ttl)

    def put_form(self, family, row, form, ttl):
        self.family(family)
        if not form:
            raise Refusal(400, "a form without a column")
        good, errors = self.put(family, [(row, c, v, ttl) for c, v in form.items()])
        if errors:
            raise Refusal(400, "nothing stored", errors)
        self.store(family, good)

    def put_bulk(self, family, body):
        self.family(family)
        good, errors = self.put(family, list(bulk_cells(body)))
        self.store(family, good)
        if errors:
            raise Refusal(400, f"{len(errors)} columns are not stored", errors)

    def remove(self, family, row, column=None):
        cells = self.family(family).rows
        if column is None:
            cells.pop(row, None)
        else:
            try:
                cells.get(row, {}).pop(self.families[family].column(column), None)
            except ValueError as e:
                raise Refusal(400, str(e)) from None

    def step(self, row, column, form):
        if len(form) != 1 or next(iter(form)) not in ("increment", "decrement"):
            raise Refusal(400, "expected increment=n or decrement=n")
        (name, text), = form.items()
        try:
            number = long_of(text) if text else 1
        except ValueError as e:
            raise Refusal(400, str(e)) from None
        value = self.counters[row].get(column, 0) + (number if name == "increment" else -number)
        self.counters[row][column] = (value - INT64[0]) % (1 << 64) + INT64[0]

    def page(self, cells, order, query):
        limit = query.get("limit", str(DEFAULT_PAGE))
        if not re.fullmatch(r"[1-9]\d{0,8}", limit):
            raise Refusal(400, "limit")
        if "fromKey" in query:
            try:
                first = order(query["fromKey"])
            except ValueError as e:
                raise Refusal(400, str(e)) from None
            cells = [c for c in cells if order(c[0]) >= first]
        return dict(cells[:int(limit)])

    def select(self, family, query):
        self.family(family)
        match = SELECT_KEYS.fullmatch(query.get("query", ""))
        if not match:
            raise Refusal(400, "this server knows SELECT KEY [WHERE KEY >= '…'] [LIMIT n] only")
        first = (match[1] or "").replace("''", "'").encode()
        keys = sorted((k for k in self.families[family].rows if k.encode() >= first and self.families[family].slice(k)),
                      key=str.encode)
        return {k: {"KEY": k} for k in keys[:int(match[2] or 10000)]}


def text_of(value):
    """A text or a number of a JSON body, as text."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError("no text or number")
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError, a ValueError: half a character
    return value if isinstance(value, str) else json.dumps(value)


def bulk_cells(body):
    def shape(condition):
        if not condition:
            raise Refusal(400, "not a bulk body")

    def exact_integer(text):
        return int(text)

    try:
        value = json.loads(body.decode(), parse_int=exact_integer)
    except ValueError:
        raise Refusal(400, "not JSON") from None
    shape(isinstance(value, dict) and set(value) == {"rowkeys"} and isinstance(value["rowkeys"], list))
    for row in value["rowkeys"]:
        shape(isinstance(row, dict) and set(row) == {"rowkey", "columns"} and isinstance(row["columns"], list))
        for column in row["columns"]:
            shape(isinstance(column, dict) and {"columnname", "columnvalue"} <= set(column) <= {"columnname", "columnvalue", "ttl"})
            try:
                ttl = long_of(text_of(column["ttl"])) if column.get("ttl") not in (None, "") else 0
                yield text_of(row["rowkey"]), text_of(column["columnname"]), text_of(column["columnvalue"]), ttl
            except ValueError:
                raise Refusal(400, "not a bulk body") from None


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
