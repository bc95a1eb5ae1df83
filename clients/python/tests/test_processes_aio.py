"""The asynchronous client under outages, cancellation and a busy event loop; these tests wait for real time to pass."""

import asyncio
import threading
import time

import gradsmith
from support import URL, AsyncServiceTest, LossyProxy, restart_service, start_program


class AsyncOutageTest(AsyncServiceTest):
    def test_releases_a_trial_that_arrives_after_the_call_was_cancelled(self):
        async def work():
            study = await self.open(3, max_parallelism=1)
            busy = threading.Event()

            def hold(_):
                busy.set()
                time.sleep(1.0)
                return 1.0

            holder = threading.Thread(target=lambda: gradsmith.Client(URL).study(study.id).optimize(hold, n_trials=1))
            holder.start()
            await asyncio.to_thread(busy.wait)
            task = asyncio.create_task(study.optimize(lambda _: asyncio.sleep(60), lease="600s"))
            await asyncio.sleep(0.3)
            task.cancel()
            await asyncio.wait({task})
            await asyncio.to_thread(holder.join)
            # Nobody holds a trial: the rest of the study is measured at once.
            await study.optimize(lambda _: asyncio.sleep(0, 2.0), timeout=10)
            self.assertEqual(await study.state(), "completed")

        began = time.monotonic()
        asyncio.run(work())
        self.assertLess(time.monotonic() - began, 10)

    def test_keeps_a_result_while_the_service_is_away(self):
        async def work():
            study = await self.open(2)

            async def objective(trial):
                if trial.number == 0:
                    threading.Thread(target=restart_service, args=[1.0]).start()
                    await asyncio.sleep(0.2)
                return trial["x"]

            await study.optimize(objective)
            return study

        study = asyncio.run(work())
        self.assertEqual(self.read_attempts(study), [["reported"]] * 2)

    def test_gives_up_a_result_that_cannot_be_sent_when_it_is_cancelled(self):
        async def work():
            with LossyProxy(lose=0) as proxy:
                study = await self.open(1, url=proxy.url)
                measured = asyncio.Event()

                async def objective(_):
                    proxy.lose = 1_000_000
                    measured.set()
                    return 1.0

                task = asyncio.create_task(study.optimize(objective))
                await measured.wait()
                await asyncio.sleep(0.5)
                task.cancel()
                began = time.monotonic()
                await asyncio.wait({task})
                self.assertTrue(task.cancelled())
                self.assertLess(time.monotonic() - began, 12)
            return study

        study = asyncio.run(work())
        # The answers were lost, not the result: it was reported before the release.
        self.assertEqual(self.read_attempts(study), [["reported"]])

    def test_a_cancelled_program_ends_while_the_service_does_not_answer(self):
        with LossyProxy(lose=0) as proxy:
            phases = ("measuring", "sending")
            programs = [start_program("cancel.py", proxy.url, self.create_study(1).id, phase) for phase in phases]
            try:
                for program in programs:
                    self.assertEqual(program.stdout.readline(), "measuring\n")
                proxy.silent.set()
                for program in programs:
                    program.stdin.write("\n")
                    program.stdin.flush()
                began = time.monotonic()
                outputs = [program.communicate(timeout=25)[0] for program in programs]
            finally:
                for program in programs:
                    program.kill()
        self.assertEqual(outputs, ["cancelled\n"] * 2)
        self.assertEqual([program.returncode for program in programs], [0, 0])
        self.assertLess(time.monotonic() - began, 20)

    def test_renews_the_lease_while_a_coroutine_keeps_the_loop_busy(self):
        async def work():
            study = await self.open(1)

            async def objective(_):
                time.sleep(3.2)
                return 1.0

            await study.optimize(objective, lease="1s")
            return study

        study = asyncio.run(work())
        self.assertEqual(self.read_attempts(study), [["reported"]])
