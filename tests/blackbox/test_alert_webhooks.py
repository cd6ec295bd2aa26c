"""Webhooks of alerts: signed, tried again, over TLS; what does not answer, and what answers with something else."""
import hashlib
import hmac
import http.server
import json
import shutil
import ssl
import threading
import unittest

from alert_hub import PATIENCE, RULES, alerts, lines, must_put, put_rule
from server_process import Server, wait_until
from test_retention import metric
from test_tls import make_certificate


class Receiver:
    """Answers each request with the next of the statuses, the last of them for ever, and keeps all. With status 0 it
    does not answer until it is closed."""

    def __init__(self, *statuses, location=None, tls=None):
        self.requests = []
        self.closing = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status = statuses[min(len(receiver.requests), len(statuses) - 1)]
                receiver.requests.append((self.path, dict(self.headers), body))
                if status == 0:
                    receiver.closing.wait(PATIENCE)
                    self.close_connection = True
                    return
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # what a redirect may be made into

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, tls))
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        self.server.handle_error = lambda *_: None  # a client that does not trust us
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def url(self, path="/"):
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}{path}"

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def hook(hub, case, name, receiver, **more):
    must_put(case, hub, name, kind="lines", query=name, within="1h", webhook={"url": receiver.url(), **more})


class Targets(unittest.TestCase):
    def receiver(self, *statuses, **options):
        receiver = Receiver(*statuses, **options)
        self.addCleanup(receiver.close)
        return receiver

    def test_a_redirect_is_not_followed(self):
        elsewhere = self.receiver(204)
        for status in (301, 302, 307, 308):
            moved = self.receiver(status, 204, location=elsewhere.url("/elsewhere"))
            with self.subTest(status=status), Server() as server:
                hub = server.hub()
                hook(hub, self, "moved", moved, secret="s")
                lines(hub, "moved")
                wait_until(lambda: len(moved.requests) >= 2, PATIENCE, "the second try")
                wait_until(lambda: metric(hub, "nmstore_webhooks_sent_total") == 1, PATIENCE, "it to be sent")
                self.assertEqual(metric(hub, "nmstore_webhooks_failed_total"), 1)
                self.assertEqual({path for path, _, _ in moved.requests}, {"/"})
        self.assertEqual(elsewhere.requests, [])

    def test_one_that_does_not_answer_is_tried_again(self):
        slow, quick = self.receiver(0, 204), self.receiver(204)
        with Server("--webhook-timeout", "1s") as server:
            hub = server.hub()
            hook(hub, self, "slow", slow)
            hook(hub, self, "quick", quick)
            lines(hub, "slow")
            wait_until(lambda: slow.requests, PATIENCE, "the first try")
            lines(hub, "quick")
            wait_until(lambda: quick.requests, PATIENCE, "the other one")
            wait_until(lambda: len(slow.requests) >= 2, PATIENCE, "the second try")
            wait_until(lambda: metric(hub, "nmstore_webhooks_waiting") == 0, PATIENCE, "the queue to be empty")
            # More than once, if the machine is so busy that a good answer takes too long as well.
            self.assertGreaterEqual(metric(hub, "nmstore_webhooks_failed_total"), 1)
            self.assertEqual(metric(hub, "nmstore_webhooks_sent_total"), 2)
            self.assertEqual(len({headers["NM-Alert-Id"] for _, headers, _ in slow.requests}), 1)
            self.assertEqual(server.terminate(), 0)

    def test_a_stop_does_not_wait_for_one_that_does_not_answer(self):
        slow = self.receiver(0, 204)
        with Server("--webhook-timeout", "1m") as server:
            hub = server.hub()
            hook(hub, self, "slow", slow)
            lines(hub, "slow")
            wait_until(lambda: slow.requests, PATIENCE, "the first try")
            self.assertEqual(server.terminate(), 0)  # well within a minute, or it is killed
            server.start()
            wait_until(lambda: len(slow.requests) >= 2, PATIENCE, "it to be sent after the restart")

    def test_an_error_is_tried_again_until_it_is_taken(self):
        failing = self.receiver(500, 500, 200)
        with Server() as server:
            hub = server.hub()
            hook(hub, self, "failing", failing)
            lines(hub, "failing")
            wait_until(lambda: metric(hub, "nmstore_webhooks_sent_total") == 1, PATIENCE, "it to be taken")
            self.assertEqual(len(failing.requests), 3)
            self.assertEqual(len({body for _, _, body in failing.requests}), 1)
            self.assertEqual(metric(hub, "nmstore_webhooks_failed_total"), 2)
            wait_until(lambda: metric(hub, "nmstore_webhooks_waiting") == 0, PATIENCE, "the queue to be empty")

    @unittest.skipUnless(shutil.which("openssl"), "no openssl command to make certificates with")
    def test_https_with_an_authority_of_ones_own(self):
        with Server(start=False) as server:
            own = make_certificate(server.directory, "own")
            strange = make_certificate(server.directory, "strange")
            trusted, untrusted = self.receiver(204, tls=own), self.receiver(204, tls=strange)
            # The system's authorities have signed neither.
            server.start()
            hub = server.hub()
            hook(hub, self, "before", trusted)
            lines(hub, "before")
            wait_until(lambda: metric(hub, "nmstore_webhooks_failed_total") >= 1, PATIENCE, "it not to be trusted")
            self.assertEqual(trusted.requests, [])
            self.assertEqual(server.terminate(), 0)
            server.options = ["--webhook-ca", str(own[0])]
            server.start()
            hub = server.hub()
            wait_until(lambda: trusted.requests, PATIENCE, "what waited")
            hook(hub, self, "strange", untrusted)
            lines(hub, "strange")
            wait_until(lambda: metric(hub, "nmstore_webhooks_failed_total") >= 1, PATIENCE, "the strange one not to be trusted")
            hook(hub, self, "trusted", trusted, secret="key")
            lines(hub, "trusted")
            wait_until(lambda: len(trusted.requests) >= 2, PATIENCE, "the second alert")
            path, headers, body = trusted.requests[-1]
            self.assertEqual(headers["NM-Signature"], "sha256=" + hmac.new(b"key", body, hashlib.sha256).hexdigest())
            self.assertEqual(untrusted.requests, [])

    def test_a_file_without_certificates_is_refused_at_the_start(self):
        with Server(start=False) as server:
            empty = server.directory / "empty.pem"
            empty.write_text("nothing\n")
            for path in (empty, server.directory / "missing.pem"):
                server.options = ["--webhook-ca", str(path)]
                with self.assertRaises(AssertionError) as caught:
                    server.start()
                self.assertIn("webhook-ca", str(caught.exception))
                server.kill()


