"""The raw port of old agents."""
import json
import signal
import socket
import subprocess
import unittest

from server_process import STOP_SECONDS, Server, binary, clean_environment, wait_until

DAY = "2011:5:22"
ROW = f"10.0.0.1:logs:_var_log_syslog:{DAY}"
TIME = 1306022400000


def message(date, data="x", key=ROW, name="/var/log/syslog", origin="10.0.0.1"):
    return b"//START//" + json.dumps({"name": name, "key": key, "date": date, "data": data, "origin": origin}).encode() + b"//END//"


class AgentServer(Server):
    def __init__(self):
        super().__init__(start=False)
        self.agent_port_file = self.directory / "agent-port"
        self.options = ["--agent-listen", "127.0.0.1:0", "--agent-port-file", str(self.agent_port_file)]
        self.start()

    def agent(self):
        agent = socket.create_connection(("127.0.0.1", int(self.agent_port_file.read_text())), timeout=STOP_SECONDS)
        agent.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return agent

    def column(self, row, column):
        return self.hub().row("CFLongType", row).get(str(column))

    def counts(self):
        hub = self.hub()
        return tuple(hub.counter("connections", f"connections-{what}") for what in ("total", "live"))


class AgentTest(unittest.TestCase):
    def setUp(self):
        self.server = AgentServer()
        self.addCleanup(self.server.remove)

    def wait(self, condition, what):
        return wait_until(condition, STOP_SECONDS, what)

    def test_stored_as_posts_are(self):
        plugin = f"10.0.0.1:plugins:df:{DAY}"
        with self.server.agent() as agent:
            agent.sendall(message(TIME, "%7B%22a") + message(TIME + 1, "y") + message(TIME + 2, "z", plugin, "df"))
            self.wait(lambda: self.server.hub().row("CFUTF8Type", "10.0.0.1:plugins"), "the index")
        hub = self.server.hub()
        self.assertEqual(hub.row("CFLongType", ROW), {str(TIME): "%7B%22a", str(TIME + 1): "y"})
        self.assertEqual(hub.row("CFLongType", plugin), {str(TIME + 2): "z"})
        self.assertEqual(hub.row("CFUTF8Type", "clients"), {"10.0.0.1": str(TIME + 2)})
        self.assertEqual(hub.row("CFUTF8Type", "10.0.0.1:logs"), {"/var/log/syslog": str(TIME + 1)})
        self.assertEqual(hub.row("CFUTF8Type", "10.0.0.1:plugins"), {"df": str(TIME + 2)})
        self.assertEqual(hub.counter(ROW, "logs"), 2)
        self.assertEqual(self.server.terminate(), 0)

    def test_cut_at_every_byte_among_garbage(self):
        pair = b"\x00junk" + message(TIME) + b"//START//{broken//END//" + message(TIME + 1)
        with self.server.agent() as agent:
            for cut in range(len(pair)):
                row = f"10.0.0.1:logs:cut{cut:04}:{DAY}".encode()
                bytes_ = pair.replace(ROW.encode(), row)
                agent.sendall(bytes_[:cut])
                agent.sendall(bytes_[cut:])
            last = f"10.0.0.1:logs:cut{len(pair) - 1:04}:{DAY}"
            self.wait(lambda: self.server.column(last, TIME + 1), "the last message")
        for cut in range(len(pair)):
            self.assertEqual(len(self.server.hub().row("CFLongType", f"10.0.0.1:logs:cut{cut:04}:{DAY}")), 2, cut)
        self.assertEqual(self.server.log().count("agent's message left out"), 1)

    def test_many_connections_and_many_bytes(self):
        agents = [self.server.agent() for _ in range(50)]
        for i, agent in enumerate(agents):
            agent.sendall(b"".join(message(TIME + n, "d" * 1000, f"h{i}:logs:l:{DAY}", "l", f"h{i}") for n in range(200)))
        for i in range(50):
            self.wait(lambda: self.server.column(f"h{i}:logs:l:{DAY}", TIME + 199), f"messages of h{i}")
            self.assertEqual(self.server.hub().counter(f"h{i}:logs:l:{DAY}", "logs"), 200)
        self.wait(lambda: self.server.counts() == (50, 50), "50 live connections")
        for agent in agents:
            agent.close()
        self.wait(lambda: self.server.counts() == (50, 0), "no live connection")

    def test_too_large(self):
        with self.server.agent() as agent:
            agent.sendall(message(TIME, "x" * (2 << 20)) + message(TIME + 1))
            self.wait(lambda: self.server.column(ROW, TIME + 1), "the message behind it")
        self.assertIsNone(self.server.column(ROW, TIME))
        self.assertIn('nmstore_limit_hits_total{limit="agent_message"} 1', self.server.hub().get("/metrics").body.decode())

    def test_only_so_many_are_connected(self):
        self.assertEqual(self.server.terminate(), 0)
        self.server.options += ["--agent-max-connections", "2"]
        self.server.start()
        turned_away = "agent turned away: too many are connected"
        for times in (1, 2):
            agents = [self.server.agent() for _ in range(2)]
            self.wait(lambda: self.server.counts()[1] == 2, "the connections")
            for _ in range(3):
                with self.server.agent() as agent:
                    self.assertEqual(agent.recv(1), b"")
            self.assertEqual(self.server.log().count(turned_away), times)
            self.assertEqual(self.server.counts()[1], 2)
            for agent in agents:
                agent.close()
            self.wait(lambda: self.server.counts()[1] == 0, "no connection")

    def test_killed(self):
        agent = self.server.agent()
        self.wait(lambda: self.server.counts() == (1, 1), "a live connection")
        self.server.kill()
        agent.close()
        self.server.start()
        self.wait(lambda: self.server.counts() == (1, 0), "no live connection")
        again = self.server.agent()
        self.wait(lambda: self.server.counts() == (2, 1), "a live connection")
        self.assertEqual(self.server.terminate(), 0)
        again.close()
        self.server.start()
        self.assertEqual(self.server.counts(), (2, 0))

    def test_what_was_sent_before_the_stop_is_stored(self):
        agents = [self.server.agent() for _ in range(5)]
        self.wait(lambda: self.server.counts() == (5, 5), "the connections")
        for i, agent in enumerate(agents):
            agent.sendall(b"".join(message(TIME + n, "d", f"h{i}:logs:l:{DAY}") for n in range(500)))
        self.assertEqual(self.server.terminate(signal.SIGTERM), 0)
        self.server.start()
        for i in range(5):
            self.assertEqual(len(self.server.hub().row("CFLongType", f"h{i}:logs:l:{DAY}")), 500)
        for agent in agents:
            agent.close()

    def test_addresses_that_others_reach(self):
        with Server(start=False) as server:
            result = subprocess.run([binary(), "--data", str(server.data), "--listen", "127.0.0.1:0", "--agent-listen",
                                     "0.0.0.0:0"], capture_output=True, text=True, timeout=STOP_SECONDS,
                                    env=clean_environment(), cwd=server.directory)
            self.assertEqual(result.returncode, 2)
            self.assertIn("agent-listen-open", result.stderr)


if __name__ == "__main__":
    unittest.main()
