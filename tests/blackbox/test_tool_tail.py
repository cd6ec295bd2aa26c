"""nm-tool tail and channel on a real server: what is shown, once, through whatever happens to the server."""
import json
import re
import signal
import threading
import unittest

from server_process import Server, ServerCase, wait_until
from tool_process import FAILED, FOUND, USAGE, Home, Tool, end, free_port


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
                wait_until(lambda: len(shown) >= 10 * round_ or process.poll() is not None, 60, "some lines")
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
