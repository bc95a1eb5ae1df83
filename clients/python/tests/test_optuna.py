"""The import of studies of Optuna; with Optuna itself if it is installed."""

import math
import unittest
from enum import Enum
from types import SimpleNamespace

import gradsmith
from gradsmith.optuna_import import _make_name
from support import URL, ServiceTest

State = Enum("State", "RUNNING COMPLETE PRUNED FAIL WAITING")
Direction = Enum("Direction", "MINIMIZE MAXIMIZE")


class FloatDistribution(SimpleNamespace):
    pass


class IntDistribution(SimpleNamespace):
    pass


class CategoricalDistribution(SimpleNamespace):
    pass


SPACE = {
    "x": FloatDistribution(low=0.0, high=1.0, log=False, step=None),
    "n": IntDistribution(low=1, high=9, log=True, step=1),
    "k": CategoricalDistribution(choices=("a", True)),
}


def make_study(rows, space=SPACE, directions=(Direction.MAXIMIZE,)):
    """Return a study as Optuna has it; each row is a state, a value and the parameters."""
    trials = [
        SimpleNamespace(
            state=state,
            value=value,
            params=params,
            distributions={name: space[name] for name in params if name in space},
        )
        for state, value, params in rows
    ]
    return SimpleNamespace(study_name="My Study", directions=list(directions), trials=trials)


def point(x):
    """Return a point of the space."""
    return {"x": x, "n": 2, "k": True}


class RecordedStudy(dict):
    """What a study would be created with."""

    @property
    def name(self):
        return self["name"]

    @property
    def spec(self):
        return {"search": {"known": self["known"]}}


class RecordingClient:
    """Returns what a study would be created with."""

    def _find(self, name):
        return None

    def study(self, name, space, **settings):
        return RecordedStudy(name=name, space=space, **settings)


