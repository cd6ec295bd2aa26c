"""Two hubs that send to each other, and copy to each other, while both are written to and restarted."""
import contextlib
import random
import threading
import unittest

from replication_hubs import WAIT_SECONDS, HubsCase, wait_until_equal
from replication_load import Load
from server_process import wait_until

SEED = 5
PATTERNS = ("--replicate-only", "*/*", "--replicate-only", "counters/*")


class BothWaysTest(HubsCase):
    def start_both(self, of_a=(), of_b=()):
        a, b = self.start(*of_a, start=False), self.start(*of_b, start=False)
        a.targets, b.targets = [b], [a]
        for hub in (a, b):
            hub.start()
        for hub in (a, b):
            hub.wait_for_state("live")
        return a, b

    def test_copies_at_the_same_moment_and_restarts(self):
        a, b = self.start_both()
        for hub, name in ((a, "a"), (b, "b")):
            for i in range(10):
                self.write_some(hub, f"{name}{i}")
        wait_until_equal(a, b)
        for _ in range(3):
            together = threading.Barrier(2)

            def resync(hub, together=together):
                together.wait()
                hub.command_target("resync")

            threads = [threading.Thread(target=resync, args=(hub,)) for hub in (a, b)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for hub in (a, b):
                hub.kill()
            for hub in (a, b):
                hub.start()
        for hub in (a, b):
            wait_until(lambda hub=hub: hub.target()["state"] == "live", WAIT_SECONDS, "both copies to have come")
            self.assertEqual(hub.status()["copies"], [])
        wait_until_equal(a, b)
        for i in range(10):
            for hub in (a, b):
                self.assertEqual(hub.hub().counter(f"a{i}", "c"), 20)
                self.assertEqual(hub.hub().counter(f"b{i}", "c"), 20)

    def copy_under_load(self, a, b, makers):
        chance = random.Random(SEED)
        loads = [Load(hub, SEED, clients=1, prefix=f"at{i}-") for i, hub in enumerate((a, b))]
        with contextlib.ExitStack() as stack:
            for load in loads:
                stack.enter_context(load)
            for i in range(8):
                for load in loads:
                    load.wait_for_steps(8 * (i + 1))
                chance.choice(makers).command_target("resync")
        wait_until_equal(a, b)
        for load in loads:
            for hub in (a, b):
                load.check(hub)

    def test_copies_where_both_send_by_patterns(self):
        a, b = self.start_both(PATTERNS, PATTERNS)
        self.copy_under_load(a, b, [a, b])

    def test_copies_of_a_hub_that_is_sent_a_part(self):
        a, b = self.start_both(PATTERNS)
        self.copy_under_load(a, b, [b])


if __name__ == "__main__":
    unittest.main()
