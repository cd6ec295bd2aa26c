"""Alerts: rules fire once, resolve, survive a restart and a kill at any moment."""
import json
import random
import time
import unittest

from alert_hub import PATIENCE, RULES, alerts, lines, must_put, put_rule, reading, states, wait_states
from server_process import Server, ServerCase, wait_until
from tool_process import FAILED, NOTHING, USAGE, Tool


class Rules(ServerCase):
    def test_lines_fire_once_and_resolve(self):
        must_put(self, self.hub, "boom", kind="lines", query="boom", count=3, within="2s")
        lines(self.hub, "boom 1", "quiet", "boom 2", client="l")
        lines(self.hub, *[f"boom {i}" for i in range(3, 9)], client="l")
        wait_states(self.hub, "boom", ["firing", "resolved"])
        first, last = alerts(self.hub, "boom")
        self.assertEqual(first["count"], 8)
        self.assertIn("boom", first["line"])
        self.assertEqual(first["since"], last["since"])
        self.assertGreaterEqual(last["date"] - first["date"], 1900)
        self.assertNotEqual(first["id"], last["id"])

    def test_grouped_by_client(self):
        must_put(self, self.hub, "each", kind="lines", query="crash", count=2, within="30s", by="client")
        lines(self.hub, "crash", client="g1")
        lines(self.hub, "crash", client="g2")
        lines(self.hub, "crash", client="g2")
        wait_states(self.hub, "each", ["firing"])
        self.assertEqual(alerts(self.hub, "each")[0]["client"], "g2")
        firing = [f for f in self.hub.get("/api/v1/alerts/firing").json()["firing"] if f["rule"] == "each"]
        self.assertEqual([f["client"] for f in firing], ["g2"])
        tested = self.hub.call("POST", RULES + "each/test").json()
        self.assertTrue(tested["fires"])
        self.assertEqual({g["client"]: g["count"] for g in tested["groups"]}, {"g1": 1, "g2": 2})

    def test_a_reading_above_for_a_time(self):
        must_put(self, self.hub, "disk", kind="reading", client="r*", plugin="df", field="value", above=90, **{"for": "1s", "clear_for": "0s"})
        reading(self.hub, "r1", "df", 50)
        reading(self.hub, "r1", "other", 99)

        def step():
            reading(self.hub, "r1", "df", 95)
            return states(self.hub, "disk")

        wait_until(step, PATIENCE, "the reading to fire")
        first, = alerts(self.hub, "disk")
        self.assertEqual((first["client"], first["log"], first["field"], first["reading"]), ("r1", "df", "value", 95))
        self.assertGreaterEqual(first["date"] - first["since"], 1000)
        reading(self.hub, "r1", "df", 20)
        wait_states(self.hub, "disk", ["firing", "resolved"])

    def test_severe_lines_need_no_rule(self):
        lines(self.hub, "SEVERE: engine stopped 100%20", "SEVERE: engine stopped 100%20", client="s")
        lines(self.hub, "SEVERE: another", "INFO: nothing severe", client="s")
        wait_until(lambda: len(alerts(self.hub, "severe")) >= 2, PATIENCE, "two alerts")
        self.assertEqual([a["line"] for a in alerts(self.hub, "severe")], ["SEVERE: engine stopped 100%20", "SEVERE: another"])
        tested = self.hub.call("POST", RULES + "severe/test?from=-10m").json()
        self.assertEqual([a["line"] for a in tested["alerts"] if a["client"] == "s"], ["SEVERE: engine stopped 100%20", "SEVERE: another"])
        self.assertTrue(tested["fires"])
        must_put(self, self.hub, "severe", enabled=False)
        must_put(self, self.hub, "behind", kind="lines", query="unheard")
        lines(self.hub, "SEVERE: unheard", client="s")
        wait_states(self.hub, "behind", ["firing"])
        self.assertEqual(len(alerts(self.hub, "severe")), 2)

    def test_what_is_wrong_is_named(self):
        for rule, field in (({"kind": "lines"}, "query"), ({"kind": "lines", "query": "a AND ("}, "query"),
                            ({"kind": "lines", "query": "a", "count": 0}, "count"),
                            ({"kind": "lines", "query": "a", "within": "x"}, "within"),
                            ({"kind": "lines", "qury": "a"}, "qury"), ({"kind": "reading", "plugn": "a", "above": 1}, "plugn"),
                            ({"kind": "silent", "query": "a"}, "query"),
                            ({"kind": "lines", "query": "a", "above": 1}, "above"), ({"kind": "x"}, "kind"),
                            ({"kind": "silent", "webhook": {"url": "ftp://a"}}, "webhook.url"),
                            ({"kind": "reading", "plugin": "a"}, "above"), ({"kind": "lines", "query": "a | count"}, "query")):
            answer = put_rule(self.hub, "bad", **rule)
            self.assertEqual(answer.status, 400, (rule, answer.body))
            self.assertTrue(answer.json()["error"]["message"].startswith(field + ": "), answer.body)
        answer = self.hub.call("PUT", RULES + "bad", b'{"kind":"lines",}')
        self.assertEqual((answer.status, answer.json()["error"]["column"]), (400, 17))
        for rule, column, field in ((b'{"kind":"lines","query":"a","query":"b"}', 29, "query"),
                                    (b'{"kind":"silent","webhook":{"url":"http://a/","url":"http://b/"}}', 47, "url")):
            answer = self.hub.call("PUT", RULES + "bad", rule)
            self.assertEqual((answer.status, answer.json()["error"]["column"]), (400, column), answer.body)
            self.assertEqual(answer.json()["error"]["message"], field + ": it is there twice")
        self.assertEqual(put_rule(self.hub, "same", kind="silent", overrides=[{"client": "a", "after": "1m"}, {"client": "b", "after": "1m"}]).status, 200)
        self.assertEqual(self.hub.delete(RULES + "same").status, 200)
        self.assertEqual(self.hub.get(RULES + "bad").status, 404)
        self.assertEqual(self.hub.delete(RULES + "bad").status, 404)

    def test_tool(self):
        tool = Tool(self.server.directory, self.server.port)
        tool.text("alerts", "set", "-", "--id", "tooled", stdin=b'{"kind":"lines","query":"tooled","within":"30s"}')
        self.assertIn("tooled", [rule["id"] for rule in tool.json("alerts", "rules")])
        self.assertEqual(json.loads(tool.text("alerts", "show", "tooled"))["query"], "tooled")
        lines(self.hub, "tooled", client="t")
        wait_states(self.hub, "tooled", ["firing"])
        self.assertIn("  tooled  ", tool.text("alerts", "list", "firing"))
        self.assertIn("  (1 lines)", tool.text("alerts", "list", "firing"))
        self.assertIn("firing  tooled: 1 lines", tool.text("alerts", "list"))
        self.assertIn("firing  tooled: 1 lines", tool.text("alerts", "test", "tooled", "--from", "-10m"))
        self.assertEqual(tool.json("alerts", "test", "tooled")[0]["fires"], True)
        tool.text("alerts", "test", "tooled", "--from", "-2h", "--to", "-1h", code=NOTHING)
        self.assertIn(b"31 days", tool.run("alerts", "test", "tooled", "--from", "-40d", code=USAGE).stderr)
        tool.text("alerts", "remove", "tooled")
        wait_states(self.hub, "tooled", ["firing", "resolved"])
        tool.text("alerts", "remove", "tooled", code=FAILED)


