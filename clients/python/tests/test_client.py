"""The client without a service: what it retries, how it refuses, and how it reads the space."""

import datetime
import json
import math
import threading
import time
import unittest
import unittest.mock
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gradsmith
from gradsmith.durations import format_seconds, read_seconds
from gradsmith.errors import create_api_error
from gradsmith.lease import thin_curve
from gradsmith.space import parse_space, parse_stored_space, space_to_json
from gradsmith.transport import Call, Transport


class ErrorTest(unittest.TestCase):
    def test_one_class_for_each_meaning(self):
        expected = {
            400: gradsmith.InvalidRequest,
            401: gradsmith.Unauthorized,
            403: gradsmith.Forbidden,
            404: gradsmith.NotFound,
            409: gradsmith.Conflict,
            418: gradsmith.ApiError,
            422: gradsmith.InvalidRequest,
        }
        for status, kind in expected.items():
            self.assertIs(type(create_api_error(status, {"code": "c", "detail": "d"})), kind)

    def test_a_message_says_what_is_wrong_and_what_to_do(self):
        error = create_api_error(401, {"code": "unauthorized", "detail": "the key is unknown", "instance": "r1"})
        self.assertIn("the key is unknown", str(error))
        self.assertIn("GRADSMITH_API_KEY", str(error))
        self.assertEqual((error.status, error.code, error.request_id), (401, "unauthorized", "r1"))

    def test_an_answer_of_a_proxy_is_an_error_too(self):
        for body in (None, [], "text", {"problems": "none"}):
            self.assertEqual(str(create_api_error(404, body)), "the service answered 404")


class SpaceTest(unittest.TestCase):
    def test_a_space_is_the_same_however_it_is_written(self):
        space = {
            "a": gradsmith.Float(0, 1, log=True, step=0.5),
            "b": gradsmith.Int(1, 3),
            "c": gradsmith.Categorical(["x", 1]),
            "d": 3,
            "e": gradsmith.Program(["z", "d"], ["add", "tanh"], 9, constants={"low": -1, "high": 1}, start=["z + d"]),
        }
        parsed = parse_space(space)
        self.assertEqual(parse_space(space_to_json(parsed)), parsed)
        self.assertEqual(parsed["b"], gradsmith.Int(1, 3, step=1))
        self.assertEqual(parsed["d"], gradsmith.Constant(3))

    def test_a_program_has_the_constants_of_a_job_file(self):
        given = {"type": "program", "operands": ["x"], "functions": ["add"]}
        self.assertEqual(space_to_json(parse_space({"a": given}))["a"]["constants"], {"low": -2, "high": 2})
        none = space_to_json({"a": gradsmith.Program(["x"], ["add"], constants=None)})
        self.assertEqual(none["a"]["constants"], False)
        # The service leaves out the range of a program without constants.
        self.assertIsNone(parse_stored_space({"a": given})["a"].constants)

    def test_refuses_what_is_no_parameter(self):
        with self.assertRaisesRegex(ValueError, r"space\['a'\].type is 'real'"):
            parse_space({"a": {"type": "real"}})
        with self.assertRaisesRegex(ValueError, r"space\['a'\] lacks 'high'"):
            parse_space({"a": {"type": "float", "low": 0}})

    def test_names_what_is_no_dictionary_and_no_list(self):
        client = gradsmith.Client("http://localhost:1")
        calls = {
            r"space is \[1\]; it must be a dictionary": lambda: client.study("s", [1], n_trials=3),
            "space is 'x'; it must": lambda: client.create_job({"space": "x"}),
            r"known\[1\] is 1; it must": lambda: client.study("s", {}, n_trials=3, known=[{}, 1]),
            r"objectives\[0\] is 'loss'; it must": lambda: client.study("s", {}, n_trials=3, objectives=["loss"]),
            r"labels is \['a'\]; it must": lambda: client.study("s", {}, n_trials=3, labels=["a"]),
            "choices is 5; it must be a list of values": lambda: gradsmith.Categorical(5),
            "choices is the text 'ab'; it must be a list": lambda: gradsmith.Categorical("ab"),
        }
        for message, call in calls.items():
            with self.subTest(message), self.assertRaisesRegex(TypeError, message):
                call()

    def test_choices_keep_their_type(self):
        kinds = gradsmith.Categorical([True, 1.0, "1"])
        self.assertEqual([type(kinds.read(value)) for value in (True, 1, "1")], [bool, float, str])


