"""Cancel `optimize` of one trial: `cancel.py URL STUDY WHILE`, where WHILE is `measuring` or `sending`.

Prints a line when it measures, and waits for one.
"""

import asyncio
import sys

import gradsmith

url, study_id, phase = sys.argv[1:]


async def work():
    """Start a trial, and cancel the call."""
    study = await gradsmith.AsyncClient(url).study(study_id)
    continued = asyncio.Event()

    async def objective(_):
        print("measuring", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        continued.set()
        await asyncio.sleep(60 if phase == "measuring" else 0)
        return 1.0

    task = asyncio.create_task(study.optimize(objective))
    await continued.wait()
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.wait({task})
    print("cancelled" if task.cancelled() else "ended", flush=True)


asyncio.run(work())
