"""Blocks made anew while a server runs, in a closed directory, and cut off by SIGKILL; and the words of a day, counted by the
same definition of a word in plain Python."""
import collections
import pathlib
import random
import re
import tempfile
import unittest

from server_process import Server, ServerCase
from tool_process import FAILED, USAGE, Tool
from wire import Wire, agent_request

WORD = re.compile(r"[^\W_]+")  # a run of letters and digits, as the query language has it
NOON = 1700049600000  # 2023-11-15T12:00:00Z
DAY = "2023:10:15"
KILLS = 6


def some_lines(rnd, count):
    for i in range(count):
        yield rnd.choice((f"Failed password for user{rnd.randrange(40)} from 10.0.0.{rnd.randrange(256)} port {rnd.randrange(65536)}",
                          f"level=warn took={rnd.randrange(10 ** 6)} msg=\"disk {i % 17:03d} is slow\"",
                          f"Received block blk_-{rnd.getrandbits(60)} of size {i * 7}", "connection reset by peer"))


def post(case, hub, client, texts, start=NOON):
    answer = hub.post_lines([{"_time": start + i, "_msg": text} for i, text in enumerate(texts)], client=client, log="app")
    case.assertEqual(answer.status, 200, answer)


def words_of(texts):
    counts = collections.Counter()
    for text in texts:
        counts.update(set(WORD.findall(text.lower())))
    return counts


class WordsOfADay(ServerCase):
    options = ("--query-timeout", "120s")

    def check(self, client, texts):
        row = f"{client}:logs:app:{DAY}"
        counts = words_of(texts)
        found = self.hub.get("/api/v1/words", row=row, limit=10000).json()
        self.assertEqual({word["word"]: word["count"] for word in found["words"]}, dict(counts))
        named = self.hub.get("/api/v1/words", client=client, log="app", day="2023-11-15", limit=10000).json()
        self.assertEqual(named["words"], found["words"])
        for word in ("failed", "10", "port", "disk", "blk", "nowhere", "016", "16", *random.Random(3).sample(sorted(counts), 20)):
            self.assertEqual(self.hub.counter(row, word), counts[word], word)
            self.assertEqual(self.hub.counter(row, word.upper()), counts[word], word)

    def test_words_are_counted_in_every_state(self):
        rnd = random.Random(1)
        texts = list(some_lines(rnd, 1500))
        post(self, self.hub, "words", texts)
        post(self, self.hub, "other", some_lines(rnd, 50))
        self.check("words", texts)
        tool = Tool(self.server.directory, self.server.port)
        tool.text("compact")
        self.check("words", texts)
        texts.append("one more FAILED line")
        post(self, self.hub, "words", texts[-1:], NOON + 5000)
        self.check("words", texts)
        tool.text("reindex", "--all")
        self.server.restart()
        self.hub = self.server.hub()
        self.check("words", texts)
        # What an agent counts itself comes first.
        self.hub.post_form(f"/v0.3/COUNTER/words:logs:app:{DAY}/failed", {"increment": "3"})
        self.assertEqual(self.hub.counter(f"words:logs:app:{DAY}", "failed"), 3)
        self.assertEqual(self.hub.get(f"/v0.3/COUNTER/words:logs:app:{DAY}").json(), {"failed": "3"})


class ReindexTest(ServerCase):
    def test_rows_are_chosen(self):
        rnd = random.Random(2)
        tool = Tool(self.server.directory, self.server.port)
        for client in ("a1", "a2", "b"):
            post(self, self.hub, client, some_lines(rnd, 300))
        tool.text("compact")
        blocks = tool.json("verify")[0]["blocks"]
        self.assertGreaterEqual(blocks, 3)
        self.assertEqual(tool.json("reindex")[0]["rebuilt"], 0)
        self.assertEqual(tool.json("reindex", "--all")[0]["rebuilt"], blocks)
        self.assertEqual(tool.json("reindex", "--all", "--client", "a*")[0]["rebuilt"], 2)
        self.assertEqual(tool.json("reindex", "--all", "--row", f"b:logs:app:{DAY}", "--family", "CFLongType")[0]["rebuilt"], 1)
        self.assertEqual(tool.json("reindex", "--all", "--from", "2023-11-16")[0]["blocks"], 0)
        self.assertEqual(tool.json("reindex", "--all", "--kind", "plugins")[0]["blocks"], 0)
        self.assertEqual(tool.json("verify")[0]["problem_count"], 0)
        self.assertIn("rebuilt", tool.text("reindex"))
        tool.run("reindex", "--from", "noon", code=USAGE)
        tool.run("reindex", "--kind", "lines", code=USAGE)
        tool.run("reindex", "--family", "None", code=FAILED)
        tool.run("--data", self.server.data, "reindex", code=FAILED)  # somebody has it

    def test_a_closed_directory(self):
        with Server() as server:
            texts = list(some_lines(random.Random(4), 500))
            post(self, server.hub(), "a", texts)
            tool = Tool(server.directory, server.port)
            tool.text("compact")
            self.assertEqual(server.terminate(), 0)
            closed = ("--data", server.data)
            found = tool.json(*closed, "search", "--limit", "0")
            self.assertEqual(tool.json(*closed, "reindex", "--all", "--client", "a")[0]["rebuilt"], 1)
            self.assertEqual(tool.json(*closed, "reindex")[0]["rebuilt"], 0)
            self.assertEqual(tool.json(*closed, "verify")[0]["problem_count"], 0)
            self.assertEqual(tool.json(*closed, "search", "--limit", "0"), found)


class KilledTest(unittest.TestCase):
    def test_sigkill_in_the_middle_loses_nothing(self):
        rnd = random.Random(5)
        with Server() as server, tempfile.TemporaryDirectory() as home:
            tool_of = lambda: Tool(pathlib.Path(home), server.port)
            texts = {}
            for client in range(12):
                texts[f"c{client}"] = list(some_lines(rnd, 4000))
                post(self, server.hub(), f"c{client}", texts[f"c{client}"])
            tool_of().text("compact")
            blocks = tool_of().json("verify")[0]["blocks"]
            for kill in range(KILLS):
                with Wire(server.port) as wire:
                    wire.send(agent_request("POST", "/api/v1/admin/reindex?all=true"))
                    # Until it has begun with the work, and a little further each time; it may be done already.
                    while wire.buffer.count(b'"stage":"reindex"') <= kill % 3 and b'"result"' not in wire.buffer:
                        wire._more()
                    server.kill()
                server.start()
                report = tool_of().json("verify")[0]
                self.assertEqual((report["problem_count"], report["blocks"]), (0, blocks), report)
                client = rnd.choice(sorted(texts))
                entries = server.hub().get("/api/v1/search", q=f"client:{client}", order="asc", limit=100000).json()["entries"]
                self.assertEqual([entry["line"] for entry in entries], texts[client])
            # It goes on where it was, and then is done.
            self.assertLessEqual(tool_of().json("reindex", "--all")[0]["rebuilt"], blocks)
            self.assertEqual(tool_of().json("reindex", "--all")[0]["rebuilt"], blocks)
            report = tool_of().json("verify")[0]
            self.assertEqual((report["problem_count"], report["blocks"]), (0, blocks), report)
            for word in ("failed", "peer"):
                self.assertEqual(server.hub().counter(f"c3:logs:app:{DAY}", word), words_of(texts["c3"])[word])
            self.assertEqual(server.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
