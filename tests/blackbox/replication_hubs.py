"""Hubs that replicate to each other, for tests: started, asked how they stand, waited for."""
import contextlib
import os
import re
import unittest

from server_process import Server, wait_until
from store_comparison import compare, wait_until_same
from tool_process import free_port
from wire import Closed, Hub, bulk, log_value

NOON = 1306065600000
DAY = "2011:4:22"
WAIT_SECONDS = int(os.environ.get("NM_WAIT", "60"))
# What a hub seals at once is sent as blocks; the rest as lines.
SMALL_BLOCKS = ("--seal-block", "4KiB", "--seal-direct", "1500", "--seal-idle", "1", "--seal-idle-after", "0ms",
                "--seal-settle-after", "0ms")


class OnceHub(Hub):
    """As Hub, but nothing is sent a second time by itself: who asks must know whether it was done."""

    def _exchange(self, method, data):
        try:
            return super()._exchange(method, data)
        except (Closed, OSError) as e:
            self.close()
            raise Cut(str(e)) from e


class Cut(Exception):
    """The connection broke: whether the request was done is not known."""


class ReplicatingHub(Server):
    """An nm-stored with a port of its own that it keeps, and targets: hubs, proxies, or anything with a `port`."""

    def __init__(self, *options, targets=(), start=True):
        super().__init__(*options, listen=f"127.0.0.1:{free_port()}", start=False)
        self.port = int(self.listen.split(":")[1])
        self.targets = list(targets)
        if start:
            self.start()

    def command(self):
        to = [word for target in self.targets
              for word in ("--replicate-to", f"{getattr(target, 'scheme', 'http')}://127.0.0.1:{target.port}")]
        return super().command() + to

    def once(self):
        return OnceHub(self.port)

    def status(self):
        with contextlib.closing(self.hub()) as hub:
            answer = hub.get("/api/v1/replication")
        if answer.status != 200:
            raise AssertionError(answer)
        return answer.json()

    def target(self, number=0):
        return self.status()["targets"][number]

    def name_of(self, number=0):
        return f"127.0.0.1:{self.targets[number].port}"

    def command_target(self, command, number=0):
        with contextlib.closing(self.hub()) as hub:
            answer = hub.call("POST", f"/api/v1/replication/targets/{self.name_of(number)}/{command}")
        if answer.status != 200:
            raise AssertionError(answer)

    def set_standby(self, on):
        with contextlib.closing(self.hub()) as hub:
            answer = hub.post_json("/api/v1/replication/standby", {"standby": on})
        if answer.status != 200:
            raise AssertionError(answer)

    def metric(self, name):
        """The sum over a metric's labels."""
        with contextlib.closing(self.hub()) as hub:
            text = hub.get("/metrics").body.decode()
        values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        if not values:
            raise AssertionError(f"no metric {name}")
        return sum(map(float, values))

    def has_sent_all(self):
        return all(t["position"] is not None and t["lag_records"] == 0 for t in self.status()["targets"])

    def wait_for_state(self, *states, number=0, seconds=WAIT_SECONDS):
        def there():
            found = self.target(number)
            return found if found["state"] in states else None
        try:
            return wait_until(there, seconds, f"{self.name_of(number)} to be {states}")
        except AssertionError as e:
            raise AssertionError(f"{e}: {self.status()}\n{self.log()}") from None


def wait_until_sent(*hubs, seconds=WAIT_SECONDS):
    """Until no hub has anything to send any more."""
    try:
        wait_until(lambda: all(hub.has_sent_all() for hub in hubs), seconds, "all is sent")
    except AssertionError as e:
        raise AssertionError(f"{e}: {[hub.status() for hub in hubs]}") from None


def wait_until_equal(*hubs, seconds=WAIT_SECONDS):
    """Until all hold the same; and have nothing to send then. The first is the one that the others are compared with."""
    first, *others = [hub.hub() for hub in hubs]
    try:
        for _ in range(2):  # and once more when nothing is on its way any more; meanwhile cells expire
            for other in others:
                wait_until_same(lambda other=other: compare(first, other), seconds)
            wait_until_sent(*(hub for hub in hubs if hub.targets), seconds=seconds)
    except AssertionError as e:
        raise AssertionError(f"{e}\n{[hub.status() for hub in hubs]}") from None
    finally:
        for hub in (first, *others):
            hub.close()


class HubsCase(unittest.TestCase):
    def start(self, *options, **more):
        hub = ReplicatingHub(*options, **more)
        self.addCleanup(hub.remove)
        return hub

    def pair(self, *options):
        """A writes to B too."""
        b = self.start()
        return self.start(*options, targets=[b]), b

    def write_some(self, hub, name, count=20):
        with contextlib.closing(hub.hub()) as client:
            rows = {f"{name}:logs:l:{DAY}": {str(NOON + i): log_value(NOON + i, f"{name} {i}\n") for i in range(count)}}
            self.assertEqual(client.post_json("/v0.3/DATA/CFLongType", bulk(rows)).status, 200)
            self.assertEqual(client.post_form(f"/v0.3/COUNTER/{name}/c", {"increment": count}).status, 200)
            self.assertEqual(client.post_form(f"/v0.3/DATA/CFUTF8Type/{name}", {"a": name, "b": count}).status, 200)
