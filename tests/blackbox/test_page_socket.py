"""The old page's conversation with its server: one socket that asks and is answered, another that hears what agents send."""
import json
import random
import time
import unittest

from server_process import Server, ServerCase, wait_until
from socket_client import Socket
from test_credentials import credential
from wire import basic, bulk, log_value

PATIENCE = 60
IP = "10.0.0.1"


class Page:
    """A page as people had it open."""

    def __init__(self, case, port, path="/", **options):
        self.socket = Socket(port, path, **options)
        case.addCleanup(self.socket.close)
        greeting = self.socket.receive()
        self.id = greeting.pop("data")
        case.assertEqual(greeting, {"type": "users", "request": "post", "origin": "server"})

    def send(self, verb, request, data=None, sub=None, **more):
        self.socket.send_text(json.dumps({"type": verb, "request": request, "data": data, "subRequest": sub, **more}))

    def ask(self, verb, request, data=None, sub=None, **more):
        self.send(verb, request, data, sub, **more)
        return self.socket.receive()

    def data(self, verb, request, data=None, sub=None, **more):
        answer = self.ask(verb, request, data, sub, **more)
        assert (answer["type"], answer["request"], answer["origin"]) == (request, verb, "server"), answer
        assert isinstance(answer["data"], str), answer
        return json.loads(answer["data"])


def day_key(kind, name, year=2011, month=5, day=30):
    return f"{IP}:{kind}:{name}:{year}:{month}:{day}"


class PageCase(ServerCase):
    def page(self, path="/", **options):
        return Page(self, self.server.port, path, **options)

    def wait_for_counters(self, live, total):
        wait_until(lambda: (self.hub.counter("connections", "connections-live"),
                            self.hub.counter("connections", "connections-total")) == (live, total),
                   PATIENCE, f"{live} live connections of {total}")

    def wait_for_no_users(self):
        wait_until(lambda: self.hub.row("CFUTF8Type", "users") == {}, PATIENCE, "an empty row of users")


class VisitTest(PageCase):
    def test_a_visit(self):
        now = int(time.time() * 1000)
        log, plugin = day_key("logs", "_var_log_syslog"), day_key("plugins", "df")
        first = 1309400000000
        entries = {str(first + n): log_value(first + n, f"line {n} ü") for n in range(2500)}
        self.hub.post_json("/v0.3/DATA/CFLongType", bulk({log: entries, plugin: {str(first): "%7B%22value%22%3A1%7D"}}))
        index = bulk({"clients": {IP: now}, "servers": {"hub": now}, f"{IP}:logs": {"/var/log/syslog": now, "/old": 1},
                      f"{IP}:plugins": {"df": now, "gone": 1}, "client-external": {IP: "1.2.3.4"}})
        self.assertEqual(self.hub.post_json("/v0.3/DATA/CFUTF8Type", index).status, 200)

        page = self.page()
        users = page.data("get", "users")
        self.assertEqual(list(users), [page.id])
        self.assertLess(abs(int(users[page.id]) - now), 600_000)
        self.wait_for_counters(1, 1)
        self.assertEqual(page.data("get", "servers"), {"hub": str(now)})
        self.assertEqual(page.data("get", "clients"), {IP: str(now)})
        self.assertEqual(page.data("get", "client-external"), {IP: "1.2.3.4"})
        self.assertEqual(page.data("get", "logs", IP), {"/old": "1", "/var/log/syslog": str(now)})
        self.assertEqual(page.data("get", "plugins", IP), {"df": str(now), "gone": "1"})

        # Pages of 1000, each from the last column of the one before.
        seen, start = {}, ""
        sizes = []
        while True:
            cells = page.data("get", "log-live", log, start)
            sizes.append(len(cells))
            seen.update(cells)
            if len(cells) < 1000:
                break
            start = list(cells)[-1]
        self.assertEqual(sizes, [1000, 1000, 502])
        self.assertEqual(seen, entries)
        self.assertEqual(page.data("get", "log-history", log, first + 2499), {str(first + 2499): entries[str(first + 2499)]})
        self.assertEqual(page.data("get", "plugin-live", plugin), {str(first): "%7B%22value%22%3A1%7D"})
        self.assertEqual(page.data("get", "plugin-history", {"ip": IP, "plugin": "df", "from": "2011-06-01", "to": "2011-06-30"}),
                         {plugin: {str(first): "%7B%22value%22%3A1%7D"}})

        self.assertEqual(page.data("post", "client-tags", IP, "web")["message"], "Success")
        self.assertEqual(page.data("get", "client-tags"), {IP: "web"})
        instance = page.data("get", "instances")[IP]
        self.assertEqual((instance["name"], instance["external"], instance["monitored"]), ("web", "1.2.3.4", True))
        self.assertFalse(instance["expected"])
        for machine, sub in (("1.2.3.4", {"name": "front", "group": "web"}), ("10.9.9.9", "spare"), ("10.9.9.8", None)):
            self.assertEqual(page.data("post", "instances", machine, sub)["message"], "Success")
        self.assertEqual(page.data("del", "instances", "10.9.9.8")["message"], "Success")
        instances = page.data("get", "instances")
        self.assertEqual(list(instances), ["1.2.3.4", "10.9.9.9"])
        front, spare = instances.values()
        self.assertEqual((front["name"], front["group"], front["client"], front["expected"], front["monitored"]),
                         ("front", "web", IP, True, True))
        self.assertEqual((spare["name"], spare["group"], spare["client"], spare["expected"], spare["monitored"]),
                         ("spare", None, None, True, False))

        today = time.gmtime()
        alerts = f"alerts:{today.tm_year}:{today.tm_mon - 1}:{today.tm_mday}"
        self.hub.post_form(f"/v0.3/DATA/CFLongType/{alerts}", {str(now): "disk full"})
        date = time.strftime("%Y-%m-%d", today)
        self.assertEqual(page.data("get", "alerts-history", date), {str(now): "disk full"})
        self.assertEqual(page.data("get", "alerts-history", alerts), {str(now): "disk full"})
        if time.gmtime().tm_mday == today.tm_mday:
            self.assertEqual(page.data("get", "alerts-live"), {str(now): "disk full"})

        for verb, what, sub in (("del", "logs", "/old"), ("del", "plugins", "gone")):
            self.assertEqual(page.data(verb, what, IP, sub)["message"], "Success")
        self.assertEqual(list(page.data("get", "logs", IP)), ["/var/log/syslog"])
        self.assertEqual(list(page.data("get", "plugins", IP)), ["df"])
        self.assertEqual(page.data("del", "clients", IP)["status"], "200")
        self.assertEqual(page.data("get", "clients"), {})

        self.assertEqual(page.data("post", "mapreduce-table", {"table": "found", "type": "standard"})["message"], "Success")
        job = {"fromTable": "CFLongType", "overwriteTable": "found", "select": "rowkey, columnname, value",
               "where": f"rowkey='{log}' AND value like '%line 77 %'"}
        self.assertIn("1 cells written", page.data("post", "mapreduce-job", job)["detail"])
        self.assertEqual(page.data("get", "mapreduce-table", "found"), {log: {str(first + 77): entries[str(first + 77)]}})
        self.assertIn("found", [table["name"] for table in page.data("get", "mapreduce-table")["tables"]])

        page.socket.say_goodbye()
        self.wait_for_counters(0, 1)
        self.wait_for_no_users()


