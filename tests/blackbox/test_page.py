"""The web page as it is served: types, headers, caching, packing. What it does in a browser is tested in tests/browser."""
import gzip
import re

from server_process import Server, ServerCase
from wire import basic

NAMES = re.compile(rb'(?:href|src)="(assets/[^"]+)"')
PLAIN = [("Accept-Encoding", "identity")]
PACKED = [("Accept-Encoding", "br;q=1.0, gzip;q=0.8, *;q=0.1")]


class PageTest(ServerCase):
    def setUp(self):
        super().setUp()
        self.index = self.hub.call("GET", "/", headers=PLAIN)
        if self.index.headers["content-type"].startswith("text/plain"):
            self.assertIn(b"built without its web page", self.index.body)
            self.skipTest("nm-stored was built without its page (NM_PAGE=OFF)")

    def assets(self):
        names = ["/" + name.decode() for name in NAMES.findall(self.index.body)]
        self.assertEqual(sorted(name.rsplit(".", 1)[1] for name in names), ["css", "js", "svg"])
        return names

    def test_types(self):
        self.assertEqual(self.index.status, 200)
        self.assertEqual(self.index.headers["content-type"], "text/html; charset=utf-8")
        types = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
        for name in self.assets():
            with self.subTest(name):
                answer = self.hub.call("GET", name, headers=PLAIN)
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.headers["content-type"], types[name.rsplit(".", 1)[1]])
                self.assertGreater(len(answer.body), 100)

    def test_safety(self):
        for name in ["/", *self.assets()]:
            with self.subTest(name):
                headers = self.hub.get(name).headers
                policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
                self.assertEqual(policy["default-src"], "'none'")
                self.assertEqual(policy["frame-ancestors"], "'none'")
                self.assertEqual(policy["base-uri"], "'none'")
                for source in ("script-src", "style-src", "connect-src", "img-src"):
                    self.assertEqual(policy[source], "'self'")
                self.assertEqual(headers["x-content-type-options"], "nosniff")
                self.assertEqual(headers["referrer-policy"], "no-referrer")

    def test_nothing_inline(self):
        self.assertNotIn(b"<style", self.index.body)
        self.assertNotIn(b"style=", self.index.body)
        self.assertEqual(re.findall(rb"<script(?![^>]*\bsrc=)", self.index.body), [])
        self.assertNotIn(b"://", self.index.body)

    def test_how_long_it_is_kept(self):
        self.assertEqual(self.index.headers["cache-control"], "no-cache")
        for name in self.assets():
            self.assertEqual(self.hub.get(name).headers["cache-control"], "public, max-age=31536000, immutable")

    def test_packed(self):
        total = 0
        for name in ["/", *self.assets()]:
            with self.subTest(name):
                plain = self.hub.call("GET", name, headers=PLAIN)
                packed = self.hub.call("GET", name, headers=PACKED)
                self.assertNotIn("content-encoding", plain.headers)
                self.assertEqual(packed.headers["content-encoding"], "gzip")
                self.assertEqual(gzip.decompress(packed.body), plain.body)
                self.assertNotEqual(packed.headers["etag"], plain.headers["etag"])
                for answer in (plain, packed):
                    self.assertEqual(answer.headers["vary"], "Accept-Encoding")
                total += len(packed.body)
        self.assertLess(total, 200_000)

    def test_who_takes_gzip(self):
        for accept, packed in (("gzip", True), ("GZIP", True), ("deflate, gzip;q=1", True), ("gzip;q=0", False),
                               ("gzip; q=0.000", False), ("gzipped", False), ("br", False), ("", False)):
            with self.subTest(accept):
                answer = self.hub.call("GET", "/", headers=[("Accept-Encoding", accept)])
                self.assertEqual(answer.headers.get("content-encoding") == "gzip", packed)

    def test_asked_again(self):
        for name in ["/", *self.assets()]:
            for encoding in (PLAIN, PACKED):
                first = self.hub.call("GET", name, headers=encoding)
                tag = first.headers["etag"]
                for known in (tag, "W/" + tag, f'"other", {tag}', "*"):
                    with self.subTest(f"{name} {known}"):
                        again = self.hub.call("GET", name, headers=[*encoding, ("If-None-Match", known)])
                        self.assertEqual((again.status, again.body), (304, b""))
                        self.assertEqual(again.headers["etag"], tag)
                        self.assertEqual(again.headers["cache-control"], first.headers["cache-control"])
                other = self.hub.call("GET", name, headers=[*encoding, ("If-None-Match", '"other"')])
                self.assertEqual((other.status, other.body), (200, first.body))

    def test_head(self):
        for name in ["/", *self.assets()]:
            with self.subTest(name):
                get = self.hub.call("GET", name, headers=PACKED)
                head = self.hub.call("HEAD", name, headers=PACKED)
                self.assertEqual(head.status, 200)
                for field in ("content-type", "content-length", "content-encoding", "etag", "cache-control"):
                    self.assertEqual(head.headers[field], get.headers[field])

    def test_what_is_not_there(self):
        for name in ("/assets/app.js", "/assets/", "/assets", "/assets/..%2Findex.html", "/index.html", "/assets/a/b"):
            with self.subTest(name):
                answer = self.hub.get(name)
                self.assertEqual(answer.status, 404)
                self.assertEqual(answer.json()["error"]["code"], "not_found")
        self.assertEqual(self.hub.call("POST", "/").status, 405)
        self.assertEqual(self.hub.call("DELETE", self.assets()[0]).status, 405)

    def test_without_credentials(self):
        """Anybody may have the page, which asks for credentials itself; nobody has the old page's socket."""
        with Server("--token", "tok:acc") as server:
            for authorization in (None, basic("tok", "wrong"), basic("tok", "acc")):
                hub = server.hub(authorization=authorization)
                for name in ["/", *self.assets()]:
                    self.assertEqual(hub.get(name).status, 200)
            handshake = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")]
            self.assertEqual(server.hub(authorization=None).call("GET", "/", headers=handshake).status, 401)
