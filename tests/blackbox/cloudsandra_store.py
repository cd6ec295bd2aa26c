"""What a CloudSandra holds, in memory, and what its calls do: for cloudsandra_server.py.

Names and values are texts. What is wrong with a call is a Refusal.
"""
import collections
import json
import re
import threading
import time
import uuid

MAX_ROWS = 10000
INT64 = (-(1 << 63), (1 << 63) - 1)
DEFAULT_PAGE = 1000
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


class Store:
    """`lock` is held by whoever asks or changes it. `bad_value`: whether a value is refused: None, True (named) or False (not)."""

    def __init__(self, bad_value):
        self.lock = threading.RLock()
        self.families = {"CFUTF8Type": Family("UTF8Type"), "CFLongType": Family("LongType")}
        self.counters = collections.defaultdict(dict)  # row -> {column: value}
        self.bad_value = bad_value
        self.most_of_page = 1 << 30  # it gives no more at once, however many are asked for

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
                named = self.bad_value(value)
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
        return dict(cells[:min(int(limit), self.most_of_page)])

    def select(self, family, query):
        self.family(family)
        match = SELECT_KEYS.fullmatch(query.get("query", ""))
        if not match:
            raise Refusal(400, "this server knows SELECT KEY [WHERE KEY >= '…'] [LIMIT n] only")
        first = (match[1] or "").replace("''", "'").encode()
        keys = sorted((k for k in self.families[family].rows if k.encode() >= first and self.families[family].slice(k)),
                      key=str.encode)
        return {k: {"KEY": k} for k in keys[:min(int(match[2] or MAX_ROWS), self.most_of_page)]}


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
