"""Asks the questions: ripgrep and the server in turns, so that both see the same machine."""
import statistics
import time

from . import yardstick
from .corpus import DAY_MS, START_MS
from .server import Failure


def ask_server(server, question, days=1):
    """(wall seconds, CPU seconds of the server, lines) of one request over HTTP. A count is a histogram of one
    bucket."""
    window = {"from": START_MS, "to": START_MS + days * DAY_MS}
    if question.newest:
        request = server.request("GET", "/api/v1/search", q=question.query, limit=question.newest, **window)
    else:
        request = server.request("GET", "/api/v1/histogram", q=question.query, step=days * DAY_MS, **window)
    cpu = server.cpu_seconds()
    begin = time.perf_counter()
    answer = server.ask_json(request)
    wall = time.perf_counter() - begin
    found = len(answer["entries"]) if question.newest else answer["total"]
    if not answer["stats"]["complete"]:
        raise Failure(f"{question.query}: stopped by {answer['stats']['stopped_by']}")
    return wall, server.cpu_seconds() - cpu, found


def summary(measured):
    walls = [wall for wall, _, _ in measured]
    return {"median_ms": statistics.median(walls) * 1e3, "best_ms": min(walls) * 1e3,
            "cpu_ms": statistics.mean(cpu for _, cpu, _ in measured) * 1e3}


def check(question, found):
    expected = min(question.count, question.newest) if question.newest else question.count
    if found != expected:
        raise Failure(f"{question.name} {question.query}: {found} lines, rg has {expected}")


def measure(server, corpus, questions, rounds):
    """For each question the server's times, rg's, and their ratio."""
    results = []
    for question in questions:
        first = ask_server(server, question)
        check(question, first[2])
        yardstick.run_rg(question.rg, corpus)
        ours, theirs = [], []
        for _ in range(rounds):
            theirs.append(yardstick.run_rg(question.rg, corpus))
            ours.append(ask_server(server, question))
            check(question, ours[-1][2])
        result = {"question": question.name, "query": question.query, "figure": question.figure,
                  "lines": question.count, "first_ms": first[0] * 1e3, "ours": summary(ours), "rg": summary(theirs)}
        result["ratio"] = result["ours"]["median_ms"] / result["rg"]["median_ms"]
        result["best_ratio"] = result["ours"]["best_ms"] / result["rg"]["best_ms"]
        results.append(result)
    return results


def measure_alone(server, questions, rounds, days):
    """Without the yardstick: the best time of each question, in milliseconds."""
    best = {}
    for question in questions:
        ask_server(server, question, days)
        best[question.name] = min(ask_server(server, question, days)[0] for _ in range(rounds)) * 1e3
    return best
