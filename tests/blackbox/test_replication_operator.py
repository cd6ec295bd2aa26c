"""Replication as an operator sees it: nm-tool replication, /health, /metrics, standby."""
import http.server
import json
import pathlib
import shutil
import tempfile
import threading
import unittest

from replication_hubs import WAIT_SECONDS, HubsCase, wait_until_equal, wait_until_sent
from server_process import wait_until
from tool_process import FAILED, FOUND, NOTHING, USAGE, Tool, tool_binary
from wire import credential


class HangingUp:
    """Says hello as a hub, and closes the connection, which was kept, on each post."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = json.dumps({"hub": "0" * 32, "protocol": 2, "position": None, "standby": False}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class OperatorTest(HubsCase):
    @classmethod
    def setUpClass(cls):
        tool_binary()
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="nm-tool-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)

    def test_status_pause_resume_resync(self):
        a, b = self.pair()
        tool = Tool(self.home, a.port)
        self.write_some(a, "one")
        wait_until_equal(a, b)
        name = a.name_of()
        self.assertIn(name, tool.text("replication", "status"))
        found = tool.json("replication", "status")[0]
        self.assertEqual((found["hub"], found["targets"][0]["name"]), (a.status()["hub"], name))
        tool.run("replication", "pause", name, code=FOUND)
        a.wait_for_state("paused")
        self.write_some(a, "two")
        # It stays so over a restart.
        a.restart()
        self.assertEqual(a.wait_for_state("paused")["state"], "paused")
        self.assertEqual(b.hub().row("CFUTF8Type", "two"), {})
        self.assertGreater(a.target()["lag_records"], 0)
        tool.run("replication", "resume", name, code=FOUND)
        wait_until_equal(a, b)
        self.write_some(b, "only-there")
        tool.run("replication", "resync", name, code=FOUND)
        wait_until_equal(a, b)
        tool.run("replication", "pause", "nobody:1", code=FAILED)
        self.assertEqual(tool.text("replication", "refused", name, code=1).strip(), "")

    def test_health_and_metrics(self):
        a, b = self.pair()
        self.write_some(a, "one")
        wait_until_equal(a, b)
        self.assertEqual(a.hub().get("/health").json()["replication"]["state"], "live")
        self.assertGreater(a.metric("nmstore_replication_sent_records_total"), 0)
        self.assertEqual(a.metric("nmstore_replication_lag_records"), 0)
        a.metric("nmstore_journal_bytes")
        b.kill()
        self.write_some(a, "two")
        a.wait_for_state("waiting")
        self.assertGreater(a.metric("nmstore_replication_lag_records"), 0)
        wait_until(lambda: a.metric("nmstore_replication_errors_total") > 1, WAIT_SECONDS, "tries to fail")
        b.start()
        wait_until_equal(a, b)

    def test_wrong_credentials_are_named_and_not_shown(self):
        b = self.start("--token", "token:account")
        a = self.start("--replicate-auth", "token:secret-that-is-wrong", targets=[b])
        self.write_some(a, "one")
        status = a.wait_for_state("waiting")
        self.assertIn("401", status["why"])
        text = json.dumps(a.status()) + a.hub().get("/metrics").body.decode() + a.log()
        self.assertNotIn("secret-that-is-wrong", text)

    def test_a_standby_takes_nothing_but_replication(self):
        b = self.start("--standby")
        a = self.start(targets=[b])
        tool = Tool(self.home, b.port)
        self.write_some(a, "one")
        wait_until_equal(a, b)
        refused = b.hub().post_form("/v0.3/DATA/CFUTF8Type/x", {"a": 1})
        self.assertEqual(refused.status, 503)
        self.assertIn(b"standby", refused.body)
        self.assertEqual(b.hub().post_lines([{"msg": "x"}], client="c", log="l").status, 503)
        self.assertEqual(b.hub().post_form("/v0.3/COUNTER/x/c", {"increment": 1}).status, 503)
        health = b.hub().get("/health")
        self.assertEqual((health.status, health.json()["status"], health.json()["writable"]), (200, "ok", False))
        self.assertIn("standby", health.json()["reason"])
        self.assertTrue(health.json()["replication"]["standby"])
        self.assertIn("no journal is kept", b.log())
        self.assertNotIn("no journal is kept", a.log())
        tool.run("replication", "open", code=FOUND)
        self.assertIs(b.hub().get("/health").json()["writable"], True)
        self.write_some(b, "mine")
        b.restart()
        self.write_some(b, "mine-too")
        tool.run("replication", "standby", code=FOUND)
        self.assertEqual(b.hub().post_form("/v0.3/DATA/CFUTF8Type/x", {"a": 1}).status, 503)

    def test_what_was_said_last_of_standby_counts_more_than_the_option(self):
        b = self.start("--standby")
        tool = Tool(self.home, b.port)
        tool.run("replication", "open", code=FOUND)
        b.restart()
        self.write_some(b, "mine")
        self.assertIn("takes writes although --standby is given", b.log())
        tool.run("replication", "standby", code=FOUND)
        self.without_option(b, "--standby")
        self.assertEqual(b.hub().post_form("/v0.3/DATA/CFUTF8Type/x", {"a": 1}).status, 503)
        self.assertIn("a standby although --standby is not given", b.log())

    def test_a_connection_that_ends_without_an_answer_is_told_so(self):
        target = HangingUp()
        self.addCleanup(target.close)
        a = self.start(targets=[target])
        self.write_some(a, "one")
        self.assertEqual(a.wait_for_state("waiting")["why"], "the connection ended without an answer")

    def test_a_hub_that_sends_no_more_is_forgotten(self):
        a, b = self.pair()
        tool = Tool(self.home, b.port)
        self.write_some(a, "one")
        wait_until_equal(a, b)
        gone = a.status()["hub"]
        self.assertIn("still sends", tool.run("replication", "forget", gone, code=FAILED).stderr.decode())
        self.assertEqual(a.terminate(), 0)
        b.restart()  # which has not heard of it since
        self.assertIn(gone, tool.text("replication", "status"))
        tool.run("replication", "forget", gone, code=FOUND)
        self.assertNotIn(gone, tool.text("replication", "status", code=NOTHING))
        self.assertEqual(len(tool.json("replication", "status", code=NOTHING)), 1)
        tool.run("replication", "forget", gone, code=FAILED)
        self.assertIn("needs a hub's id", tool.run("replication", "forget", code=USAGE).stderr.decode())
        self.assertIn("needs a target's name", tool.run("replication", "pause", code=USAGE).stderr.decode())

    def test_an_edge_hub_with_ingest_goes_on_whatever_becomes_of_its_credentials(self):
        b = self.start("--journal", start=False)
        auth = b.directory / "auth"
        tool = Tool(self.home, b.port, NM_TOKEN="token:account")

        def allow(*lines):
            auth.write_text("".join((credential("token", "admin", "account"), *lines)))
            auth.chmod(0o600)

        allow(credential("edge", "admin", "e1"))
        b.options = [*b.options, "--auth", str(auth)]
        b.start()
        a = self.start("--replicate-auth", "edge:e1", targets=[b])
        self.write_some(a, "one")
        wait_until_equal(a, b)
        hub = a.status()["hub"]
        self.assertIsNone(tool.json("replication", "status")[0]["sources"][0]["credentials"])
        tool.run("replication", "bind", hub, "edge", code=FOUND)
        self.assertEqual(tool.json("replication", "status")[0]["sources"][0]["credentials"], "edge")
        allow(credential("edge", "ingest", "e1"))  # less than it began with
        b.restart()
        self.write_some(a, "two")
        wait_until_equal(a, b)
        # What it may not do is set aside, and holds up nothing.
        self.assertEqual(a.hub().post_form("/v0.3/COLUMNFAMILY/Own/UTF8Type", {}).status, 200)
        self.write_some(a, "three")
        wait_until_sent(a)
        self.assertEqual(a.hub().delete("/v0.3/COLUMNFAMILY/Own").status, 200)
        self.write_some(a, "four")
        wait_until_sent(a)
        self.assertEqual(b.hub().counter("four", "c"), 20)
        self.assertEqual(a.target()["refused"], 1)
        # Other credentials are another's, until somebody says so.
        allow(credential("renamed", "ingest", "e1"))
        b.restart()
        self.assertEqual(a.terminate(), 0)
        a.options = ["--replicate-auth", "renamed:e1"]
        a.start()
        self.write_some(a, "five")
        wait_until(lambda: "403" in (a.target()["why"] or ""), WAIT_SECONDS, "the target to say why")
        self.assertIn("bind", a.target()["why"])
        tool.run("replication", "bind", hub, code=USAGE)
        tool.run("replication", "status", hub, "renamed", code=USAGE)
        tool.run("replication", "bind", "nobody", "renamed", code=USAGE)
        mistaken = tool.run("replication", "bind", hub, "remaned", code=FOUND)
        self.assertIn('no credentials called "remaned"', mistaken.stderr.decode())
        bound = tool.run("replication", "bind", hub, "renamed", code=FOUND)
        self.assertIn("renamed speaks for", bound.stdout.decode())
        self.assertEqual(bound.stderr, b"")
        self.assertIn("credentials renamed", tool.text("replication", "status"))
        wait_until_sent(a)
        self.assertEqual(b.hub().counter("five", "c"), 20)

    def test_an_edge_hub_is_let_in_by_the_command_that_its_status_shows(self):
        b = self.start("--journal", start=False)
        auth = b.directory / "auth"
        auth.write_text(credential("token", "admin", "account") + credential("edge", "ingest", "e1"))
        auth.chmod(0o600)
        b.options = [*b.options, "--auth", str(auth)]
        b.start()
        tool = Tool(self.home, b.port, NM_TOKEN="token:account")
        a = self.start("--replicate-auth", "edge:e1", targets=[b])
        self.write_some(a, "one")
        wait_until(lambda: "403" in (a.target()["why"] or ""), WAIT_SECONDS, "the target to say why")
        tool.text("replication", "status", code=NOTHING)  # nothing is noted of it
        command = a.target()["why"].split("nm-tool ")[1].split()
        self.assertEqual(command, ["replication", "bind", a.status()["hub"], "edge"])
        tool.run(*command, code=FOUND)
        self.assertIn("nothing has come yet", tool.text("replication", "status"))
        Tool(self.home, a.port).run("replication", "resume", a.name_of(), code=FOUND)
        wait_until_equal(a, b)

    def test_a_tool_on_a_closed_directory_leaves_the_journal_there(self):
        a, b = self.pair()
        other = self.start()
        self.write_some(other, "pulled")
        tool = Tool(self.home)
        for name in ("one", "going"):
            self.write_some(a, name)
        wait_until_equal(a, b)
        b.terminate()
        self.write_some(a, "two")
        self.assertEqual(a.terminate(), 0)
        for arguments in (("compact",), ("reindex", "--all"), ("retention", "--keep", "30000d"),
                          ("drop", "--yes", "CFUTF8Type", "going"),
                          ("pull", "--from", f"http://127.0.0.1:{other.port}")):
            tool.run(*arguments, "--data", a.data, code=FOUND)
        tool.run("drop", "--yes", "nobody", "--data", a.data, code=FAILED)
        b.start()
        a.start()
        # What the tool has written comes over as well.
        wait_until_equal(a, b)
        self.assertEqual(a.target()["state"], "live")
        self.assertEqual(b.hub().row("CFUTF8Type", "going"), {})
        self.assertEqual(b.hub().row("CFUTF8Type", "pulled"), {"a": "pulled", "b": "20"})
        self.assertNotIn("the journal has ended", a.log())

    def test_a_start_that_ends_the_journal_says_so(self):
        a = self.start("--journal")
        self.write_some(a, "one")
        self.assertNotIn("the journal has ended", a.log())
        self.without_option(a, "--journal")
        self.assertEqual(a.log().count("the journal has ended"), 1)
        a.restart()
        self.assertEqual(a.log().count("the journal has ended"), 1)

    def without_option(self, hub, option):
        hub.options = [word for word in hub.options if word != option]
        hub.restart()


if __name__ == "__main__":
    unittest.main()
