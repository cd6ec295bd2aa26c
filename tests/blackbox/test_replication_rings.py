"""Hubs in chains and rings, and two that write to each other: all end up the same, and loops end."""
import contextlib
import threading
import unittest

from faulty_proxy import Proxy
from replication_hubs import WAIT_SECONDS, HubsCase, wait_until_equal, wait_until_sent
from replication_load import Load
from server_process import wait_until

SEED = 1


class ManyHubsTest(HubsCase):
    def test_three_in_a_chain(self):
        c = self.start()
        b = self.start(targets=[c])
        a = self.start(targets=[b])
        with Load(a, SEED) as load:
            load.wait_for_steps(100)
        wait_until_equal(a, b, c)
        load.check(c)

    def ring(self, count):
        hubs = [self.start(start=False) for _ in range(count)]
        for i, hub in enumerate(hubs):
            hub.targets = [hubs[(i + 1) % count]]
        for hub in hubs:
            hub.start()
        return hubs

    def check_ring(self, count):
        hubs = self.ring(count)
        loads = [Load(hub, SEED, clients=2, prefix=f"at{i}-") for i, hub in enumerate(hubs)]
        with contextlib.ExitStack() as stack:
            for load in loads:
                stack.enter_context(load)
            for load in loads:
                load.wait_for_steps(60)
        wait_until_equal(*hubs)
        for load in loads:
            for hub in hubs:
                load.check(hub)
        # One more write goes round once.
        before = [hub.status() for hub in hubs]
        self.write_one(hubs[0])
        wait_until(lambda: all(hub.hub().row("CFUTF8Type", "one") == {"a": "1"} for hub in hubs), WAIT_SECONDS, "the write at all hubs")
        wait_until_sent(*hubs)
        after = [hub.status() for hub in hubs]
        sent = [a["targets"][0]["sent_records"] - b["targets"][0]["sent_records"] for a, b in zip(after, before)]
        self.assertEqual(sent, [1] * (count - 1) + [0], "a record went round again, or not far enough")
        return hubs

    def write_one(self, hub):
        with contextlib.closing(hub.hub()) as client:
            self.assertEqual(client.post_form("/v0.3/DATA/CFUTF8Type/one", {"a": 1}).status, 200)

    def test_two_that_write_to_each_other(self):
        self.check_ring(2)

    def test_a_ring_of_three_ends_loops(self):
        self.check_ring(3)

    def test_both_write_the_same_cells_and_agree(self):
        a, b = self.ring(2)
        def write(hub, name):
            with contextlib.closing(hub.hub()) as client:
                for i in range(150):
                    client.post_form("/v0.3/DATA/CFUTF8Type/shared", {f"c{i % 7}": f"{name} {i}"})
                    if i % 10 == 3:
                        client.delete(f"/v0.3/DATA/CFUTF8Type/shared/c{i % 7}")
                    if i % 40 == 7:
                        client.delete("/v0.3/DATA/CFUTF8Type/shared")
                    client.post_form("/v0.3/COUNTER/shared/c", {"increment": 1})

        threads = [threading.Thread(target=write, args=(hub, name)) for hub, name in ((a, "a"), (b, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until_equal(a, b)
        self.assertEqual(a.hub().counter("shared", "c"), 300)


class CutApartTest(HubsCase):
    """Two hubs that write to each other and do not hear of each other for a while."""

    def setUp(self):
        self.a, self.b = self.start(start=False), self.start(start=False)
        self.to_a, self.to_b = Proxy(self.a.port), Proxy(self.b.port)
        self.addCleanup(self.to_a.close)
        self.addCleanup(self.to_b.close)
        self.a.targets, self.b.targets = [self.to_b], [self.to_a]
        self.a.start()
        self.b.start()
        self.at_a, self.at_b = self.a.hub(), self.b.hub()
        self.addCleanup(self.at_a.close)
        self.addCleanup(self.at_b.close)

    def cut(self, on):
        for proxy in (self.to_a, self.to_b):
            proxy.set_down(on)

    def put(self, hub, row, **cells):
        self.assertEqual(hub.post_form(f"/v0.3/DATA/CFUTF8Type/{row}", cells).status, 200)

    def remove(self, hub, what):
        self.assertEqual(hub.delete(f"/v0.3/DATA/CFUTF8Type/{what}").status, 200)

    def rows(self):
        wait_until_equal(self.a, self.b)
        return {row: self.at_a.row("CFUTF8Type", row) for row in self.at_a.get("/api/v1/rows", family="CFUTF8Type").json()["rows"]}

    def test_the_last_write_wins(self):
        self.put(self.at_a, "r", x=0, y=0, z=0)
        self.put(self.at_a, "gone", x=0)
        self.rows()
        self.cut(True)
        self.put(self.at_a, "r", x="a", y="a")
        self.put(self.at_a, "gone", x="a", y="a")
        self.put(self.at_b, "r", x="b", new="b")
        self.remove(self.at_b, "r/y")
        self.remove(self.at_b, "gone")
        self.remove(self.at_a, "r/z")
        self.cut(False)
        self.assertEqual(self.rows(), {"r": {"x": "b", "new": "b"}})

    def test_a_removal_of_what_has_not_come_yet(self):
        self.cut(True)
        for row in ("one", "two", "three"):
            self.put(self.at_a, row, x=1, y=1)
        self.remove(self.at_b, "one/x")
        self.remove(self.at_b, "two")
        self.remove(self.at_b, "three")
        self.put(self.at_b, "three", n=2)
        self.cut(False)
        self.assertEqual(self.rows(), {"one": {"y": "1"}, "three": {"n": "2"}})

    def test_steps_of_counters_at_both_add_up(self):
        self.cut(True)
        for hub, step in ((self.at_a, 5), (self.at_b, 70)):
            for _ in range(3):
                self.assertEqual(hub.post_form("/v0.3/COUNTER/r/c", {"increment": step}).status, 200)
        self.cut(False)
        self.rows()
        self.assertEqual((self.at_a.counter("r", "c"), self.at_b.counter("r", "c")), (225, 225))

    def test_a_family_that_both_make(self):
        self.cut(True)
        for hub in (self.at_a, self.at_b):
            self.assertEqual(hub.post_form("/v0.3/COLUMNFAMILY/Same/LongType", {}).status, 200)
        self.assertEqual(self.at_a.post_form("/v0.3/COLUMNFAMILY/Other/LongType", {}).status, 200)
        self.assertEqual(self.at_a.post_form("/v0.3/DATA/Same/r", {"1": "a"}).status, 200)
        self.assertEqual(self.at_b.post_form("/v0.3/DATA/Same/r", {"2": "b"}).status, 200)
        self.cut(False)
        self.rows()
        self.assertEqual(self.at_a.row("Same", "r"), {"1": "a", "2": "b"})


if __name__ == "__main__":
    unittest.main()
