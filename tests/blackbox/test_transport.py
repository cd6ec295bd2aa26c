"""What the wire may bring: old agents' habits, and everything that no client should send. The server answers clearly or closes,
lives, and stores nothing half."""
import concurrent.futures
import os
import socket
import threading
import time
import unittest

from server_process import ServerCase, wait_until
from wire import Closed, Wire, agent_request, basic, bulk, escape

FAMILY = "/v0.3/COLUMNFAMILY"


class Case(ServerCase):
    options = ("--header-timeout", "1s", "--idle-timeout", "60s", "--max-header", "64KiB")

    def wire(self):
        wire = Wire(self.server.port)
        self.addCleanup(wire.close)
        return wire

    def refused(self, data, statuses, wire=None):
        """Sends bytes; the answer, if one comes before the connection is closed, has one of these statuses."""
        wire = wire or self.wire()
        try:
            wire.send(data)
        except OSError:
            pass  # closed while sending; an answer may have come before
        try:
            answer = wire.answer()
        except (Closed, OSError):
            return None
        self.assertIn(answer.status, statuses, answer)
        return answer


class OldAgentTest(Case):
    def test_form_label_on_json_and_content_length_on_get(self):
        wire = self.wire()
        body = b'{"rowkeys":[{"rowkey":"label","columns":[{"columnname":"a","columnvalue":"1"}]}]}'
        self.assertEqual(wire.send(agent_request("POST", "/v0.3/DATA/CFUTF8Type", body)).answer().json()["message"], "Success")
        self.assertEqual(wire.send(agent_request("GET", "/v0.3/DATA/CFUTF8Type/label")).answer().json(), {"a": "1"})

    def test_length_counted_in_utf16_units(self):
        text = '{"rowkeys":[{"rowkey":"units","columns":[{"columnname":"a","columnvalue":"' + "é€😀" * 50 + '"}]}]}'
        body = text.encode()
        units = len(text.encode("utf-16-le")) // 2
        self.assertLess(units, len(body))
        request = agent_request("POST", "/v0.3/DATA/CFUTF8Type", body).replace(
            b"Content-Length: %d" % len(body), b"Content-Length: %d" % units)
        wire = self.wire()
        answer = wire.send(request).answer()
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.json()["status"], "400")
        # The rest of the body is no request: it is closed, perhaps with a 400 more.
        self.assertNotIn(b" 200 ", wire.rest())
        self.assertEqual(self.hub.row("CFUTF8Type", "units"), {})

    def test_length_counted_in_utf16_units_of_a_form(self):
        # A form cut short is still a form: what was declared is what was said.
        body = "a=é€é€".encode()
        request = agent_request("POST", "/v0.3/DATA/CFUTF8Type/cut", body).replace(
            b"Content-Length: %d" % len(body), b"Content-Length: 6")
        wire = self.wire()
        answer = wire.send(request).answer()
        self.assertIn(answer.status, (200, 400))
        self.assertNotIn(b" 200 ", wire.rest())

    def test_escaped_units_in_a_form_survive(self):
        value = escape('{"date":1,"returned":"é € 😀 100%\n"}')
        body = b"v=" + value.replace("%", "%25").replace("+", "%2B").encode()
        self.assertEqual(self.hub.call("POST", "/v0.3/DATA/CFUTF8Type/escaped", body).status, 200)
        self.assertEqual(self.hub.row("CFUTF8Type", "escaped"), {"v": value})

    def test_http_1_0_and_no_keep_alive(self):
        wire = self.wire()
        wire.send(b"GET /v0.3/COLUMNFAMILY HTTP/1.0\r\nAuthorization: " + basic().encode() + b"\r\n\r\n")
        self.assertEqual(wire.answer().status, 200)
        self.assertEqual(wire.rest(), b"")


