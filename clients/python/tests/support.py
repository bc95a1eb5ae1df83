"""What the tests share: the service under test, a proxy that loses answers, and programs that can be killed."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

import gradsmith

#: The service, and the address at which the harness restarts it.
URL = os.environ.get("GRADSMITH_TEST_URL", "")
CONTROL = os.environ.get("GRADSMITH_TEST_CONTROL", "")

SPACE = {"x": gradsmith.Float(0, 1)}
#: A trial as the service starts it.
STARTED_TRIAL = {
    "trial": "0",
    "number": 0,
    "seed": 1,
    "point": {},
    "attempt": "a",
    "lease": "60s",
    "heartbeatEveryMs": 3_600_000,
}
_names = itertools.count()


@unittest.skipUnless(URL, "GRADSMITH_TEST_URL names no service")
class ServiceTest(unittest.TestCase):
    """A test against a real service."""

    def create_study(self, n_trials: int, **settings) -> gradsmith.Study:
        """Return a new study with one parameter and random points."""
        settings = {"space": SPACE, "algorithm": "random", **settings}
        return gradsmith.Client(URL).study(f"python-{os.getpid()}-{next(_names)}", n_trials=n_trials, **settings)

    def read_attempts(self, study: gradsmith.Study) -> list[list[str]]:
        """Return the outcome of each attempt of each trial."""
        items = requests.get(f"{URL}/v1/jobs/{study.id}/trials?limit=1000", timeout=10).json()["items"]
        return [[attempt["outcome"] for attempt in item["attempts"]] for item in items]

    def wait_for(self, condition, seconds: float = 10.0) -> None:
        """Wait until the condition holds."""
        until = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), until, "the condition never held")
            time.sleep(0.02)


class AsyncServiceTest(ServiceTest):
    """A test of the asynchronous client."""

    async def open(self, n_trials: int, url: str = URL, **settings) -> gradsmith.AsyncStudy:
        """Return a new study of this test."""
        study = self.create_study(n_trials, **settings)
        return await gradsmith.AsyncClient(url).study(study.id)


def start_program(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a program of the folder `programs`."""
    path = Path(__file__).parent / "programs" / script
    command = [sys.executable, str(path), *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def restart_service(away_seconds: float) -> None:
    """Break all connections of the API, and start it again after so many seconds."""
    urllib.request.urlopen(f"{CONTROL}/restart?ms={round(1000 * away_seconds)}", timeout=30).read()


class LossyProxy:
    """A proxy that loses the first answers to each kind of call after the service has acted on it.

    While `silent` is set, it answers no request, and keeps the connection. Calls of a kind in `strange` get the next of
    its answers (status, headers, body) instead of that of the service, which does not get them.
    """

    def __init__(self, lose: int) -> None:
        self.lost: Counter[str] = Counter()
        self.lose = lose
        self.silent = threading.Event()
        self.strange: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}
        self._closed = threading.Event()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.forward()

            def do_POST(self):
                self.forward()

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if proxy.silent.is_set():
                    proxy._closed.wait()
                    return
                kind = self.path.split("?")[0].rsplit("/", 1)[-1]
                if proxy.strange.get(kind):
                    self.answer(*proxy.strange[kind].pop(0))
                    return
                headers = {
                    name: self.headers[name] for name in ("Content-Type", "Idempotency-Key") if self.headers[name]
                }
                answer = requests.request(self.command, URL + self.path, data=body, headers=headers, timeout=30)
                if proxy.lost[kind] < proxy.lose:
                    proxy.lost[kind] += 1
                    self.lose_answer(proxy.lost[kind])
                else:
                    self.answer(answer.status_code, {"Content-Type": answer.headers["Content-Type"]}, answer.content)

            def lose_answer(self, count):
                if count % 2:
                    self.answer(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>")
                else:
                    self.close_connection = True

            def answer(self, status, headers, content):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> LossyProxy:
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()
