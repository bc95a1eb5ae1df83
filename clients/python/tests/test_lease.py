"""The lease of a trial without a service: heartbeats, reports and outages."""

import threading
import unittest

import gradsmith
from gradsmith.lease import Lease
from gradsmith.trial import Trial

ASKED = {"trial": "4", "number": 4, "seed": 1, "point": {"x": 0.5}, "attempt": "a", "lease": "1s"}

#: What a proxy, a login page or a newer service may answer to a heartbeat.
UNEXPECTED = (
    gradsmith.GradsmithError("http://s redirects to https://s"),
    gradsmith.Forbidden(403, {"detail": "the key was revoked"}),
    None,
    [],
    {"status": "ok"},
)


class RecordingTransport:
    """Answers calls from a table by the last part of the path.

    Text is the answer, an exception is raised, and anything else is the whole body.
    """

    def __init__(self, **answers):
        self.answers = answers
        self.calls = []
        self.called = threading.Event()

    def send(self, call):
        operation = call.path.rsplit("/", 1)[-1]
        self.calls.append((operation, call.body))
        self.called.set()
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        return {"answer": answer} if isinstance(answer, str) else answer

    def wait_for_call(self):
        """Return the next call that a thread makes."""
        self.called.clear()
        self.calls.clear()
        if not self.called.wait(5):
            raise AssertionError("no call was made")
        return self.calls[0]


class LeaseTest(unittest.TestCase):
    def start(self, every_ms=3_600_000, **answers):
        transport = RecordingTransport(**answers)
        lease = Lease(transport, "job_1", {**ASKED, "heartbeatEveryMs": every_ms})
        self.addCleanup(lease.finish)
        return transport, lease, Trial(lease, {"x": gradsmith.Float(0, 1)})

    def test_heartbeats_renew_the_lease(self):
        transport, _, _ = self.start(10, heartbeat="continue")
        self.assertEqual(transport.wait_for_call(), ("heartbeat", {"attempt": "a", "lease": "1s"}))

    def test_each_later_step_is_reported_once(self):
        transport, lease, trial = self.start(heartbeat="continue", tell="reported")
        for value, step in ((0.5, 1), (0.4, 1), (0.3, 0), (0.2, 4)):
            trial.report(value, step)
        progress = [body["progress"] for _, body in transport.calls]
        self.assertEqual(progress, [{"step": 1, "value": 0.5}, {"step": 4, "value": 0.2}])
        lease.complete(0.2, "complete", {})
        self.assertEqual(transport.calls[-1][1]["curve"], [0.5, 0.2])

    def test_a_report_in_an_outage_does_not_wait_and_arrives_with_a_heartbeat(self):
        transport, _, trial = self.start(200, heartbeat=gradsmith.Unavailable("away"))
        for step in range(1, 4):
            trial.report(step / 10, step)
        self.assertEqual([body["progress"]["step"] for _, body in transport.calls], [1])
        transport.answers["heartbeat"] = "prune"
        _, body = transport.wait_for_call()
        self.assertEqual(body["progress"], {"step": 3, "value": 0.3})
        self.assertNotIn("progress", transport.wait_for_call()[1])
        self.assertTrue(trial.should_prune())

    def test_heartbeats_go_on_after_an_unexpected_answer(self):
        for unexpected in UNEXPECTED:
            with self.subTest(unexpected=unexpected), self.assertLogs("gradsmith", "WARNING") as logged:
                transport, lease, trial = self.start(10, heartbeat=unexpected)
                for _ in range(3):
                    transport.wait_for_call()
                transport.answers["heartbeat"] = "prune"
                transport.wait_for_call()
                transport.wait_for_call()
                self.assertTrue(trial.should_prune())
                self.assertIsNone(lease.lost)
                lease.finish()
            self.assertEqual(len(logged.output), 1)
            self.assertIn("a heartbeat of trial 4 did not renew its lease", logged.output[0])

    def test_an_unexpected_answer_to_a_report_is_no_error_of_the_objective(self):
        for unexpected in UNEXPECTED:
            with self.subTest(unexpected=unexpected), self.assertLogs("gradsmith", "WARNING"):
                transport, _, trial = self.start(200, heartbeat=unexpected)
                trial.report(0.5, 1)
                transport.answers["heartbeat"] = "continue"
                self.assertEqual(transport.wait_for_call()[1]["progress"], {"step": 1, "value": 0.5})

    def test_a_result_without_an_answer_is_an_error(self):
        _, lease, _ = self.start(tell=None)
        with self.assertRaisesRegex(gradsmith.GradsmithError, "trials/4/tell was answered None, which has no field"):
            lease.complete(0.5, "complete", {})

    def test_a_trial_that_is_lost_or_deleted_is_to_be_pruned(self):
        not_found = gradsmith.NotFound(404, {"code": "not-found"})
        for answer, reason in (("stale", "another program"), ("cancel", "cancelled"), (not_found, "cancelled")):
            with self.subTest(answer=answer):
                _, lease, trial = self.start(heartbeat=answer)
                self.assertFalse(trial.should_prune())
                trial.report(0.5, 1)
                self.assertTrue(trial.should_prune())
                self.assertIn(reason, lease.lost)

    def test_a_release_that_does_not_arrive_is_no_error(self):
        transport, lease, _ = self.start(release=gradsmith.Unavailable("away"))
        lease.release("interrupted")
        self.assertEqual([operation for operation, _ in transport.calls], ["release"])
        self.assertEqual(lease.lost, "interrupted")

    def test_a_long_reason_is_cut(self):
        transport, lease, _ = self.start(fail="failed")
        lease.fail("x" * 5000, final=True)
        self.assertEqual(len(transport.calls[0][1]["reason"]), 2000)
