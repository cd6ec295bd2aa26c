"""Recordings of an old agent's calls: what it sends and what it must read back.

    >>> METHOD PATH          begins a call
    body                     up to the answer; lines are joined without a newline
    200 {"a":1}              status, and JSON whose members the answer must have
    200 exactly {"a":1}      the same, with nothing else in the answer, and members in this order
    # …                      a comment

A text in the expected JSON matches as a pattern in which * stands for anything.
"""
import fnmatch
import json
import pathlib
import re

ANSWER = re.compile(r"^(\d{3})( exactly)? (\{.*\})$")


class Call:
    def __init__(self, place, method, path):
        self.place, self.method, self.path = place, method, path
        self.body = b""
        self.status = self.expected = None
        self.exactly = False


def read_recording(path):
    calls = []
    for number, line in enumerate(pathlib.Path(path).read_text("utf-8").splitlines(), 1):
        answer = ANSWER.match(line)
        if line.startswith(">>> "):
            calls.append(Call(f"{path.name}:{number}", *line[4:].split(" ", 1)))
        elif answer and calls[-1].status is None:
            calls[-1].status = int(answer[1])
            calls[-1].exactly = bool(answer[2])
            calls[-1].expected = answer[3]
        elif line and not line.startswith("#"):
            calls[-1].body += line.encode()
    assert all(call.status for call in calls), path
    return calls


def ordered(text):
    """JSON whose objects are lists of pairs, so that order and repetition count."""
    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs))


def fits(expected, given):
    """Whether `given` has all that is expected of it."""
    if isinstance(expected, dict):
        return isinstance(given, dict) and all(k in given and fits(v, given[k]) for k, v in expected.items())
    if isinstance(expected, list):
        return isinstance(given, list) and len(expected) == len(given) and all(map(fits, expected, given))
    if isinstance(expected, str) and "*" in expected:
        pattern = expected.replace("[", "[[]").replace("?", "[?]")
        return isinstance(given, str) and fnmatch.fnmatchcase(given, pattern)
    return expected == given


def check(call, answer):
    """What is wrong with the answer to a call; None if nothing."""
    said = f"{call.place}: {call.method} {call.path} was answered {answer.status} {answer.body!r}"
    if answer.status != call.status:
        return f"{said}, not {call.status}"
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return f"{said} as {answer.headers.get('content-type')}"
    if call.exactly and ordered(answer.body) != ordered(call.expected):
        return f"{said}, not exactly {call.expected}"
    if not fits(json.loads(call.expected), answer.json()):
        return f"{said}, not {call.expected}"
    return None
