"""A real nm-stored on a directory of its own: started, asked over one kept connection, watched, stopped.

The client is a plain socket: the standard library's takes a third of a millisecond for a request, longer than the server
needs for many an answer.

Every wait has a bound. The process is watched from outside (/proc), so that nothing depends on what it says of itself.
"""
import json
import pathlib
import socket
import subprocess
import time
import urllib.parse

START_SECONDS = 60
STOP_SECONDS = 120
ANSWER_SECONDS = 600
POLL_SECONDS = 0.1
QUIET_POLLS = 8  # the store has settled if nothing changed for so many polls
LENGTH = b"\r\nContent-Length: "
SCHEDULED_CPU_CLOCK = 2  # Linux makes the number of a process's clock of its id and this


class Failure(Exception):
    """What the measuring cannot go on with; its text is for a person."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def directory_bytes(directory):
    """(bytes in files, bytes that their blocks take on the disk)"""
    content = blocks = 0
    for path in pathlib.Path(directory).rglob("*"):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue  # the store removes files while we look
        if path.is_file():
            content += status.st_size
            blocks += status.st_blocks * 512
    return content, blocks


class Server:
    def __init__(self, binary, directory, *options):
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.binary = binary
        self.options = options
        self.process = None
        self.connection = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.port = free_port()
        command = [str(self.binary), "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}", *self.options]
        with open(self.directory / "nm-stored.log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.get("/health")[0] == 200:
                    return
            except OSError:
                time.sleep(POLL_SECONDS)
        self.stop()
        raise Failure(f"{self.binary} does not answer; see {self.directory}/nm-stored.log")

    def stop(self):
        self.disconnect()
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def disconnect(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def request(self, method, path, body=None, content_type=None, **parameters):
        """The bytes of a request."""
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        lines = [f"{method} {path}{query} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")

    def ask(self, request):
        """(status, body) of one request on the kept connection; an idle one that was closed is opened again."""
        kept = self.connection is not None
        try:
            return self._exchange(request)
        except OSError as error:
            self.disconnect()
            if not kept or not isinstance(error, ConnectionError):
                raise
        return self._exchange(request)  # the server had closed the idle connection

    def _exchange(self, request):
        if self.connection is None:
            self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_SECONDS)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sendall(request)
        return self._answer()

    def _answer(self):
        """(status, body) of an answer that tells its length, as all but streams do."""
        head, begun = b"", []
        while b"\r\n\r\n" not in head:
            head += self._receive()
        head, _, rest = head.partition(b"\r\n\r\n")
        at = head.find(LENGTH)
        if at < 0:
            raise Failure(f"an answer without a length: {head[:300]!r}")
        left = int(head[at + len(LENGTH):].split(b"\r\n", 1)[0]) - len(rest)
        begun.append(rest)
        while left > 0:
            begun.append(self._receive())
            left -= len(begun[-1])
        return int(head.split(b" ", 2)[1]), b"".join(begun)

    def _receive(self):
        received = self.connection.recv(1 << 20)
        if not received:
            raise ConnectionResetError("the server closed the connection")
        return received

    def get(self, path, **parameters):
        return self.ask(self.request("GET", path, **parameters))

    def get_json(self, path, **parameters):
        return self.ask_json(self.request("GET", path, **parameters))

    def ask_json(self, request):
        status, body = self.ask(request)
        if status != 200:
            raise Failure(f"{request.split(b' HTTP', 1)[0]!r}: {status} {body[:300]!r}")
        return json.loads(body)

    def cpu_seconds(self):
        """User and system time of the process so far, all its threads, of those that ended too."""
        return time.clock_gettime(~self.process.pid << 3 | SCHEDULED_CPU_CLOCK)

    def peak_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def settle(self, bound_seconds):
        """Waits until nothing goes on any more in the background: the disk's bytes, the log and the process's CPU
        time stay as they are. Says after how many seconds, and whether it did."""
        begin = time.monotonic()
        quiet, before = 0, None
        while time.monotonic() < begin + bound_seconds:
            stats = self.get_json("/api/v1/stats")
            now = (stats["log_bytes"], directory_bytes(self.data)[0], round(self.cpu_seconds(), 1))
            quiet = quiet + 1 if now == before and stats["log_bytes"] == 0 else 0
            before = now
            if quiet == QUIET_POLLS:
                return time.monotonic() - begin, True
            time.sleep(POLL_SECONDS)
        return time.monotonic() - begin, False
