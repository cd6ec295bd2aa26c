"""Three hubs, each of which sends to both others, killed at random under load, and copied to in the middle."""
import contextlib
import random
import unittest

from replication_hubs import WAIT_SECONDS, HubsCase, wait_until_equal
from replication_load import Load
from server_process import wait_until

SEED = 7


@contextlib.contextmanager
def running(loads):
    with contextlib.ExitStack() as stack:
        for load in loads:
            stack.enter_context(load)
        yield


def wait_for_steps(loads, steps):
    for load in loads:
        load.wait_for_steps(steps)


class MeshTest(HubsCase):
    def setUp(self):
        self.hubs = [self.start(start=False) for _ in range(3)]
        for hub in self.hubs:
            hub.targets = [other for other in self.hubs if other is not hub]
        for hub in self.hubs:
            hub.start()
        # A hub that has heard nothing of another one takes what comes of it on the way over the third.
        for hub in self.hubs:
            for number in range(2):
                hub.wait_for_state("live", number=number)

    def load_all(self, clients=1, prefix=""):
        return [Load(hub, SEED, clients=clients, prefix=f"{prefix}at{i}-") for i, hub in enumerate(self.hubs)]

    def check_all(self, loads):
        wait_until_equal(*self.hubs)
        for load in loads:
            for hub in self.hubs:
                load.check(hub)

    def test_killed_at_random_under_load(self):
        chance = random.Random(SEED)
        loads = self.load_all(clients=2)
        with running(loads):
            for i in range(6):
                loads[i % 3].wait_for_steps(20 * (i // 3 + 1))
                hub = chance.choice(self.hubs)
                hub.kill()
                hub.start()
            wait_for_steps(loads, 60)
        self.check_all(loads)

    def test_a_full_copy_within_a_mesh(self):
        a, b, c = self.hubs
        loads = self.load_all()
        with running(loads):
            wait_for_steps(loads, 40)
        wait_until_equal(*self.hubs)
        # To one that has all already, and is killed while the copy comes: nothing counts twice, here or at the third.
        a.command_target("resync")
        b.kill()
        b.start()
        wait_until(lambda: "has a full copy" in a.log(), WAIT_SECONDS, "the copy to be done")
        more = self.load_all(prefix="later-")
        with running(more):
            wait_for_steps(more, 20)
        self.check_all(loads + more)
        self.assertEqual({t["state"] for hub in self.hubs for t in hub.status()["targets"]}, {"live"})

    def test_a_full_copy_while_all_are_written_to(self):
        a, b, c = self.hubs
        loads = self.load_all()
        with running(loads):
            wait_for_steps(loads, 30)
            # What comes to b meanwhile, from its own clients and from c, is not known to a at the cut.
            c.command_target("pause", 0)
            b.command_target("pause", 0)
            wait_for_steps(loads, 40)
            a.command_target("resync")
            wait_until(lambda: "has a full copy" in a.log(), WAIT_SECONDS, "the copy to be done")
            self.assertIn("was written again", b.log())
            c.command_target("resume", 0)
            b.command_target("resume", 0)
            wait_for_steps(loads, 60)
        self.check_all(loads)

    def test_full_copies_to_two_at_once_and_kills(self):
        a, b, c = self.hubs
        loads = self.load_all()
        chance = random.Random(SEED)
        with running(loads):
            wait_for_steps(loads, 20)
            a.command_target("resync", 0)
            a.command_target("resync", 1)
            for i in range(3):
                hub = chance.choice([b, c])
                hub.kill()
                hub.start()
                loads[0].wait_for_steps(25 + 5 * i)
            wait_until(lambda: a.log().count("has a full copy") >= 2, WAIT_SECONDS, "both copies to be done")
            wait_for_steps(loads, 50)
        self.check_all(loads)


    def test_copies_by_all_at_once_with_kills_and_pauses(self):
        chance = random.Random(SEED)
        loads = self.load_all()
        with running(loads):
            for i in range(16):
                wait_for_steps(loads, 5 * (i + 1))
                what = chance.choice(["resync", "resync", "resync", "kill", "pause", "resume"])
                hub = chance.choice(self.hubs)
                if what == "kill":
                    hub.kill()
                    hub.start()
                else:
                    hub.command_target(what, chance.randrange(2))
            for hub in self.hubs:
                for number in range(2):
                    hub.command_target("resume", number)
        self.check_all(loads)


class OldHubTest(HubsCase):
    """Of hubs that have something that others lack, and whose journals do not have it any more."""

    def test_a_copy_takes_nothing_away_that_comes_from_a_third_hub(self):
        b = self.start("--replicate-keep", "1MiB", "--journal", start=False)
        a, c = (self.start(start=False) for _ in range(2))
        a.targets, c.targets = [b], [b, a]
        for hub in (a, b, c):
            hub.start()
        c.wait_for_state("live", number=1)
        c.command_target("pause", 1)
        self.write_some(c, "at-c")
        c.wait_for_state("live", number=0)
        for i in range(40):  # b's journal lets go of it
            b.hub().post_form("/v0.3/DATA/CFUTF8Type/large", {"a": f"{i}" + "x" * 100_000})
        wait_until(lambda: b.status()["journal"]["first"] > 0, WAIT_SECONDS, "the journal to let go")
        a.command_target("resync")
        wait_until(lambda: c.status()["hub"] in (a.target()["why"] or ""), WAIT_SECONDS, "the copy to wait, and say why")
        self.assertEqual(b.hub().counter("at-c", "c"), 20)
        c.command_target("resume", 1)
        wait_until(lambda: "has a full copy" in a.log(), WAIT_SECONDS, "the copy to be done")
        a.wait_for_state("live")
        for hub in (a, b):
            self.assertEqual(hub.hub().counter("at-c", "c"), 20)


class RingTest(HubsCase):
    def test_a_full_copy_ends_where_it_began(self):
        hubs = [self.start(start=False) for _ in range(3)]
        for i, hub in enumerate(hubs):
            hub.targets = [hubs[(i + 1) % 3]]
        for hub in hubs:
            hub.start()
        for i, hub in enumerate(hubs):
            self.write_some(hub, f"n{i}")
        wait_until_equal(*hubs)
        hubs[0].command_target("resync")
        wait_until(lambda: "has a full copy" in hubs[0].log(), WAIT_SECONDS, "the copy to be done")
        hubs[1].kill()
        hubs[1].start()
        wait_until_equal(*hubs)
        sent = [hub.target()["sent_records"] for hub in hubs]
        self.write_some(hubs[0], "later", 1)
        wait_until_equal(*hubs)
        more = [hub.target()["sent_records"] - before for hub, before in zip(hubs, sent)]
        self.assertEqual(more[0], more[1])
        self.assertEqual(more[2], 0)
        for hub in hubs:
            self.assertEqual(hub.hub().counter("n1", "c"), 20)


if __name__ == "__main__":
    unittest.main()
