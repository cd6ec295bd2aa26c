"""nm-tool tail and channel on a real server: what is shown, once, through whatever happens to the server."""
import http.server
import json
import re
import signal
import threading

from server_process import Server, ServerCase, wait_until
from test_credentials import credential
from test_tail import metric
from tool_process import FAILED, FOUND, USAGE, Home, Tool, end, free_port
from wire import basic


class FollowTest(Home, ServerCase):
    def setUp(self):
        super().setUp()
        self.tool = Tool(self.home, self.server.port)

    def test_tail_begins_with_the_last_lines_and_goes_on_without_a_seam(self):
        for i in range(5):
            self.hub.post_lines(f"old {i}", "text/plain", client="seam", log="l")
        writing = threading.Thread(target=lambda: [
            self.server.hub().post_lines(f"new {i}", "text/plain", client="seam", log="l") for i in range(200)])
        writing.start()
        self.addCleanup(writing.join)
        process = self.begin("tail", "--json", "-n", "1000", "--client", "seam")
        hits = [json.loads(process.stdout.readline()) for _ in range(205)]
        self.assertEqual(sorted(hit["line"] for hit in hits),
                         sorted([f"old {i}" for i in range(5)] + [f"new {i}" for i in range(200)]))
        self.hub.post_lines("last", "text/plain", client="seam", log="l")
        last = json.loads(process.stdout.readline())
        self.assertEqual(last["line"], "last")
        self.assertEqual(end(process, signal.SIGINT), (130, b"", b""))

        after = self.begin("tail", "--raw", "--since", last["event"], "--client", "seam")
        self.hub.post_lines("behind the last", "text/plain", client="seam", log="l")
        self.assertEqual(after.stdout.readline(), b"behind the last\n")
        self.assertEqual(end(after)[0], 130)

    def test_tail_says_so_where_it_has_seen_more_than_the_store_has(self):
        place = int(self.hub.get("/api/v1/tail", wait=0).json()["next"])
        process = self.begin("tail", "--raw", "--since", str(place + 1000), "--client", "ahead")
        # Until it follows nothing tells that it does.
        stop = threading.Event()
        hub = self.server.hub()
        writing = threading.Thread(target=lambda: [
            hub.post_lines("here", "text/plain", client="ahead", log="l") for _ in iter(lambda: stop.wait(0.05), True)])
        writing.start()
        self.assertEqual(process.stdout.readline(), b"here\n")
        stop.set()
        writing.join()
        code, _, said = end(process)
        self.assertEqual(code, 130)
        self.assertIn(b"its store is another one or an older copy", said)

    def test_tail_ends_when_nobody_reads_any_more(self):
        self.hub.post_lines("only", "text/plain", client="head", log="l")
        process = self.tool.start("tail", "--raw", "--client", "head")
        self.assertEqual(process.stdout.readline(), b"only\n")
        process.stdout.close()  # and nothing comes that could not be written
        self.assertEqual(process.wait(60), FOUND)
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()

    def test_tail_tells_how_many_it_dropped(self):
        process = self.begin("tail", "--slow", "drop", "--json", "-n", "0", "--client", "drop")
        count = 1000
        # Until it follows nothing tells that it does.
        began, first = threading.Event(), []

        def begin():
            first.append(json.loads(process.stdout.readline()))
            began.set()

        reading = threading.Thread(target=begin)
        reading.start()
        wait_until(lambda: self.hub.post_lines("begin", "text/plain", client="drop", log="l") and began.wait(0.1), 60,
                   "the tail to begin")
        reading.join()
        # More than pipes, sockets and the server hold for somebody who does not read.
        for i in range(count):
            self.hub.post_lines(f"{i} " + "x" * 30000, "text/plain", client="drop", log="l")
        self.hub.post_lines("the end", "text/plain", client="drop", log="l")
        shown = []
        while not shown or shown[-1] != "the end":
            shown.append(json.loads(process.stdout.readline())["line"].split(" x")[0])
        code, _, errors = end(process, signal.SIGINT)
        self.assertEqual(code, 130)
        told = [int(number) for number in re.findall(rb"(\d+) events were dropped", errors)]
        self.assertEqual(len(told), errors.count(b"\n"), errors)
        self.assertGreater(sum(told), 0)
        numbers = [line for line in shown if line.isdigit()]
        self.assertEqual(sum(told) + len(numbers), count)
        self.assertEqual(numbers, sorted(set(numbers), key=int))

    def test_tail_says_what_is_wrong(self):
        self.assertIn(b"(", self.tool.run("tail", "a", "(", code=USAGE).stderr)
        self.assertIn(b"since", self.tool.run("tail", "--since", "yesterday", code=USAGE).stderr)
        self.assertIn(b"channel", self.tool.run("channel", "nonsense", code=USAGE).stderr)

    def test_channel(self):
        place = self.hub.get("/api/v1/channel", channel="/CFUTF8Type/told:*", wait=0).json()["next"]
        process = self.begin("channel", "/CFUTF8Type/told:*", "--since", place)
        self.hub.post_form("/v0.3/DATA/CFUTF8Type/told:1", {"c": "v"}, realtime="true")
        event = json.loads(process.stdout.readline())
        self.assertEqual((event["rowkey"], event["columnname"], event["columnvalue"]), ("told:1", "c", "v"))
        self.assertEqual(end(process, signal.SIGINT), (130, b"", b""))


