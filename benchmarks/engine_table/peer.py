"""A VictoriaLogs at a URL: the same lines into its JSON-lines API, the same questions in its own language."""
import json
import time
import urllib.parse
import urllib.request
from datetime import datetime, timezone

from . import load
from .corpus import DAY_MS, START_MS
from .server import Failure

INSERT = "/insert/jsonline?_stream_fields=host,log&_time_field=_time&_msg_field=_msg"
SELECT = "/select/logsql/query"
ANSWER_SECONDS = 600
POLL_SECONDS = 0.5


def time_text(time_ms):
    return datetime.fromtimestamp(time_ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Peer:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def ask(self, query):
        """The lines of its answer, each a JSON object."""
        window = f"_time:[{time_text(START_MS)}, {time_text(START_MS + DAY_MS)})"
        body = urllib.parse.urlencode({"query": f"{window} {query}"}).encode()
        try:
            with urllib.request.urlopen(self.url + SELECT, body, ANSWER_SECONDS) as answer:
                return [json.loads(line) for line in answer.read().splitlines() if line]
        except OSError as error:
            raise Failure(f"{self.url}: {query}: {error}") from error

    def count(self, query):
        rows = self.ask(f"{query} | stats count() as lines")
        return int(rows[0]["lines"]) if rows else 0

    def question(self, question):
        """(seconds, lines) of one question."""
        begin = time.perf_counter()
        if question.newest:
            found = len(self.ask(f"{question.logsql} | sort by (_time desc) limit {question.newest}"))
        else:
            found = self.count(question.logsql)
        return time.perf_counter() - begin, found

    def load(self, bodies, lines, directory, bound_seconds):
        """Posts the bodies and waits until all lines are seen; what that took."""
        before = self.count("*")
        if before:
            raise Failure(f"{self.url} already has {before} lines of the day: give it a new directory")
        seconds = load.post(self.url + INSERT, "application/stream+json", bodies, directory)
        end = time.monotonic() + bound_seconds
        while (seen := self.count("*")) != lines:
            if time.monotonic() > end:
                raise Failure(f"{self.url} shows {seen} lines of {lines} after {bound_seconds} s")
            time.sleep(POLL_SECONDS)
        return {"lines": lines, "seconds": seconds, "lines_per_second": lines / seconds}
