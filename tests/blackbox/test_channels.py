"""Channels, messages and the polls of old pages, on a real server."""
import http.cookiejar
import json
import threading
import unittest
import urllib.request
from urllib.parse import quote

from follow import ALL, Lines, Poll, path_of
from server_process import ServerCase
from wire import basic, bulk, log_value


class ChannelTest(ServerCase):
    def tell(self, family, row, column, value):
        answer = self.hub.post_form(f"/v0.3/DATA/{family}/{quote(row, safe='')}", {column: value}, realtime="true")
        self.assertEqual(answer.status, 200, answer)

    def readers(self, channel, **more):
        readers = [kind(self.server.port, "channel", channel=channel, **more) for kind in ALL]
        for reader in readers:
            self.addCleanup(reader.close)
        return readers

    def test_values_in_order_over_each(self):
        readers = self.readers("token/CFUTF8Type/order")
        for i in range(100):
            self.tell("CFUTF8Type", "order", f"c{i % 10}", f"v {i}")
        for reader in readers:
            events = reader.take(100)
            self.assertEqual([(e["rowkey"], e["columnname"], e["columnvalue"]) for e in events],
                             [("order", f"c{i % 10}", f"v {i}") for i in range(100)])
        again = Lines(self.server.port, "channel", channel="token/CFUTF8Type/order", since=events[49]["event"])
        self.addCleanup(again.close)
        self.assertEqual(again.take(50), events[50:])

    def test_rows_by_wildcards(self):
        exact, star, mark, other = (self.readers(f"token/CFUTF8Type/{row}")[0]
                                    for row in ("w:a_b:1", "w:*", "w:a_b:?", "nobody"))
        self.tell("CFUTF8Type", "w:a/b:1", "c", "1")  # '/' in a row is written '_'
        self.tell("CFUTF8Type", "w:a/b:22", "c", "2")
        self.tell("CFLongType", "w:a/b:1", "5", "not of the family")
        self.tell("CFUTF8Type", "w:end", "c", "3")
        self.tell("CFUTF8Type", "w:a/b:1", "c", "4")
        self.tell("CFUTF8Type", "nobody", "c", "5")
        self.assertEqual([e["columnvalue"] for e in star.take(4)], ["1", "2", "3", "4"])
        self.assertEqual([e["columnvalue"] for e in exact.take(2)], ["1", "4"])
        self.assertEqual([e["columnvalue"] for e in mark.take(2)], ["1", "4"])
        self.assertEqual([e["columnvalue"] for e in other.take(1)], ["5"])

    def test_only_what_is_to_be_told(self):
        reader = self.readers("token/CFUTF8Type/quiet")[0]
        self.assertEqual(self.hub.post_form("/v0.3/DATA/CFUTF8Type/quiet", {"c": "silent"}).status, 200)
        self.tell("CFUTF8Type", "quiet", "c", "told")
        self.assertEqual(reader.next()["columnvalue"], "told")

    def test_bulk(self):
        reader = self.readers("/CFUTF8Type/bulk:*")[0]
        answer = self.hub.post_json("/v0.3/DATA/CFUTF8Type", bulk({f"bulk:{i}": {"c": str(i)} for i in range(20)}),
                                    realtime="true")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(sorted(int(e["columnvalue"]) for e in reader.take(20)), list(range(20)))

    def test_bad_channels(self):
        for channel in (None, "", "x", "token/CFUTF8Type", "token//row", "token/CFUTF8Type/", "/", "//"):
            with self.subTest(channel):
                answer = self.hub.call("GET", path_of("channel", {"channel": channel, "wait": 0}))
                self.assertEqual(answer.status, 400, answer)
                self.assertIn("channel", answer.json()["error"]["message"])

    def test_messages(self):
        reader = Poll(self.server.port, "messages")
        self.addCleanup(reader.close)
        row, time = "10.9.8.7:logs:_var_log_m:2011:10:21", 1321900000123
        answer = self.hub.post_form(f"/v0.3/DATA/CFLongType/{quote(row)}", {str(time): log_value(time, "hello\n")})
        self.assertEqual(answer.status, 200, answer)
        event = reader.next()
        self.assertEqual((event["key"], event["date"], event["origin"]), (row, time, "10.9.8.7"))
        self.assertEqual(event["data"], log_value(time, "hello\n"))