class ServerTest(Home):
    def test_a_server_that_is_too_old(self):
        with Server() as server:
            tool = Tool(self.home)
            done = tool.run("--url", f"http://127.0.0.1:{server.port}/older", "tail", code=FAILED)
            self.assertIn(b"older", done.stderr)
            self.assertIn(b"/api/v1/tail", done.stderr)

    def test_what_would_be_the_same_at_the_next_try_ends_it(self):
        with Server(start=False) as server:
            auth = server.directory / "auth"
            auth.write_text(credential("agent", "ingest", "a1") + credential("analyst", "read", "b2"))
            auth.chmod(0o600)
            server.options = ["--auth", str(auth)]
            server.start()
            commands = [(*command, *since) for command in (("tail",), ("channel", "/CFUTF8Type/r")) for since in ((), ("--since", "1"))]
            for token, named in (("", b"credentials"), ("analyst:wrong", b"credentials"), ("agent:a1", b"allow")):
                for command in commands:
                    with self.subTest(token=token, command=command):
                        done = Tool(self.home, server.port, NM_TOKEN=token).run(*command, code=FAILED)
                        self.assertIn(named, done.stderr)
                        self.assertNotIn(b"trying again", done.stderr)
            known = Tool(self.home, server.port, NM_TOKEN="analyst:b2")
            for command in (("tail", "--since", "1", "("), ("tail", "--since", "x"), ("channel", "r", "--since", "1"),
                            ("channel", "other/CFUTF8Type/r", "--since", "1")):
                with self.subTest(command):
                    self.assertNotIn(b"trying again", known.run(*command, code=USAGE).stderr)
            below = Tool(self.home, NM_TOKEN="analyst:b2", NM_URL=f"http://127.0.0.1:{server.port}/older")
            for command in commands:
                self.assertNotIn(b"trying again", below.run(*command, code=FAILED).stderr)

    def test_credentials_that_are_taken_away_end_it(self):
        with Server("--token", "tok:acc", listen=f"127.0.0.1:{free_port()}") as server:
            hub = server.hub(authorization=basic("tok", "acc"))
            place = hub.get("/api/v1/tail", wait=0).json()["next"]
            process = self.begin("tail", "--raw", "--since", place, tool=Tool(self.home, server.port, NM_TOKEN="tok:acc"))
            wait_until(lambda: metric(hub, "nmstore_realtime_readers") >= 1, 60, "the tail")
            self.assertEqual(server.terminate(), 0)
            server.options = ["--token", "other:acc"]
            server.start()
            self.assertEqual(process.wait(60), FAILED)
            self.assertIn(b"does not know these credentials", process.stderr.read())

    def test_an_address_that_is_not_the_servers_ends_it(self):
        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(self.server.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(self.server.text)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
            serving = threading.Thread(target=other.serve_forever)
            serving.start()
            try:
                tool = Tool(self.home, other.server_port)
                for status, text, named in ((200, b"<html>\n<body>\n", b"address"), (200, b"<html>", b"address"),
                                            (302, b"", b"elsewhere"), (405, b"", b"405")):
                    other.status, other.text = status, text
                    for command in (("tail", "--since", "1"), ("channel", "/CFUTF8Type/r", "--since", "1")):
                        with self.subTest(status=status, command=command):
                            done = tool.run(*command, code=FAILED)
                            self.assertIn(named, done.stderr)
                            self.assertNotIn(b"trying again", done.stderr)
            finally:
                other.shutdown()
                serving.join()

    def test_what_may_pass_does_not_end_it(self):
        # The place, half an event, an error: then the whole event.
        answers = [(503, b""), (200, b'{"event":"1","heartbeat":true}\n{"eve'), (200, b'{"event":"1","error":"busy"}\n'), (429, b""),
                   (200, b'{"event":"1","heartbeat":true}\n{"event":"2","rowkey":"r","columnname":"c","columnvalue":"v"}\n')]
        asked = []

        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                status, text = answers[min(len(asked), len(answers)) - 1]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
            serving = threading.Thread(target=other.serve_forever)
            serving.start()
            try:
                process = self.begin("channel", "/CFUTF8Type/r", "--since", "0", tool=Tool(self.home, other.server_port))
                self.assertEqual(json.loads(process.stdout.readline())["columnvalue"], "v")
                self.assertEqual(end(process, signal.SIGINT)[0], 130)
            finally:
                other.shutdown()
                serving.join()
        self.assertEqual([re.search(r"since=(\w+)", path)[1] for path in asked[:5]], ["0", "0", "1", "1", "1"])

    def test_nothing_is_lost_or_shown_twice_over_restarts_under_load(self):
        with Server(listen=f"127.0.0.1:{free_port()}") as server:
            process = self.begin("tail", "--raw", "-n", "1000", tool=Tool(self.home, server.port))
            shown = []
            reading = threading.Thread(target=lambda: shown.extend(process.stdout))
            reading.start()
            sent = []
            for round_ in range(3):
                hub = server.hub()
                for i in range(100):
                    text = f"line {round_} {i}"
                    self.assertEqual(hub.post_lines(text, "text/plain", client="c", log="l").status, 200)
                    sent.append(text)
                wait_until(lambda: len(shown) > 10 * round_ or process.poll() is not None, 60, "some lines")
                self.assertEqual(server.terminate(), 0)
                server.start()
            server.hub().post_lines("the end", "text/plain", client="c", log="l")
            sent.append("the end")
            errors = [process.stderr.readline() for _ in range(2)]
            self.assertIn(b"trying again", errors[0])
            self.assertIn(b"answers again", errors[1])
            wait_until(lambda: process.poll() is not None or len(shown) >= len(sent), 120, "the last line")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(60), 130)
            reading.join()
            self.assertEqual([line.decode().rstrip() for line in shown], sent)
