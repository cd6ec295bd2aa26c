"""Bulk bodies of agents' cells beside the same lines as JSON: what a line costs the server either way."""
import pathlib
import subprocess

from . import load

BODY_CELLS = 5000
LINES_PER_BODY = 10_000


def generate(generator, directory, lines, output_format):
    """The bodies, each in a file."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    made = subprocess.run([generator, "--lines", str(lines), "--format", output_format, "--body-cells", str(BODY_CELLS),
                           "--cell-ms", "200"], check=True, stdout=subprocess.PIPE).stdout.splitlines(keepends=True)
    at_once = LINES_PER_BODY if output_format == "ndjson" else 1
    paths = []
    for number, begin in enumerate(range(0, len(made), at_once)):
        path = directory / f"{number:05d}.{output_format}"
        path.write_bytes(b"".join(made[begin:begin + at_once]))
        paths.append(path)
    return paths


def cpu_us_per_line(server, generator, lines, output_format, settle_seconds):
    """CPU time of a line until the store has settled, in a server of its own."""
    bodies = generate(generator, server.directory / "bodies", lines, output_format)
    path = "/api/v1/logs" if output_format == "ndjson" else "/v0.3/DATA/CFLongType"
    content_type = "application/x-ndjson" if output_format == "ndjson" else "application/json"
    before = server.cpu_seconds()
    load.post(server.url + path, content_type, bodies, server.directory)
    loaded = server.cpu_seconds()
    _, settled = server.settle(settle_seconds)
    return {"loaded_us": (loaded - before) / lines * 1e6, "settled_us": (server.cpu_seconds() - before) / lines * 1e6,
            "settled": settled}
