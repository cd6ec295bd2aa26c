"""nm-tool on a real server, and on the same data when it is closed: what it finds, says and answers as exit code."""
import json
import shutil
import signal
import socket
import subprocess
import unittest

from server_process import Server, ServerCase
from tool_process import FAILED, FOUND, NOTHING, PARTIAL, USAGE, Home, Tool, end, free_port

LINES = [
    ("2011-11-21T18:26:40Z", "web1", "/var/log/app.log", "cannot reach db: connection refused"),
    ("2011-11-21T18:26:41Z", "web1", "/var/log/app.log", "retrying"),
    ("2011-11-21T18:26:42Z", "web2", "/var/log/app.log", "user_id=42 logged in"),
    ("2011-11-22T00:00:00Z", "web2", "/var/log/other.log", "ERROR \x1b[31mred\x1b[0m text"),
]


def post_lines(server):
    body = "".join(json.dumps({"_time": time, "client": client, "log": log, "_msg": text}) + "\n"
                   for time, client, log, text in LINES)
    answer = server.hub().post_lines(body)
    assert answer.status == 200, answer


class AnsweredAlike:
    """The same questions to a server, and to its directory once it is closed: the same answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Server()
        cls.addClassCleanup(cls.server.remove)
        cls.fill(cls.server.hub())
        cls.online = cls.answers(Tool(cls.home, cls.server.port))
        cls.server.terminate()
        cls.offline = cls.answers(Tool(cls.home), "--data", str(cls.server.data))

    @classmethod
    def answers(cls, tool, *where):
        """Name -> (exit code, output)."""
        found = {}
        for name, arguments in cls.questions().items():
            done = tool.run(*where, *arguments)
            found[name] = (done.returncode, done.stdout.decode())
        return found

    def test_a_server_and_its_closed_directory_answer_alike(self):
        for name in self.online:
            with self.subTest(name):
                self.assertEqual(self.online[name], self.offline[name])

    def lines(self, name, code=FOUND):
        self.assertEqual(self.online[name][0], code, self.online[name])
        return self.online[name][1].splitlines()

    def objects(self, name):
        return [json.loads(line) for line in self.lines(name)]


class ReadingTest(AnsweredAlike, Home):
    @classmethod
    def fill(cls, hub):
        post_lines(cls.server)
        assert hub.post_form("/v0.3/DATA/CFUTF8Type/row1", {f"c{i}": f"v{i}" for i in range(3)}).status == 200
        assert hub.post_form("/v0.3/COUNTER/connections/live", {"increment": "5"}).status == 200

    @staticmethod
    def questions():
        """Name -> arguments."""
        return {
            "all": ["search"],
            "json": ["search", "--json"],
            "oldest": ["search", "--order", "oldest", "--limit", "2"],
            "streamed": ["search", "--limit", "0"],
            "words in pieces": ["search", "connection", "refused", "-retrying"],
            "a phrase": ["search", '"connection refused"'],
            "or": ["search", "retrying", "OR", "logged"],
            "a sibling's name as a word": ["search", "count"],
            "client": ["search", "--client", "web2"],
            "log": ["search", "--log", "/var/log/oth*"],
            "from": ["search", "--from", "2011-11-22"],
            "to": ["search", "--to", "2011-11-21T18:26:41Z"],
            "raw": ["search", "--raw", "error"],
            "nothing": ["search", "absent"],
            "histogram": ["search", "--histogram", "--step", "1d"],
            "histogram by": ["search", "--histogram", "--step", "1d", "--by", "client", "--json"],
            "words": ["search", "--words", "3", "--json"],
            "context": ["search", "retrying", "--context", "1,1"],
            "bad query": ["search", "(a"],
            "count": ["count", "web1", "OR", "client:web1"],
            "count none": ["count", "absent"],
            "counter": ["count", "--counter", "connections", "live"],
            "counters": ["count", "--counter", "connections", "--json"],
            "no counter": ["count", "--counter", "connections", "absent"],
            "families": ["rows"],
            "rows": ["rows", "CFLongType"],
            "rows with prefix": ["rows", "CFLongType", "--prefix", "web1"],
            "rows with counters": ["rows", "--counters"],
            "no such family": ["rows", "absent"],
            "get": ["get", "CFUTF8Type", "row1"],
            "get a part": ["get", "CFUTF8Type", "row1", "--from", "c1", "--to", "c1", "--json"],
            "get reverse": ["get", "CFUTF8Type", "row1", "--reverse", "--limit", "1"],
            "get nothing": ["get", "CFUTF8Type", "absent"],
            "verify": ["verify", "--quiet"],
        }

    def test_lines_for_a_person(self):
        lines = self.lines("all")
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[3], "2011-11-21T18:26:40.000Z web1 /var/log/app.log: cannot reach db: connection refused")
        # Hostile text cannot reach the terminal as it is; with --raw in a pipe it is what was stored.
        self.assertEqual(lines[0], "2011-11-22T00:00:00.000Z web2 /var/log/other.log: ERROR \\x1b[31mred\\x1b[0m text")
        self.assertEqual(self.lines("raw"), ["ERROR \x1b[31mred\x1b[0m text"])
        self.assertEqual(self.lines("streamed"), lines)
        self.assertEqual(self.lines("oldest"), [lines[3], lines[2]])

    def test_what_is_found(self):
        for name, count in {"words in pieces": 1, "a phrase": 1, "or": 2, "client": 2, "log": 1, "from": 1, "to": 1}.items():
            with self.subTest(name):
                self.assertEqual(len(self.lines(name)), count)
        for name in ("nothing", "a sibling's name as a word", "no counter", "get nothing"):
            with self.subTest(name):
                self.assertEqual(self.lines(name, NOTHING), [])
        self.assertEqual(self.lines("count"), ["2"])
        self.assertEqual(self.lines("count none", NOTHING), ["0"])
        self.lines("bad query", USAGE)
        self.lines("no such family", FAILED)

    def test_json_shapes(self):
        entry = self.objects("json")[3]
        self.assertEqual({k: entry[k] for k in ("time", "client", "log", "line", "kind")},
                         {"time": 1321900000000, "client": "web1", "log": "/var/log/app.log", "kind": "logs",
                          "line": "cannot reach db: connection refused"})
        self.assertIn("id", entry)
        self.assertEqual({(b["client"], b["time"], b["count"]) for b in self.objects("histogram by") if b["count"]},
                         {("web1", 1321833600000, 2), ("web2", 1321833600000, 1), ("web2", 1321920000000, 1)})
        self.assertTrue(all(set(word) == {"word", "count"} for word in self.objects("words")))
        self.assertEqual(self.objects("counters"), [{"row": "connections", "column": "live", "value": 5}])
        self.assertEqual(self.objects("get a part"), [{"column": "c1", "value": "v1"}])

    def test_counts_rows_and_columns(self):
        self.assertEqual(self.lines("counter"), ["5"])
        self.assertIn("total 4", self.lines("histogram"))
        self.assertEqual([line[:2] for line in self.lines("context")], ["  ", "> "])
        self.assertEqual(self.lines("families"), ["CFLongType", "CFUTF8Type"])
        self.assertEqual(len(self.lines("rows")), 3)
        self.assertEqual(self.lines("rows with prefix"), ["web1:logs:_var_log_app.log:2011:10:21"])
        self.assertEqual(self.lines("rows with counters"), ["connections"])
        self.assertEqual(self.lines("get"), ["c0\tv0", "c1\tv1", "c2\tv2"])
        self.assertEqual(self.lines("get reverse"), ["c2\tv2"])


class SeriesTest(AnsweredAlike, Home):
    @classmethod
    def fill(cls, hub):
        readings = {str(1321900000000 + i * 30000): '{"date":1,"value":"%d","disk":{"used":%d.5}}' % (i, i) for i in range(3)}
        assert hub.post_form("/v0.3/DATA/CFLongType/web1:plugins:cpu:2011:10:21", readings).status == 200

    @staticmethod
    def questions():
        """Name -> arguments."""
        return {
            "series": ["series", "--field", "value", "--step", "1m"],
            "series as csv": ["series", "--client", "web*", "--plugin", "cpu", "--field", "d*.used", "--step", "1d", "--csv"],
            "series as json": ["series", "--field", "value", "--step", "1d", "--json"],
            "series of nobody": ["series", "--client", "absent"],
            "series of a bad step": ["series", "--step", "often"],
            "fields": ["series", "--fields", "--from", "2011-11-01"],
        }

    def test_series(self):
        self.assertEqual(self.lines("series"), [
            "web1 cpu value", "time                      min  mean  max  count",
            "2011-11-21T18:26:00.000Z    0     0    0      1", "2011-11-21T18:27:00.000Z    1   1.5    2      2"])
        self.assertEqual(self.lines("series as csv"), ["client,plugin,field,time,min,mean,max,count",
                                                       "web1,cpu,disk.used,2011-11-21T00:00:00.000Z,0.5,1.5,2.5,3"])
        self.assertEqual(self.objects("series as json"), [{
            "client": "web1", "plugin": "cpu", "field": "value", "time": 1321833600000, "min": 0, "mean": 1, "max": 2, "count": 3}])
        self.assertEqual(self.lines("series of nobody", NOTHING), [])
        self.lines("series of a bad step", USAGE)
        self.assertEqual(self.lines("fields"), ["web1 cpu disk.used", "web1 cpu value"])


class MaintenanceTest(Home, ServerCase):
    def setUp(self):
        super().setUp()
        self.tool = Tool(self.home, self.server.port)
        post_lines(self.server)

    def test_back_up_restore_verify(self):
        count = self.tool.text("count")
        backup = self.tool.json("backup")[0]
        self.assertEqual(backup["result"], "ok")
        self.assertIn(backup["id"], [one["id"] for one in self.tool.json("backup", "--list")])
        backups = self.server.data / "backups"
        target = self.home / "restored"
        restored = self.tool.json("restore", "--from", backups, "--data", target)[0]
        self.assertEqual((restored["result"], restored["id"]), ("ok", backup["id"]))
        self.assertEqual(self.tool.text("--data", target, "count"), count)
        self.assertEqual(self.tool.json("--data", target, "verify")[0]["problem_count"], 0)
        # Never over what is there.
        self.tool.run("restore", "--from", backups, "--data", target, code=FAILED)
        self.tool.run("restore", "--from", self.home / "absent", "--data", self.home / "other", code=FAILED)
        # A closed directory can be backed up and compacted as well.
        self.assertEqual(self.tool.json("--data", target, "backup", "--to", self.home / "more")[0]["result"], "ok")
        self.assertEqual(len(self.tool.json("restore", "--from", self.home / "more", "--list")), 1)
        self.assertEqual(self.tool.json("--data", target, "compact")[0]["result"], "ok")
        self.tool.run("backup", "--to", "/elsewhere", code=USAGE)

    def test_damage_is_found_and_named(self):
        damaged = self.home / "damaged"
        with Server() as server:
            post_lines(server)
            server.hub().post_form("/v0.3/DATA/CFUTF8Type/row", {"a": "1"})
            self.assertEqual(Tool(self.home, server.port).json("compact")[0]["result"], "ok")
            server.terminate()
            shutil.copytree(server.data, damaged)
        files = sorted((damaged / "db").glob("*.sst"))
        self.assertGreater(len(files), 1)
        for file in files:
            content = bytearray(file.read_bytes())
            for at in range(10, 40):
                content[at] ^= 0x55
            file.write_bytes(content)
        report = self.tool.json("--data", damaged, "verify", code=PARTIAL)[0]
        self.assertEqual(report["result"], "damaged")
        for file in files:
            self.assertTrue(any(file.name in problem for problem in report["problems"]), (file.name, report))
        self.assertIn("damaged: ", self.tool.text("--data", damaged, "verify", code=PARTIAL))
        # Also where not even the list of files agrees with what is there.
        for file in files:
            file.unlink()
        self.assertEqual(self.tool.json("--data", damaged, "verify", code=PARTIAL)[0]["result"], "damaged")

    def test_a_server_finds_damage_and_goes_on(self):
        with Server() as server:
            post_lines(server)
            Tool(self.home, server.port).json("compact")
            server.terminate()
            for attempt in sorted((server.data / "db").glob("*.sst"), key=lambda file: -file.stat().st_size):
                whole = attempt.read_bytes()
                attempt.write_bytes(bytes(b ^ 0x55 if 10 <= i < 40 else b for i, b in enumerate(whole)))
                try:
                    server.start()
                except AssertionError:  # a file without which a server does not start
                    server.kill()
                    attempt.write_bytes(whole)
                    continue
                report = Tool(self.home, server.port).json("verify", code=PARTIAL)[0]
                self.assertEqual(report["result"], "damaged")
                self.assertTrue(any(attempt.name in problem for problem in report["problems"]), report)
                self.assertTrue(server.is_healthy())
                return
            self.fail("a server starts with no damaged file at all")

    def test_long_work_and_figures(self):
        self.assertEqual(self.tool.json("compact")[0]["result"], "ok")
        self.assertEqual(self.tool.json("verify")[0]["result"], "ok")
        self.assertIs(self.tool.json("stats")[0]["writable"], True)
        self.assertIn("disk_bytes", self.tool.text("stats"))

    def test_drop(self):
        tool = self.tool
        self.hub.post_form("/v0.3/DATA/CFUTF8Type/doomed", {"a": "1"})
        tool.run("drop", "CFUTF8Type", "doomed", code=USAGE)  # nobody to ask, and no --yes
        tool.run("drop", "CFUTF8Type", "", "--yes", code=USAGE)  # a script's empty variable is not the whole family
        tool.run("reindex", "--row", "", code=USAGE)
        self.assertEqual(tool.json("drop", "CFUTF8Type", "doomed", "--dry-run"), [{"dropped": 1, "dry_run": True, "rows": ["doomed"]}])
        self.assertEqual(tool.json("drop", "CFUTF8Type", "doomed", "--yes")[0]["dropped"], 1)
        self.assertEqual(tool.json("drop", "CFUTF8Type", "doomed", "--yes")[0]["dropped"], 0)
        tool.run("get", "CFUTF8Type", "doomed", code=NOTHING)

        days = ["drop", "--log", "/var/log/app.log", "--before", "2011-11-22", "--kind", "logs"]
        self.assertEqual(tool.json(*days, "--dry-run")[0]["dropped"], 2)
        self.assertEqual(tool.json(*days, "--yes")[0]["dropped"], 2)
        tool.run("search", "--log", "/var/log/app.log", code=NOTHING)
        self.assertNotEqual(tool.text("search", "--log", "/var/log/other.log"), "")

        self.assertEqual(self.hub.post_form("/v0.3/COLUMNFAMILY/Spare/UTF8Type", {}).status, 200)
        self.assertEqual(tool.json("drop", "Spare", "--yes")[0]["dropped"], 1)
        self.assertNotIn("Spare", tool.text("rows"))
        tool.run("drop", "Spare", "--yes", code=FAILED)

    def test_a_directory_in_use(self):
        for command in (["search"], ["compact"], ["verify"], ["drop", "CFUTF8Type", "x", "--yes"]):
            with self.subTest(command):
                done = self.tool.run("--data", self.server.data, *command, code=FAILED)
                self.assertIn(b"--url", done.stderr)
                self.assertIn(str(self.server.process.pid).encode(), done.stderr)

    def test_a_reader_that_goes_away(self):
        body = "".join(f"line {i}\n" for i in range(20000))
        self.assertEqual(self.hub.post_lines(body, "text/plain", client="many", log="lines").status, 200)
        process = self.tool.start("search", "--limit", "0", "client:many")
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(60), FOUND)
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()

    def test_tail(self):
        process = self.tool.start("tail", "-n", "2", "--client", "live", "--raw", "--interval", "50ms", "--late", "1h")
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        sent = []

        def send(text, time):
            sent.append(text)
            body = json.dumps({"_time": time, "_msg": text}) + "\n"
            answer = self.hub.post_lines(body, client="live", log="l")
            self.assertEqual(answer.status, 200)

        def expect(text):
            self.assertEqual(process.stdout.readline().decode(), text + "\n")

        for i in range(20):
            send(f"line {i}", f"2011-11-21T18:26:{i:02}Z")
            expect(f"line {i}")
        send("same time", "2011-11-21T18:26:19Z")
        expect("same time")
        send("late", "2011-11-21T18:26:15Z")
        expect("late")
        code, rest, _ = end(process, signal.SIGINT)
        self.assertEqual((code, rest), (130, b""))


class TailTest(Home):
    def test_it_goes_on_when_the_server_comes_back(self):
        with Server(listen=f"127.0.0.1:{free_port()}") as server:
            process = Tool(self.home, server.port).start("tail", "--raw", "--interval", "50ms")
            self.addCleanup(process.stderr.close)
            self.addCleanup(process.stdout.close)
            self.addCleanup(process.kill)
            for i in range(3):
                text = f"line {i}"
                self.assertEqual(server.hub().post_lines(text, "text/plain", client="c", log="l").status, 200)
                self.assertEqual(process.stdout.readline().decode(), text + "\n")
                server.kill()
                self.assertIn(b"trying again", process.stderr.readline())
                server.start()
                self.assertIn(b"answers again", process.stderr.readline())
            code, rest, _ = end(process, signal.SIGTERM)
            self.assertEqual((code, rest), (130, b""))


class InterruptionTest(Home):
    def test_ctrl_c_ends_the_wait_for_an_answer(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            process = Tool(self.home, silent.getsockname()[1]).start("search")
            connection, _ = silent.accept()
            with connection:
                self.assertIn(b"/api/v1/search", connection.recv(4096))
                code, out, err = end(process, signal.SIGINT)
                self.assertEqual((code, out, err), (130, b"", b""))
                connection.settimeout(60)
                self.assertEqual(connection.recv(4096), b"")  # the server learns that nobody waits any more


class AccessTest(Home):
    def test_credentials(self):
        tool = Tool(self.home)
        line = tool.text("credential", "web", "--role", "read", stdin=b"secret-account\n")
        self.assertRegex(line, r"^web:read:scrypt\$")
        self.assertNotIn("secret-account", line)
        tool.run("credential", "bad:token", code=USAGE, stdin=b"x\n")
        tool.run("credential", "web", code=USAGE, stdin=b"")
        auth = self.home / "auth"
        auth.write_text(line + tool.text("credential", "boss", "--role", "admin", stdin=b"other\n"))
        auth.chmod(0o600)
        with Server("--auth", str(auth)) as server:
            def ask(credential, *arguments, code):
                return Tool(self.home, server.port, NM_TOKEN=credential).run(*arguments, code=code)
            ask("web:secret-account", "search", code=NOTHING)
            ask("boss:other", "compact", code=FOUND)
            self.assertIn(b"does not allow", ask("web:secret-account", "compact", code=FAILED).stderr)
            wrong = ask("web:guessed-wrongly", "search", code=FAILED).stderr
            self.assertIn(b"NM_TOKEN", wrong)
            self.assertNotIn(b"guessed", wrong)
            token_file = self.home / "token"
            token_file.write_text("web:secret-account\n")
            token_file.chmod(0o644)
            ask("", "--token-file", str(token_file), "search", code=FAILED)
            token_file.chmod(0o600)
            ask("", "--token-file", str(token_file), "search", code=NOTHING)

    def test_no_server(self):
        done = Tool(self.home, free_port()).run("search", code=FAILED)
        self.assertIn(b"cannot reach", done.stderr)


class TextsTest(Home):
    def test_completion_scripts_are_sound(self):
        tool = Tool(self.home)
        for shell in ("bash", "zsh", "fish"):
            script = tool.text("completion", shell)
            if shutil.which(shell):
                checked = subprocess.run([shell, "-n"], input=script.encode(), capture_output=True, timeout=60)
                self.assertEqual((checked.returncode, checked.stderr), (0, b""), shell)

    def test_bash_completes(self):
        if not shutil.which("bash"):
            self.skipTest("no bash here")
        script = Tool(self.home).text("completion", "bash")

        def complete(*words):
            ask = f"COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; _nm_tool; echo \"${{COMPREPLY[*]}}\""
            return subprocess.run(["bash", "-c", script + ask], capture_output=True, text=True, timeout=60, check=True).stdout.split()

        self.assertEqual(complete("nm-tool", "sea"), ["search"])
        self.assertEqual(complete("nm-tool", "search", "--ord"), ["--order"])
        self.assertEqual(complete("nm-tool", "search", "--order", "n"), ["newest"])
        self.assertEqual(complete("nm-tool", "--color", "al"), ["always"])
        self.assertEqual(complete("nm-tool", "search", "--histogram", "--st"), ["--step"])

    def test_the_man_page_is_sound(self):
        page = Tool(self.home).text("man")
        if shutil.which("groff"):
            checked = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page.encode(), capture_output=True, timeout=60)
            self.assertEqual((checked.returncode, checked.stderr), (0, b""))

    def test_an_unknown_command_is_named(self):
        self.assertIn(b"foo", Tool(self.home).run("--quiet", "foo", code=USAGE).stderr)

    def test_help(self):
        tool = Tool(self.home)
        for arguments in (["--help"], ["search", "--help"], ["ship", "--help"], ["--version"]):
            self.assertNotEqual(tool.text(*arguments), "")
        self.assertIn("Exit codes", tool.text("--help"))
