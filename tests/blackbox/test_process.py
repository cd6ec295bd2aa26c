"""The process: one for a directory, told by options, file and environment; it stops cleanly and keeps what it has."""
import json
import signal
import subprocess
import threading
import unittest

from server_process import STOP_SECONDS, Server, binary, clean_environment, wait_until
from wire import Closed, Wire, agent_request, basic, bulk


def run(*arguments, environment=None, cwd=None):
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=STOP_SECONDS, cwd=cwd,
                          stdin=subprocess.DEVNULL, env=clean_environment(**(environment or {})))


class OwnerTest(unittest.TestCase):
    def test_a_second_instance_is_told_who_has_the_directory(self):
        with Server() as server:
            second = run("--data", str(server.data), "--listen", "127.0.0.1:0")
            self.assertEqual(second.returncode, 1, second)
            self.assertIn(str(server.process.pid), second.stderr)
            self.assertIn("nm-stored", second.stderr)
            # The first is not troubled, and after a SIGKILL nothing is left that would keep the next one out.
            self.assertTrue(server.is_healthy())
            server.kill()
            server.start()
            self.assertEqual(server.terminate(), 0)

    def test_a_port_that_is_taken(self):
        with Server() as server:
            second = run("--data", str(server.directory / "other"), "--listen", f"127.0.0.1:{server.port}")
            self.assertEqual(second.returncode, 1, second)
            self.assertIn(str(server.port), second.stderr)

    def test_a_directory_that_is_no_store(self):
        with Server(start=False) as server:
            server.data.write_text("a file")
            self.assertEqual(run("--data", str(server.data), "--listen", "127.0.0.1:0").returncode, 1)


class StopTest(unittest.TestCase):
    def test_stop_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), Server() as server:
                self.assertEqual(server.hub().post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "1"}).status, 200)
                self.assertEqual(server.terminate(number), 0)
                server.start()
                self.assertEqual(server.hub().row("CFUTF8Type", "r"), {"a": "1"})
                self.assertEqual(server.terminate(), 0)

    def test_requests_on_the_way_are_finished(self):
        with Server() as server:
            body = json.dumps(bulk({"drained": {f"c{i:05}": "v" for i in range(20000)}})).encode()
            request = agent_request("POST", "/v0.3/DATA/CFUTF8Type", body)
            wire = Wire(server.port).send(request[:-1000])
            idle = Wire(server.port).send(agent_request("GET", "/health"))
            self.assertEqual(idle.answer().status, 200)
            server.process.send_signal(signal.SIGTERM)

            def refused():
                try:
                    Wire(server.port).close()
                    return False
                except OSError:
                    return True

            wait_until(refused, 30, "new connections to be refused")
            self.assertEqual(idle.rest(), b"")  # an idle connection is closed
            self.assertEqual(wire.send(request[-1000:]).answer().status, 200)
            self.assertEqual(server.process.wait(STOP_SECONDS), 0)  # a second signal would end it at once
            idle.close()
            wire.close()
            server.start()
            self.assertEqual(len(server.hub().row("CFUTF8Type", "drained", limit=30000)), 20000)
            self.assertEqual(server.terminate(), 0)

    def test_a_client_that_does_not_end_is_cut_off(self):
        with Server("--drain-timeout", "500ms") as server:
            wire = Wire(server.port).send(agent_request("POST", "/v0.3/DATA/CFUTF8Type/r", b"a=1")[:-1])
            wait_until(server.is_healthy, 30, "health")
            self.assertIn(server.terminate(), (0, 1))
            wire.close()
            server.start()
            self.assertEqual(server.hub().row("CFUTF8Type", "r"), {})

    def test_writes_under_way_while_it_stops(self):
        with Server() as server:
            sure, failures = {}, []

            def write(number):
                try:
                    hub = server.hub()
                    for i in range(100000):
                        if hub.post_form(f"/v0.3/DATA/CFUTF8Type/w{number}", {f"{i:06}": "v"}).status != 200:
                            return
                        sure[number] = i + 1
                except (Closed, OSError):
                    pass
                except Exception as e:
                    failures.append(e)

            threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            wait_until(lambda: len(sure) == 4 and min(sure.values()) > 20, 60, "some writes")
            self.assertEqual(server.terminate(), 0)
            for thread in threads:
                thread.join(60)
            self.assertEqual(failures, [])
            server.start()
            for number, count in sure.items():
                self.assertGreaterEqual(len(server.hub().row("CFUTF8Type", f"w{number}", limit=100000)), count)


