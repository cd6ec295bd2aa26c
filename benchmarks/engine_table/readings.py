"""A year of one plugin's readings, as an agent posts them in bulk, and what the store makes of them."""
import json
import pathlib
import random
import statistics
import time
from datetime import datetime, timedelta, timezone

from . import load
from .server import Failure, directory_bytes

STEP_MS = 30_000
A_DAY = 86_400_000 // STEP_MS
FIRST_DAY = datetime(2025, 1, 1, tzinfo=timezone.utc)
CLIENT, PLUGIN = "10.0.0.1", "cpu"
STEPS = 500


def body_of_day(day, value, rnd):
    """A bulk body with one reading every 30 seconds: escape()d JSON, the months of the row's key from 0."""
    begin = int(day.timestamp() * 1000)
    columns = []
    for at in range(begin, begin + A_DAY * STEP_MS, STEP_MS):
        value = min(100, max(0, value + rnd.randint(-3, 3)))
        columns.append(f'{{"columnname":"{at}","columnvalue":"%7B%22date%22%3A{at}%2C%22value%22%3A%22{value}%22%7D"}}')
    row = f"{CLIENT}:plugins:{PLUGIN}:{day.year}:{day.month - 1}:{day.day}"
    return f'{{"rowkeys":[{{"rowkey":"{row}","columns":[{",".join(columns)}]}}]}}', value


def make_bodies(directory, days):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    rnd, value, bodies = random.Random(1), 50, []
    for number in range(days):
        text, value = body_of_day(FIRST_DAY + timedelta(days=number), value, rnd)
        path = directory / f"{number:05d}.json"
        path.write_text(text)
        bodies.append(path)
    return bodies


def ask(server, days):
    begin = int(FIRST_DAY.timestamp() * 1000)
    span = days * 86_400_000
    start = time.perf_counter()
    status, body = server.get("/api/v1/series", client=CLIENT, plugin=PLUGIN, field="value",
                              **{"from": begin, "to": begin + span}, step=max(STEP_MS, span // STEPS))
    return time.perf_counter() - start, status, body


def measure(server, directory, days, rounds, settle_seconds):
    """On a server of its own: bytes of a reading, milliseconds of the question; None where the call is not there."""
    empty = directory_bytes(server.data)[0]
    readings = days * A_DAY
    before = server.cpu_seconds()
    seconds = load.post(server.url + "/v0.3/DATA/CFLongType", "application/json", make_bodies(directory, days),
                        server.directory)
    settle, settled = server.settle(settle_seconds)
    result = {"readings": readings, "readings_per_second": readings / seconds, "settled": settled,
              "settle_seconds": settle, "cpu_us_per_reading": (server.cpu_seconds() - before) / readings * 1e6,
              "bytes_per_reading": (directory_bytes(server.data)[0] - empty) / readings,
              "peak_bytes": server.peak_bytes(), "series_ms": None}
    _, status, body = ask(server, days)
    if status == 200:
        times = [ask(server, days)[0] for _ in range(rounds)]
        result["series_ms"], result["series_best_ms"] = statistics.median(times) * 1e3, min(times) * 1e3
        result["series_answer_bytes"] = len(body)
        json.loads(body)
    elif status != 404:
        raise Failure(f"GET /api/v1/series: {status} {body[:300]!r}")
    return result