class Number:
    """A number, or with a list an array, as NumPy has them: no number of Python, and unknown to JSON."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other

    def __hash__(self):
        return hash(self.value)

    def __iter__(self):
        return iter([Number(value) for value in self.value])

    def tolist(self):
        return self.value


class OtherNumbersTest(unittest.TestCase):
    def check(self, number, array):
        """Compare a space of numbers of another library with one of those of Python."""
        given = {
            "a": gradsmith.Float(number(0), number(1), step=number(0.5), when={"c": [number(2)]}),
            "b": gradsmith.Int(number(0), number(5)),
            "c": gradsmith.Categorical([number(2), 32], when={"d": array([1, 2])}),
            "d": gradsmith.Categorical(array([1, 2])),
            "e": number(3),
            "f": gradsmith.Program(["z"], ["add"], number(9), constants={"low": number(-1), "high": number(1)}),
            "g": {"type": "float", "low": number(0), "high": number(1)},
            "h": number(True),
        }
        expected = {
            "a": {"type": "float", "low": 0, "high": 1, "step": 0.5, "when": {"c": [2]}},
            "b": {"type": "int", "low": 0, "high": 5},
            "c": {"type": "categorical", "choices": [2, 32], "when": {"d": [1, 2]}},
            "d": {"type": "categorical", "choices": [1, 2]},
            "e": {"type": "constant", "value": 3},
            "f": {
                "type": "program",
                "operands": ["z"],
                "functions": ["add"],
                "maxNodes": 9,
                "constants": {"low": -1, "high": 1},
            },
            "g": {"type": "float", "low": 0, "high": 1},
            "h": {"type": "constant", "value": True},
        }
        parsed = parse_space(given)
        self.assertEqual(json.loads(json.dumps(space_to_json(parsed))), expected)
        self.assertEqual(parsed, parse_space(expected))
        self.assertNotIn("Number", repr(parsed))

    def test_a_space_takes_numbers_of_other_libraries(self):
        self.check(Number, Number)
        for low, high, step in ((math.nan, 1, None), (0, math.inf, None), (0, 1, math.nan)):
            with self.assertRaisesRegex(ValueError, "Float: (low|high|step) is (nan|inf); it must be a finite number"):
                gradsmith.Float(low, high, step=step)
        with self.assertRaisesRegex(ValueError, "a choice is nan; it must be text, a finite number"):
            gradsmith.Categorical([Number(float("nan"))])
        with self.assertRaisesRegex(ValueError, "a constant is datetime.date"):
            gradsmith.Constant(Number(datetime.date(2000, 1, 1)))

    def test_a_space_takes_numbers_of_numpy(self):
        try:
            import numpy as np  # noqa: PLC0415 - optional, and installed with Optuna
        except ImportError:
            self.skipTest("optuna is not installed")
        self.check(np.array, np.array)
        self.check(lambda value: np.array(value)[()], np.array)
        choices = gradsmith.Categorical([np.longdouble(0.5), np.float32(0.25), np.bool_(True), np.str_("a")]).choices
        self.assertEqual([type(choice) for choice in choices], [float, float, bool, str])
        self.assertEqual(choices, (0.5, 0.25, True, "a"))


class CurveTest(unittest.TestCase):
    def test_a_curve_fits_a_request(self):
        self.assertEqual(thin_curve([1.0, 1e300, 2.0]), [1.0, 2.0])
        self.assertEqual(len(thin_curve([0.0] * 25_000)), 8334)


class DurationTest(unittest.TestCase):
    def test_durations(self):
        self.assertEqual([read_seconds(text) for text in ("250ms", "90s", "1.5h")], [0.25, 90, 5400])
        self.assertEqual([format_seconds(one) for one in ("7d", 90, 0.5)], ["7d", "90000ms", "500ms"])


class TransportTest(unittest.TestCase):
    def serve(self, answers):
        """Start a server that gives these answers (status, headers, body) one after the other, then the last one."""
        seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, headers, body = answers[min(len(seen), len(answers) - 1)]
                seen.append(dict(self.headers))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_DELETE = do_GET

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}/", seen

    def send(self, answers, method="GET", **options):
        url, self.seen = self.serve(answers)
        return Transport(url, "gs_key", retry_for=5, timeout=5).send(Call(method, "/x", **options))

    def test_repeats_while_the_service_is_busy(self):
        busy = [(503, {}, b""), (429, {"Retry-After": "0.3"}, b""), (502, {"Retry-After": "Sun, 29 Nov"}, b"<h1>")]
        began = time.monotonic()
        self.assertEqual(self.send([*busy, (200, {}, b'{"a": 1}')]), {"a": 1})
        self.assertGreater(time.monotonic() - began, 0.3)
        self.assertEqual([headers["Authorization"] for headers in self.seen], ["Bearer gs_key"] * 4)

    def test_does_not_repeat_a_refusal(self):
        body = json.dumps({"code": "not-found", "detail": "job a does not exist"}).encode()
        with self.assertRaisesRegex(gradsmith.NotFound, "job a does not exist"):
            self.send([(404, {}, body)])
        self.assertEqual(len(self.seen), 1)

    def test_repeats_an_internal_error_only_without_a_limit(self):
        with self.assertRaises(gradsmith.ApiError):
            self.send([(500, {}, b"")])
        self.assertEqual(self.send([(500, {}, b""), (200, {}, b"{}")], patience=float("inf")), {})

    def test_gives_up_when_its_patience_ends(self):
        with self.assertRaisesRegex(gradsmith.Unavailable, r"does not answer \(status 503\)"):
            self.send([(503, {"Retry-After": "60"}, b"")])
        with self.assertRaisesRegex(gradsmith.Unavailable, "does not answer .ConnectionError."):
            Transport("http://127.0.0.1:9", None, retry_for=0, timeout=1).send(Call("GET", "/"))

    def test_a_deletion_whose_answer_was_lost_succeeds(self):
        self.assertIsNone(self.send([(503, {}, b""), (404, {}, b"{}")], method="DELETE"))

    def test_names_an_address_that_is_no_service(self):
        with self.assertRaisesRegex(gradsmith.GradsmithError, "is http://.* a Gradsmith service"):
            self.send([(200, {}, b"<html>")])

    def test_repeats_a_call_whose_answer_cannot_be_decoded(self):
        broken = (200, {"Content-Encoding": "gzip"}, b"no gzip")
        self.assertEqual(self.send([broken, (200, {}, b"{}")]), {})
        self.assertEqual(len(self.seen), 2)
        with self.assertRaisesRegex(gradsmith.Unavailable, r"does not answer \(ContentDecodingError\)"):
            self.send([broken], patience=0)

    def test_does_not_repeat_a_call_that_cannot_be_sent(self):
        message = "POST http://127.0.0.1:9/x cannot be sent: Out of range float values"
        with self.assertRaisesRegex(gradsmith.GradsmithError, message):
            Transport("http://127.0.0.1:9", None, retry_for=5, timeout=5).send(
                Call("POST", "/x", {"value": float("nan")}, patience=float("inf"))
            )
        with self.assertRaisesRegex(gradsmith.GradsmithError, "GET http://a b:c/x cannot be sent"):
            Transport("http://a b:c", None, retry_for=5, timeout=5).send(Call("GET", "/x", patience=float("inf")))

    def test_needs_an_address(self):
        with (
            unittest.mock.patch.dict("os.environ", clear=True),
            self.assertRaisesRegex(ValueError, "needs the address"),
        ):
            gradsmith.Client()
        with self.assertRaisesRegex(ValueError, "is 'localhost:8080'; it begins with http"):
            gradsmith.Client("localhost:8080")

    def test_does_not_follow_a_redirection_that_would_lose_the_body(self):
        with self.assertRaisesRegex(gradsmith.GradsmithError, "redirects to https://b/x; use the address"):
            self.send([(302, {"Location": "https://b/x"}, b"")])


class ConnectionTest(unittest.TestCase):
    def test_threads_share_open_connections_and_a_forked_process_has_its_own(self):
        connections = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                connections.append(self.client_address)

            def do_GET(self):
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        transport = Transport(f"http://127.0.0.1:{server.server_address[1]}", None, retry_for=5, timeout=5)
        for _ in range(5):
            thread = threading.Thread(target=transport.send, args=[Call("GET", "/")])
            thread.start()
            thread.join()
        self.assertEqual(len(connections), 1)
        with unittest.mock.patch("os.getpid", return_value=-1):
            transport.send(Call("GET", "/"))
        self.assertEqual(len(connections), 2)
