"""Hubs that replicate, each killed with SIGKILL at random moments while four clients write, and the network between them bad.

In the end all hubs hold the same, and what was answered is there, once. The seed makes a run that can be had again but for the
moments at which things meet.
"""
import contextlib
import os
import random
import unittest

from faulty_proxy import Proxy
from replication_hubs import SMALL_BLOCKS, ReplicatingHub, wait_until_equal
from replication_load import Load

KILLS = int(os.environ.get("NM_KILLS", "5"))
SEED = int(os.environ.get("NM_KILL_SEED", "1"))
STEPS_BETWEEN = (1, 40)


class KillCase(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(f"{SEED} {self.id()}")

    def start(self, *options, **more):
        hub = ReplicatingHub(*SMALL_BLOCKS, *options, **more)
        self.addCleanup(hub.remove)
        return hub

    def proxy(self, hub):
        proxy = Proxy(hub.port, self.random.randrange(1 << 30))
        self.addCleanup(proxy.close)
        return proxy

    def kill_one_after_the_other(self, load, hubs, kills=KILLS):
        for _ in range(kills):
            load.wait_for_steps(self.random.randint(*STEPS_BETWEEN))
            victim = self.random.choice(hubs)
            victim.kill()
            # The others may get on for a while, or not at all.
            if victim is not load.place.hub:
                load.wait_for_steps(self.random.randint(*STEPS_BETWEEN))
            victim.start()

    def check(self, load, *hubs):
        wait_until_equal(*hubs)
        for hub in hubs:
            load.check(hub)
        for hub in hubs:
            self.assertEqual(hub.terminate(), 0)


class KillTest(KillCase):
    def test_two(self):
        b = self.start()
        a = self.start(targets=[b])
        with Load(a, SEED) as load:
            self.kill_one_after_the_other(load, [a, b])
        self.check(load, a, b)

    def test_both_at_once(self):
        b = self.start()
        a = self.start(targets=[b])
        with Load(a, SEED) as load:
            for _ in range(KILLS):
                load.wait_for_steps(self.random.randint(*STEPS_BETWEEN))
                a.kill()
                b.kill()
                b.start()
                a.start()
        self.check(load, a, b)

    def test_three_in_a_chain(self):
        c = self.start()
        b = self.start(targets=[c])
        a = self.start(targets=[b])
        with Load(a, SEED) as load:
            self.kill_one_after_the_other(load, [a, b, c])
        self.check(load, a, b, c)

    def test_a_ring_of_three(self):
        hubs = [self.start(start=False) for _ in range(3)]
        for i, hub in enumerate(hubs):
            hub.targets = [hubs[(i + 1) % 3]]
        for hub in hubs:
            hub.start()
        loads = [Load(hub, SEED, clients=2, prefix=f"at{i}-") for i, hub in enumerate(hubs[:2])]
        with loads[0], loads[1]:
            self.kill_one_after_the_other(loads[0], hubs)
        wait_until_equal(*hubs)
        for load in loads:
            for hub in hubs:
                load.check(hub)


class BadNetworkTest(KillCase):
    def test_a_bad_network_between_two(self):
        b = self.start()
        proxy = self.proxy(b)
        proxy.be_rough()
        a = self.start(targets=[proxy])
        with Load(a, SEED) as load:
            for _ in range(4):
                load.wait_for_steps(50)
                proxy.cut()
            self.kill_one_after_the_other(load, [a, b], kills=2)
        proxy.be_calm()
        self.check(load, a, b)
        self.assertGreater(sum(n for fate, n in proxy.fates.items() if fate != "pass"), 0, "nothing went wrong")

    def test_everything_is_cut_short(self):
        """Connections that carry only some hundred bytes: whole posts hardly ever arrive, and still all does in the end."""
        b = self.start()
        proxy = self.proxy(b)
        a = self.start(targets=[proxy])
        with Load(a, SEED) as load:
            proxy.be_rough({"pass": 1, "cut": 3, "cut answer": 3}, most_bytes=3000)
            load.wait_for_steps(150)
        proxy.be_calm()
        self.check(load, a, b)

    def test_refused_in_between(self):
        b = self.start()
        proxy = self.proxy(b)
        a = self.start(targets=[proxy])
        a.wait_for_state("live")  # it knows what the target is: who answers 400 to the first calls is a plain server
        with Load(a, SEED) as load:
            proxy.be_rough({"pass": 1, 400: 1, 500: 1, 429: 1, 503: 1})
            for _ in range(5):
                load.wait_for_steps(20)
                proxy.cut()
        proxy.be_calm()
        self.check(load, a, b)


class TakeOverTest(KillCase):
    """Two hubs that write to each other, one of them a standby that is opened when the other is gone."""

    def test_take_over_and_back(self):
        a, b = self.start(start=False), self.start("--standby", start=False)
        with contextlib.ExitStack() as stack:
            to_a, to_b = stack.enter_context(Proxy(a.port)), stack.enter_context(Proxy(b.port))
            a.targets, b.targets = [to_b], [to_a]
            a.start()
            b.start()
            with Load(a, SEED) as load:
                load.wait_for_steps(100)
                # What A answers to from here on, B learns when A is back.
                to_b.set_down(True)
                load.wait_for_steps(30)
                a.kill()
                b.set_standby(False)
                load.place.hub = b
                load.wait_for_steps(100)
                to_b.set_down(False)
                a.start()
                load.wait_for_steps(40)
                b.kill()
                b.start()
                load.wait_for_steps(20)
                # And back to A.
                b.set_standby(True)
                load.place.hub = a
                load.wait_for_steps(50)
            wait_until_equal(a, b)
            for hub in (a, b):
                load.check(hub)

    def test_killed_at_random(self):
        a, b = self.start(start=False), self.start(start=False)
        a.targets, b.targets = [b], [a]
        a.start()
        b.start()
        with Load(a, SEED) as load:
            for _ in range(KILLS):
                load.wait_for_steps(self.random.randint(*STEPS_BETWEEN))
                here, there = (a, b) if load.place.hub is a else (b, a)
                here.kill()
                load.place.hub = there
                load.wait_for_steps(self.random.randint(*STEPS_BETWEEN))
                here.start()
        wait_until_equal(a, b)
        for hub in (a, b):
            load.check(hub)


if __name__ == "__main__":
    unittest.main()
