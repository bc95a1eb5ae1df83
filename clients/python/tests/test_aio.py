"""The asynchronous client, on a real service."""

import asyncio
import contextvars
import subprocess
import sys
import time
import unittest.mock

import gradsmith
from gradsmith.aio import AsyncRun
from gradsmith.aio_batch import call_in_thread
from gradsmith.batch import ask_trials
from support import SPACE, URL, AsyncServiceTest

#: A program that ends without a word to a coroutine that waits for a trial.
LEAVES_A_TASK = """
import asyncio, sys, gradsmith
async def work():
    client = gradsmith.AsyncClient(sys.argv[1])
    study = await client.study(sys.argv[2], {"x": gradsmith.Float(0, 1)}, n_trials=2, max_parallelism=1)
    await study.ask()
    asyncio.create_task(study.ask() if sys.argv[3] == 'ask' else study.optimize(lambda trial: asyncio.sleep(0, 1.0)))
    await asyncio.sleep(0.2)
    print("end")
asyncio.new_event_loop().run_until_complete(work())
"""


class AsyncTest(AsyncServiceTest):
    def test_measures_several_trials_at_once_and_reads_the_results(self):
        async def work():
            study = await self.open(12, direction="maximize", max_parallelism=4)
            running = most = 0

            async def objective(trial):
                nonlocal running, most
                running += 1
                most = max(most, running)
                await trial.report(trial["x"], step=1)
                await asyncio.sleep(0.05)
                running -= 1
                trial.metrics["double"] = 2 * trial["x"]
                return trial["x"]

            await study.optimize(objective, n_jobs=4)
            self.assertEqual(most, 4)
            self.assertEqual(await study.state(), "completed")
            trials = await study.trials()
            self.assertEqual(await study.best_value(), max(trial.value for trial in trials))
            self.assertEqual(await study.best_params(), {"x": await study.best_value()})
            self.assertEqual(list((await study.get_trial(0)).intermediate_values), [1])
            self.assertEqual((await study.status())["settled"], 12)
            await study.edit(notes="done")
            self.assertEqual(await study.notes(), "done")
            self.assertIn("12 of 12 settled", study._repr_html_())
            return study

        study = asyncio.run(work())
        self.assertEqual(self.read_attempts(study), [["reported"]] * 12)

    def test_keeps_nothing_of_trials_that_were_measured(self):
        async def work():
            study = await self.open(3)
            measure = unittest.mock.patch.object(AsyncRun, "_measure", autospec=True, side_effect=AsyncRun._measure)
            with measure as measured:
                await study.optimize(lambda trial: asyncio.sleep(0, trial["x"]))
            self.assertEqual(measured.call_count, 3)
            self.assertEqual(measured.call_args.args[0]._leases, set())

        asyncio.run(work())

    def test_creates_a_study_and_a_job(self):
        async def work():
            client = gradsmith.AsyncClient(URL)
            name = f"async-{time.time_ns()}"
            study = await client.study(name, SPACE, n_trials=1, algorithm="random")
            await study.optimize(lambda trial: asyncio.sleep(0, trial["x"]))
            again = await client.study(name)
            self.assertEqual((again.id, again.name), (study.id, name))
            with self.assertRaises(gradsmith.SpaceMismatch):
                await client.study(name, {"y": gradsmith.Float(0, 1)}, n_trials=1)
            job = await client.create_job(study.spec, name="another")
            self.assertEqual(await job.direction(), "minimize")

        asyncio.run(work())

    def test_outcomes_are_those_of_the_synchronous_client(self):
        async def work():
            study = await self.open(4, max_parallelism=1)

            async def objective(trial):
                if trial.number == 0:
                    return float("nan")
                if trial.number == 1:
                    await trial.report(0.5, 1)
                    raise gradsmith.TrialPruned
                if trial.number == 2:
                    raise ValueError("no memory")
                return 1.0

            seen = []

            async def call_back(_, trial):
                seen.append(trial.state)

            callbacks = [call_back, lambda *_: seen.append("plain")]
            with self.assertLogs("gradsmith", "WARNING"):
                await study.optimize(objective, catch=ValueError, callbacks=callbacks)
            self.assertEqual(seen[::2], ["failed", "pruned", "failed", "complete"])
            self.assertEqual(seen[1::2], ["plain"] * 4)
            self.assertEqual(
                [(trial.state, trial.value, trial.reason) for trial in await study.trials()],
                [
                    ("failed", None, "the objective returned nan, which is no finite number"),
                    ("pruned", 0.5, None),
                    ("failed", None, "ValueError: no memory"),
                    ("complete", 1.0, None),
                ],
            )

        asyncio.run(work())

    def test_refuses_a_plain_function_and_releases_the_trial(self):
        async def work():
            study = await self.open(1)
            with self.assertRaisesRegex(TypeError, "the objective returned 3, which cannot be awaited; define it with"):
                await study.optimize(lambda _: 3, catch=Exception)
            self.assertEqual(self.read_attempts(study._study), [["released"]])

        asyncio.run(work())

    def test_a_callback_may_return_anything(self):
        async def work():
            study = await self.open(1)

            async def objective(trial):
                return trial["x"]

            await study.optimize(objective, callbacks=[lambda *_: True])
            self.assertEqual(await study.state(), "completed")

        asyncio.run(work())

    def test_an_error_of_one_objective_ends_the_call_after_the_others_have_reported(self):
        async def work():
            study = await self.open(8, max_parallelism=2)
            other = asyncio.Event()

            async def objective(trial):
                if trial.number == 0:
                    await other.wait()
                    raise KeyError("lr")
                other.set()
                await asyncio.sleep(0.3)
                return 1.0

            with self.assertRaisesRegex(KeyError, "lr"):
                await study.optimize(objective, n_jobs=2)
            self.assertEqual((await study.status())["counts"]["running"], 0)
            return study

        study = asyncio.run(work())
        self.assertEqual(self.read_attempts(study)[:2], [["failed"], ["reported"]])

    def test_asks_for_trials_and_tells_their_results(self):
        async def work():
            study = await self.open(8, max_parallelism=6, direction="maximize")
            first = await study.ask()
            await first.report(0.5, step=1)
            self.assertEqual(await study.tell(first, 0.75), "reported")
            self.assertEqual(await study.tell(first, 0.75), "already")
            self.assertEqual(await study.tell(await study.ask(), state="fail"), "failed")
            back = await study.ask()
            await study.release(back, "too large for this machine")
            with self.assertRaisesRegex(TypeError, "is no trial"):
                await study.tell(3, 1.0)
            answers = []
            while trials := await study.ask_many(6):
                answers += await study.tell_many([(trial, trial["x"]) for trial in trials])
            self.assertEqual(answers, ["reported"] * 6)
            with self.assertRaisesRegex(gradsmith.NoTrial, "completed"):
                await study.ask()
            return study

        study = asyncio.run(work())
        attempts = self.read_attempts(study)
        self.assertEqual(sorted(attempts), sorted([["reported"]] * 6 + [["failed"], ["released", "reported"]]))

    def test_a_cancelled_ask_keeps_no_trial(self):
        async def work():
            study = await self.open(2, max_parallelism=1)
            held = await study.ask()
            asking = asyncio.create_task(study.ask_many(1))
            await asyncio.sleep(0.3)
            asking.cancel()
            # The free slot can go to the request that is on its way.
            telling = asyncio.create_task(study.tell(held, 1.0))
            with self.assertRaises(asyncio.CancelledError):
                await asking
            self.assertEqual(await telling, "reported")
            trial = await study.ask(timeout=20)
            self.assertEqual(await study.tell(trial, 2.0), "reported")

        asyncio.run(work())

    def test_a_cancelled_ask_hands_back_a_trial_that_arrives_late(self):
        """The service answers after the caller has gone: while the lease is kept, nobody else gets the trial."""

        def answer_late(*args, **kwargs):
            trials = ask_trials(*args, **kwargs)
            time.sleep(0.5)
            return trials

        async def work():
            study = await self.open(1)
            with unittest.mock.patch("gradsmith.aio_batch.ask_trials", answer_late):
                asking = asyncio.create_task(study.ask(lease="600s"))
                await asyncio.sleep(0.1)
                for _ in range(2):
                    asking.cancel()
                    await asyncio.sleep(0.05)
                with self.assertRaises(asyncio.CancelledError):
                    await asking
            trial = await study.ask(timeout=10)
            self.assertEqual(await study.tell(trial, 1.0), "reported")

        asyncio.run(work())

    def test_a_program_ends_while_a_task_waits_for_a_trial(self):
        command = [sys.executable, "-c", LEAVES_A_TASK]
        arguments = [[URL, f"leaves-{kind}-{time.time_ns()}", kind] for kind in ("ask", "optimize")]
        programs = [
            subprocess.Popen([*command, *each], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for each in arguments
        ]
        for program in programs:
            try:
                output, errors = program.communicate(timeout=20)
            finally:
                program.kill()
            self.assertEqual((program.returncode, output), (0, b"end\n"), errors)
            self.assertNotIn(b"ignored GeneratorExit", errors)

    def test_calls_have_the_context_variables_of_their_task(self):
        tenant = contextvars.ContextVar("tenant", default="none")

        async def read(name):
            tenant.set(name)
            return await call_in_thread(tenant.get)

        async def work():
            return await asyncio.gather(read("a"), read("b"))

        self.assertEqual(asyncio.run(work()), ["a", "b"])

    def test_many_waiting_asks_do_not_hold_up_a_result(self):
        async def work():
            study = await self.open(40, max_parallelism=1)
            held = await study.ask()
            asking = [asyncio.create_task(study.ask_many(1, timeout=30)) for _ in range(40)]
            await asyncio.sleep(0.2)
            began = time.monotonic()
            await study.tell(held, 1.0)
            self.assertLess(time.monotonic() - began, 1)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

        asyncio.run(work())

    def test_releases_the_trials_when_it_is_cancelled(self):
        async def work():
            study = await self.open(2, max_parallelism=2)
            started = asyncio.Semaphore(0)

            async def objective(_):
                started.release()
                await asyncio.sleep(60)

            task = asyncio.create_task(study.optimize(objective, n_jobs=2))
            await started.acquire()
            await started.acquire()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            return study

        began = time.monotonic()
        study = asyncio.run(work())
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual([one for one in self.read_attempts(study) if one], [["released"]] * 2)
