"""Whether two hubs hold the same, asked by their public APIs: families, rows, cells byte for byte, counters, lines.

The first difference is told. What each hub keeps for itself is not compared.
"""
import itertools
import json
import time

PAGE = 10000
# What each hub writes of itself.
OWN_ROWS = {("CFUTF8Type", "users")}
OWN_COUNTERS = {"connections"}


class Difference(AssertionError):
    pass


def answer_of(hub, path, **query):
    answer = hub.get(path, **query)
    if answer.status != 200:
        raise AssertionError(f"{path} {query}: {answer}")
    return answer.json()


def families(hub):
    found = answer_of(hub, "/api/v1/families")["families"]
    return {f["name"]: (f["comparator"], tuple(sorted((c["name"], c["type"], c["indexed"]) for c in f["columns"]))) for f in found}


def pages(hub, path, member, **query):
    at = None
    while True:
        page = answer_of(hub, path, limit=PAGE, from_=at, **query)
        yield from page[member]
        at = page["next"]
        if at is None:
            return


def rows(hub, family):
    for row in pages(hub, "/api/v1/rows", "rows", family=family):
        if (family, row) not in OWN_ROWS:
            yield row


def cells(hub, family, row):
    for cell in pages(hub, "/api/v1/row", "cells", family=family, row=row):
        yield cell["column"], cell["value"], cell.get("expires")


def counters(hub):
    for row in pages(hub, "/api/v1/counters", "rows", prefix=""):
        if row not in OWN_COUNTERS:
            for counter in pages(hub, "/api/v1/counters", "counters", row=row):
                yield row, counter["column"], counter["value"]


def lines(hub):
    """All lines, with the fields that came with them. Lines of one row and time stay in their order."""
    answer = hub.call("GET", "/api/v1/search?order=asc", headers=[("Accept", "application/x-ndjson")])
    if answer.status != 200:
        raise AssertionError(answer)
    found = []
    for text in answer.body.splitlines():
        entry = json.loads(text)
        if "line" in entry:
            found.append((entry["time"], entry["client"], entry.get("kind"), entry["log"], entry["line"],
                          json.dumps(entry.get("fields"), sort_keys=True)))
        elif entry.get("error") or (entry.get("stats", entry).get("stopped_by")):
            raise AssertionError(f"the search did not end: {entry}")
    return sorted(found, key=lambda entry: entry[:4])


def first_difference(one, other, what):
    nothing = object()
    for a, b in itertools.zip_longest(one, other, fillvalue=nothing):
        if a != b:
            raise Difference(f"{what}: {'nothing' if a is nothing else repr(a)[:400]} here, "
                             f"{'nothing' if b is nothing else repr(b)[:400]} there")


def compare(one, other, with_lines=True, family_names=None):
    """Two wire.Hubs. Difference names what is not the same. family_names: only these, and neither others' declarations."""
    here, there = families(one), families(other)
    if family_names is None:
        first_difference(sorted(here.items()), sorted(there.items()), "families")
    for family in family_names or here:
        first_difference([here.get(family)], [there.get(family)], f"family {family}")
        keys = list(rows(one, family))
        first_difference(keys, rows(other, family), f"rows of {family}")
        for row in keys:
            first_difference(cells(one, family, row), cells(other, family, row), f"cells of {family}/{row}")
    first_difference(counters(one), counters(other), "counters")
    if with_lines:
        first_difference(lines(one), lines(other), "lines")


def compare_with_dump(hub, dump, with_counters=True):
    """A hub, and what cloudsandra_server.CloudSandra.dump() gives."""
    here = {name: (comparator, {c: (t, i) for c, t, i in columns}) for name, (comparator, columns) in families(hub).items()}
    first_difference(sorted(here.items()), sorted(dump["families"].items()), "families")
    for family in here:
        there = {row: c for row, c in dump["cells"][family].items() if (family, row) not in OWN_ROWS}
        keys = list(rows(hub, family))
        first_difference(keys, sorted(there, key=str.encode), f"rows of {family}")
        for row in keys:
            first_difference((c[:2] for c in cells(hub, family, row)), there[row], f"cells of {family}/{row}")
    if with_counters:
        # A plain server cannot forget a counter: one that was removed here is 0 there.
        there = sorted((row, c, v) for row, columns in dump["counters"].items() if row not in OWN_COUNTERS
                       for c, v in columns.items() if v != 0)
        first_difference(sorted(c for c in counters(hub) if c[2] != 0), there, "counters")


def wait_until_same(compare_once, seconds, what="both are the same"):
    """Compares again and again, at most so long; then the last difference is raised."""
    end = time.monotonic() + seconds
    pause = 0.02
    while True:
        try:
            return compare_once()
        except (Difference, OSError) as difference:
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain until {what}: {difference}") from difference
        time.sleep(pause)
        pause = min(1.0, pause * 1.5)
