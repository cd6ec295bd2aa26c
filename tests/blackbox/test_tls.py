"""TLS: certificates made here, with the openssl command."""
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import unittest

from follow import STREAMS
from server_process import STOP_SECONDS, Server, binary, clean_environment, wait_until
from tool_process import FAILED, USAGE, Tool, end, free_port
from wire import TIMEOUT_SECONDS, Closed, Hub, Wire, basic


def make_certificate(directory, name, days="30"):
    """A self-signed certificate for 127.0.0.1 and its key: NAME.pem, NAME.key."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", days,
                    "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True, timeout=STOP_SECONDS)
    return certificate, key


def make_expired_certificate(directory, name):
    """As make_certificate, one that was valid until yesterday."""
    certificate, key, request = (directory / f"{name}.{end}" for end in ("pem", "key", "csr"))
    extensions = directory / f"{name}.ext"
    extensions.write_text("subjectAltName=IP:127.0.0.1\n")
    for command in (("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                     "-keyout", str(key), "-out", str(request)),
                    ("x509", "-req", "-in", str(request), "-signkey", str(key), "-days", "-1", "-extfile", str(extensions),
                     "-out", str(certificate))):
        subprocess.run(["openssl", *command], check=True, capture_output=True, timeout=STOP_SECONDS)
    return certificate, key


class TlsWire(Wire):
    def __init__(self, port, authority, timeout=TIMEOUT_SECONDS):
        super().__init__(port, timeout)
        context = ssl.create_default_context(cafile=str(authority))
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")


class TlsHub(Hub):
    def __init__(self, port, authority):
        super().__init__(port)
        self.authority = authority

    def _exchange(self, method, data):
        if self.wire is None:
            self.wire = TlsWire(self.port, self.authority)
        return super()._exchange(method, data)


class TlsServer(Server):
    """The main port speaks TLS."""

    def __init__(self, *options, listen="127.0.0.1:0"):
        super().__init__(listen=listen, start=False)
        self.certificate, self.key = make_certificate(self.directory, "first")
        self.options = ["--tls-cert", str(self.certificate), "--tls-key", str(self.key), *options]
        self.start()

    def hub(self):
        return TlsHub(self.port, self.certificate)

    def is_healthy(self):
        try:
            return self.hub().get("/health").status == 200
        except OSError:
            return False


@unittest.skipUnless(shutil.which("openssl"), "no openssl command to make certificates with")
class TlsTest(unittest.TestCase):
    def serve(self, *options):
        server = TlsServer(*options)
        self.addCleanup(server.remove)
        return server

    def metric(self, server, name):
        text = server.hub().get("/metrics").body.decode()
        return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")))

    def test_requests_on_one_connection(self):
        server = self.serve()
        hub = server.hub()
        self.assertEqual(hub.get("/health").status, 200)
        wire = hub.wire
        self.assertEqual(wire.socket.selected_alpn_protocol(), "http/1.1")
        self.assertIn(wire.socket.version(), ("TLSv1.2", "TLSv1.3"))
        for i in range(20):
            self.assertEqual(hub.post_form("/v0.3/DATA/CFUTF8Type/r", {f"c{i}": str(i)}).status, 200)
        self.assertEqual(len(hub.row("CFUTF8Type", "r")), 20)
        self.assertIs(hub.wire, wire, "the connection was not kept")
        self.assertGreaterEqual(self.metric(server, "nmstore_tls_handshakes_total"), 2)
        self.assertEqual(server.terminate(), 0)

    def test_large_bodies(self):
        server = self.serve()
        hub = server.hub()
        pick = random.Random(5)
        lines = [f"{i} " + pick.randbytes(200).hex() for i in range(60000)]
        body = "".join(json.dumps({"time": 1600000000000 + i, "msg": line}) + "\n" for i, line in enumerate(lines))
        self.assertGreater(len(body), 24 << 20)
        answer = hub.post_lines(body, client="c", log="l")
        self.assertEqual(answer.status, 200, answer)
        answer = hub.call("GET", "/api/v1/search?q=&order=asc&from=0", headers=[("Accept", "application/x-ndjson")])
        self.assertEqual(answer.status, 200, answer)
        self.assertGreater(len(answer.body), 24 << 20)
        for line in (lines[0], lines[30000], lines[-1]):
            self.assertIn(line.encode(), answer.body)
        self.assertEqual(server.terminate(), 0)

    def test_cut_connections(self):
        server = self.serve()
        request = b"POST /v0.3/DATA/CFUTF8Type/r HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"
        for end in (0, 10, len(request)):
            wire = TlsWire(server.port, server.certificate)
            wire.send(request[:end]).close()
        raw = socket.create_connection(("127.0.0.1", server.port))
        raw.sendall(b"\x16\x03\x01\x02")
        raw.close()
        self.assertTrue(server.is_healthy())
        self.assertEqual(server.hub().row("CFUTF8Type", "r"), {})
        self.assertEqual(server.terminate(), 0)

    def test_plain_on_the_port(self):
        server = self.serve()
        with Wire(server.port) as wire:
            answer = wire.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").answer()
            self.assertEqual(answer.status, 400)
            self.assertIn(b"speaks TLS", answer.body)
        with Wire(server.port) as wire:
            self.assertEqual(wire.send(b"\x00\x01nonsense").rest(), b"")
        wait_until(lambda: self.metric(server, "nmstore_tls_handshake_failures_total") >= 2, STOP_SECONDS, "two failures")

    def test_slow_handshake(self):
        server = self.serve("--header-timeout", "200ms")
        with Wire(server.port) as silent, Wire(server.port) as slow:
            slow.send(b"\x16\x03\x01")
            self.assertEqual(silent.rest(), b"")
            self.assertEqual(slow.rest(), b"")
        wait_until(lambda: self.metric(server, 'nmstore_limit_hits_total{limit="header_timeout"}') >= 2, STOP_SECONDS,
                   "two hits of the limit")

    def test_reload(self):
        server = self.serve()
        old_hub, first = server.hub(), server.certificate
        self.assertEqual(old_hub.get("/health").status, 200)
        second, second_key = make_certificate(server.directory, "second")
        # A certificate without its key: the old ones stay.
        shutil.copy(first, server.directory / "kept.pem")
        shutil.copy(second, first)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "certificate not reloaded" in server.log(), STOP_SECONDS, "the refusal")
        self.assertEqual(TlsHub(server.port, server.directory / "kept.pem").get("/health").status, 200)
        shutil.copy(second_key, server.key)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "certificate reloaded" in server.log(), STOP_SECONDS, "the reload")
        self.assertEqual(TlsHub(server.port, second).get("/health").status, 200)
        with self.assertRaises(ssl.SSLCertVerificationError):
            TlsWire(server.port, server.directory / "kept.pem")
        self.assertEqual(old_hub.get("/health").status, 200)
        self.assertEqual(server.terminate(), 0)

    def test_drain(self):
        server = self.serve()
        idle = TlsWire(server.port, server.certificate)
        busy = TlsWire(server.port, server.certificate)
        body = b"column=value"
        busy.send(b"POST /v0.3/DATA/CFUTF8Type/r HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n" + body[:4])
        wait_until(lambda: self.metric(server, "nmstore_http_requests_in_flight") >= 2, STOP_SECONDS, "the request")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(idle.rest(), b"")
        answer = busy.send(body[4:]).answer()
        self.assertEqual((answer.status, answer.headers.get("connection")), (200, "close"))
        self.assertEqual(busy.rest(), b"")
        idle.close()
        busy.close()
        self.assertEqual(server.process.wait(STOP_SECONDS), 0)

    def test_second_port(self):
        with Server(start=False) as server:
            certificate, key = make_certificate(server.directory, "first")
            port_file = server.directory / "tls-port"
            server.options = ["--tls-cert", str(certificate), "--tls-key", str(key), "--tls-listen", "127.0.0.1:0",
                              "--tls-port-file", str(port_file)]
            server.start()
            port = int(port_file.read_text())
            self.assertEqual(server.hub().post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "1"}).status, 200)
            self.assertEqual(TlsHub(port, certificate).row("CFUTF8Type", "r"), {"a": "1"})
            self.assertEqual(server.terminate(), 0)

    def test_tool(self):
        server = self.serve()
        server.hub().post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "1"})
        url = f"https://127.0.0.1:{server.port}"

        def tool(*more, **environment):
            return subprocess.run([os.environ["NM_TOOL"], "--url", url, "get", "CFUTF8Type", "r", *more], text=True,
                                  capture_output=True, timeout=STOP_SECONDS, env=clean_environment(**environment))
        for more, environment in ((("--ca-file", str(server.certificate)), {}), ((), {"NM_CA_FILE": str(server.certificate)}),
                                  (("--insecure",), {})):
            with self.subTest(more):
                result = tool(*more, **environment)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("a", result.stdout)
        result = tool()
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("--ca-file", result.stderr)

    def test_tool_ends_where_the_certificate_is_not_to_be_trusted(self):
        server = self.serve()
        url = f"https://127.0.0.1:{server.port}"
        place = server.hub().get("/api/v1/tail", wait=0).json()["next"]
        tool = Tool(server.directory)
        other, _ = make_certificate(server.directory, "other")
        for command in (("tail",), ("tail", "--since", place), ("channel", "/CFUTF8Type/r"),
                        ("channel", "/CFUTF8Type/r", "--since", place)):
            for where, named in (((url,), b"--ca-file"), ((url, "--ca-file", other), b"--ca-file"),
                                 ((url.replace("127.0.0.1", "localhost"), "--ca-file", server.certificate), b"localhost")):
                with self.subTest(command=command, where=where):
                    refused = tool.run("--url", *where, *command, code=FAILED)
                    self.assertIn(b"certificate", refused.stderr)
                    self.assertIn(named, refused.stderr)
                    self.assertEqual(refused.stderr.count(b"\n"), 1, refused.stderr)
            with self.subTest(command=command, where="plain"):
                self.assertIn(b"TLS", tool.run("--url", url.replace("https", "http"), *command, code=USAGE).stderr)

    def test_tool_ends_when_the_server_comes_back_with_another_certificate(self):
        with TlsServer(listen=f"127.0.0.1:{free_port()}") as server:
            trusted = server.directory / "trusted.pem"
            shutil.copy(server.certificate, trusted)
            server.hub().post_lines("a line", "text/plain", client="c", log="l")
            tool = Tool(server.directory, NM_URL=f"https://127.0.0.1:{server.port}", NM_CA_FILE=str(trusted))
            following = tool.start("tail", "--raw")
            self.addCleanup(following.stderr.close)
            self.addCleanup(following.stdout.close)
            self.addCleanup(following.kill)
            self.assertEqual(following.stdout.readline(), b"a line\n")
            wait_until(lambda: self.metric(server, "nmstore_realtime_readers") >= 1, STOP_SECONDS, "the tail")
            self.assertEqual(server.terminate(), 0)
            make_certificate(server.directory, "first")
            server.start()
            self.assertEqual(following.wait(STOP_SECONDS), FAILED)
            self.assertIn(b"--ca-file", following.stderr.read())

    def test_tool_and_a_server_without_tls(self):
        with Server() as server:
            tool = Tool(server.directory, NM_URL=f"https://127.0.0.1:{server.port}")
            for command in (("tail",), ("tail", "--since", "1"), ("channel", "/CFUTF8Type/r", "--since", "1")):
                with self.subTest(command):
                    self.assertIn(b"does not speak TLS", tool.run(*command, code=FAILED).stderr)

    def test_tool_and_an_expired_certificate(self):
        with Server(start=False) as server:
            certificate, key = make_expired_certificate(server.directory, "old")
            port_file = server.directory / "tls-port"
            server.options = ["--tls-cert", str(certificate), "--tls-key", str(key), "--tls-listen", "127.0.0.1:0",
                              "--tls-port-file", str(port_file)]
            server.start()
            self.assertIn("expired", server.log())
            server.hub().post_lines("a line", "text/plain", client="c", log="l")
            tool = Tool(server.directory, NM_URL=f"https://127.0.0.1:{port_file.read_text().strip()}")
            for trusted in ((), ("--ca-file", certificate)):
                for command in (("search", "line"), ("tail", "line"), ("tail", "line", "--since", "1")):
                    with self.subTest(trusted=trusted, command=command):
                        refused = tool.run(*trusted, *command, code=FAILED)
                        self.assertEqual(refused.stdout, b"")
                        if trusted:
                            self.assertIn(b"expired", refused.stderr)
                            self.assertIn(b"--insecure", refused.stderr)
            self.assertIn("a line", tool.text("--insecure", "search", "line"))
            # What is followed is as safe as what is searched.
            following = tool.start("--insecure", "tail", "--raw", "line")
            self.addCleanup(following.stderr.close)
            self.addCleanup(following.stdout.close)
            self.addCleanup(following.kill)
            self.assertEqual(following.stdout.readline(), b"a line\n")
            self.assertEqual(end(following, signal.SIGINT)[0], 130)
            self.assertEqual(server.terminate(), 0)

    def test_reload_under_load_with_streams_open(self):
        server = self.serve()
        pairs = [(server.certificate.read_bytes(), server.key.read_bytes())]
        for name in ("second", "third"):
            pairs.append(tuple(path.read_bytes() for path in make_certificate(server.directory, name)))
        bundle = server.directory / "all.pem"
        bundle.write_bytes(b"".join(certificate for certificate, _ in pairs))

        def connect(port):
            return TlsWire(port, bundle)

        streams = [type("Tls" + kind.__name__, (kind,), {"connect": staticmethod(connect)})(server.port, q="client:c")
                   for kind in STREAMS]
        for stream in streams:
            self.addCleanup(stream.close)
        kept, stop, counts, faults = TlsHub(server.port, bundle), threading.Event(), [0, 0], []

        def write(number, keeps_connection):
            try:
                while not stop.is_set() or counts[number] == 0:
                    hub = kept if keeps_connection else TlsHub(server.port, bundle)
                    answer = hub.post_lines(f"{number} {counts[number]}", "text/plain", client="c", log="l")
                    self.assertEqual(answer.status, 200)
                    counts[number] += 1
                    if not keeps_connection:
                        hub.close()
            except Exception as fault:  # told by the test's own thread
                faults.append(fault)

        writers = [threading.Thread(target=write, args=each) for each in ((0, True), (1, False))]
        for writer in writers:
            writer.start()
        try:
            for round_ in range(1, 10):
                certificate, key = pairs[round_ % len(pairs)]
                server.certificate.write_bytes(certificate)
                server.key.write_bytes(key)
                before = server.log().count("certificate reloaded")
                at = counts[1]
                server.process.send_signal(signal.SIGHUP)
                wait_until(lambda: server.log().count("certificate reloaded") > before, STOP_SECONDS, "the reload")
                wait_until(lambda: faults or counts[1] > at + 3, STOP_SECONDS, "new connections")
                expected = ssl.PEM_cert_to_DER_cert(certificate.decode())
                with TlsWire(server.port, bundle) as wire:
                    self.assertEqual(wire.socket.getpeercert(binary_form=True), expected)
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        self.assertEqual(faults, [])
        wanted = sorted(f"{number} {i}" for number in (0, 1) for i in range(counts[number]))
        for stream in streams:
            lines = [event["line"] for event in stream.take(len(wanted))]
            self.assertEqual(sorted(lines), wanted)
            for number in ("0", "1"):
                own = [line for line in lines if line.startswith(number + " ")]
                self.assertEqual(own, [f"{number} {i}" for i in range(len(own))])
        self.assertEqual(server.terminate(), 0)

    def test_files_that_are_wrong(self):
        with Server(start=False) as server:
            certificate, key = make_certificate(server.directory, "first")
            _, other = make_certificate(server.directory, "second")
            garbage = server.directory / "garbage.pem"
            garbage.write_text("no certificate\n")
            missing = server.directory / "missing.pem"
            for files, named in (((certificate, other), str(other)), ((missing, key), str(missing)),
                                 ((certificate, missing), str(missing)), ((garbage, key), str(garbage)),
                                 ((certificate, None), "tls-key")):
                with self.subTest(named):
                    options = ["--tls-cert", str(files[0])] + (["--tls-key", str(files[1])] if files[1] else [])
                    result = subprocess.run([binary(), "--data", str(server.data), "--listen", "127.0.0.1:0", *options],
                                            capture_output=True, text=True, timeout=STOP_SECONDS, env=clean_environment(),
                                            cwd=server.directory)
                    self.assertEqual(result.returncode, 2, result.stderr)
                    self.assertIn(named, result.stderr)
                    self.assertFalse((server.data / "db").exists(), "it made a store before it refused")


if __name__ == "__main__":
    unittest.main()