class ImportTest(unittest.TestCase):
    def import_rows(self, rows, **settings):
        return gradsmith.import_optuna(make_study(rows), RecordingClient(), n_trials=5, **settings)

    def test_imports_the_space_the_direction_and_the_finished_trials(self):
        created = self.import_rows(
            [
                (State.COMPLETE, 0.5, point(0.5)),
                (State.PRUNED, 0.3, point(0.3)),
                (State.PRUNED, None, point(0.2)),
                (State.FAIL, None, point(0.1)),
                (State.COMPLETE, math.inf, point(0.9)),
                (State.RUNNING, None, point(0.6)),
                (State.COMPLETE, 0.8, point(0.8)),
                (State.COMPLETE, 0.4, {"x": 0.4}),
            ],
            algorithm="tpe",
        )
        self.assertEqual(created["name"], "my-study")
        self.assertEqual((created["direction"], created["n_trials"], created["algorithm"]), ("maximize", 5, "tpe"))
        self.assertEqual(
            created["space"],
            {"x": gradsmith.Float(0, 1), "n": gradsmith.Int(1, 9, log=True), "k": gradsmith.Categorical(["a", True])},
        )
        self.assertEqual(
            created["known"],
            [
                {"point": point(0.8), "outcome": "complete", "value": 0.8},
                {"point": point(0.5), "outcome": "complete", "value": 0.5},
                {"point": point(0.3), "outcome": "pruned", "value": 0.3},
            ],
        )

    def test_imports_failures_only_on_demand(self):
        rows = [(State.FAIL, None, point(0.1)), (State.COMPLETE, 0.5, point(0.5))]
        known = self.import_rows(rows, include_failed=True)["known"]
        self.assertEqual(known[1], {"point": point(0.1), "outcome": "failed"})

    def test_imports_the_best_500(self):
        known = self.import_rows([(State.COMPLETE, n / 1000, point(n / 1000)) for n in range(600)])["known"]
        self.assertEqual((len(known), known[0]["value"], known[-1]["value"]), (500, 0.599, 0.1))

    def test_a_given_space_leaves_out_what_is_outside_of_it(self):
        rows = [(State.COMPLETE, 0.5, point(0.5)), (State.COMPLETE, 0.9, point(0.9)), (State.COMPLETE, 0.7, point("a"))]
        created = self.import_rows(rows, space={"x": gradsmith.Float(0, 0.6), "fixed": 3})
        self.assertEqual([result["point"] for result in created["known"]], [{"x": 0.5, "fixed": 3}])

    def test_a_given_space_leaves_out_what_is_not_on_its_grid(self):
        rows = [(State.COMPLETE, x, {"x": x, "n": n}) for x, n in ((0.3, 4), (0.1 + 0.2, 1), (0.35, 4), (0.3, 3))]
        rows.append((State.FAIL, None, {"x": 0.3, "n": 4}))
        space = {"x": gradsmith.Float(0, 1, step=0.1), "n": gradsmith.Int(1, 9, step=3)}
        with self.assertLogs("gradsmith", "WARNING") as logs:
            created = self.import_rows(rows, space=space, include_failed=True)
        self.assertEqual([result["point"]["n"] for result in created["known"]], [1, 4, 4])
        self.assertIn(
            "3 trials of the Optuna study are imported into my-study; 2 complete or pruned ones are left out",
            logs.output[0],
        )

    def test_finds_the_condition_of_a_parameter_that_only_some_trials_have(self):
        space = {**SPACE, "decay": FloatDistribution(low=0.0, high=1.0, log=False, step=None)}
        rows = [
            (State.COMPLETE, 0.1, {"x": 0.5, "k": "a", "decay": 0.5}),
            (State.COMPLETE, 0.2, {"x": 0.4, "k": True}),
            (State.PRUNED, 0.3, {"x": 0.3, "k": "a", "decay": 0.1}),
        ]
        created = gradsmith.import_optuna(make_study(rows, space), RecordingClient(), n_trials=1)
        self.assertEqual(created["space"]["decay"], gradsmith.Float(0, 1, when={"k": ["a"]}))
        self.assertEqual(len(created["known"]), 3)

    def test_warns_of_results_that_are_left_out(self):
        rows = [(State.COMPLETE, 0.1, {"x": 0.1}), (State.COMPLETE, 0.2, {"x": 0.2, "n": 3})]
        with self.assertLogs("gradsmith", "WARNING") as logs:
            created = self.import_rows(rows)
        self.assertEqual(len(created["known"]), 1)
        self.assertIn(
            "1 trials of the Optuna study are imported into my-study; 1 complete or pruned ones are left out",
            logs.output[0],
        )

    def test_says_why_results_are_left_out(self):
        rows = [(State.COMPLETE, n / 1000, point(n / 1000)) for n in range(502)]
        rows += [
            (State.PRUNED, None, point(0.2)),
            (State.PRUNED, None, point(0.3)),
            (State.COMPLETE, math.inf, point(0)),
        ]
        rows += [(State.COMPLETE, 0.5, {"x": 0.4}), (State.FAIL, None, point(0.1)), (State.RUNNING, None, point(0.1))]
        for include_failed in (False, True):
            with self.assertLogs("gradsmith", "WARNING") as logs:
                self.import_rows(rows, include_failed=include_failed)
            self.assertEqual(
                logs.records[0].getMessage(),
                "500 trials of the Optuna study are imported into my-study; 6 complete or pruned ones are left out: 2 "
                "pruned before a value was reported, 1 without a finite value, 1 with a point outside of the space, "
                "2 not among the best 500",
            )
        with self.assertLogs("gradsmith", "INFO") as logs:
            self.import_rows(rows[:1])
        self.assertTrue(logs.output[0].endswith("imported into my-study; 0 complete or pruned ones are left out"))

    def test_refuses_what_cannot_be_imported(self):
        with self.assertRaisesRegex(ValueError, "has 2 objectives"):
            gradsmith.import_optuna(make_study([], directions=Direction), RecordingClient(), n_trials=1)
        with self.assertRaisesRegex(ValueError, "no trial that suggested a parameter"):
            self.import_rows([])
        study = make_study([(State.COMPLETE, 1.0, {"k": None})], {"k": CategoricalDistribution(choices=("a", None))})
        with self.assertRaisesRegex(ValueError, "'k' has the choice None"):
            gradsmith.import_optuna(study, RecordingClient(), n_trials=1)
        study = make_study([(State.COMPLETE, 1.0, point(0.5)), (State.COMPLETE, 1.0, point(0.6))])
        study.trials[1].distributions = {"n": IntDistribution(low=1, high=10, log=True, step=1)}
        with self.assertRaisesRegex(ValueError, "have 'n' as Int.*high=9.* and as Int.*high=10"):
            gradsmith.import_optuna(study, RecordingClient(), n_trials=1)

    def test_makes_a_valid_name(self):
        self.assertEqual([_make_name(name) for name in ("A b/c", "--", "x" * 70)], ["a-b-c", "optuna", "x" * 64])


