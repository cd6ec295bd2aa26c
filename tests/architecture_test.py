#!/usr/bin/env python3
"""Reads the include graph and fails on an arrow that goes up, and on a library outside of its room.

architecture_test.py SOURCE_DIRECTORY
"""
import pathlib
import posixpath
import re
import sys

# Which rooms a room may include. Each may include itself.
ARROWS = {
    "engine": set(),
    "ingest": {"engine"},
    "query": {"engine"},
    "server": {"engine", "ingest", "query", "ui"},
    "ui": set(),  # the page knows the server by HTTP only; of C++ it has the files that it is made of
    "tools": {"engine", "ingest", "query"},
    "benchmarks": {"engine", "ingest", "query", "tests"},
}
# The engine's own parts are nobody else's business: others include "nmstore/…". Single headers that may be
# included nevertheless, or although their room may not:
PRIVATE = "engine"
ALSO = {
    "ingest": {"engine/json_string.h"},
    "query": {"engine/json_string.h"},
    "benchmarks": {"engine/block/block.h", "engine/block/filter.h"},  # what codec_benchmark measures
    "tools": {"engine/owner_lock.h", "server/credential_hash.h"},
}

# Library -> (pattern of its headers, pattern of the files that may include them).
LIBRARIES = {
    # benchmarks/raw_rocksdb.cpp measures what RocksDB does without us.
    "RocksDB": (r"rocksdb/", r"engine/kv_rocksdb[a-z_]*\.(cpp|h)|benchmarks/raw_rocksdb\.cpp"),
    "Boost.Beast": (r"boost/beast", r"server/(session|request_parser)\.cpp"),
    "Boost.Asio": (
        r"boost/asio",
        r"server/(connection|connection_tls|session|session_answer|listener|request_parser|body_reader|event_stream)\.cpp|server/(connection|client_session|body_reader|event_stream|tls_stream)\.h",
    ),
    "other Boost": (r"boost/(?!beast|asio)", r"server/[a-z_]+\.(cpp|h)"),
    "simdjson": (r"simdjson", r"(engine|ingest|query)/[a-z_]+\.cpp"),
    "OpenSSL's TLS": (r"openssl/ssl", r"server/(tls_source|connection_tls)\.cpp"),
    "RE2": (r"re2/", r"query/[a-z_]+\.cpp"),
    "nlohmann_json": (r"nlohmann/(?!json_fwd)", r"(server|query|tools|benchmarks)/[a-z_]+\.cpp"),
    "libcurl": (r"curl/", r"tools/http_client\.cpp|server/(webhook_post|replication_http)\.cpp"),
    "CLI11": (r"CLI/", r"(server|tools)/[a-z_]+\.(cpp|h)|benchmarks/[a-z_]+\.cpp"),
}
BANNED_NAMES = re.compile(r"(^|_)(util|utils|helper|helpers|common|misc|manager|managers)(_|$)")
MAX_LINES = 400

# The page's folders below ui/src, and which of the others they must not import. A view imports no other view.
PAGE_ARROWS = {
    "api": ("components", "views", "app", "sign_in"),
    "components": ("views", "app", "sign_in"),
    "views": ("app", "sign_in", "main"),
}
# What makes markup or code of a text, or a style that the page's Content-Security-Policy refuses.
PAGE_BANNED = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|dangerouslySetInnerHTML"
    r"|\beval\(|new Function\(|setAttribute\(['\"]style|\bstyle=['\"]"
)
PAGE_IMPORT = re.compile(r"""^\s*(?:import|export)\b[^'"]*from\s+['"](\.[^'"]*)['"]|^\s*import\s+['"](\.[^'"]*)['"]""", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)


def room_of_include(header):
    if header.startswith("nmstore/"):
        return "engine"
    first = header.split("/", 1)[0]
    return first if "/" in header and first in set(ARROWS) | {"tests"} else None


def faults_of_file(path, text):
    room = path.split("/", 1)[0]
    if BANNED_NAMES.search(pathlib.PurePath(path).stem):
        yield "its name is not a noun of the field"
    if text.count("\n") > MAX_LINES:
        yield f"it has more than {MAX_LINES} lines"
    for header in INCLUDE.findall(text):
        target = room_of_include(header)
        if target and target != room and target not in ARROWS[room] and header not in ALSO.get(room, ()):
            yield f"{room} must not include {header}"
        private = target == PRIVATE and room != PRIVATE and not header.startswith("nmstore/")
        if private and header not in ALSO.get(room, ()):
            yield f"{header} is the engine's own"
        for library, (headers, allowed) in LIBRARIES.items():
            if re.match(headers, header) and not re.fullmatch(allowed, path):
                yield f"{library} ({header}) is not for this file"
        standard = "/" not in header and not header.endswith(".h")
        if path.startswith("engine/include/") and not standard and not header.startswith("nmstore/"):
            yield f"a public header includes {header}"


def faults_of_page_file(path, text):
    """path: below ui/src"""
    parts = path.split("/")
    if BANNED_NAMES.search(pathlib.PurePath(path).stem):
        yield "its name is not a noun of the field"
    if text.count("\n") > MAX_LINES:
        yield f"it has more than {MAX_LINES} lines"
    for banned in PAGE_BANNED.findall(text):
        yield f"{banned} must not be in the page"
    for imported in (a or b for a, b in PAGE_IMPORT.findall(text)):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), imported)).split("/")
        if target[0] in PAGE_ARROWS.get(parts[0], ()):
            yield f"{parts[0]} must not import {imported}"
        other_view = parts[0] == "views" and len(parts) > 2 and target[0] == "views" and len(target) > 1
        if other_view and target[1] not in (parts[1], "index"):
            yield f"a view must not import another's {imported}"


def main():
    root = pathlib.Path(sys.argv[1])
    faults, files = [], 0
    for room in ARROWS:
        for file in sorted((root / room).rglob("*")):
            if file.suffix not in (".h", ".cpp") or "node_modules" in file.parts:
                continue
            files += 1
            path = file.relative_to(root).as_posix()
            faults += [f"{path}: {fault}" for fault in faults_of_file(path, file.read_text(encoding="utf-8"))]
    for file in sorted((root / "ui" / "src").rglob("*")):
        if file.suffix in (".ts", ".tsx", ".css"):
            path = file.relative_to(root / "ui" / "src").as_posix()
            text = file.read_text(encoding="utf-8")
            faults += [f"ui/src/{path}: {fault}" for fault in faults_of_page_file(path, text)]
    for fault in faults:
        print(fault)
    if files == 0:
        sys.exit("no source files found")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