class ConversationTest(PageCase):
    def test_days_are_read_page_by_page(self):
        rows = {day_key("logs", "many", day=d): {str(1309000000000 + d * 86_400_000 + n): f"{d}/{n}" for n in range(7)}
                for d in (1, 2, 4)}
        self.hub.post_json("/v0.3/DATA/CFLongType", bulk(rows))
        page = self.page("/ws")
        for limit in (1, 2, 3, 7, 8, 20, 21, 22):
            seen, following = {}, None
            while True:
                answer = page.ask("get", "log-history", {"ip": IP, "log": "many", "from": "2011-06-01", "to": "2011-06-05"},
                                  following, limit=limit)
                found = json.loads(answer["data"])
                self.assertLessEqual(sum(map(len, found.values())), limit)
                for row, cells in found.items():
                    self.assertFalse(set(cells) & set(seen.setdefault(row, {})))
                    seen[row].update(cells)
                following = answer.get("next")
                if following is None:
                    break
            self.assertEqual(seen, rows, limit)

    def test_answers_go_to_the_asker_only_and_in_order(self):
        self.hub.post_json("/v0.3/DATA/CFUTF8Type", bulk({f"c{n}:logs": {f"log{n}": n} for n in range(60)}))
        one, two = self.page(), self.page()
        self.assertNotEqual(one.id, two.id)
        for n in range(0, 60, 2):
            one.send("get", "logs", f"c{n}")
            two.send("get", "logs", f"c{n + 1}")
        for n in range(0, 60, 2):
            self.assertEqual(json.loads(one.socket.receive()["data"]), {f"log{n}": str(n)})
            self.assertEqual(json.loads(two.socket.receive()["data"]), {f"log{n + 1}": str(n + 1)})
        self.assertLessEqual({one.id, two.id}, set(one.data("get", "users")))

    def test_what_cannot_be_answered_says_why(self):
        page = self.page()
        for message, part in (("nonsense", "no JSON"), ("[1]", "an object"), ("[" * 100_000, "no JSON"), ("{}", "type: expected get"),
                              ('{"type":"get"}', "request: expected one of servers"),
                              ('{"type":"get","request":"none"}', "request: expected one of"),
                              ('{"type":"post","request":"clients"}', "clients takes get, del"),
                              ('{"type":"get","request":"logs"}', "data: expected the address"),
                              ('{"type":"get","request":"logs","data":{"a":1}}', "data: expected the address"),
                              ('{"type":"get","request":"log-live","data":"x"}', "not the key of a day row"),
                              ('{"type":"get","request":"clients","limit":0}', "limit"),
                              ('{"type":"get","request":"alerts-history","data":"June"}', "expected a date"),
                              ('{"type":"get","request":"log-history","data":{"ip":"a","log":"b","from":"2001-01-01","to":"2011-01-01"}}', "days"),
                              ('{"type":"post","request":"config","data":"a","subRequest":{"name":"x","value":[1]}}', "subRequest"),
                              ('{"type":"post","request":"mapreduce-job","data":{"select":1}}', "expected a text")):
            page.socket.send_text(message)
            answer = page.socket.receive()
            self.assertEqual(answer["type"], "error", message[:80])
            self.assertIn(part, answer["data"], message[:80])
        self.assertEqual(answer["number"], 15)
        self.assertEqual(page.data("get", "mapreduce-table", None)["tables"], page.data("get", "mapreduce-table")["tables"])

    def test_without_an_upgrade(self):
        self.assertEqual(self.hub.get("/").status, 200)  # the web page
        self.assertEqual(self.hub.get("/ws").status, 426)

    def test_an_agent_hears_of_its_settings(self):
        listener = Socket(self.server.port, f"/api/v1/channel?channel=token/CFUTF8Type/{IP}:config")
        self.addCleanup(listener.close)
        page = self.page()
        self.assertEqual(page.data("post", "config", IP, {"name": "tail", "value": "/var/log/x"})["message"], "Success")
        event = listener.receive()
        self.assertEqual((event["rowkey"], event["columnname"], event["columnvalue"]), (f"{IP}:config", "tail", "/var/log/x"))
        self.assertEqual(page.data("get", "config", IP), {"tail": "/var/log/x"})
        page.data("del", "config", IP, "tail")
        self.assertEqual(page.data("get", "config", IP), {})

    def test_the_second_socket_hears_what_agents_send(self):
        stream = Socket(self.server.port, "/realtime")
        self.addCleanup(stream.close)
        key = day_key("logs", "heard")
        value = log_value(1309400000000, "heard")
        self.hub.post_json("/v0.3/DATA/CFLongType", bulk({key: {"1309400000000": value}}))
        while True:
            message = stream.receive()
            if message["key"] == key:
                break
        message.pop("event")
        self.assertEqual(message, {"name": "heard", "key": key, "date": 1309400000000, "data": value, "origin": IP})


