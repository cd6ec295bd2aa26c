"""The log engine at size: many lines of the kinds that are hard on it, counted by the same definition of a word in plain
Python, when they have come, after they have been sealed and merged, and after a restart."""
import collections
import random
import re
import unittest

from server_process import Server
from wire import Hub

DAY_MS = 86_400_000
MIDNIGHT = 1_700_006_400_000  # 2023-11-15
LINES_PER_BODY = 20_000
MIB = 1 << 20
WORD = re.compile(r"[^\W_]+")  # a run of letters and digits, as the query language has it
EVERYTHING = {"from_": MIDNIGHT - DAY_MS, "to": MIDNIGHT + 2 * DAY_MS}
SPARE_SECONDS = 120  # for a compaction on a busy machine


def program_lines(rnd, count):
    """What programs write: few templates, many numbers, clocks, users that come again."""
    for i in range(count):
        number, user = rnd.randrange(10 ** rnd.randint(1, 9)), f"user{rnd.randrange(300)}"
        clock = f"{i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d}"
        yield rnd.choice((
            f"{clock} sshd[{rnd.randrange(65536)}]: Failed password for invalid user {user} from 10.0.{i % 256}.{rnd.randrange(256)}",
            f"{clock} INFO dfs.DataNode: Received block blk_-{number} of size {i * 7} from /10.250.10.{i % 100}",
            f"{clock} level=warn took={number} user={user} msg=\"disk {i % 17:03d} is slow\"",
            f'{{"level":"error","id":{number:010d},"user":{{"name":"{user}"}},"message":"request timed out"}}',
            f"{clock} kernel: Out of memory: Killed process {number} (java)", "connection reset by peer", ""))


def many_templates(rnd, count):
    letters = "abcdefghijklmnopqrstuvwxyz"
    for i in range(count):
        yield f"{''.join(rnd.choices(letters, k=6))} {''.join(rnd.choices(letters, k=4))} came {i}"


class LogEngineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--query-timeout", "60s")
        cls.addClassCleanup(cls.server.remove)
        cls.rnd = random.Random(1)
        cls.texts = []

    @property
    def hub(self):
        return Hub(self.server.port)

    def post(self, lines):
        """(time, host, log, text) of each."""
        for begin in range(0, len(lines), LINES_PER_BODY):
            part = [{"_time": time, "host": host, "log": log, "_msg": text}
                    for time, host, log, text in lines[begin:begin + LINES_PER_BODY]]
            answer = self.hub.post_lines(part)
            self.assertEqual((answer.status, answer.json()["accepted"]), (200, len(part)), answer)
        self.texts += [text for _, _, _, text in lines]

    def fill(self):
        rnd = self.rnd
        late = lambda i: rnd.randrange(60_000) if i % 50 == 0 else 0  # noqa: E731
        self.post([(MIDNIGHT + i - late(i), "web1", "/var/log/syslog", text) for i, text in enumerate(program_lines(rnd, 30_000))])
        self.post([(MIDNIGHT + i // 500, "web2", "app", text) for i, text in enumerate(program_lines(rnd, 10_000))])  # equal times
        self.post([(MIDNIGHT + i, "web3", "build", text) for i, text in enumerate(many_templates(rnd, 100_000))])
        self.post([(MIDNIGHT + i * 1000, f"host{i}", "boot", f"machine {i} is up, row of its own") for i in range(3000)])
        self.post([(MIDNIGHT + i, "big", "dump", "x" * (MIB - 200) + f" heap {i} dumped") for i in range(3)])
        raw = b"\n".join(b"\xff\xfe caf\xe9 broken %d bytes" % i for i in range(1000))
        answer = self.hub.post_lines(raw, kind="text/plain", client="raw", log="latin", time=MIDNIGHT)
        self.assertEqual(answer.json()["accepted"], 1000, answer)
        self.texts += raw.decode("utf-8", "surrogateescape").split("\n")
        # Over the limit: cut, with a mark; the words before the cut are there.
        self.post([(MIDNIGHT, "big", "dump", "beforethecut " + "y" * 2 * MIB)])
        self.texts[-1] = "beforethecut cut"

    def make_questions(self):
        """Queries, and how many lines each must find."""
        counts = collections.Counter()
        for text in self.texts:
            counts.update({word.lower() for word in WORD.findall(text)})
        words = sorted(counts)
        asked = self.rnd.sample(words, 12) + [word for word, _ in counts.most_common(4)] + ["beforethecut", "café"]
        questions = {word: counts[word] for word in asked if word != "cut" and not re.fullmatch("y+", word)}
        questions.update({"zzyzxnowhere": 0, "9999999999999": 0, "": len(self.texts)})
        lowered = [text.lower() for text in self.texts]

        def every(pattern, flags=0):
            found = re.compile(pattern, flags | re.ASCII)
            return sum(1 for text in self.texts if found.search(text))

        questions['"invalid user user7"'] = every(r"(?i)\binvalid user user7(?![a-z0-9])")
        questions["10.250.10.6"] = every(r"(?<![a-zA-Z0-9])10\.250\.10\.6(?![a-zA-Z0-9])")
        questions['*"illed proc"*'] = sum("illed proc" in text for text in lowered)
        questions["*77*"] = sum("77" in text for text in lowered)
        questions[r"/took=\d*7 user/"] = every(r"took=\d*7 user")
        questions[r"/[a-z]{2}\d{3}[^a-z]/"] = every(r"[a-z]{2}\d{3}[^a-z]")
        questions["failed -user7"] = sum(
            1 for text in lowered if {"failed"} <= set(WORD.findall(text)) and "user7" not in WORD.findall(text))
        questions["level=error"] = every(r'^\{"level":"error"')
        questions["client:host77"] = 1
        questions["log:boot machine"] = 3000
        return questions

    def count(self, query):
        answer = self.hub.get("/api/v1/histogram", q=query, step=5 * DAY_MS, **EVERYTHING)
        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.json()["stats"]["complete"], answer)
        return answer.json()["total"]

    def check(self, questions, when):
        for query, wanted in questions.items():
            with self.subTest(query=query, when=when):
                self.assertEqual(self.count(query), wanted)

    def test_counts_are_those_of_grep_in_every_state(self):
        self.fill()
        questions = self.make_questions()
        self.check(questions, "as they came")
        hub = self.hub
        hub.call("GET", "/health")
        hub.wire.socket.settimeout(SPARE_SECONDS)
        compacted = hub.call("POST", "/api/v1/admin/compact")
        self.assertIn(b'"result":"ok"', compacted.body.splitlines()[-1], compacted)
        self.check(questions, "compacted")
        self.server.restart()
        self.check(questions, "after a restart")
        longest = self.hub.get("/api/v1/search", q="client:big heap", limit=5, **EVERYTHING).json()["entries"]
        self.assertEqual([len(entry["line"]) for entry in longest], [MIB - 200 + len(" heap 0 dumped")] * 3)
        cut = self.hub.get("/api/v1/search", q="beforethecut", **EVERYTHING).json()["entries"][0]["line"]
        self.assertTrue(cut.endswith("…[cut]"), cut[-20:])
        self.assertLessEqual(len(cut.encode()), MIB)
        raw = self.hub.get("/api/v1/search", q="client:raw", limit=1, **EVERYTHING).json()["entries"][0]["line"]
        self.assertTrue(raw.startswith("\udcff\udcfe caf\udce9 broken"), ascii(raw))
        self.assertEqual(self.server.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
