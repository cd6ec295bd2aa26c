#!/usr/bin/env python3
"""benchmarks/peer against a small server of our own that speaks as much of VictoriaLogs as it asks: it must load all
lines there, read the answers right, and see where counts differ.

peer_test.py PROGRAMS_DIRECTORY
"""
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

PEER = pathlib.Path(__file__).resolve().parent / "peer"
PEER_SECONDS = 120


class FakePeer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lines = []
    lock = threading.Lock()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/insert/jsonline":
            fields = urllib.parse.parse_qs(url.query)
            with self.lock:
                FakePeer.lines += [json.loads(line)[fields["_msg_field"][0]] for line in body.splitlines()]
            self.answer(b"")
        elif url.path == "/select/logsql/query":
            self.answer(self.select(urllib.parse.parse_qs(body.decode())["query"][0]))
        else:
            self.send_error(404)

    def select(self, query):
        condition, pipe = re.fullmatch(r"_time:\[\S+, \S+\) (.*) \| (.*)", query).groups()
        found = [line for line in FakePeer.lines if matches(condition, line)]
        if pipe == "stats count() as lines":
            return json.dumps({"lines": str(len(found))}).encode() + b"\n"
        limit = int(re.fullmatch(r"sort by \(_time desc\) limit (\d+)", pipe)[1])
        return b"".join(json.dumps({"_msg": line}).encode() + b"\n" for line in found[:limit])

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def matches(condition, line):
    if condition == "*":
        return True
    if condition.startswith("~"):
        return re.search(condition[2:-1], line) is not None
    words = re.findall(r'i\("?([^")]*)"?\)', condition)
    if not words:
        raise ValueError(condition)
    return all(re.search(rf"(?i)(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", line) for word in words)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakePeer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as directory:
        results = pathlib.Path(directory) / "peer.json"
        subprocess.run([sys.executable, str(PEER), f"http://127.0.0.1:{server.server_port}", "--small", "--programs",
                        sys.argv[1], "--directory", directory, "--json", str(results)], check=True, timeout=PEER_SECONDS)
        result = json.loads(results.read_text())
    server.shutdown()
    assert len(FakePeer.lines) == result["peer"]["lines"] == result["ours"]["lines"]
    for one in result["questions"]:
        assert one["ours_lines"] == one["peer_lines"], one
    assert any(one["ours_lines"] > 0 for one in result["questions"])


if __name__ == "__main__":
    main()
