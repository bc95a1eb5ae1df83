"""The asynchronous client, on a real service."""

import asyncio
import time
import unittest.mock

import gradsmith
from gradsmith.aio import AsyncRun
from support import SPACE, URL, AsyncServiceTest


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
