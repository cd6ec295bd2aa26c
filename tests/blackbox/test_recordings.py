"""Every call of the CloudSandra API with its quirks, as recorded from an old agent: see recordings/."""
import pathlib
import unittest

from recording import check, read_recording
from server_process import Server
from wire import Wire, agent_request

RECORDINGS = pathlib.Path(__file__).parent / "recordings"


class RecordingTest(unittest.TestCase):
    def play(self, path, keep_alive):
        with Server() as server:
            wire = None
            for call in read_recording(path):
                wire = wire or Wire(server.port)
                answer = wire.send(agent_request(call.method, call.path, call.body, keep_alive)).answer()
                self.assertIsNone(check(call, answer))
                if keep_alive:
                    self.assertNotEqual(answer.headers.get("connection", "").lower(), "close", call.place)
                else:
                    self.assertEqual(wire.rest(), b"", call.place)
                    wire.close()
                    wire = None
            if wire:
                wire.close()
            self.assertEqual(server.terminate(), 0)

    def play_all(self, keep_alive):
        for path in sorted(RECORDINGS.glob("*.txt")):
            with self.subTest(path.name):
                self.play(path, keep_alive)

    def test_on_one_connection(self):
        self.play_all(keep_alive=True)

    def test_with_a_connection_for_each_call(self):
        self.play_all(keep_alive=False)


if __name__ == "__main__":
    unittest.main()
