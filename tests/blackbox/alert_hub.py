"""Rules, lines, readings and alerts of a server, for the tests of alerts."""
import json
import time

from server_process import wait_until

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
