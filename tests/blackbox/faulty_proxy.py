"""Stands between two hubs and does what networks do: cuts, delays, truncates, and answers in the other's place. For tests.

What happens to a connection is decided when it comes, by a seeded generator, so that a run can be had again as far as the
order of connections is the same. What is passed on is passed on unread.
"""
import random
import socket
import struct
import threading
import time

PIECE = 1 << 14
PATIENCE_SECONDS = 60

# Of so many connections each: what becomes of them.
ROUGH = {"pass": 4, "cut": 4, "cut answer": 3, "lose answer": 3, "delay": 2, 500: 1, 429: 1, "reset": 1}
MOST_ANSWERS = 8  # that come before one is lost


class Proxy:
    """Use as a context. Passes everything on until it is told to be rough; `port` stays the same when the upstream's changes."""

    def __init__(self, upstream_port, seed=1):
        self.upstream_port = upstream_port
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.weights = {"pass": 1}
        self.most_bytes = 200_000  # that a connection which is to be cut carries before
        self.fates = {}            # how often each has been
        self.pairs = set()
        self.closed = False
        self.down = False
        self.bytes_up = self.bytes_down = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def be_rough(self, weights=None, most_bytes=200_000):
        with self.lock:
            self.weights, self.most_bytes = dict(weights or ROUGH), most_bytes
        self.cut()

    def be_calm(self):
        """Passes on all that comes from now on; those who may be in a bad connection are cut off."""
        with self.lock:
            self.weights = {"pass": 1}
        self.cut()

    def set_down(self, on):
        """While it is down whoever comes is cut off at once, as is who is here."""
        self.down = on
        if on:
            self.cut()

    def cut(self):
        with self.lock:
            sockets = [s for pair in self.pairs for s in pair]
        for one in sockets:
            _shut(one)

    def close(self):
        self.closed = True
        _shut(self.listener)
        self.listener.close()
        self.cut()
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while not self.closed:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                fate, = self.random.choices(list(self.weights), self.weights.values())
                budget = self.random.randint(1, self.most_bytes)
                delay = self.random.uniform(0.01, 0.3)
                pieces = self.random.randint(0, MOST_ANSWERS) if fate == "lose answer" else None
                self.fates[fate] = self.fates.get(fate, 0) + 1
                self.threads = [t for t in self.threads if t.is_alive()]
                thread = threading.Thread(target=self._serve, args=(client, fate, budget, delay, pieces), daemon=True)
                self.threads.append(thread)
            thread.start()

    def _serve(self, client, fate, budget, delay, pieces):
        with client:
            client.settimeout(PATIENCE_SECONDS)
            if self.down or self.closed:
                return
            if fate == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if isinstance(fate, int):
                self._answer(client, fate)
                return
            if fate == "delay":
                time.sleep(delay)
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream_port), timeout=PATIENCE_SECONDS)
            except OSError:
                return
            with server:
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self.lock:
                    self.pairs.add((client, server))
                back = threading.Thread(target=self._pump, daemon=True, args=(
                    server, client, budget // 50 + 1 if fate == "cut answer" else None, "bytes_down", pieces))
                back.start()
                self._pump(client, server, budget if fate == "cut" else None, "bytes_up")
                back.join()
                with self.lock:
                    self.pairs.discard((client, server))

    def _pump(self, source, sink, budget, count, pieces=None):
        """Until an end, or until `budget` bytes, or so many pieces, have passed: then both are cut."""
        try:
            while True:
                data = source.recv(PIECE)
                if not data or pieces == 0:
                    break
                pieces = None if pieces is None else pieces - 1
                piece = data if budget is None else data[:budget]
                sink.sendall(piece)
                with self.lock:
                    setattr(self, count, getattr(self, count) + len(piece))
                if budget is not None:
                    budget -= len(piece)
                    if budget <= 0:
                        break
        except OSError:
            pass
        # Either end's end is both: neither side of HTTP here closes by half.
        _shut(source)
        _shut(sink)

    def _answer(self, client, status):
        """Reads a request, as far as it must, and refuses it in the other's place."""
        try:
            data = b""
            while b"\r\n\r\n" not in data:
                piece = client.recv(PIECE)
                if not piece:
                    return
                data += piece
            head, _, body = data.partition(b"\r\n\r\n")
            length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
            while len(body) < length:
                piece = client.recv(PIECE)
                if not piece:
                    return
                body += piece
            text = b'{"error":{"code":"unavailable","message":"the proxy says so"}}'
            more = b"Retry-After: 1\r\n" if status in (429, 503) else b""
            client.sendall(b"HTTP/1.1 %d No\r\nContent-Type: application/json\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s"
                           % (status, more, len(text), text))
        except OSError:
            pass


def _shut(one):
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
