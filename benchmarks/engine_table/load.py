"""Loads: JSON lines by curl, as a shipper sends them; agents' bulk bodies. And what they cost."""
import pathlib
import subprocess
import threading
import time

from .server import Failure

CLIENTS = 2
CURL_SECONDS = 1800


def curl_config(url, content_type, bodies):
    """One curl that posts all these bodies one after the other on one connection."""
    parts = []
    for body in bodies:
        parts.append(f'url = "{url}"\ndata-binary = "@{body}"\nheader = "Content-Type: {content_type}"\n'
                     'header = "Expect:"\nsilent\nshow-error\noutput = "/dev/null"\nwrite-out = "%{http_code}\\n"\n')
    return "next\n".join(parts)


def post(url, content_type, bodies, directory, clients=CLIENTS):
    """Posts the bodies with so many curl in parallel; seconds. Every answer must be a 200."""
    configs = []
    for number in range(min(clients, len(bodies))):
        config = pathlib.Path(directory) / f"curl-{number}.config"
        config.write_text(curl_config(url, content_type, bodies[number::clients]))
        configs.append(config)
    begin = time.perf_counter()
    running = [subprocess.Popen(["curl", "-K", str(config)], stdout=subprocess.PIPE, text=True) for config in configs]
    try:
        answers = "".join(process.communicate(timeout=CURL_SECONDS)[0] for process in running).split()
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
    seconds = time.perf_counter() - begin
    if answers != ["200"] * len(bodies):
        raise Failure(f"POST {url}: {sorted(set(answers))} and {len(answers)} answers of {len(bodies)}")
    return seconds


class PeakWatch:
    """The greatest memory and how busy the machine was, while something runs."""

    def __init__(self):
        self.loads = []
        self.stopping = threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _watch(self):
        while not self.stopping.wait(0.5):
            with open("/proc/loadavg", encoding="ascii") as file:
                self.loads.append(float(file.read().split()[0]))

    def load(self):
        return max(self.loads, default=0.0)


def load_lines(server, bodies, lines, settle_seconds):
    """POST /api/v1/logs with all bodies, then waits for the store to settle: what that took."""
    before = server.cpu_seconds()
    seconds = post(server.url + "/api/v1/logs", "application/x-ndjson", bodies, server.directory)
    loaded = server.cpu_seconds()
    settle, settled = server.settle(settle_seconds)
    return {"lines": lines, "seconds": seconds, "lines_per_second": lines / seconds,
            "cpu_us_per_line": (loaded - before) / lines * 1e6,
            "cpu_us_per_line_settled": (server.cpu_seconds() - before) / lines * 1e6,
            "settle_seconds": settle, "settled": settled, "peak_bytes": server.peak_bytes()}
