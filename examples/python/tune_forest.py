"""Tunes a scikit-learn random forest with Gradsmith: any program that speaks HTTP can do the same.

    pip install requests scikit-learn
    python tune_forest.py --trials 30                 # makes a job and works on it
    python tune_forest.py --job job_0123...           # more processes, here or elsewhere: work on the same job

Start as many as you like and kill any of them: a trial whose process falls silent goes to another one, and the job ends with
exactly its number of trials. GRADSMITH_URL and GRADSMITH_API_KEY say where the service is and who you are.
"""

import argparse
import contextlib
import math
import os
import threading
import time
import uuid

import requests

JOB = {
    "name": "forest",
    "objective": {"kind": "external", "metric": {"name": "accuracy", "direction": "maximize"}, "seed": 1},
    "space": {
        "max_depth": {"type": "int", "low": 1, "high": 20},
        "max_features": {"type": "float", "low": 0.05, "high": 1.0},
        "min_samples_leaf": {"type": "int", "low": 1, "high": 50, "scale": "log"},
        "criterion": {"type": "categorical", "choices": ["gini", "entropy"]},
    },
    "search": {"algorithm": "gp", "trials": 30, "maxParallelism": 4, "initial": 8, "seed": 1},
}
FOLDS = 3
LEASE = "30s"


class Refused(RuntimeError):
    """The service says no; the same call again would get the same answer."""

    def __init__(self, response):
        self.status = response.status_code
        try:
            detail = response.json()["detail"]
        except (ValueError, KeyError, TypeError):  # from something in between, which speaks HTML
            detail = response.text[:200]
        super().__init__(f"{self.status}: {detail}")


class Unheard(RuntimeError):
    """The service is away, and there was no more patience."""


class Gradsmith:
    """The few calls of the ask/tell protocol. Each may be repeated, so a service that is away or busy is only waited out."""

    def __init__(self, url, key=None):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        if key:
            self.session.headers["Authorization"] = f"Bearer {key}"

    def call(self, method, path, body=None, headers=None, patience=math.inf):
        """Repeats the call until the service answers, or for `patience` seconds."""
        until = time.monotonic() + patience
        pause = 0.2
        while True:
            asked_for = 0.0
            try:
                response = self.session.request(method, self.url + path, json=body, headers=headers, timeout=30)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                trouble = error.__class__.__name__
            else:
                if response.ok:
                    return response.json()
                if response.status_code != 429 and response.status_code < 500:
                    raise Refused(response)
                trouble = f"status {response.status_code}"
                asked_for = float(response.headers.get("Retry-After", 0))
            wait = max(pause, asked_for)
            if time.monotonic() + wait > until:
                raise Unheard(f"the service does not answer ({trouble})")
            print(f"the service does not answer ({trouble}); trying again in {wait:.1f} s", flush=True)
            time.sleep(wait)
            pause = min(2 * pause, 5)

    def create(self, job):
        return self.call("POST", "/v1/jobs", job, {"Idempotency-Key": str(uuid.uuid4())})["id"]

    def trials(self, job, worker):
        """Yields trials until the job has ended."""
        while True:
            # One id an attempt: asked again after a lost reply, the service answers with the same trial.
            attempt = str(uuid.uuid4())
            answer = self.call("POST", f"/v1/jobs/{job}/ask", {"attempt": attempt, "worker": worker, "lease": LEASE, "wait": "10s"})
            if answer["answer"] == "finished":
                return
            if answer["answer"] == "trial":
                yield Trial(self, job, answer)


class Trial:
    """One trial: its point, and a thread that keeps it ours while the model is fitted."""

    def __init__(self, service, job, answer):
        self.service, self.point, self.number, self.seed = service, answer["point"], answer["number"], answer["seed"]
        self.path, self.attempt = f"/v1/jobs/{job}/trials/{answer['trial']}", answer["attempt"]
        self.every = float(answer["heartbeatEvery"].removesuffix("ms")) / 1000
        self.verdict, self.progress, self.over = "continue", None, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.beat, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, kind, error, trace):
        self.over.set()
        self.thread.join()
        if isinstance(error, KeyboardInterrupt):
            with contextlib.suppress(Unheard):  # without it the trial goes to another program when its lease is over
                self.service.call("POST", f"{self.path}/release", {"attempt": self.attempt, "reason": "interrupted"}, patience=5)
        elif error is not None:
            self.service.call("POST", f"{self.path}/fail", {"attempt": self.attempt, "reason": str(error)[:2000] or repr(error)})
        return isinstance(error, Exception)

    def beat(self):
        while not self.over.wait(self.every):
            try:
                self.heartbeat()
            except Exception as error:  # the tell is refused as well, and says so
                print(f"heartbeat: {error}", flush=True)

    def heartbeat(self):
        """A lost heartbeat does no harm: the fit continues, and its result is reported when the service is back."""
        body = {"attempt": self.attempt, "lease": LEASE}
        if self.progress:
            body["progress"] = self.progress
        try:
            self.verdict = self.service.call("POST", f"{self.path}/heartbeat", body, patience=0)["answer"]
        except Unheard:
            pass
        except Refused as error:
            if error.status != 404:
                raise
            self.verdict = "cancel"  # the job was deleted
        return self.verdict

    def report(self, step, value):
        """Tells an intermediate value; False: stop, the trial is pruned, cancelled or somebody else's."""
        self.progress = {"step": step, "value": value}
        return self.heartbeat() == "continue"

    def tell(self, value, outcome="complete", **more):
        number = value if math.isfinite(value) else None  # JSON has no NaN: null fails the trial, with that reason
        return self.service.call("POST", f"{self.path}/tell", {"attempt": self.attempt, "value": number, "outcome": outcome, **more})["answer"]


def evaluate(trial):
    """Cross-validated accuracy of a forest with the trial's settings, fold by fold."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold

    x, y = load_breast_cancer(return_X_y=True)
    scores = []
    for step, (train, test) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=trial.seed).split(x, y)):
        model = RandomForestClassifier(n_estimators=20, random_state=trial.seed, **trial.point).fit(x[train], y[train])
        scores.append(model.score(x[test], y[test]))
        if not trial.report(step + 1, sum(scores) / len(scores)):
            return scores, "pruned"
    return scores, "complete"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", default=os.environ.get("GRADSMITH_URL", "http://127.0.0.1:8080"))
    parser.add_argument("--job", help="work on this job instead of making one")
    parser.add_argument("--trials", type=int, default=JOB["search"]["trials"])
    arguments = parser.parse_args()

    service = Gradsmith(arguments.url, os.environ.get("GRADSMITH_API_KEY"))
    job = arguments.job or service.create({**JOB, "search": {**JOB["search"], "trials": arguments.trials}})
    print(f"job {job}", flush=True)
    for trial in service.trials(job, worker=f"python-{os.getpid()}"):
        with trial:
            scores, outcome = evaluate(trial)
            mean = sum(scores) / len(scores)
            if trial.verdict in ("continue", "prune"):
                answer = trial.tell(mean, outcome, metrics={"worst fold": min(scores)}, curve=scores)
                print(f"trial {trial.number}: {mean:.4f} at {trial.point} ({answer})", flush=True)

    status = service.call("GET", f"/v1/jobs/{job}/status")
    if status["best"]:
        print(f"best: {status['best']['value']:.4f} in trial {status['best']['trial']}, {status['best']['point']}")


if __name__ == "__main__":
    main()
