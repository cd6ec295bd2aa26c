"""Alerts: rules fire once, resolve, survive a restart and a kill; webhooks are signed, and tried again."""
import hashlib
import hmac
import http.server
import json
import threading
import time
import unittest

from server_process import Server, ServerCase, wait_until
from tool_process import FAILED, Tool

PATIENCE = 60
RULES = "/api/v1/alerts/rules/"


def put_rule(hub, name, **rule):
    return hub.call("PUT", RULES + name, json.dumps(rule).encode(), headers=(("Content-Type", "application/json"),))


def must_put(case, hub, name, **rule):
    answer = put_rule(hub, name, **rule)
    case.assertEqual(answer.status, 200, answer.body)


def lines(hub, *texts, client="a", log="x"):
    answer = hub.post_lines([{"time": int(time.time() * 1000), "msg": text} for text in texts], client=client, log=log)
    assert answer.status == 200, answer.body


def alerts(hub, rule):
    """Of one rule, oldest first."""
    page = hub.get("/api/v1/alerts", order="asc", limit=10000).json()["alerts"]
    return [alert for alert in (json.loads(entry["line"]) for entry in page) if alert.get("rule") == rule]


def states(hub, rule):
    return [alert["state"] for alert in alerts(hub, rule)]


def wait_states(hub, rule, wanted):
    wait_until(lambda: len(states(hub, rule)) >= len(wanted), PATIENCE, f"{wanted} of {rule}")
    if states(hub, rule) != wanted:
        raise AssertionError(f"{alerts(hub, rule)} are not {wanted}")


def reading(hub, client, plugin, value):
    now = int(time.time() * 1000)
    day = time.gmtime(now / 1000)
    row = f"{client}:plugins:{plugin}:{day.tm_year}:{day.tm_mon - 1}:{day.tm_mday}"
    answer = hub.post_form(f"/v0.3/DATA/CFLongType/{row}", {str(now): json.dumps({"date": now, "value": value})})
    assert answer.status == 200, answer.body


class Receiver:
    """Answers the first requests with an error, and keeps all."""

    def __init__(self, failures=0):
        self.requests = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), body))
                self.send_response(500 if len(receiver.requests) <= failures else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


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
        must_put(self, self.hub, "severe", enabled=False)
        must_put(self, self.hub, "behind", kind="lines", query="unheard")
        lines(self.hub, "SEVERE: unheard", client="s")
        wait_states(self.hub, "behind", ["firing"])
        self.assertEqual(len(alerts(self.hub, "severe")), 2)

    def test_what_is_wrong_is_named(self):
        for rule, field in (({"kind": "lines"}, "query"), ({"kind": "lines", "query": "a AND ("}, "query"),
                            ({"kind": "lines", "query": "a", "count": 0}, "count"),
                            ({"kind": "lines", "query": "a", "within": "x"}, "within"),
                            ({"kind": "lines", "query": "a", "above": 1}, "above"), ({"kind": "x"}, "kind"),
                            ({"kind": "silent", "webhook": {"url": "ftp://a"}}, "webhook.url"),
                            ({"kind": "reading", "plugin": "a"}, "above"), ({"kind": "lines", "query": "a | count"}, "query")):
            answer = put_rule(self.hub, "bad", **rule)
            self.assertEqual(answer.status, 400, (rule, answer.body))
            self.assertTrue(answer.json()["error"]["message"].startswith(field + ": "), answer.body)
        answer = self.hub.call("PUT", RULES + "bad", b'{"kind":"lines",}')
        self.assertEqual((answer.status, answer.json()["error"]["column"]), (400, 17))
        self.assertEqual(self.hub.get(RULES + "bad").status, 404)
        self.assertEqual(self.hub.delete(RULES + "bad").status, 404)

    def test_tool(self):
        tool = Tool(self.server.directory, self.server.port)
        tool.text("alerts", "set", "-", "--id", "tooled", stdin=b'{"kind":"lines","query":"tooled","within":"30s"}')
        self.assertIn("tooled", [rule["id"] for rule in tool.json("alerts", "rules")])
        self.assertEqual(json.loads(tool.text("alerts", "show", "tooled"))["query"], "tooled")
        lines(self.hub, "tooled", client="t")
        wait_states(self.hub, "tooled", ["firing"])
        self.assertIn("tooled", tool.text("alerts", "list", "firing"))
        self.assertIn("firing  tooled: 1 lines", tool.text("alerts", "list"))
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


class Webhooks(unittest.TestCase):
    def test_signed_and_tried_again(self):
        receiver = Receiver(failures=2)
        self.addCleanup(receiver.close)
        with Server() as server:
            hub = server.hub()
            hook = {"url": receiver.url("/hook/private"), "secret": "s3cret"}
            must_put(self, hub, "hooked", kind="lines", query="boom", within="1h", webhook=hook)
            shown = hub.get(RULES + "hooked").json()
            self.assertEqual(shown["webhook"]["secret"], "***")
            # What was shown can be set again, and keeps the secret; not for another host.
            shown["count"] = 2
            must_put(self, hub, "hooked", **shown)
            shown["webhook"]["url"] = "http://127.0.0.1:1/"
            self.assertEqual(put_rule(hub, "hooked", **shown).status, 400)
            lines(hub, "boom", "boom")
            wait_until(lambda: receiver.requests, PATIENCE, "the first try")
            server.restart()
            hub = server.hub()
            wait_until(lambda: len(receiver.requests) >= 3, PATIENCE, "the third try")
            self.assertEqual(len({headers["NM-Alert-Id"] for _, headers, _ in receiver.requests}), 1)
            alert, = alerts(hub, "hooked")
            for path, headers, body in receiver.requests:
                self.assertEqual(path, "/hook/private")
                self.assertEqual(headers["NM-Signature"], "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest())
                self.assertEqual(json.loads(body), alert)
            wait_until(lambda: b"nmstore_webhooks_waiting 0" in hub.get("/metrics").body, PATIENCE, "the queue to be empty")
            self.assertNotIn("s3cret", server.log())
            self.assertNotIn("private", server.log())


if __name__ == "__main__":
    unittest.main()