class ConfigTest(unittest.TestCase):
    def test_help_and_version(self):
        told = run("--help")
        self.assertEqual(told.returncode, 0)
        for option in ("--data", "--listen", "--auth", "--token", "--config", "--sync", "--max-body"):
            self.assertIn(option, told.stdout)
        self.assertEqual(run("--version").returncode, 0)

    def test_wrong_options(self):
        for arguments in (["--nonsense"], ["--max-body", "big"], ["--listen", "nowhere"], ["--sync", "sometimes"],
                          ["--config", "/nonexistent/file"], ["--log-level", "loud"]):
            with self.subTest(arguments), Server(start=False) as server:
                told = run("--data", str(server.data), *arguments)
                self.assertIn(told.returncode, (1, 2), told)
                self.assertTrue(told.stderr)

    def test_a_configuration_file(self):
        with Server(start=False) as server:
            config = server.directory / "nm-stored.toml"
            config.write_text('max-body = "1KiB"\ntoken = ["tok:acc"]\n')
            server.options = ["--config", str(config)]
            server.start()
            hub = server.hub(authorization=basic("tok", "acc"))
            self.assertEqual(hub.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "x" * 2000}).status, 413)
            self.assertEqual(hub.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "x"}).status, 200)
            self.assertEqual(server.hub().get("/v0.3/COLUMNFAMILY").status, 401)
            self.assertEqual(server.terminate(), 0)

    def test_faults_of_a_file_are_named(self):
        for text, named in (("colour = 1\n", "colour"), ('max-body = "big"\n', "max-body"), ("= nonsense", "1")):
            with self.subTest(text), Server(start=False) as server:
                config = server.directory / "bad.toml"
                config.write_text(text)
                told = run("--data", str(server.data), "--config", str(config))
                self.assertEqual(told.returncode, 2, told)
                self.assertIn("bad.toml", told.stderr)
                self.assertIn(named, told.stderr)

    def test_environment_over_file_and_options_over_environment(self):
        with Server(start=False) as server:
            config = server.directory / "nm-stored.toml"
            config.write_text('listen = "127.0.0.1:1"\nmax-body = "1KiB"\n')
            environment = {"NM_DATA": str(server.data), "NM_LISTEN": "127.0.0.1:0", "NM_MAX_BODY": "2KiB",
                           "NM_PORT_FILE": str(server.directory / "port")}
            with open(server.directory / "log", "ab") as log:
                server.process = subprocess.Popen([binary(), "--config", str(config), "--max-body", "3KiB"], stdin=subprocess.DEVNULL,
                                                  stdout=log, stderr=log, env=clean_environment(**environment), cwd=server.directory)
            port = server.directory / "port"
            wait_until(lambda: port.exists() or not server.is_running(), 60, "the port file")
            self.assertTrue(server.is_running(), server.log())
            server.port = int(port.read_text())
            hub = server.hub()
            self.assertEqual(hub.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "x" * 2500}).status, 200)
            self.assertEqual(hub.post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "x" * 3500}).status, 413)
            self.assertEqual(server.terminate(), 0)

    def test_sync_modes_keep_what_was_written_over_a_clean_stop_and_a_kill(self):
        for mode in ("always", "interval:20", "off"):
            with self.subTest(mode), Server("--sync", mode) as server:
                self.assertEqual(server.hub().post_form("/v0.3/DATA/CFUTF8Type/r", {"a": "1"}).status, 200)
                server.kill()  # of the process, not the machine: the system has what was written
                server.start()
                self.assertEqual(server.hub().row("CFUTF8Type", "r"), {"a": "1"})
                self.assertEqual(server.terminate(), 0)

    def test_structured_log(self):
        with Server("--log-format", "json", "--access-log") as server:
            server.hub().get("/v0.3/COLUMNFAMILY")
            self.assertEqual(server.terminate(), 0)
            events = [json.loads(line) for line in server.log().splitlines()]
            self.assertGreater(len(events), 2)


if __name__ == "__main__":
    unittest.main()
