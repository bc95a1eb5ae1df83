"""A call of `optimize` without a service: how it ends while a trial is on its way."""

import asyncio
import threading
import unittest

from gradsmith.aio import AsyncRun
from gradsmith.optimize import Run, Settings
from support import STARTED_TRIAL

SETTINGS = Settings(None, 1, None, (), "60s")


class OneTrialService:
    """Answers the first request for a trial after calling `before`."""

    def __init__(self, before):
        self.before = before
        self.operations = []

    def send(self, call):
        operation = call.path.rsplit("/", 1)[-1]
        self.operations.append(operation)
        if operation != "ask-many":
            return {"answer": "released"}
        self.before()
        return {"answer": "trials", "items": [STARTED_TRIAL]}


class EndTest(unittest.TestCase):
    def test_releases_a_trial_that_arrives_after_the_call_was_stopped(self):
        service = OneTrialService(lambda: run.stop())  # noqa: PLW0108 - it is defined below
        run = Run(service, "job_1", {}, self.fail, SETTINGS)
        run.execute()
        self.assertEqual(service.operations, ["ask-many", "release"])

    def test_releases_a_trial_that_arrives_at_the_moment_of_the_cancellation(self):
        async def work():
            service = OneTrialService(lambda: None)
            run = AsyncRun(service, "job_1", {}, self.fail, SETTINGS)
            arrived = threading.Event()
            acquire = run._acquire

            def acquire_and_tell():
                lease = acquire()
                arrived.set()
                return lease

            run._acquire = acquire_and_tell
            task = asyncio.create_task(run.execute())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            # The event loop stands still until the trial is there, and then the task is cancelled.
            self.assertTrue(arrived.wait(5))
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            return service.operations

        self.assertEqual(asyncio.run(work()), ["ask-many", "release"])