class Webhooks(unittest.TestCase):
    def test_signed_and_tried_again(self):
        receiver = Receiver(500, 500, 204)
        self.addCleanup(receiver.close)
        with Server() as server:
            hub = server.hub()
            hook = {"url": receiver.url("/hook/private"), "secret": "s3cret"}
            must_put(self, hub, "hooked", kind="lines", query="boom", within="1h", webhook=hook)
            shown = hub.get(RULES + "hooked").json()
            self.assertEqual(shown["webhook"]["secret"], "***")
            # What was shown can be set again, and keeps the secret; not for another host.
            shown["count"] = 2
            must_put(self, hub, "hooked", **shown)
            shown["webhook"]["url"] = "http://127.0.0.1:1/"
            self.assertEqual(put_rule(hub, "hooked", **shown).status, 400)
            lines(hub, "boom", "boom")
            wait_until(lambda: receiver.requests, PATIENCE, "the first try")
            server.restart()
            hub = server.hub()
            wait_until(lambda: len(receiver.requests) >= 3, PATIENCE, "the third try")
            self.assertEqual(len({headers["NM-Alert-Id"] for _, headers, _ in receiver.requests}), 1)
            alert, = alerts(hub, "hooked")
            for path, headers, body in receiver.requests:
                self.assertEqual(path, "/hook/private")
                self.assertEqual(headers["NM-Signature"], "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest())
                self.assertEqual(json.loads(body), alert)
            wait_until(lambda: b"nmstore_webhooks_waiting 0" in hub.get("/metrics").body, PATIENCE, "the queue to be empty")
            self.assertNotIn("s3cret", server.log())
            self.assertNotIn("private", server.log())


if __name__ == "__main__":
    unittest.main()
