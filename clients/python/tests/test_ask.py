"""Asking for trials: the loop without a service, and calls of a study whose service is away."""

import asyncio
import math
import threading
import time
import unittest

import gradsmith
from gradsmith.ask import ask_leases
from gradsmith.transport import Transport
from support import STARTED_TRIAL, AsyncServiceTest, restart_service

WAIT = {"answer": "wait", "state": "running"}
AWAY = gradsmith.Unavailable("away")


class AnswersInTurn:
    """Answers calls one after the other, then always as the last time; an exception is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    def send(self, call):
        self.calls.append(call)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class AskTest(unittest.TestCase):
    def ask(self, *answers, count=1, timeout=math.inf, stop=None):
        self.transport = AnswersInTurn(*answers)
        self.waits = []
        asked = ask_leases(
            self.transport,
            "job_1",
            count,
            lease="60s",
            until=time.monotonic() + timeout,
            explain_wait=self.waits.append,
            stop=stop,
        )
        for lease in asked.leases:
            self.addCleanup(lease.finish)
        return asked

    def test_asks_again_with_the_same_attempts_until_there_are_trials(self):
        trials = {"answer": "trials", "items": [STARTED_TRIAL, {**STARTED_TRIAL, "trial": "1"}]}
        asked = self.ask(WAIT, AWAY, WAIT, trials, count=3)
        self.assertEqual([lease.asked["trial"] for lease in asked.leases], ["0", "1"])
        attempts = [call.body["attempts"] for call in self.transport.calls]
        self.assertEqual([len(set(each)) for each in attempts], [3] * 4)
        self.assertEqual(attempts, attempts[:1] * 4)
        self.assertEqual(len(self.waits), 2)

    def test_ends_with_the_state_of_a_finished_study(self):
        asked = self.ask({"answer": "finished", "state": "failed"})
        self.assertEqual((asked.leases, asked.state), ([], "failed"))

    def test_asks_once_without_time(self):
        self.assertEqual(self.ask(WAIT, timeout=0).leases, [])
        self.assertEqual([call.body["wait"] for call in self.transport.calls], ["1ms"])

    def test_ends_without_trials_when_the_time_is_over(self):
        began = time.monotonic()
        self.assertEqual(self.ask(WAIT, timeout=0.35).leases, [])
        self.assertLess(time.monotonic() - began, 3)
        self.assertIn(len(self.transport.calls), (2, 3, 4))

    def test_a_service_that_is_away_is_an_error_when_the_time_is_over_and_is_asked_at_most_once_a_second(self):
        began = time.monotonic()
        with self.assertRaises(gradsmith.Unavailable):
            self.ask(AWAY, timeout=1.5)
        self.assertGreaterEqual(time.monotonic() - began, 1.5)
        self.assertEqual(len(self.transport.calls), 2)

    def test_sends_nothing_after_it_was_stopped(self):
        stop = threading.Event()
        for answer in (WAIT, AWAY):
            threading.Timer(0.2, stop.set).start()
            self.assertEqual(self.ask(answer, stop=stop).leases, [])
            stop.clear()
        stop.set()
        self.assertEqual(self.ask(WAIT, stop=stop).leases, [])
        self.assertEqual(self.transport.calls, [])

    def test_names_an_answer_of_something_else(self):
        with self.assertRaisesRegex(gradsmith.GradsmithError, "ask-many was answered None, which has no field answer"):
            self.ask(None)


class OutageTest(AsyncServiceTest):
    def create_study_without_a_service(self):
        study = self.create_study(2)
        study._transport = Transport("http://127.0.0.1:1", None, retry_for=60, timeout=5)
        return study

    def test_ask_raises_unavailable_when_its_time_is_over(self):
        study = self.create_study_without_a_service()
        other = gradsmith.AsyncStudy(study)
        for ask in (
            lambda: study.ask(timeout=0.5),
            lambda: study.ask_many(2, timeout=0.5),
            lambda: asyncio.run(other.ask(timeout=0.5)),
        ):
            began = time.monotonic()
            with self.assertRaises(gradsmith.Unavailable):
                ask()
            self.assertLess(time.monotonic() - began, 5)

    def test_optimize_ends_when_its_time_is_over(self):
        study = self.create_study_without_a_service()
        study.optimize(self.fail, timeout=0.5)
        asyncio.run(gradsmith.AsyncStudy(study).optimize(self.fail, timeout=0.5))

    def test_ask_waits_for_a_service_that_restarts(self):
        study = self.create_study(1, max_parallelism=1)
        held = study.ask()
        threading.Timer(0.3, lambda: restart_service(1.0)).start()
        threading.Timer(2.5, lambda: study.release(held)).start()
        trial = study.ask(timeout=20)
        self.assertEqual(study.tell(trial, 1.0), "reported")
        self.assertEqual(self.read_attempts(study), [["released", "reported"]])
