"""A table file with wrong bytes in it, under the real server: what it tells, what goes on, and the ways out."""
import json
import pathlib
import random
import re
import shutil
import tempfile
import unittest

from server_process import Server, wait_until
from tool_process import FAILED, PARTIAL, Tool

NOON = 1700049600000  # 2023-11-15T12:00:00Z
DAY = "2023:10:15"
CLIENTS = [f"c{i}" for i in range(10)]
LINES = 600
TOLD_SECONDS = 60
ROW = re.compile(r'row "([^"]+)" of family|of row number \d+ \("([^"]+)"\)')


def texts_of(client):
    rnd = random.Random(client)
    return [f"{client} line {i} {rnd.getrandbits(600):x}" for i in range(LINES)]


def post(hub, client, log="app"):
    answer = hub.post_lines([{"_time": NOON + i, "_msg": text} for i, text in enumerate(texts_of(client))],
                            client=client, log=log)
    assert answer.status == 200, answer


def damage(database):
    """The largest table file, in its middle. Gives its name."""
    largest = max(database.glob("*.sst"), key=lambda file: file.stat().st_size)
    with open(largest, "r+b") as file:
        file.seek(largest.stat().st_size // 2)
        file.write(b"damaged!")
    return largest.name


def metric(hub, name):
    for line in hub.get("/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no {name}")


def found(hub, client):
    answer = hub.get("/api/v1/search", q=f"client:{client}", order="asc", limit=10000)
    return [entry["line"] for entry in answer.json()["entries"]] if answer.status == 200 else None


class DamageTest(unittest.TestCase):
    def test_what_an_operator_sees_and_does(self):
        with Server() as server, tempfile.TemporaryDirectory() as home:
            home = pathlib.Path(home)
            tool = Tool(home, server.port)
            for client in CLIENTS[:5]:
                post(server.hub(), client)
            tool.text("compact")
            whole = tool.json("backup")[0]
            self.assertEqual(whole["result"], "ok")
            for client in CLIENTS[5:]:
                post(server.hub(), client)
            tool.text("compact")
            self.assertEqual(server.terminate(), 0)
            name = damage(server.data / "db")
            closed = home / "closed"
            shutil.copytree(server.data, closed)
            server.start()
            hub = server.hub()
            tool = Tool(home, server.port)

            report = tool.json("verify", code=PARTIAL)[-1]
            self.assertIn(name, " ".join(report["problems"]))
            hurt = {row for problem in report["problems"] for match in ROW.finditer(problem) for row in match.groups() if row}
            self.assertTrue(hurt, report)
            self.assertLess(len(hurt), 4, report)
            self.assertLessEqual(hurt, {f"{client}:logs:app:{DAY}" for client in CLIENTS})

            health = hub.get("/health")
            self.assertEqual((health.status, health.json()["status"], health.json()["damaged"]), (200, "ok", True))
            self.assertGreater(metric(hub, "nmstore_damage_seen_total"), 0)
            self.assertEqual(metric(hub, "nmstore_damaged_files"), 1)

            # All rows are listed, and the others are found as ever.
            listed = tool.text("rows", "CFLongType").split("\n")
            self.assertLessEqual(hurt, set(listed))
            sound = [client for client in CLIENTS if f"{client}:logs:app:{DAY}" not in hurt]
            for client in sound:
                self.assertEqual(found(hub, client), texts_of(client), client)
            for row in hurt:
                self.assertIsNone(found(hub, row.split(":")[0]), row)
            # It is written to, too, and compaction does not stop that: it does the rest, and names the file.
            done = tool.run("compact", code=FAILED)
            self.assertIn(name, done.stderr.decode())
            self.assertTrue((server.data / "db" / name).exists())
            post(hub, "late", "other")
            self.assertEqual(found(hub, "late"), texts_of("late"))
            self.assertEqual(hub.get("/health").status, 200)

            refused = tool.run("backup", code=FAILED)
            self.assertIn(name, refused.stderr.decode())
            self.assertIn("nm-tool verify", refused.stderr.decode())
            self.assertEqual([one["id"] for one in tool.json("backup", "--list")], [whole["id"]])

            # Told once, however many have met it.
            told = lambda: [line for line in server.log().splitlines() if "store is damaged" in line]
            wait_until(told, TOLD_SECONDS, "the event of the damaged file")
            self.assertEqual(len(told()), 1, told())
            self.assertIn(name, told()[0])

            # Without the rows that are hurt the rest goes on.
            for row in hurt:
                tool.text("drop", "CFLongType", row, "--yes")
            left = tool.text("rows", "CFLongType").split("\n")
            self.assertFalse(hurt & set(left))
            tool.text("compact")
            self.assertFalse((server.data / "db" / name).exists())
            tool.run("reindex")
            self.assertEqual(tool.json("verify")[-1]["problem_count"], 0)
            self.assertNotIn("damaged", hub.get("/health").json())
            self.assertEqual(metric(hub, "nmstore_damaged_files"), 0)
            for client in sound:
                self.assertEqual(found(hub, client), texts_of(client), client)
            self.assertEqual(server.terminate(), 0)

            # The same in a closed directory.
            for row in hurt:
                tool.text("--data", closed, "drop", "CFLongType", row, "--yes")
            self.assertEqual(tool.text("--data", closed, "rows", "CFLongType").split("\n"),
                             [row for row in left if not row.startswith("late:")])

            tool.text("--data", closed, "compact")
            self.assertFalse((closed / "db" / name).exists())
            tool.text("--data", closed, "reindex")
            self.assertEqual(tool.json("--data", closed, "verify")[-1]["problem_count"], 0)
            # Now there can be a backup again.
            self.assertEqual(tool.json("--data", closed, "backup", "--to", home / "mended")[0]["result"], "ok")

            # The other way out.
            backups = server.data / "backups"
            target = home / "restored"
            self.assertEqual(tool.json("restore", "--from", backups, "--data", target)[-1]["id"], whole["id"])
            restored = tool.json("--data", target, "verify")[-1]
            self.assertEqual(restored["problem_count"], 0, json.dumps(restored))
            self.assertEqual(int(tool.text("--data", target, "count").split()[0]), 5 * LINES)


if __name__ == "__main__":
    unittest.main()