class CometTest(ServerCase):
    def poller(self):
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({}))
        opener.addheaders = [("Authorization", basic())]
        return opener, jar

    def poll(self, opener, channel, reader=None):
        url = f"http://127.0.0.1:{self.server.port}/cloudsandra/?channel={quote(channel, safe='')}&_=123"
        if reader is not None:
            url += f"&reader={reader}"
        with opener.open(url, timeout=60) as answer:
            return json.loads(answer.read())

    def test_polls_with_a_cookie_miss_nothing(self):
        channel = "token/CFUTF8Type/comet"
        opener, jar = self.poller()
        writer = self.server.hub()

        def write(first, last):
            for i in range(first, last):
                writer.post_form("/v0.3/DATA/CFUTF8Type/comet", {"c": str(i)}, realtime="true")

        # The first poll begins at now: something must come while it waits.
        seen, stop = [], threading.Event()

        def knock():
            while not stop.wait(0.05):
                writer.post_form("/v0.3/DATA/CFUTF8Type/comet", {"c": "knock"}, realtime="true")

        knocking = threading.Thread(target=knock)
        knocking.start()
        self.poll(opener, channel)
        stop.set()
        knocking.join()
        self.assertEqual(len(jar), 1)
        write(0, 20)  # while nobody asks
        writing = threading.Thread(target=write, args=(20, 200))
        writing.start()
        while not seen or seen[-1] != "199":
            seen += [e["columnvalue"] for e in self.poll(opener, channel) if e["columnvalue"] != "knock"]
        writing.join()
        self.assertEqual(seen, [str(i) for i in range(200)])

    def test_tabs_with_the_same_cookies_have_places_of_their_own(self):
        opener, jar = self.poller()
        hub = self.server.hub()

        def knock(stop):
            while not stop.wait(0.05):
                hub.post_form("/v0.3/DATA/CFUTF8Type/tabs", {"c": "knock"}, realtime="true")

        for tab in ("one", "two"):
            stop = threading.Event()
            knocking = threading.Thread(target=knock, args=(stop,))
            knocking.start()
            self.poll(opener, "token/CFUTF8Type/tabs", tab)
            stop.set()
            knocking.join()
        self.assertEqual(len(jar), 2)
        for i in range(3):
            hub.post_form("/v0.3/DATA/CFUTF8Type/tabs", {"c": str(i)}, realtime="true")
        for tab in ("one", "two"):
            seen = []
            while not seen or seen[-1] != "2":
                seen += [e["columnvalue"] for e in self.poll(opener, "token/CFUTF8Type/tabs", tab) if e["columnvalue"] != "knock"]
            self.assertEqual(seen, ["0", "1", "2"], tab)

    def test_two_channels_keep_their_places(self):
        opener, jar = self.poller()
        for row in ("one", "two"):
            stop = threading.Event()
            hub = self.server.hub()

            def knock():
                while not stop.wait(0.05):
                    hub.post_form(f"/v0.3/DATA/CFUTF8Type/{row}", {"c": "knock"}, realtime="true")

            knocking = threading.Thread(target=knock)
            knocking.start()
            self.poll(opener, f"token/CFUTF8Type/{row}")
            stop.set()
            knocking.join()
        self.assertEqual(len(jar), 2)
        for row in ("two", "one"):
            self.hub.post_form(f"/v0.3/DATA/CFUTF8Type/{row}", {"c": f"of {row}"}, realtime="true")
        for row in ("one", "two"):
            values = []
            while f"of {row}" not in values:
                values += [e["columnvalue"] for e in self.poll(opener, f"token/CFUTF8Type/{row}")]
            self.assertLessEqual(set(values), {"knock", f"of {row}"})

    def test_bad_channels(self):
        for path in ("/cloudsandra/", "/cloudsandra/?channel=x", "/cloudsandra?channel=a/b"):
            with self.subTest(path):
                self.assertEqual(self.hub.get(path).status, 400)


if __name__ == "__main__":
    unittest.main()