class ManyTest(PageCase):
    def test_connections_that_come_and_go(self):
        chance = random.Random(7)
        for _ in range(200):
            socket = Socket(self.server.port)
            for _ in range(chance.randrange(3)):
                socket.send_text('{"type":"get","request":"users"}')
            way = chance.randrange(3)
            if way == 0:
                socket.say_goodbye()
            elif way == 1:
                socket.receive()
            socket.close()
        self.wait_for_counters(0, 200)
        self.wait_for_no_users()


class RestartTest(unittest.TestCase):
    def test_counters_and_users_are_true_after_a_kill(self):
        with Server() as server:
            pages = [Page(self, server.port) for _ in range(3)]
            hub = server.hub()
            hub.post_form("/v0.3/DATA/CFUTF8Type/users", {"another-servers": "1"})
            self.assertEqual(len(pages[2].data("get", "users")), 4)
            wait_until(lambda: hub.counter("connections", "connections-live") == 3, PATIENCE, "3 live connections")
            server.kill()
            server.start()
            hub = server.hub()
            wait_until(lambda: hub.counter("connections", "connections-live") == 0, PATIENCE, "no live connection")
            self.assertEqual(hub.counter("connections", "connections-total"), 3)
            wait_until(lambda: hub.row("CFUTF8Type", "users") == {"another-servers": "1"}, PATIENCE, "the others' users only")
            # A stop in good order leaves nothing either, also with a page open.
            page = Page(self, server.port)
            page.data("get", "users")
            server.restart()
            hub = server.hub()
            self.assertEqual(hub.counter("connections", "connections-total"), 4)
            self.assertEqual(hub.counter("connections", "connections-live"), 0)
            self.assertEqual(hub.row("CFUTF8Type", "users"), {"another-servers": "1"})


class RolesTest(unittest.TestCase):
    def test_roles(self):
        with Server(start=False) as server:
            auth = server.directory / "auth"
            auth.write_text(credential("agent", "ingest", "a1") + credential("analyst", "read", "b2"))
            auth.chmod(0o600)
            server.options = ["--auth", str(auth)]
            server.start()
            for authorization, status in ((None, b" 401 "), (basic("agent", "a1"), b" 403 "), (basic("agent", "no"), b" 401 ")):
                for path in ("/", "/ws", "/realtime"):
                    with self.assertRaises(AssertionError) as refused:
                        Socket(server.port, path, authorization)
                    self.assertIn(status, refused.exception.args[0])
            page = Page(self, server.port, authorization=basic("analyst", "b2"))
            self.assertEqual(list(page.data("get", "users")), [page.id])
            answer = page.ask("post", "client-tags", IP, "web")
            self.assertEqual((answer["type"], answer["of"]), ("error", "client-tags"))
            self.assertIn("ingest", answer["data"])
            self.assertEqual(page.data("get", "client-tags"), {})


if __name__ == "__main__":
    unittest.main()
