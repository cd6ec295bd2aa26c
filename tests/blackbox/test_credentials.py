"""Who may do what, and where the server listens."""
import base64
import signal
import subprocess
import unittest

from follow import Lines, Sse, WebSocket
from server_process import STOP_SECONDS, Server, ServerCase, binary, clean_environment
from wire import Closed, basic, credential


class TokenTest(ServerCase):
    options = ("--token", "tok:acc", "--token", "other:acc2")

    def test_right_and_wrong(self):
        packed = base64.b64encode(b"tok:acc").decode()
        for authorization, status in (
            (basic("tok", "acc"), 200), (basic("other", "acc2"), 200), ("Bearer tok:acc", 200), (f"Bearer {packed}", 200),
            (f"basic {packed}", 200), (basic("tok", "acc2"), 401), (basic("tok", ""), 401), (basic("", ""), 401), (None, 401),
            ("Basic", 401), ("Basic !!!!", 401), ("Basic " + "A" * 10000, 401), (packed, 401), ("Digest x", 401),
            ("Bearer ", 401), (basic("tok\n", "acc"), 401), (basic("TOK", "acc"), 401),
        ):
            with self.subTest(authorization and authorization[:60]):
                answer = self.server.hub(authorization=authorization).get("/v0.3/COLUMNFAMILY")
                self.assertEqual(answer.status, status)
                if status == 401:
                    self.assertEqual(answer.json()["status"], "401")
                    self.assertEqual(answer.json()["message"], "Unauthorized")
                    self.assertIn("www-authenticate", answer.headers)

    def test_nothing_is_done_without_credentials(self):
        stranger = self.server.hub(authorization=None)
        self.assertEqual(stranger.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "1"}).status, 401)
        self.assertEqual(stranger.get("/api/v1/search").status, 401)
        self.assertEqual(stranger.get("/api/v1/search").json()["error"]["code"], "unauthorized")
        self.assertEqual(stranger.get("/metrics").status, 401)
        self.assertEqual(stranger.get("/health").status, 200)
        self.assertEqual(self.server.hub(authorization=basic("tok", "acc")).row("CFUTF8Type", "r"), {})

    def test_the_log_tells_no_secrets(self):
        self.server.hub(authorization=basic("tok", "wrong-secret")).get("/v0.3/COLUMNFAMILY")
        self.assertNotIn("wrong-secret", self.server.log())
        self.assertNotIn("acc2", self.server.log())


class RoleTest(unittest.TestCase):
    def test_roles(self):
        with Server(start=False) as server:
            auth = server.directory / "auth"
            auth.write_text("# who may come in\n" + credential("agent", "ingest", "a1") + credential("analyst", "read", "b2")
                            + credential("boss", "admin", "c3") + credential("both", "ingest,read", "d4"))
            auth.chmod(0o600)
            server.options = ["--auth", str(auth)]
            server.start()
            agent, analyst, boss, both = (server.hub(authorization=basic(*who)) for who in
                                          (("agent", "a1"), ("analyst", "b2"), ("boss", "c3"), ("both", "d4")))
            write = lambda hub: hub.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "1"}).status
            read = lambda hub: hub.get("/v0.3/DATA/CFUTF8Type/r").status
            search = lambda hub: hub.get("/api/v1/search", q="x").status
            lines = lambda hub: hub.post_lines([{"msg": "x"}], client="c", log="l").status
            compact = lambda hub: hub.call("POST", "/api/v1/admin/compact").status
            drop = lambda hub: hub.delete("/v0.3/COLUMNFAMILY/nobody").status
            for what, expected in ((write, (200, 403, 200, 200)), (read, (403, 200, 200, 200)),
                                   (search, (403, 200, 200, 200)), (lines, (200, 403, 200, 200)),
                                   (compact, (403, 403, 200, 403)), (drop, (403, 403, 400, 403))):
                self.assertEqual(tuple(map(what, (agent, analyst, boss, both))), expected)
            self.assertEqual(server.hub(authorization=basic("agent", "b2")).get("/api/v1/stats").status, 401)
            self.assertEqual(server.terminate(), 0)


class RemovalTest(unittest.TestCase):
    def test_open_streams_end_with_a_last_event(self):
        with Server(start=False) as server:
            auth = server.directory / "auth"
            stays = credential("stays", "read", "s1")
            auth.write_text(stays + credential("goes", "read", "g1"))
            auth.chmod(0o600)
            server.options = ["--auth", str(auth), "--heartbeat", "200ms"]
            server.start()
            who = basic("goes", "g1")
            streams = [Lines(server.port, authorization=who), Sse(server.port, authorization=who),
                       Lines(server.port, "messages", authorization=who),
                       Lines(server.port, "channel", channel="goes/CFUTF8Type/r", authorization=who)]
            sockets = [WebSocket(server.port, authorization=who)]
            other = Lines(server.port, authorization=basic("stays", "s1"))
            for stream in (*streams, *sockets, other):
                self.addCleanup(stream.close)
                self.assertIn(stream.status, (200, 101))
            for stream in (*streams, other):
                stream.begin()
            auth.write_text(stays)
            server.process.send_signal(signal.SIGHUP)
            for stream in streams:
                last = stream.next()
                self.assertEqual(last, {"event": last["event"], "error": "unauthorized"})
                self.assertRaises(Closed, stream.next)
            for socket in sockets:
                self.assertRaises(Closed, socket.next)
            place = other.last
            self.assertTrue(other._next()["heartbeat"])
            with Lines(server.port, since=place, authorization=who) as refused:
                self.assertEqual(refused.status, 401)


class ListenTest(unittest.TestCase):
    def refused(self, *arguments):
        with Server(start=False) as server:
            result = subprocess.run([binary(), "--data", str(server.data), *arguments], capture_output=True, text=True,
                                    timeout=STOP_SECONDS, env=clean_environment(), cwd=server.directory)
            self.assertNotEqual(result.returncode, 0)
            self.assertFalse((server.data / "db").exists(), "it made a store before it refused")
            return result.stderr + result.stdout

    def test_not_off_loopback_without_credentials(self):
        for address in ("0.0.0.0:0", "[::]:0"):
            with self.subTest(address):
                self.assertIn("credentials", self.refused("--listen", address))

    def test_off_loopback_with_credentials(self):
        with Server("--token", "tok:acc", listen="0.0.0.0:0") as server:
            self.assertEqual(server.hub(authorization=basic("tok", "acc")).get("/v0.3/COLUMNFAMILY").status, 200)
            self.assertEqual(server.terminate(), 0)

    def test_credentials_that_cannot_be_read(self):
        self.assertIn("auth", self.refused("--listen", "127.0.0.1:0", "--auth", "/nonexistent/auth"))
        self.refused("--listen", "127.0.0.1:0", "--token", "no-colon")


if __name__ == "__main__":
    unittest.main()
