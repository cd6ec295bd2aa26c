#!/usr/bin/env python3
"""Load over HTTP: starts nm-stored on a new directory, posts as old agents and as shippers do, reads it back.

http_load.py --server nm-stored --generator generate_logs [--directory DIR] [--small] [--json FILE]
"""
import argparse
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

DAY_ROW = "10.0.0.1:logs:_var_log_auth.log:2026:0:5"
FROM_MS, TO_MS = 1767571200000, 1767571200000 + 86400000
CELL = "%7B%22date%22%3A1767571200013%2C%22returned%22%3A%22Jan%205%2000%3A00%3A00%20node1%20sshd%3A%20Invalid%20user%20root%5Cn%22%7D"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, binary, directory):
        self.port = free_port()
        self.log = open(os.path.join(directory, "nm-stored.log"), "w")
        self.process = subprocess.Popen(
            [binary, "--data", os.path.join(directory, "data"), "--listen", f"127.0.0.1:{self.port}"],
            stdout=self.log, stderr=self.log)
        for _ in range(200):
            try:
                if self.call("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        sys.exit(f"http_load.py: {binary} does not answer; see {self.log.name}")

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def call(self, method, path, body=None, content_type="application/x-www-form-urlencoded", connection=None):
        own = connection or self.connect()
        own.request(method, path, body, {"Content-Type": content_type})
        answer = own.getresponse()
        data = answer.read()
        if connection is None:
            own.close()
        return answer.status, data

    def memory_mib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


class Load:
    """Runs one kind of request from some threads and says how many a second."""

    def __init__(self, server):
        self.server = server
        self.results = []

    def run(self, name, threads, requests, request, per_request=1, unit="requests", size=0):
        # request(connection, number) makes one call; every answer must be a success.
        times, failures, lock = [], [], threading.Lock()
        counter = iter(range(requests))

        def work():
            connection, mine = self.server.connect(), []
            while True:
                with lock:
                    number = next(counter, None)
                if number is None or failures:
                    break
                begin = time.perf_counter()
                status, data = request(connection, number)
                mine.append(time.perf_counter() - begin)
                if status != 200:
                    failures.append(f"{status} {data[:200]!r}")
            connection.close()
            with lock:
                times.extend(mine)

        begin = time.perf_counter()
        pool = [threading.Thread(target=work) for _ in range(threads)]
        for thread in pool:
            thread.start()
        for thread in pool:
            thread.join()
        seconds = time.perf_counter() - begin
        if failures:
            sys.exit(f"http_load.py: {name}: {failures[0]}")
        times.sort()
        result = {"name": name, "threads": threads, "requests": requests, "seconds": round(seconds, 3),
                  "per_second": round(requests * per_request / seconds, 1), "unit": unit,
                  "median_ms": round(times[len(times) // 2] * 1e3, 2), "p99_ms": round(times[len(times) * 99 // 100] * 1e3, 2)}
        if size:
            result["mb_per_second"] = round(size / seconds / 1e6, 1)
        self.results.append(result)
        rate = f"{result['per_second']:>12,.1f} {unit}/s"
        extra = f"  {result['mb_per_second']:.1f} MB/s" if size else ""
        print(f"{name:<42} {threads:>3} threads {rate:<26} median {result['median_ms']:.2f} ms, p99 {result['p99_ms']:.2f} ms{extra}", flush=True)


def generated(generator, *arguments):
    return subprocess.run([generator, *map(str, arguments)], check=True, capture_output=True).stdout.splitlines()


def agents(load, small):
    """What old agents do: single posts, counters, bulk bodies."""
    server, count = load.server, 50 if small else 2000
    for threads in (1, 16):
        times = iter(range(FROM_MS + threads * 10_000_000, TO_MS * 2))
        lock = threading.Lock()

        def post_cell(connection, _number):
            with lock:
                at = next(times)
            return server.call("POST", f"/v0.3/DATA/CFLongType/{DAY_ROW}", f"{at}={CELL}", connection=connection)

        load.run("POST one log cell, synced", threads, count * min(threads, 4), post_cell)

    def count_one(connection, _number):
        return server.call("POST", "/v0.3/COUNTER/connections/connections-total", "increment=1", connection=connection)

    load.run("POST one counter step, synced", 16, count * 4, count_one)


def bulk(load, generator, small):
    lines = 2000 if small else 400_000
    bodies = generated(generator, "--lines", lines, "--format", "bulk", "--body-cells", 5000, "--cell-ms", 200)
    size = sum(map(len, bodies))

    def post(connection, number):
        return load.server.call("POST", "/v0.3/DATA/CFLongType", bodies[number], connection=connection)

    load.run("POST bulk bodies of agents (lines)", 2, len(bodies), post, lines / len(bodies), "lines", size)


def ship(load, generator, small):
    lines, at_once = (2000, 500) if small else (400_000, 5000)
    everything = generated(generator, "--lines", lines, "--format", "ndjson", "--seed", 2)
    bodies = [b"\n".join(everything[i:i + at_once]) + b"\n" for i in range(0, lines, at_once)]
    size = sum(map(len, bodies))

    def post(connection, number):
        return load.server.call("POST", "/api/v1/logs", bodies[number], "application/x-ndjson", connection)

    load.run("POST JSON lines (lines)", 2, len(bodies), post, at_once, "lines", size)


def read(load, small):
    server, count = load.server, 5 if small else 300

    def get(path):
        return lambda connection, _number: server.call("GET", path, connection=connection)

    load.run("GET a page of 1000 of a day row", 4, count, get(f"/v0.3/DATA/CFLongType/{DAY_ROW}?limit=1000"))
    load.run("GET a counter", 4, count * 4, get("/v0.3/COUNTER/connections/connections-total"))
    window = f"from={FROM_MS}&to={TO_MS}"
    few = 3 if small else 10
    load.run("search, everything, first page", 1, few, get(f"/api/v1/search?{window}&limit=1000"))
    load.run("search, common word", 1, few, get(f"/api/v1/search?q=failed&{window}&limit=1000"))
    load.run("search, a word that is nowhere", 1, few, get(f"/api/v1/search?q=zzyzx&{window}"))
    load.run("search, a regular expression, nowhere", 1, few, get(f"/api/v1/search?q=/zz[xy]+zx%5Cd/&{window}"))
    load.run("histogram of a common word", 1, few, get(f"/api/v1/histogram?q=failed&{window}&step=3600000"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--generator", required=True)
    parser.add_argument("--directory", default=".", help="where the data goes; the disk under it is what is measured")
    parser.add_argument("--small", action="store_true", help="seconds only, to see that it works")
    parser.add_argument("--json", help="write the results to this file")
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="http-load-", dir=arguments.directory)
    server = Server(os.path.abspath(arguments.server), directory)
    try:
        load = Load(server)
        agents(load, arguments.small)
        bulk(load, arguments.generator, arguments.small)
        ship(load, arguments.generator, arguments.small)
        read(load, arguments.small)
        print(f"memory of the server: {server.memory_mib():.0f} MiB")
        if arguments.json:
            pathlib.Path(arguments.json).write_text(json.dumps(load.results, indent=1) + "\n")
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