class SilentClients(ServerCase):
    def test_silent_then_back_then_removed(self):
        lines(self.hub, "here", client="q1")
        must_put(self, self.hub, "quiet", kind="silent", client="q*", after="1s", overrides=[{"client": "q2", "after": "1h"}])
        lines(self.hub, "here", client="q2")
        wait_states(self.hub, "quiet", ["firing"])
        self.assertEqual(alerts(self.hub, "quiet")[0]["client"], "q1")
        lines(self.hub, "again", client="q1")
        wait_states(self.hub, "quiet", ["firing", "resolved", "firing"])
        self.hub.call("DELETE", "/v0.3/DATA/CFUTF8Type/clients/q1")
        wait_states(self.hub, "quiet", ["firing", "resolved", "firing", "resolved"])


class OverARestart(unittest.TestCase):
    def test_what_fires_goes_on(self):
        with Server() as server:
            hub = server.hub()
            must_put(self, hub, "stays", kind="lines", query="boom", count=2, within="1h")
            lines(hub, "boom")
            server.restart()
            hub = server.hub()
            lines(hub, "boom")
            wait_states(hub, "stays", ["firing"])
            for end in (server.terminate, server.kill):
                end()
                server.start()
                hub = server.hub()
                lines(hub, "boom")
                must_put(self, hub, f"mark{server.port}", kind="lines", query="mark", within="1h")
                lines(hub, "mark")
                wait_states(hub, f"mark{server.port}", ["firing"])
                self.assertEqual(states(hub, "stays"), ["firing"])

    def test_killed_at_any_moment_an_alert_is_written_once(self):
        with Server() as server:
            hub = server.hub()
            must_put(self, hub, "killed", kind="lines", query="boom", count=2, within="1h", by="client")
            for turn in range(6):
                lines(hub, "boom", "boom", client=f"k{turn}")
                if turn % 2:
                    wait_until(lambda: len(states(hub, "killed")) > turn, PATIENCE, "the alert")
                server.kill()
                server.start()
                hub = server.hub()
            wait_until(lambda: len(states(hub, "killed")) >= 6, PATIENCE, "all alerts")
            lines(hub, "boom", "boom", client="last")
            wait_until(lambda: len(states(hub, "killed")) >= 7, PATIENCE, "the last")
            self.assertEqual(sorted(a["client"] for a in alerts(hub, "killed")), [f"k{turn}" for turn in range(6)] + ["last"])

    def test_killed_at_any_moment_what_time_brings_is_written_once(self):
        """Lines that fire and are resolved by time alone; and a client that is silent, and then is not."""
        pick = random.Random(4)
        with Server() as server:
            hub = server.hub()
            must_put(self, hub, "short", kind="lines", query="boom", within="300ms", by="client")
            must_put(self, hub, "quiet", kind="silent", client="q", after="300ms")
            turns = [f"k{turn}" for turn in range(15)]
            for client in turns:
                lines(hub, "boom", client=client)
                lines(hub, "here", client="q")
                time.sleep(pick.random() * 0.9)  # not as a proof: any moment will do
                server.kill()
                server.start()
                hub = server.hub()
            wait_until(lambda: len(states(hub, "short")) >= 2 * len(turns), PATIENCE, "all to fire and to be resolved")
            wait_until(lambda: states(hub, "quiet")[-1:] == ["firing"], PATIENCE, "the client to be silent")
            told = alerts(hub, "short")
            for client in turns:
                self.assertEqual([a["state"] for a in told if a["client"] == client], ["firing", "resolved"], told)
            told += alerts(hub, "quiet")
            silent = states(hub, "quiet")
            self.assertEqual(silent, [("firing", "resolved")[turn % 2] for turn in range(len(silent))])
            self.assertEqual(len({a["id"] for a in told}), len(told))


if __name__ == "__main__":
    unittest.main()