class SaneWireTest(Case):
    def test_pipelined_requests_are_answered_in_order(self):
        wire = self.wire()
        rows = [f"pipe{i}" for i in range(50)]
        data = b"".join(agent_request("POST", f"/v0.3/DATA/CFUTF8Type/{row}", f"a={row}".encode()) for row in rows)
        data += b"".join(agent_request("GET", f"/v0.3/DATA/CFUTF8Type/{row}") for row in rows)
        wire.send(data)
        for _ in rows:
            self.assertEqual(wire.answer().status, 200)
        for row in rows:
            self.assertEqual(wire.answer().json(), {"a": row})

    def test_chunked_bodies(self):
        chunks = [b'{"rowkeys":[{"rowkey":"chunk', b'ed","columns":[{"columnname":"a","columnvalue":"', b"x" * 5000, b'"}]}]}']
        head = (b"POST /v0.3/DATA/CFUTF8Type HTTP/1.1\r\nHost: x\r\nAuthorization: " + basic().encode()
                + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire = self.wire().send(head)
        for chunk in chunks:
            wire.send(b"%x;ext=1\r\n%s\r\n" % (len(chunk), chunk))
        wire.send(b"0\r\nTrailer: x\r\n\r\n")
        self.assertEqual(wire.answer().status, 200)
        self.assertEqual(self.hub.row("CFUTF8Type", "chunked"), {"a": "x" * 5000})
        self.assertEqual(wire.send(agent_request("GET", FAMILY)).answer().status, 200)

    def test_expect_continue(self):
        wire = self.wire()
        request = agent_request("POST", "/v0.3/DATA/CFUTF8Type/expected", b"a=1", more=["Expect: 100-continue"])
        head, body = request.split(b"\r\n\r\n")
        wire.send(head + b"\r\n\r\n")
        wire._until(b"\r\n\r\n")  # 100 Continue
        self.assertEqual(wire.send(body).answer().status, 200)

    def test_head_has_no_body(self):
        self.assertEqual(self.hub.call("HEAD", FAMILY).status, 200)
        self.assertEqual(self.hub.get(FAMILY).status, 200)

    def test_bytes_that_come_one_by_one(self):
        wire = self.wire()
        for byte in agent_request("POST", "/v0.3/DATA/CFUTF8Type/slow", b"a=1"):
            wire.send(bytes([byte]))
        self.assertEqual(wire.answer().status, 200)

    def test_half_closed_socket_gets_its_answer(self):
        wire = self.wire().send(agent_request("POST", "/v0.3/DATA/CFUTF8Type/half", b"a=1", keep_alive=False))
        wire.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(wire.answer().status, 200)
        self.assertEqual(wire.rest(), b"")

    def test_long_paths_within_the_limit(self):
        row = "r" * 60000
        self.assertEqual(self.hub.call("POST", f"/v0.3/DATA/CFUTF8Type/{row}", b"a=1").status, 200)
        self.assertEqual(self.hub.call("GET", f"/v0.3/DATA/CFUTF8Type/{row}").json(), {"a": "1"})

    def test_binary_rows_columns_and_values(self):
        everything = bytes(range(256))
        encoded = "".join(f"%{b:02x}" for b in everything)
        path = f"/v0.3/DATA/CFUTF8Type/{encoded}"
        self.assertEqual(self.hub.call("POST", path, f"v={encoded}").status, 200)
        value = self.hub.get(path).json()["v"]
        self.assertEqual(value.encode("utf-8", "surrogateescape"), everything)
        # A column's name must be UTF-8 there, and says so if it is not.
        answer = self.hub.call("POST", path, f"{encoded}=v")
        self.assertEqual(answer.status, 400)
        answer.json()

    def test_raw_bytes_in_a_form(self):
        self.assertEqual(self.hub.call("POST", "/v0.3/DATA/CFUTF8Type/raw", b"a=\x00\xff\r\n\x80&b=\xc3\xa9").status, 200)
        row = self.hub.row("CFUTF8Type", "raw")
        self.assertEqual(row["a"].encode("utf-8", "surrogateescape"), b"\x00\xff\r\n\x80")
        self.assertEqual(row["b"], "é")


class BadWireTest(Case):
    def test_broken_requests(self):
        heads = [
            b"\x00\x01\x02\xff\xfe\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x55" * 100,  # a TLS hello
            b"GET\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY HTTP/9.9\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY FTP/1.1\r\n\r\n",
            b"GET  HTTP/1.1\r\n\r\n",
            b"GET v0.3 HTTP/1.1\r\n\r\n",
            b"G\x00T /v0.3/COLUMNFAMILY HTTP/1.1\r\n\r\n",
            b"GET /v0.3/\x00COLUMNFAMILY HTTP/1.1\r\n\r\n",
            b"GET /v0.3/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\nNo colon here\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\nBad\x00Name: x\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\nName: a\x00b\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\n: empty\r\n\r\n",
            b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\n folded: x\r\n\r\n",
        ]
        for head in heads:
            with self.subTest(head[:60]):
                answer = self.refused(head, (400, 401, 404, 505))
                if answer is not None:
                    self.assertTrue({"error", "status"} & set(answer.json()), answer)

    def test_wrong_content_lengths(self):
        for length in (b"-1", b"+5", b"5x", b"0x5", b"", b"5 5", b"5,5", b"1e3", b"18446744073709551616",
                       b"99999999999999999999999999", b"5\r\nContent-Length: 6", b"5\r\nContent-Length: 5"):
            with self.subTest(length):
                request = (b"POST /v0.3/DATA/CFUTF8Type/length HTTP/1.1\r\nHost: x\r\nAuthorization: " + basic().encode()
                           + b"\r\nContent-Length: " + length + b"\r\n\r\na=bcd")
                self.refused(request, (400, 413))
        self.assertEqual(self.hub.row("CFUTF8Type", "length"), {})

    def test_absurd_content_length(self):
        for length in (b"9223372036854775807", b"18446744073709551615", b"1000000000000"):
            with self.subTest(length):
                request = (b"POST /v0.3/DATA/CFUTF8Type/absurd HTTP/1.1\r\nHost: x\r\nAuthorization: " + basic().encode()
                           + b"\r\nContent-Length: " + length + b"\r\n\r\na=1")
                answer = self.refused(request, (413,))
                self.assertIsNotNone(answer)
        self.assertEqual(self.hub.row("CFUTF8Type", "absurd"), {})

    def test_post_without_a_content_length(self):
        wire = self.wire().send(b"POST /v0.3/DATA/CFUTF8Type/none HTTP/1.1\r\nHost: x\r\nAuthorization: " + basic().encode() + b"\r\n\r\n")
        self.assertIn(wire.answer().status, (400, 411))
        self.assertEqual(self.hub.row("CFUTF8Type", "none"), {})

    def test_length_and_chunks_together(self):
        request = (b"POST /v0.3/DATA/CFUTF8Type/smuggled HTTP/1.1\r\nHost: x\r\nAuthorization: " + basic().encode()
                   + b"\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n")
        self.assertIsNotNone(self.refused(request, (400,)))
        self.assertEqual(self.hub.row("CFUTF8Type", "smuggled"), {})

    def test_broken_chunks(self):
        head = (b"POST /v0.3/DATA/CFUTF8Type/chunks HTTP/1.1\r\nHost: x\r\nAuthorization: " + basic().encode()
                + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        for body in (b"zz\r\na=1\r\n0\r\n\r\n", b"-3\r\na=1\r\n0\r\n\r\n", b"3\r\na=1x\r\n0\r\n\r\n", b"ffffffffffffffffff\r\na=1",
                     b"3;" + b"e" * 200000 + b"\r\na=1\r\n0\r\n\r\n"):
            with self.subTest(body[:30]):
                self.refused(head + body, (400, 413))
        self.refused(head.replace(b"chunked", b"gzip, chunked") + b"0\r\n\r\n", (400, 501))
        self.assertEqual(self.hub.row("CFUTF8Type", "chunks"), {})

    def test_a_body_that_never_ends_stores_nothing(self):
        wire = self.wire().send(agent_request("POST", "/v0.3/DATA/CFUTF8Type/unfinished", b"a=1&b=2").replace(
            b"Content-Length: 7", b"Content-Length: 100"))
        wire.socket.shutdown(socket.SHUT_WR)
        self.assertNotIn(b" 200 ", wire.rest())
        self.assertEqual(self.hub.row("CFUTF8Type", "unfinished"), {})
        self.wire().send(agent_request("POST", "/v0.3/DATA/CFUTF8Type/reset", b"a=1").replace(b"Length: 3", b"Length: 4")).close()
        self.assertEqual(self.hub.row("CFUTF8Type", "reset"), {})

    def test_headers_of_a_megabyte(self):
        one = b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\nHost: x\r\nX-Big: " + b"x" * (1 << 20) + b"\r\n\r\n"
        many = b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\nHost: x\r\n" + b"".join(
            b"X-%d: %s\r\n" % (i, b"y" * 50) for i in range(20000)) + b"\r\n"
        path = b"GET /v0.3/DATA/CFUTF8Type/" + b"r" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        never = b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\nX: " + b"z" * (1 << 20)
        for request in (one, many, path, never):
            with self.subTest(request[:40]):
                self.refused(request, (400, 414, 431))

    def test_slow_headers_are_given_up(self):
        wires = [self.wire().send(b"GET /v0.3/COLUMNFAMILY HTTP/1.1\r\n") for _ in range(20)]
        end = time.monotonic() + 30
        dripping = set(wires)
        while dripping:
            self.assertLess(time.monotonic(), end, "slow headers are waited for without end")
            for wire in list(dripping):
                try:
                    wire.send(b"X: y\r\n")
                except OSError:
                    dripping.discard(wire)
            # Others are served all the while.
            self.assertEqual(self.hub.get(FAMILY).status, 200)
            time.sleep(0.05)  # the drip itself, not a wait for anything

    def test_many_idle_connections_do_not_keep_others_out(self):
        for _ in range(300):
            self.wire()
        self.assertEqual(self.server.hub().get(FAMILY).status, 200)

    def test_unknown_paths_and_methods(self):
        for method, path, statuses in (
            ("GET", "/", (200, 302, 404)), ("GET", "/v0.3", (404,)), ("GET", "/v0.4/COLUMNFAMILY", (404,)),
            ("GET", "/api/v1/nothing", (404,)), ("DELETE", "/api/v1/search", (405,)), ("PATCH", "/v0.3/COLUMNFAMILY", (405,)),
            ("GET", "/v0.3/DATA/CFUTF8Type/a/b/c/d", (404,)), ("GET", "//v0.3/../../etc/passwd", (400, 404)),
            ("GET", "/v0.3/DATA/CFUTF8Type/..%2f..%2fetc%2fpasswd", (200,)),
            ("BREW", "/v0.3/COLUMNFAMILY", (400, 405, 501)), ("OPTIONS", "/v0.3/COLUMNFAMILY", (200, 204, 405)),
        ):
            with self.subTest(f"{method} {path}"):
                self.assertIn(self.hub.call(method, path).status, statuses)

    def test_too_long_a_row_is_refused(self):
        answer = self.hub.post_json("/v0.3/DATA/CFUTF8Type", bulk({"r" * 70000: {"a": "1"}, "fine": {"a": "1"}}))
        self.assertEqual(answer.status, 400)
        self.assertEqual(len(answer.json()["errors"]), 1)
        self.assertEqual(self.hub.row("CFUTF8Type", "fine"), {"a": "1"})

    def test_deeply_nested_bodies(self):
        for body in (b"[" * 1000000, b'{"rowkeys":' * 100000, b'{"rowkeys":[{"x":' + b"[" * 500000 + b"]" * 500000 + b"}]}"):
            answer = self.hub.call("POST", "/v0.3/DATA/CFUTF8Type", body)
            self.assertEqual(answer.status, 400)

    def test_noise_from_many_connections(self):
        def noise(seed):
            blob = os.urandom(200 + seed * 37)
            wire = Wire(self.server.port)
            try:
                wire.send(blob if seed % 2 else b"POST /v0.3/DATA/CFUTF8Type HTTP/1.1\r\n" + blob)
                wire.socket.shutdown(socket.SHUT_WR)
                wire.rest()
            except OSError:
                pass
            finally:
                wire.close()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(noise, range(200)))