class ImportedStudyTest(ServiceTest):
    def test_a_study_continues_from_the_imported_results(self):
        rows = [(State.COMPLETE, -((x - 0.3) ** 2), {"x": x}) for x in (0.1, 0.25, 0.6, 0.9)]
        study = gradsmith.import_optuna(
            make_study(rows), gradsmith.Client(URL), n_trials=4, name="imported", max_parallelism=1
        )
        study.optimize(lambda trial: -((trial["x"] - 0.3) ** 2))
        self.assertEqual(len(study.trials), 4)
        self.assertEqual(len(study.spec["search"]["known"]), 4)
        self.assertEqual(study.state, "completed")

    def test_claims_no_import_into_a_study_that_exists(self):
        rows = [(State.COMPLETE, -x, {"x": x}) for x in (0.1, 0.25, 0.6)] + [(State.FAIL, None, {"x": 0.2})]
        client = gradsmith.Client(URL)
        space = {"x": gradsmith.Float(0, 1)}
        old = client.study("imported-before", space, n_trials=1, direction="maximize", algorithm="random")
        old.optimize(lambda trial: trial["x"])
        settings = {"n_trials": 1, "name": old.name, "include_failed": True}
        with self.assertLogs("gradsmith", "INFO") as logged:
            study = gradsmith.import_optuna(make_study(rows), client, **settings)
        self.assertEqual(study.id, old.id)
        self.assertEqual(
            [(record.levelname, record.getMessage()) for record in logged.records],
            [
                (
                    "WARNING",
                    f"nothing is imported: the study {old.name} ({old.id}) exists and is completed, with 0 known "
                    "results. To import the 4 trials of the Optuna study, choose another name=, or delete() the study "
                    "first",
                )
            ],
        )
        study.delete()
        for message in ("4 trials of the Optuna study are imported into imported-before", "with the same 4 imported"):
            with self.assertLogs("gradsmith", "INFO") as logged:
                study = gradsmith.import_optuna(make_study(rows), client, **settings)
            self.assertEqual(len(logged.output), 1)
            self.assertIn(message, logged.output[0])
            self.assertEqual(len(study.spec["search"]["known"]), 4)

    def test_claims_no_import_that_the_service_refuses(self):
        rows = [(State.COMPLETE, 0.1, {"x": 0.1})]
        with self.assertNoLogs("gradsmith", "INFO"), self.assertRaises(gradsmith.InvalidRequest):
            gradsmith.import_optuna(make_study(rows), gradsmith.Client(URL), n_trials=0, name="refused")

    def test_a_real_study_of_optuna(self):
        try:
            import optuna  # noqa: PLC0415 - optional
        except ImportError:
            self.skipTest("optuna is not installed")
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        theirs = optuna.create_study(study_name="Real Study", sampler=optuna.samplers.RandomSampler(seed=1))

        def objective(trial):
            x = trial.suggest_float("x", 0, 1, step=0.1)
            rate = trial.suggest_float("rate", 1e-5, 1e-1, log=True)
            depth = trial.suggest_int("depth", 1, 9, step=2)
            kind = trial.suggest_categorical("kind", ["a", 1, 2.5, True])
            trial.report(x, 1)
            if trial.number % 5 == 4:
                raise optuna.TrialPruned if isinstance(trial, optuna.Trial) else gradsmith.TrialPruned
            return x + rate * depth + (kind == "a")

        theirs.optimize(objective, n_trials=20)
        study = gradsmith.import_optuna(theirs, gradsmith.Client(URL), n_trials=5)
        study.optimize(objective)
        self.assertEqual(len(study.spec["search"]["known"]), 20)
        self.assertEqual([trial.state for trial in study.trials], [*["complete"] * 4, "pruned"])
