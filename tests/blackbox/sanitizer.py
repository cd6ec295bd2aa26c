"""What the tests must know of binaries that are built with sanitizers: they are slow, and their memory is not ours."""
import os
import re

SANITIZER = os.environ.get("NM_SANITIZE", "")  # "address", "thread", or none
PATIENCE = {"": 1, "address": 4, "thread": 8}[SANITIZER]
REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|: runtime error: ")


def check_log(text):
    """Fails if a sanitizer has reported something in a process's log."""
    found = REPORT.search(text) if SANITIZER else None
    if found:
        raise AssertionError("a sanitizer reported:\n" + text[found.start():][:20000])