class LimitTest(Case):
    options = ("--max-connections", "50")

    def test_connections_over_the_limit_are_told(self):
        self.assertTrue(self.server.is_healthy())
        wires = [self.wire().send(agent_request("GET", "/health")) for _ in range(50)]
        refused = 0
        for wire in wires + [self.wire().send(agent_request("GET", "/health")) for _ in range(20)]:
            try:
                refused += wire.answer().status == 503
            except (Closed, OSError):
                refused += 1
        self.assertGreaterEqual(refused, 20)
        for wire in wires:
            wire.close()
        wait_until(self.server.is_healthy, 30, "room for connections again")


class ManyClientsTest(Case):
    def test_32_clients_at_once(self):
        errors = []

        def client(number):
            try:
                hub = self.server.hub()
                for i in range(25):
                    row = f"client{number}"
                    if hub.post_form(f"/v0.3/DATA/CFUTF8Type/{row}", {f"c{i:03}": str(i)}).status != 200:
                        errors.append((number, i))
                if self.server.hub().row("CFUTF8Type", row) != {f"c{i:03}": str(i) for i in range(25)}:
                    errors.append(number)
            except Exception as e:
                errors.append(e)

        threads = [threading.Thread(target=client, args=(n,)) for n in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])


if __name__ == "__main__":
    unittest.main()
