"""Several targets at once, with credentials, patterns and authorities of their own."""
import contextlib
import shutil
import signal
import unittest

from replication_hubs import WAIT_SECONDS, HubsCase, wait_until_equal
from server_process import wait_until
from test_tls import TlsServer, make_certificate
from wire import Hub, basic


class TlsTarget(TlsServer):
    scheme = "https"
    targets = ()


class TargetsTest(HubsCase):
    def start_with(self, toml):
        hub = self.start(start=False)
        config = hub.directory / "nm-stored.toml"
        config.write_text(toml)
        hub.options += ["--config", str(config)]
        hub.start()
        return hub

    def test_each_gets_what_is_its_own(self):
        b = self.start("--token", "to-b:account-b")
        c = self.start("--token", "to-c:account-c")
        a = self.start_with(f"""
[[replicate]]
url = "http://127.0.0.1:{b.port}"
auth = "to-b:account-b"
name = "all"

[[replicate]]
url = "http://127.0.0.1:{c.port}"
auth = "to-c:account-c"
name = "some"
only = ["CFLongType/h*", "counters/*"]
skip = ["counters/hidden"]
""")
        for name in ("h1", "other", "hidden"):
            self.write_some(a, name)
        wait_until(a.has_sent_all, WAIT_SECONDS, "all is sent")
        self.assertEqual([t["name"] for t in a.status()["targets"]], ["all", "some"])
        with contextlib.closing(Hub(b.port, basic("to-b", "account-b"))) as at_b, \
                contextlib.closing(Hub(c.port, basic("to-c", "account-c"))) as at_c:
            self.assertEqual(at_b.row("CFUTF8Type", "other"), {"a": "other", "b": "20"})
            self.assertEqual(at_c.row("CFUTF8Type", "other"), {})
            for name, lines, counted in (("h1", 20, "20"), ("other", 0, "20"), ("hidden", 20, "0")):
                self.assertEqual(len(at_b.row("CFLongType", f"{name}:logs:l:2011:4:22")), 20)
                self.assertEqual(len(at_c.row("CFLongType", f"{name}:logs:l:2011:4:22")), lines, name)
                self.assertEqual(at_b.get(f"/v0.3/COUNTER/{name}/c").json()["c"], "20")
                self.assertEqual(at_c.get(f"/v0.3/COUNTER/{name}/c").json()["c"], counted, name)
        # One that is away keeps the other waiting for nothing.
        b.kill()
        self.write_some(a, "h2")
        with contextlib.closing(Hub(c.port, basic("to-c", "account-c"))) as at_c:
            wait_until(lambda: at_c.get("/v0.3/COUNTER/h2/c").json()["c"] == "20", WAIT_SECONDS, "the other target")
        b.start()
        wait_until(a.has_sent_all, WAIT_SECONDS, "all is sent")
        with contextlib.closing(Hub(b.port, basic("to-b", "account-b"))) as at_b:
            self.assertEqual(at_b.get("/v0.3/COUNTER/h2/c").json()["c"], "20")

    @unittest.skipUnless(shutil.which("openssl"), "no openssl command to make certificates with")
    def test_one_that_does_not_answer_is_told(self):
        b = self.start()
        a = self.start("--replicate-to", f"http://127.0.0.1:{b.port}", "--replicate-auth", "token:account")
        self.write_some(a, "before")
        wait_until(a.has_sent_all, WAIT_SECONDS, "all is sent")
        b.process.send_signal(signal.SIGSTOP)
        try:
            self.write_some(a, "meanwhile")
            wait_until(lambda: (a.status()["targets"][0]["why"] or "").startswith("no answer for "), WAIT_SECONDS,
                       "that there is no answer")
        finally:
            b.process.send_signal(signal.SIGCONT)
        wait_until(a.has_sent_all, WAIT_SECONDS, "all is sent")
        self.assertIsNone(a.status()["targets"][0]["why"])

    def test_over_tls(self):
        b = TlsTarget()
        self.addCleanup(b.remove)
        stranger, _ = make_certificate(b.directory, "stranger")
        a = self.start("--replicate-ca", str(stranger), targets=[b])
        self.write_some(a, "one")
        self.assertIn("certificate", a.wait_for_state("waiting")["why"])
        self.assertEqual(b.hub().row("CFUTF8Type", "one"), {})
        a.options[a.options.index(str(stranger))] = str(b.certificate)
        a.restart()
        wait_until_equal(a, b)


if __name__ == "__main__":
    unittest.main()
