"""Clients that write to a hub in every way, go on when it is killed, and know what must be there in the end.

Each has rows of its own. What was not answered is sent again where that is harmless, as agents and shippers do, so the outcome
is known but for counters that were moved at the moment of a cut: of these it is known between which values they are.
"""
import collections
import random
import threading
import time

from replication_hubs import Cut
from store_comparison import cells as cells_of, lines as lines_of
from wire import bulk, log_value

NOON = 1700049600000  # 2023-11-15T12:00:00Z
DAY = "2023:10:15"
FORM_ROWS = 4
PAUSE_SECONDS = 0.02
LINES_OF_A_BLOCK = 60


class Client(threading.Thread):
    """`place`: gives the port to write to at the moment, through its attribute `hub` (a ReplicatingHub)."""

    def __init__(self, name, place, seed, stop):
        super().__init__(daemon=True)
        self.name_, self.place, self.stop, self.failure = name, place, stop, None
        self.random = random.Random(f"{seed} {name}")
        self.count = 0                       # of steps
        self.cells = {}                      # (row, column) -> value, of CFUTF8Type
        self.day = {}                        # time -> value, of the day row of cells
        self.counted_twice = 0               # cells of it, perhaps
        self.posts = {}                      # number -> lines
        self.sure = collections.Counter()    # counter -> moved by at least
        self.perhaps = collections.Counter()  # and perhaps by so much more
        self.connection = None

    # ---- How it writes ---------------------------------------------------------------------

    def hub(self):
        hub = self.place.hub
        if self.connection is None or self.connection.port != hub.port:
            self.forget()
            self.connection = hub.once()
        return self.connection

    def forget(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def once(self, send):
        """The answer, or None: not known whether it was done."""
        try:
            answer = send(self.hub())
        except (Cut, OSError):
            self.forget()
            return None
        if answer.status == 503:  # shutting down, or a standby
            return None
        if answer.status != 200:
            raise AssertionError(f"{self.name_}: {answer}")
        return answer

    def until_answered(self, send):
        """Gives at how many hubs it was tried: at more than one it may have been done twice."""
        end = time.monotonic() + 120
        tried = {self.place.hub}
        while self.once(send) is None:
            tried.add(self.place.hub)
            if time.monotonic() > end:
                raise AssertionError(f"{self.name_}: no answer for two minutes")
            time.sleep(PAUSE_SECONDS)
        tried.add(self.place.hub)
        return len(tried)

    def run(self):
        try:
            while not self.stop.is_set():
                self.step()
                self.count += 1
        except Exception as e:
            self.failure = e
        finally:
            self.forget()

    def step(self):
        what = self.random.choices((self.put, self.put_with_ttl, self.remove_cell, self.remove_row, self.bulk, self.move, self.lines,
                                    self.great_lines), (6, 2, 2, 1, 5, 5, 6, 1))[0]
        what()

    # ---- What it writes ----------------------------------------------------------------------

    def row(self):
        return f"{self.name_}-{self.random.randrange(FORM_ROWS)}"

    def put(self, ttl=None):
        row, value = self.row(), f"{self.count} größer\n&=%"
        form = {f"{'t' if ttl else 'c'}{self.random.randrange(40):02}": value for _ in range(self.random.randrange(1, 5))}
        self.until_answered(lambda hub: hub.post_form(f"/v0.3/DATA/CFUTF8Type/{row}", form, **({"ttl": ttl} if ttl else {})))
        if ttl != 1:  # what expires at once is there or not
            self.cells.update({(row, c): v for c, v in form.items()})
        else:
            for c in form:
                self.cells[(row, c)] = None

    def put_with_ttl(self):
        self.put(ttl=self.random.choice((1, 86400)))

    def remove_cell(self):
        row, column = self.row(), f"c{self.random.randrange(40):02}"
        self.until_answered(lambda hub: hub.delete(f"/v0.3/DATA/CFUTF8Type/{row}/{column}"))
        self.cells.pop((row, column), None)

    def remove_row(self):
        row = self.row()
        self.until_answered(lambda hub: hub.delete(f"/v0.3/DATA/CFUTF8Type/{row}"))
        self.cells = {name: value for name, value in self.cells.items() if name[0] != row}

    def day_row(self):
        return f"{self.name_}:logs:cells:{DAY}"

    def bulk(self):
        times = [NOON + self.count * 10 + n for n in range(self.random.randrange(1, 8))]
        new = {str(t): log_value(t, f"cell {t}\n") for t in times}
        hubs = self.until_answered(lambda hub: hub.post_json("/v0.3/DATA/CFLongType", bulk({self.day_row(): new})))
        self.day.update(new)
        self.counted_twice += len(new) * (hubs - 1)

    def move(self):
        """Steps cannot be sent again."""
        if self.random.random() < 0.5:
            steps = {"single": self.random.randrange(-5, 9)}
            answer = self.once(lambda hub: hub.call("POST", f"/v0.3/COUNTER/{self.name_}/single", f"increment={steps['single']}"))
        else:
            steps = {"x": 3, "y": -3}
            body = {"rowkeys": [{"rowkey": self.name_, "columns": [{"columnname": c, "increment": n} for c, n in steps.items()]}]}
            answer = self.once(lambda hub: hub.post_json("/v0.3/COUNTER", body))
        for column, step in steps.items():
            if answer is not None:
                self.sure[column] += step
            elif step > 0:
                self.perhaps[column, 1] += step
            else:
                self.perhaps[column, -1] += step

    def post_lines(self, count):
        number = len(self.posts) + 1
        texts = [f"post {number} line {n} of {self.name_} with some words to fill it" for n in range(count)]
        lines = [{"time": NOON + number, "msg": text, "post": number} for text in texts]
        self.until_answered(lambda hub: hub.post_lines(lines, client=self.name_, log="/l",
                                                       headers=[("NM-Source", self.name_), ("NM-Sequence", str(number))]))
        self.posts[number] = texts

    def lines(self):
        self.post_lines(self.random.randrange(1, 6))

    def great_lines(self):
        self.post_lines(LINES_OF_A_BLOCK)

    # ---- What must be there --------------------------------------------------------------------

    def check(self, hub, found):
        """`found`: all lines of the hub, by client."""
        for row in range(FORM_ROWS):
            name = f"{self.name_}-{row}"
            there = {c: v for c, v, _ in cells_of(hub, "CFUTF8Type", name)}
            for (where, column), value in self.cells.items():
                if where == name and value is not None and there.get(column) != value:
                    raise AssertionError(f"{name}/{column} is {there.get(column)!r}, not {value!r}")
            for column in there:
                if (name, column) not in self.cells:
                    raise AssertionError(f"{name}/{column} is there, and was removed")
        day = {c: v for c, v, _ in cells_of(hub, "CFLongType", self.day_row())}
        if day != self.day:
            raise AssertionError(f"{self.day_row()}: {len(day)} cells, not {len(self.day)}")
        counted = hub.counter(self.day_row(), "logs") if self.day else 0
        if not len(self.day) <= counted <= len(self.day) + self.counted_twice:
            raise AssertionError(f"{self.day_row()}: {counted} counted of {len(self.day)}, and {self.counted_twice} perhaps twice")
        for column in ("single", "x", "y"):
            value = hub.counter(self.name_, column)
            least, most = (self.sure[column] + self.perhaps[column, sign] for sign in (-1, 1))
            if not least <= value <= most:
                raise AssertionError(f"counter {self.name_}/{column} is {value}, not between {least} and {most}")
        self.check_lines([line for log, line in found.get(self.name_, ()) if log.strip("/_") == "l"])

    def check_lines(self, texts):
        """Each post has a time of its own, so its lines stand together."""
        at = 0
        for number in sorted(self.posts):
            expected = self.posts[number]
            if texts[at:at + len(expected)] != expected:
                raise AssertionError(f"lines of {self.name_}, post {number}: {texts[at:at + 2]}, not {expected[:2]}, of {len(texts)}")
            at += len(expected)
        if at != len(texts):
            raise AssertionError(f"lines of {self.name_}: {len(texts) - at} more than there should be: {texts[at:at + 2]}")


class Place:
    """Where clients write at the moment."""

    def __init__(self, hub):
        self.hub = hub


class Load:
    """Use as a context: four clients write to `place` until it ends. Then check()."""

    def __init__(self, hub, seed, clients=4, prefix="client"):
        self.place = Place(hub)
        self.stop = threading.Event()
        self.clients = [Client(f"{prefix}{i}", self.place, seed, self.stop) for i in range(clients)]

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.stop.set()
        for client in self.clients:
            client.join(180)
            if client.is_alive():
                raise AssertionError(f"{client.name_} hangs")
            if client.failure is not None:
                raise client.failure

    def steps(self):
        return sum(client.count for client in self.clients)

    def wait_for_steps(self, more, seconds=60):
        """Until so much more has been written."""
        until, end = self.steps() + more, time.monotonic() + seconds
        while self.steps() < until:
            if time.monotonic() > end or not any(c.is_alive() for c in self.clients):
                raise AssertionError(f"the clients do not get on: {[c.failure for c in self.clients]}")
            time.sleep(0.005)

    def check(self, server):
        """That what was answered is there, once."""
        hub = server.hub()
        try:
            found = collections.defaultdict(list)
            for _, client, _, log, line, _ in lines_of(hub):
                found[client].append((log, line))
            for client in self.clients:
                client.check(hub, found)
        finally:
            hub.close()
