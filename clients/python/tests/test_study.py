"""Studies, on a real service: outcomes of an objective, results, and what is refused."""

import math
import re
import sys
import time
import unittest.mock
from pathlib import Path
from xml.etree import ElementTree as ET

import gradsmith
from gradsmith.batch import _split, ask_trials
from gradsmith.transport import Transport
from support import SPACE, URL, LossyProxy, ServiceTest


class Scalar:
    """A number of another library, such as numpy.float32: no float, and unknown to JSON."""

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return self.value


class StudyTest(ServiceTest):
    def test_the_example_of_the_readme_runs(self):
        readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
        code = re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1].replace("http://localhost:8080", URL)
        names = {"print": lambda *_: None}
        exec(code, names)
        self.assertEqual(names["study"].state, "completed")
        self.assertEqual(len(names["study"].trials), 20)
        self.assertAlmostEqual(names["study"].best_params["x"], 1, delta=0.5)
        self.assertLess(len([line for line in code.splitlines() if line]), 9)

    def test_returns_trials_and_the_best_one(self):
        study = self.create_study(6, direction="maximize")

        def objective(trial):
            trial.metrics["double"] = 2 * trial["x"]
            return trial["x"]

        study.optimize(objective)
        best = max(study.trials, key=lambda trial: trial.value)
        self.assertEqual(study.best_trial, best)
        self.assertEqual(study.best_params, {"x": study.best_value})
        self.assertEqual(best.metrics, {"double": 2 * best.value})
        self.assertEqual({trial.state for trial in study.trials}, {"complete"})
        self.assertGreater(best.datetime_complete, best.datetime_start)
        self.assertIn(f"best value</th><td>{best.value:.6g} in trial {best.number}", study._repr_html_())
        self.assertIn("6 of 6 settled", study._repr_html_())

    def test_reads_the_trials_page_by_page(self):
        study = self.create_study(5, max_parallelism=5)
        trials = study.ask_many(5)
        self.assertEqual(study.tell_many([(trial, trial["x"]) for trial in trials]), ["reported"] * len(trials))
        sent = []
        send = study._transport.send

        def record(call):
            sent.append(call.query)
            return send(call)

        with (
            unittest.mock.patch("gradsmith.study.PAGE", 2),
            unittest.mock.patch.object(study._transport, "send", record),
        ):
            self.assertEqual([trial.number for trial in study.trials], [0, 1, 2, 3, 4])
        self.assertEqual(sent[0], {"limit": 2, "role": "search"})
        self.assertEqual(["cursor" in query for query in sent], [False, True, True])

    def test_searches_formulas_and_continues_the_study(self):
        space = {"rule": gradsmith.Program(["x", "y"], ["add", "mul"], 5, start=["x + y"])}
        study = self.create_study(4, space=space, algorithm="random")
        study.optimize(lambda trial: len(trial["rule"]))
        self.assertEqual(study.trials[0].params, {"rule": "x + y"})
        again = gradsmith.Client(URL).study(study.name, space, n_trials=4, algorithm="random")
        self.assertEqual((again.id, again.space), (study.id, space))

    def test_calls_back_after_each_trial_that_was_measured(self):
        study = self.create_study(6, max_parallelism=1)
        seen = []

        def objective(trial):
            if trial.number == 1:
                raise ValueError("no memory")
            if trial.number == 2:
                trial.report(0.5, 3)
                raise gradsmith.TrialPruned
            return trial["x"]

        def stop(study, trial):
            if trial.number == 3:
                study.stop()

        with self.assertLogs("gradsmith", "WARNING"):
            study.optimize(objective, catch=ValueError, callbacks=[lambda *given: seen.append(given), stop])
        self.assertEqual([trial.state for _, trial in seen], ["complete", "failed", "pruned", "complete"])
        self.assertEqual(seen[2][1].intermediate_values, {3: 0.5})
        self.assertTrue(all(each is study for each, _ in seen))
        self.assertEqual(study.state, "running")
        self.assertGreater(seen[0][1].duration.total_seconds(), 0)

    def test_an_error_of_a_callback_ends_the_call_and_keeps_the_result(self):
        study = self.create_study(2)

        def fail(*_):
            raise KeyError("callback")

        with self.assertRaisesRegex(KeyError, "callback"):
            study.optimize(lambda trial: trial["x"], callbacks=[fail])
        self.assertEqual(study.trials[0].state, "complete")

    def test_names_the_importance_of_each_parameter(self):
        study = self.create_study(8, space={"x": gradsmith.Float(0, 1), "y": gradsmith.Int(1, 9)}, initial=8)
        self.assertEqual(study.spec["search"]["initial"], 8)
        study.optimize(lambda trial: trial["x"] + trial["y"] / 1000)
        importances = study.get_param_importances()
        self.assertEqual(list(importances), ["x", "y"])
        self.assertGreater(importances["x"], importances["y"])

    def test_a_notebook_shows_the_search_the_curves_and_the_importance(self):
        study = self.create_study(8, space={"x": gradsmith.Float(0, 1), "y": gradsmith.Int(1, 9)})

        def objective(trial):
            trial.report(trial["x"], 1)
            return trial["x"] + trial["y"] / 100

        study.optimize(objective)
        figures = [root.get("aria-label") for root in map(ET.fromstring, self.find_figures(study))]
        self.assertEqual(
            figures, ["value of each trial, and the best so far", "value by step", "Importance of each parameter"]
        )
        self.assertEqual(self.find_figures(self.create_study(1)), [])

    def find_figures(self, study):
        return re.findall("<svg.*?</svg>", study._repr_html_())

    def test_shows_intermediate_values_while_a_trial_runs_and_of_a_released_attempt(self):
        study = self.create_study(2)
        seen = []

        def objective(trial):
            for step in range(4):
                trial.report(step / 10, step)
            seen.append(study.get_trial(trial.number))
            if len(seen) == 1:
                raise KeyboardInterrupt
            return 1.0

        with self.assertRaises(KeyboardInterrupt):
            study.optimize(objective)
        values = {0: 0.0, 1: 0.1, 2: 0.2, 3: 0.3}
        self.assertEqual((seen[0].state, seen[0].intermediate_values), ("running", values))
        left = study.get_trial(seen[0].number)
        self.assertEqual((left.state, left.intermediate_values), ("pending", values))
        study.optimize(objective)
        self.assertEqual([trial.intermediate_values for trial in study.trials], [None, None])
        with self.assertRaises(gradsmith.NotFound):
            study.get_trial(2)

    def test_changes_name_labels_priority_and_notes(self):
        study = self.create_study(1, labels={"team": "vision", "draft": "yes"})
        name = f"{study.name}-renamed"
        budget = study.spec["search"]["trials"]
        study.edit(name=name, labels={"draft": None, "owner": "ada"}, priority=7, notes="Seed 3 **diverges**.")
        self.assertEqual((study.name, study.spec["name"], study.spec["search"]["trials"]), (name, name, budget))
        again = gradsmith.Client(URL).study(name)
        self.assertEqual((again.id, again.notes), (study.id, "Seed 3 **diverges**."))
        self.assertEqual(again.spec["labels"], {"team": "vision", "owner": "ada"})
        self.assertEqual(again.spec["priority"], 7)
        self.assertEqual(again.spec, study.spec)
        study.edit(notes="")
        self.assertIsNone(study.notes)
        with self.assertRaises(gradsmith.InvalidRequest):
            study.edit(name="No Name")

    def test_the_name_of_a_renamed_study_is_free_for_others(self):
        client = gradsmith.Client(URL)
        first = self.create_study(2)
        name = first.name
        first.edit(name=f"{name}-first")
        second = client.study(name, SPACE, n_trials=2, algorithm="random")
        second.edit(name=f"{name}-second")
        # With other settings, the service refuses the keys of the first two.
        third = client.study(name, SPACE, n_trials=3, algorithm="random")
        self.assertEqual(third.name, name)
        self.assertEqual(len({first.id, second.id, third.id}), 3)
        self.assertEqual(client.study(name, SPACE, n_trials=3).id, third.id)

    def test_a_name_finds_no_study_whose_name_contains_it(self):
        study = self.create_study(1)
        with self.assertRaisesRegex(gradsmith.GradsmithError, "there is no study"):
            gradsmith.Client(URL).study(study.name[1:])
        for text in ("", study.name * 10):
            with self.assertRaisesRegex(gradsmith.GradsmithError, "there is no study"):
                gradsmith.Client(URL).study(text)

    def test_has_no_best_trial_before_one_is_complete(self):
        study = self.create_study(1)
        with self.assertRaisesRegex(gradsmith.NoCompleteTrial, "no trial of python-.* is complete yet"):
            _ = study.best_value
        self.assertIn("none yet", study._repr_html_())

    def test_a_value_that_is_no_finite_number_fails_the_trial(self):
        study = self.create_study(4)
        values = iter([math.nan, -math.inf, None, 0.5])
        with self.assertLogs("gradsmith", "WARNING"):
            study.optimize(lambda _: next(values))
        self.assertEqual(
            [(trial.state, trial.reason) for trial in study.trials],
            [
                ("failed", "the objective returned nan, which is no finite number"),
                ("failed", "the objective returned -inf, which is no finite number"),
                ("failed", "the objective returned None, which is no number"),
                ("complete", None),
            ],
        )

    def test_takes_the_numbers_of_other_libraries_and_leaves_out_metrics_that_are_no_numbers(self):
        study = self.create_study(1)

        def objective(trial):
            trial.metrics.update(accuracy=Scalar(0.5), correct=True, auc=math.nan, note="long")
            return Scalar(0.25)

        with self.assertLogs("gradsmith", "WARNING") as logs:
            study.optimize(objective)
        self.assertEqual((study.best_value, study.best_trial.metrics), (0.25, {"accuracy": 0.5, "correct": 1.0}))
        self.assertEqual(
            [record.getMessage() for record in logs.records],
            [
                "trial 0: the metric 'auc' is left out: it is nan, which is no finite number",
                "trial 0: the metric 'note' is left out: it is 'long', which is no number",
            ],
        )

    def test_a_result_that_is_refused_costs_an_attempt(self):
        objectives = [{"metric": "value", "goal": "minimize"}, {"metric": "latency", "goal": "maximize"}]
        study = self.create_study(1, objectives=objectives)
        with self.assertRaisesRegex(gradsmith.InvalidRequest, r"the result of trial 0 \(1.0\) was refused"):
            study.optimize(lambda _: 1.0)
        self.assertEqual(self.read_attempts(study), [["failed"]])
        self.assertIn("metrics.latency: is missing", study.status()["lastError"]["reason"])

    def test_an_exception_ends_the_call_and_the_trial_is_tried_again(self):
        study = self.create_study(1)

        def objective(_):
            raise KeyError("lr")

        with self.assertRaisesRegex(KeyError, "lr"):
            study.optimize(objective)
        self.assertEqual(study.status()["lastError"]["reason"], "KeyError: 'lr'")
        study.optimize(lambda _: 1.0)
        self.assertEqual(self.read_attempts(study), [["failed", "reported"]])

    def test_a_caught_exception_fails_its_trial(self):
        study = self.create_study(3)

        def objective(trial):
            if trial.number == 1:
                raise ValueError("out of memory")
            return 1.0

        with self.assertLogs("gradsmith", "WARNING"):
            study.optimize(objective, catch=ValueError)
        self.assertEqual([trial.state for trial in study.trials], ["complete", "failed", "complete"])
        self.assertEqual(study.trials[1].reason, "ValueError: out of memory")

    def test_raises_if_the_study_failed(self):
        study = gradsmith.Client(URL).create_job(
            {
                "name": "failing",
                "objective": {"kind": "external", "metric": {"name": "value", "direction": "minimize"}},
                "space": SPACE,
                "search": {"trials": 5, "algorithm": "random"},
            },
            limits={"maxFailures": 1},
        )
        with self.assertRaisesRegex(gradsmith.StudyFailed, "2 trials failed, 1 are allowed"):
            study.optimize(lambda _: math.nan)

    def test_a_pruned_trial_has_its_last_value_as_a_bound(self):
        study = self.create_study(3, pruning="asha", max_parallelism=1)

        def objective(trial):
            trial.report(trial.number, step=1)
            if trial.should_prune():
                raise gradsmith.TrialPruned
            return 10.0

        with self.assertLogs("gradsmith", "INFO") as logged:
            study.optimize(objective)
        self.assertEqual([line.rsplit(" ", 1)[1] for line in logged.output], ["(reported)", "(pruned)", "(pruned)"])
        self.assertEqual(
            [(trial.state, trial.value) for trial in study.trials],
            [("complete", 10.0), ("pruned", 1.0), ("pruned", 2.0)],
        )

    def test_a_trial_that_completes_although_it_was_pruned_is_complete(self):
        study = self.create_study(2, pruning="asha", max_parallelism=1)
        decisions = []

        def objective(trial):
            trial.report(trial.number, step=1)
            decisions.append(trial.should_prune())
            return 0.0

        study.optimize(objective)
        self.assertEqual(decisions, [False, True])
        self.assertEqual([trial.state for trial in study.trials], ["complete", "complete"])

    def test_refuses_reports_that_cannot_be_recorded(self):
        study = self.create_study(1)

        def objective(trial):
            with self.assertRaisesRegex(ValueError, "the value of step 3 is nan"):
                trial.report(math.nan, 3)
            for value in ("a", None):
                with self.assertRaisesRegex(TypeError, f"the value of step 3 is {value!r}, which is no number"):
                    trial.report(value, step=3)
            for step in (1.5, "1"):
                with self.assertRaisesRegex(TypeError, f"step is {step!r}; it must be a whole number from 0"):
                    trial.report(1, step)
            with self.assertRaisesRegex(ValueError, "step is -1"):
                trial.report(0.5, -1)
            return 1.0

        study.optimize(objective)
        self.assertEqual(study.state, "completed")

    def test_the_result_of_a_cancelled_study_is_not_reported(self):
        study = self.create_study(2, max_parallelism=1)

        def objective(trial):
            study.cancel()
            trial.report(1.0, 1)
            self.assertTrue(trial.should_prune())
            return 1.0

        with self.assertLogs("gradsmith", "WARNING") as logged:
            study.optimize(objective)
        self.assertEqual(
            [record.getMessage() for record in logged.records],
            [
                "the result of trial 0 is not needed: the trial was cancelled",
                "the study was cancelled; study.trials has the results so far",
            ],
        )

    def test_limits_of_a_call(self):
        study = self.create_study(20, max_parallelism=4)
        study.optimize(lambda trial: trial["x"], n_trials=5, n_jobs=3)
        self.assertEqual(study.status()["counts"]["complete"], 5)
        study.optimize(lambda trial: trial["x"], timeout=0)
        study.optimize(lambda trial: study.stop() or trial["x"])
        self.assertEqual(study.status()["counts"]["complete"], 6)
        with self.assertRaisesRegex(ZeroDivisionError, "division"):
            study.optimize(lambda _: 1 / 0, n_jobs=2)
        with self.assertLogs("gradsmith", "WARNING") as logged:
            study.optimize(lambda trial: trial["x"], n_trials=1, n_jobs=5)
        self.assertIn("only max_parallelism=4 trials are open at once", logged.output[0])
        with self.assertRaisesRegex(ValueError, "n_jobs is 0"):
            study.optimize(lambda trial: trial["x"], n_jobs=0)

    def test_asks_for_trials_and_tells_their_results(self):
        study = self.create_study(8, max_parallelism=4, direction="maximize")
        first = study.ask()
        first.report(0.5, step=1)
        first.metrics["size"] = 3
        self.assertEqual(study.tell(first, 0.75), "reported")
        self.assertEqual(study.tell(first, 0.75), "already")
        with self.assertLogs("gradsmith", "WARNING"):
            self.assertEqual(study.tell(first, 0.8), "conflict")
        stored = study.get_trial(first.number)
        self.assertEqual((stored.value, stored.metrics, stored.intermediate_values), (0.75, {"size": 3}, {1: 0.5}))
        pruned = study.ask()
        pruned.report(0.25, step=1)
        self.assertEqual(study.tell(pruned, state="pruned"), "reported")
        self.assertEqual(study.tell(study.ask(), state="fail"), "failed")
        answers = []
        while trials := study.ask_many(4):
            self.assertLessEqual(len(trials), 4)
            values = [math.nan if trial.number == 7 else trial["x"] for trial in trials]
            answers += study.tell_many(list(zip(trials, values, strict=True)))
        self.assertEqual(sorted(answers), ["failed", *["reported"] * 4])
        counts = study.status()["counts"]
        self.assertEqual((counts["complete"], counts["pruned"], counts["failed"]), (5, 1, 2))
        with self.assertRaisesRegex(gradsmith.NoTrial, "completed"):
            study.ask()
        with self.assertRaisesRegex(ValueError, "from 1 to 100"):
            study.ask_many(101)
        with self.assertRaisesRegex(ValueError, "complete, pruned or fail"):
            study.tell(first, 1, state="done")

    def test_hands_a_trial_to_other_programs(self):
        study = self.create_study(1)
        first = study.ask()
        study.release(first, "needs more memory")
        other = study.ask(timeout=20)
        self.assertEqual(other.params, first.params)
        with self.assertLogs("gradsmith", "WARNING"):
            self.assertEqual(study.tell(first, 1.0), "stale")
        self.assertEqual(study.tell(other, 2.0), "reported")
        study.release(other)
        self.assertEqual(study.get_trial(0).value, 2.0)
        with self.assertRaisesRegex(TypeError, "is no trial"):
            study.release(3)

    def test_refuses_a_text_for_the_names_of_a_formula(self):
        with self.assertRaisesRegex(TypeError, "operands is the text 'lr'; it must be a list"):
            gradsmith.Program("lr", ["add"])

    def test_tells_only_trials_of_the_study_and_finite_metrics(self):
        study, other = self.create_study(3, max_parallelism=2), self.create_study(1)
        trial, second = study.ask(), study.ask()
        with self.assertRaisesRegex(ValueError, f"belongs to the study {study.id}"):
            other.tell_many([(other.ask(), 1.0), (trial, 1.0)])
        with self.assertRaisesRegex(TypeError, "3 is no trial"):
            study.tell(3, 1.0)
        self.assertFalse(trial._lease._finished.is_set())
        trial.metrics.update(loss=0.5, inf=math.inf, text="x", flag=True, scalar=Scalar(2.0))
        self.assertEqual(study.tell_many([(trial, Scalar(1.5)), (second, math.nan)]), ["reported", "failed"])
        self.assertEqual(study.tell(second, math.nan), "failed")
        stored = study.get_trial(trial.number)
        self.assertEqual((stored.value, stored.metrics), (1.5, {"loss": 0.5, "flag": 1, "scalar": 2}))
        self.assertEqual(other.status()["counts"]["complete"], 0)
        goals = [{"metric": "value", "goal": "minimize"}, {"metric": "size", "goal": "minimize"}]
        several = self.create_study(3, objectives=goals)
        answers = [several.tell(several.ask(), values) for values in (iter((1.0, Scalar(2.0))), (1.0, None))]
        self.assertEqual(answers, ["reported", "failed"])
        with self.assertRaisesRegex(ValueError, "needs a value for each objective"):
            several.tell(several.ask(), [1.0])

    def test_values_of_one_objective_are_numbers(self):
        study = self.create_study(3, max_parallelism=3)
        trials = study.ask_many(3)
        with self.assertLogs("gradsmith", "WARNING") as logged:
            self.assertEqual(study.tell(trials[0], "abc"), "failed")
        self.assertIn("the value is 'abc', which is no number", logged.output[0])
        with self.assertLogs("gradsmith", "WARNING"):
            self.assertEqual(study.tell(trials[1], [1.0]), "failed")
        self.assertEqual(study.tell(trials[2], Scalar(1.0)), "reported")

    def test_the_timeout_of_ask_limits_the_time_without_a_service(self):
        transport = Transport("http://127.0.0.1:1", None, retry_for=60, timeout=5)
        start = time.monotonic()
        with self.assertRaises(gradsmith.Unavailable):
            ask_trials(transport, "job_0", {}, 1, lease="60s", timeout=0.5)
        self.assertLess(time.monotonic() - start, 10)

    def test_many_results_go_in_several_requests(self):
        parts = _split([{"n": n} for n in range(101)] + [{"text": "x" * 600_000}, {"n": 102}])
        self.assertEqual([len(part) for part in parts], [100, 1, 1, 1])

    @unittest.mock.patch("gradsmith.batch.MOST_TRIALS", 2)
    def test_a_refused_request_does_not_keep_other_results_from_being_stored(self):
        limit = {"metric": "latency", "max": 20}
        study = self.create_study(5, max_parallelism=5, constraints=[limit])
        trials = study.ask_many(2) + study.ask_many(2) + study.ask_many(1)
        for trial in trials[:2] + trials[3:]:
            trial.metrics["latency"] = 5
        with self.assertRaises(gradsmith.InvalidRequest) as raised:
            study.tell_many([(trial, 1.0) for trial in trials])
        self.assertEqual(raised.exception.answers, ["reported", "reported", None, None, "reported"])
        [(place, message)] = raised.exception.problems
        self.assertEqual(place, "/results/2/metrics/latency")
        self.assertIn("is missing", message)
        self.assertNotIn("/results/0", str(raised.exception))
        held = [trial._lease._finished.is_set() for trial in trials]
        self.assertEqual(held, [True, True, False, False, True])
        trials[2].metrics["latency"] = 30
        answers = study.tell_many([(trial, 1.0) for trial in trials])
        self.assertEqual(answers, ["already", "already", "reported", "reported", "already"])
        self.assertEqual(self.read_attempts(study), [["reported"]] * 5)

    def test_asked_trials_keep_their_lease_and_survive_lost_answers(self):
        study = self.create_study(3, max_parallelism=2)
        with LossyProxy(lose=1) as proxy:
            remote = gradsmith.Client(proxy.url).study(study.id)
            trials = remote.ask_many(2, lease="1s")
            self.assertEqual([], study.ask_many(1, timeout=1.5))
            answers = remote.tell_many([(trial, trial["x"]) for trial in trials])
        self.assertEqual(answers, ["already"] * len(trials))
        self.assertEqual(study.tell(study.ask(), 1.0), "reported")
        self.assertEqual(self.read_attempts(study), [["reported"]] * 3)

    def test_programs_that_start_together_get_the_same_study(self):
        study = self.create_study(3, direction="maximize")
        client = gradsmith.Client(URL)
        self.assertEqual(client.study(study.name, SPACE, n_trials=3).id, study.id)
        self.assertEqual(client.study(study.id).id, study.id)
        with unittest.mock.patch.object(client, "_find", return_value=None):
            again = client.study(study.name, SPACE, n_trials=3, direction="maximize", algorithm="random")
        self.assertEqual(again.id, study.id)

    def test_a_study_continues_with_a_larger_budget(self):
        study = self.create_study(2)
        study.optimize(lambda trial: trial["x"])
        again = gradsmith.Client(URL).study(study.name, n_trials=3)
        again.optimize(lambda trial: trial["x"])
        self.assertEqual([trial.state for trial in study.trials], ["complete"] * 3)

    def test_enqueued_points_come_first(self):
        study = self.create_study(8, max_parallelism=1)
        study.enqueue_trial({"x": 0.25})
        study.optimize(lambda trial: trial["x"], n_trials=2)
        self.assertIn({"x": 0.25}, [trial.params for trial in study.get_trials("complete")])
        with self.assertRaisesRegex(gradsmith.InvalidRequest, "x"):
            study.enqueue_trial({"x": 2})

    def test_warns_of_each_setting_that_an_existing_study_has_otherwise(self):
        study = self.create_study(4, known=[{"point": {"x": 0.5}, "value": 1}], labels={"team": "vision"}, seed=3)
        client = gradsmith.Client(URL)
        with self.assertLogs("gradsmith", "WARNING") as logged:
            client.study(
                study.name,
                SPACE,
                n_trials=2,
                metric="loss",
                seed=1,
                algorithm="tpe",
                initial=20,
                pruning={"rule": "patience", "steps": 2},
                max_parallelism=1,
                trial_timeout="6d",
                labels={"team": "audio"},
                known=[{"point": {"x": 0.5}, "value": 1}, {"point": {"x": 0.25}, "value": 2}],
                constraints=["x <= 0.75"],
                objectives=[{"metric": "value", "goal": "minimize"}, {"metric": "size", "goal": "minimize"}],
            )
        self.assertEqual(
            [record.getMessage() for record in logged.records],
            [
                f"the study {study.name} ({study.id}) exists and keeps its settings: metric is 'value', not 'loss'; "
                "seed is 3, not 1; algorithm is 'random', not 'tpe'; initial is 8, not 20; pruning is 'none', not "
                "{'rule': 'patience', 'steps': 2}; max_parallelism is 4, not 1; trial_timeout is '7d', not '6d'; "
                "labels is {'team': 'vision'}, not {'team': 'audio'}; known is a list of 1 results, not a list of 2 "
                "results; constraints is [], not ['x <= 0.75']; objectives is [], not [{'metric': 'value', 'goal': "
                "'minimize'}, {'metric': 'size', 'goal': 'minimize'}]; n_trials is 4, not 2 (a budget can only grow). "
                "To use others, choose another name, or delete() the study first"
            ],
        )

    def test_warns_of_no_setting_that_is_the_same_or_left_out(self):
        settings = {
            "metric": "loss",
            "seed": 3,
            "initial": 5,
            "pruning": {"rule": "patience", "steps": 2},
            "max_parallelism": 2,
            "trial_timeout": 3600,
            "labels": {"team": "vision"},
            "known": [{"point": {"x": 0.5}, "value": 1, "metrics": {"size": 3}}],
            "constraints": ["x <= 0.75", {"metric": "size", "max": 9}],
        }
        study = self.create_study(2, **settings)
        client = gradsmith.Client(URL)
        with self.assertNoLogs("gradsmith", "INFO"):
            client.study(study.name)
            client.study(study.name, SPACE, n_trials=2)
            client.study(study.name, SPACE, n_trials=3, algorithm="random", **{**settings, "trial_timeout": "60m"})
        objectives = ({"metric": "value", "goal": "minimize"}, {"metric": "size", "goal": "maximize"})
        study = self.create_study(1, objectives=objectives)
        with self.assertNoLogs("gradsmith", "INFO"):
            client.study(study.name, SPACE, n_trials=1, objectives=objectives)

    def test_a_key_with_another_job_is_refused(self):
        job = {
            "name": "keyed",
            "objective": {"kind": "external", "metric": {"name": "value", "direction": "minimize"}},
            "space": SPACE,
        }
        client = gradsmith.Client(URL)
        first = client.create_job(job, search={"trials": 2}, key="settings-key")
        self.assertEqual(client.create_job(job, search={"trials": 2}, key="settings-key").id, first.id)
        with self.assertRaises(gradsmith.Conflict):
            client.create_job(job, search={"trials": 2, "seed": 1}, key="settings-key")

    def test_says_that_a_finished_study_has_no_trial(self):
        study = self.create_study(2)
        with self.assertNoLogs("gradsmith", "WARNING"):
            study.optimize(lambda trial: trial["x"], n_jobs=2)
        with self.assertLogs("gradsmith", "WARNING") as logged:
            study.optimize(lambda trial: trial["x"], n_jobs=2)
        message = "2 of 2 trials are done; raise n_trials of client.study to run more"
        self.assertEqual([record.getMessage() for record in logged.records], [message])
        finite = self.create_study(5, space={"n": gradsmith.Int(1, 2)}, algorithm="grid")
        finite.optimize(lambda trial: trial["n"])
        with self.assertLogs("gradsmith", "WARNING") as logged:
            finite.optimize(lambda trial: trial["n"])
        self.assertIn("the space has no point that was not tried: 2 of 5 trials are done", logged.output[0])
        objective = {"kind": "external", "metric": {"name": "value", "direction": "minimize"}}
        search = {"trials": 5, "algorithm": "random", "stop": {"target": 9}}
        stopped = gradsmith.Client(URL).create_job(name="stops", objective=objective, space=SPACE, search=search)
        stopped.optimize(lambda trial: trial["x"])
        with self.assertLogs("gradsmith", "WARNING") as logged:
            stopped.optimize(lambda trial: trial["x"])
        self.assertRegex(
            logged.output[0], r"the search has stopped \(.*\): . of 5 trials .*study.extend\(5\) continues"
        )

    @unittest.mock.patch("gradsmith.waiting.QUIET", 0.2)
    def test_says_once_that_a_program_waits_for_trials_of_others(self):
        study = self.create_study(2, max_parallelism=1)
        trial = study.ask()
        message = "no trial is free: 1 of them are measured by programs"

        def ask():
            ask_trials(study._transport, study.id, SPACE, 1, lease="60s", timeout=1.5, longest_wait=0.3)

        for wait in (lambda: study.optimize(self.fail, timeout=1.5), ask):
            with self.assertLogs("gradsmith", "WARNING") as logged:
                wait()
            self.assertEqual([message in line for line in logged.output], [True])
        study.pause()
        study.release(trial)
        with self.assertLogs("gradsmith", "WARNING") as logged:
            study.optimize(self.fail, timeout=1)
        self.assertIn("the study is paused; study.resume() continues it", logged.output[0])

    def test_refuses_values_that_no_parameter_can_have(self):
        allowed = "it must be text, a finite number, True or False"
        for wrong in (None, math.nan, ("a",), Scalar(1)):
            with self.assertRaisesRegex(ValueError, f"a choice is .*; {allowed}"):
                gradsmith.Categorical(["a", wrong])
            with self.assertRaisesRegex(ValueError, f"a constant is .*; {allowed}"):
                gradsmith.Constant(wrong)
            with self.assertRaisesRegex(ValueError, rf"space\['fixed'\] is .*; {allowed}"):
                self.create_study(1, space={"x": gradsmith.Float(0, 1), "fixed": wrong})
        with self.assertRaisesRegex(TypeError, "choices is the text 'abc'; it must be a list"):
            gradsmith.Categorical("abc")

    def test_refuses_another_space_or_direction(self):
        study = self.create_study(2)
        client = gradsmith.Client(URL)
        with self.assertRaisesRegex(gradsmith.SpaceMismatch, r"exists with another space: \{'x': Float\(low=0, high=1"):
            client.study(study.name, {"x": gradsmith.Float(0, 2)})
        with self.assertRaisesRegex(gradsmith.SpaceMismatch, "exists with direction='minimize'"):
            client.study(study.name, direction="maximize")
        with self.assertRaisesRegex(gradsmith.GradsmithError, "there is no study 'nobody'"):
            client.study("nobody")

    def test_the_job_of_workers_is_read_but_not_measured(self):
        client = gradsmith.Client(URL)
        objective = {
            "kind": "training",
            "dataset": {"name": "two-gaussians"},
            "network": {"name": "mlp"},
            "optimizer": {"name": "adam"},
        }
        rate = {"at": "/optimizer/learningRate", "type": "float", "low": 0.001, "high": 1, "scale": "log"}
        study = client.create_job(name="training", objective=objective, space={"rate": rate}, search={"trials": 1})
        self.assertEqual(study.space, {"rate": gradsmith.Float(0.001, 1, log=True)})
        self.assertEqual(client.study("training", direction="minimize").id, study.id)
        with self.assertRaisesRegex(gradsmith.Conflict, "workers execute the trials"):
            study.optimize(lambda _: 0.0)

    def test_suggestions_are_those_of_the_space(self):
        space = {
            "rate": gradsmith.Float(1e-5, 1e-1, log=True),
            "depth": gradsmith.Int(1, 9),
            "units": gradsmith.Int(16, 64, step=16),
            "kind": gradsmith.Categorical(["relu", True, 1, 2.5]),
            "fixed": 3,
        }
        study = self.create_study(4, space=space)
        seen = []

        def objective(trial):
            rate = trial.suggest_float("rate", 1e-5, 1e-1, log=True)
            depth = trial.suggest_int("depth", 1, 9)
            units = trial.suggest_int("units", 16, 64, step=16)
            kind = trial.suggest_categorical("kind", ["relu", True, 1, 2.5])
            seen.append({"rate": rate, "depth": depth, "units": units, "kind": kind, "fixed": 3})
            self.assertEqual(seen[-1], trial.params)
            self.assertIs(type(depth), int)
            self.assertIn(units, (16, 32, 48, 64))
            with self.assertRaisesRegex(gradsmith.SpaceMismatch, "'depth' is declared as Int.*asks for Int"):
                trial.suggest_int("depth", 1, 10)
            with self.assertRaisesRegex(gradsmith.SpaceMismatch, "has no 'dept'; it has rate, depth"):
                trial.suggest_int("dept", 1, 9)
            return rate

        study.optimize(objective)
        self.assertEqual([trial.params for trial in study.trials], seen)

    def test_a_parameter_is_there_only_when_its_condition_holds(self):
        space = {
            "kind": gradsmith.Categorical(["sgd", "adam"]),
            "momentum": gradsmith.Float(0, 0.9, when={"kind": ("sgd",)}),
            "steps": gradsmith.Int(1, 3),
            "decay": gradsmith.Float(0, 1, when={"steps": [2, 3], "kind": ["adam"]}),
        }
        study = self.create_study(30, space=space)

        def objective(trial):
            kind, steps = trial["kind"], trial["steps"]
            self.assertEqual("momentum" in trial.params, kind == "sgd")
            self.assertEqual("decay" in trial.params, kind == "adam" and steps > 1)
            if kind == "sgd":
                return trial.suggest_float("momentum", 0, 0.9)
            with self.assertRaisesRegex(gradsmith.SpaceMismatch, "has no 'momentum', which is searched only when"):
                trial.suggest_float("momentum", 0, 0.9)
            return 1

        study.optimize(objective)
        self.assertEqual(gradsmith.Client(URL).study(study.name, space).id, study.id)
        study = gradsmith.Client(URL).study(study.name, n_trials=40)
        study.enqueue_trial({"kind": "adam", "steps": 1})
        with self.assertRaisesRegex(gradsmith.InvalidRequest, "has no value in this point"):
            study.enqueue_trial({"kind": "adam", "steps": 1, "momentum": 0.5})

    def test_every_point_fulfills_the_constraints(self):
        space = {"a": gradsmith.Float(0, 1), "b": gradsmith.Float(0, 1)}
        study = self.create_study(8, space=space, constraints=["a + b <= 0.5"])
        study.optimize(lambda trial: trial["a"])
        self.assertTrue(all(trial.params["a"] + trial.params["b"] <= 0.5 for trial in study.trials))

    def test_a_refusal_names_each_fault(self):
        with self.assertRaises(gradsmith.InvalidRequest) as raised:
            gradsmith.Client(URL).study("Forest", {"x": gradsmith.Float(1, 0)}, n_trials=0)
        self.assertEqual(raised.exception.code, "invalid-input")
        self.assertEqual({place for place, _ in raised.exception.problems}, {"/name", "/search/trials"})
        with self.assertRaises(gradsmith.NotFound):
            gradsmith.Client(URL).study("job_00000000000000000000")

    def test_enqueues_a_point_once_if_it_skips_those_that_exist(self):
        study = self.create_study(5, max_parallelism=1)
        for _ in range(2):
            study.enqueue_trial({"x": 0.25}, skip_if_exists=True)
        study.enqueue_trial({"x": 0.25})
        study.optimize(lambda trial: trial["x"], n_trials=3)
        study.enqueue_trial({"x": 0.25}, skip_if_exists=True)
        study.optimize(lambda trial: trial["x"])
        self.assertEqual([trial.params["x"] for trial in study.trials].count(0.25), 2)
        study.enqueue_trial({"x": 0.75}, skip_if_exists=True)
        with self.assertRaises(gradsmith.Conflict):
            study.enqueue_trial({"x": 0.75})

    def test_takes_numbers_of_other_libraries(self):
        class Number(int):
            """A number that JSON would write, but that is none of Python, and that has a list of Python."""

        class Single:
            """A number that JSON does not know, such as numpy.float32."""

            def __init__(self, value):
                self.value = value

            def tolist(self):
                return self.value

            def __eq__(self, other):
                return self.value == other

            __hash__ = None

        known = [{"point": {"x": Single(0.5)}, "value": Single(1)}]
        settings = {"known": known, "seed": Number(3), "max_parallelism": Number(2), "initial": Single(4)}
        study = self.create_study(Number(6), **settings)
        study.enqueue_trial({"x": Single(0.25)})
        study.enqueue_trial({"x": Single(0.75)}, skip_if_exists=True)
        study.enqueue_trial({"x": 0.75}, skip_if_exists=True)
        study.edit(priority=Single(5))
        study.optimize(lambda trial: trial["x"], n_trials=Number(5))
        points = [trial.params["x"] for trial in study.trials]
        self.assertEqual([points.count(x) for x in (0.25, 0.75)], [1, 1])
        with self.assertNoLogs("gradsmith", "WARNING"):
            again = gradsmith.Client(URL).study(study.name, SPACE, n_trials=6, **settings)
        self.assertEqual(again.id, study.id)
        with self.assertRaisesRegex(ValueError, r"params\['x'\] is None; it must be text, a finite number"):
            study.enqueue_trial({"x": None})

    def test_the_best_trial_keeps_to_the_limits_of_measured_metrics(self):
        study = self.create_study(10, constraints=[{"metric": "latency", "max": 0.5}], direction="maximize")

        def objective(trial):
            trial.metrics["latency"] = trial["x"]
            return trial["x"]

        study.optimize(objective)
        feasible = [trial for trial in study.trials if trial.feasible]
        self.assertTrue(0 < len(feasible) < 10)
        self.assertEqual({trial.feasible for trial in study.trials}, {True, False})
        self.assertEqual(study.best_value, max(trial.value for trial in feasible))
        self.assertLessEqual(study.best_params["x"], 0.5)

    def test_refuses_a_coroutine_function_and_releases_the_trial(self):
        study = self.create_study(1)

        async def objective(trial):
            return trial["x"]

        with self.assertRaisesRegex(TypeError, "the objective is a coroutine function; define it with def, or use"):
            study.optimize(objective, catch=Exception)
        self.assertEqual(self.read_attempts(study), [["released"]])

    def test_searches_the_front_of_two_objectives(self):
        objectives = [{"metric": "value", "goal": "minimize"}, {"metric": "latency", "goal": "maximize"}]
        wrong = {
            (1.0, math.nan): "the objective returned nan for latency, which is no finite number",
            (None, 1.0): "the objective returned None for value, which is no number",
            "ab": "the objective returned 'ab', which is no number",
            (1.0,): "the objective returned 1 value ((1.0,)) for 2 objectives (value, latency)",
            (1, 2, 3): "the objective returned 3 values ((1, 2, 3)) for 2 objectives (value, latency)",
        }
        study = self.create_study(12, objectives=objectives)
        front = [[Scalar(trial / 8), Scalar(trial / 8)] for trial in range(6)]
        values = iter([*wrong, *front, (0.5, 0.1)])
        with self.assertLogs("gradsmith", "WARNING"):
            study.optimize(lambda _: next(values))
        self.assertEqual([trial.reason for trial in study.trials], [*wrong.values(), *[None] * 7])
        self.assertEqual([trial.state for trial in study.trials], [*["failed"] * 5, *["complete"] * 7])
        front = study.best_trials
        self.assertEqual(
            sorted((trial.value, trial.metrics["latency"]) for trial in front), [(n / 8, n / 8) for n in range(6)]
        )
        with self.assertRaisesRegex(gradsmith.NoCompleteTrial, "has several objectives and no best trial"):
            _ = study.best_trial
        self.assertIn("Pareto front</th><td>6 trials", study._repr_html_())

    def test_best_trials_of_one_objective_is_the_best_one(self):
        study = self.create_study(3)
        self.assertEqual(study.best_trials, [])
        study.optimize(lambda trial: trial["x"])
        self.assertEqual(study.best_trials, [study.best_trial])

    def test_refuses_a_result_without_a_limited_metric(self):
        study = self.create_study(1, constraints=[{"metric": "latency", "max": 0.5}])
        with self.assertRaisesRegex(gradsmith.InvalidRequest, "latency"):
            study.optimize(lambda trial: trial["x"])

    def test_a_table_of_the_trials(self):
        study = self.create_study(2)
        study.optimize(lambda trial: trial["x"])
        with (
            unittest.mock.patch.dict(sys.modules, {"pandas": None}),
            self.assertRaisesRegex(ImportError, "trials_dataframe.. needs pandas"),
        ):
            study.trials_dataframe()
        try:
            import pandas  # noqa: F401, PLC0415 - optional
        except ImportError:
            return
        table = study.trials_dataframe()
        self.assertEqual(list(study.trials_dataframe(("number", "params")).columns), ["number", "params_x"])
        with self.assertRaisesRegex(ValueError, "attrs has 'user_attrs'; a table may have number, value"):
            study.trials_dataframe(["user_attrs"])
        self.assertEqual(list(table["params_x"]), list(table["value"]))
        self.assertEqual(list(table["state"]), ["complete", "complete"])
