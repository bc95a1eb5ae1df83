"""Figures for notebooks, without a service."""

import math
import unittest
from xml.etree import ElementTree as ET

from gradsmith.figures import draw_curves, draw_importance, draw_search
from gradsmith.records import FrozenTrial

SVG = "{http://www.w3.org/2000/svg}"


def make_trial(number, value, state="complete", feasible=None):
    """Return a trial with a value."""
    return FrozenTrial(number, state, value, {}, {}, None, 1, None, None, feasible=feasible)


class FigureTest(unittest.TestCase):
    def test_shows_each_measured_trial_and_the_best_so_far(self):
        trials = [make_trial(0, 3.0), make_trial(1, None, "failed"), make_trial(2, 1.0), make_trial(3, 2.0, "pruned")]
        root = ET.fromstring(draw_search(trials, "loss <1>", "minimize"))
        self.assertEqual(len(root.findall(f"{SVG}circle")), 3)
        self.assertEqual(root.get("aria-label"), "loss <1> of each trial, and the best so far")
        # From the first trial down to the third one, and on to the end.
        self.assertEqual(root.findall(f"{SVG}path")[1].get("d"), "M64.0,26.0H440.0V190.0H628")
        self.assertEqual([text.text for text in root.findall(f"{SVG}text")][1:3], ["1", "3"])

    def test_an_infeasible_trial_is_never_the_best(self):
        trials = [make_trial(0, 5.0), make_trial(1, 1.0, feasible=False), make_trial(2, 4.0)]
        root = ET.fromstring(draw_search(trials, "loss", "minimize"))
        # The best so far falls once, at the third trial.
        self.assertRegex(root.findall(f"{SVG}path")[1].get("d"), r"^M64\.0,[\d.]+H628\.0V[\d.]+H628$")

    def test_a_larger_value_is_better_if_it_is_maximized(self):
        trials = [make_trial(n, value) for n, value in enumerate([0.1, 0.5, 0.3])]
        path = ET.fromstring(draw_search(trials, "accuracy", "maximize")).findall(f"{SVG}path")[1].get("d")
        self.assertEqual(path, "M64.0,190.0H346.0V26.0H628")

    def test_one_value_far_away_does_not_flatten_the_others(self):
        trials = [make_trial(n, value) for n, value in enumerate([1e9, *(n / 100 for n in range(40))])]
        root = ET.fromstring(draw_search(trials, "loss", "minimize"))
        self.assertEqual([text.text for text in root.findall(f"{SVG}text")][1:3], ["0", "0.37"])
        self.assertTrue(all(26 <= float(dot.get("cy")) <= 190 for dot in root.findall(f"{SVG}circle")))

    def test_draws_curves_of_any_length_and_single_points(self):
        curves = {"trial 1": {step: math.exp(-step) for step in range(5_000)}, "trial 2": {}, "trial 3": {7: 1.0}}
        lines = ET.fromstring(draw_curves(curves, "loss")).findall(f"{SVG}polyline")
        self.assertEqual([len(line.get("points").split()) for line in lines], [500, 1])
        self.assertEqual(len(ET.fromstring(draw_curves({"a": {1: 2.0}}, "loss")).findall(f"{SVG}polyline")), 1)

    def test_draws_a_bar_for_each_parameter(self):
        bars = ET.fromstring(draw_importance([("lr", 0.75), ("a&b", 0.25)])).findall(f"{SVG}rect")
        self.assertEqual([bar.get("width") for bar in bars], ["315.0", "105.0"])

    def test_draws_nothing_without_data(self):
        self.assertEqual(draw_search([make_trial(0, None, "failed")], "loss", "minimize"), "")
        self.assertEqual(draw_curves({"trial 0": {}}, "loss"), "")
        self.assertEqual(draw_importance([]), "")
