"""Figures of a study as SVG, for notebooks: those of the report that a study of a Python program can have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from gradsmith.records import FrozenTrial

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 26, 30
#: Share of the values that the axis of a search shows at least; worse ones are drawn at its end.
SHOWN = 0.9
#: Values that are drawn of a curve, at most.
MOST_POINTS = 500
COLORS = ("#3b6fd4", "#c2571a", "#2a8a5c")
MUTED = "#8a8f98"


@dataclass(frozen=True)
class Scale:
    """Maps values to places of an axis, in px."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Return the place of a value; one outside of the axis is placed at its end."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 1)


def draw_search(trials: Iterable[FrozenTrial], metric: str, direction: str) -> str:
    """Return a figure with the value of each trial, and the best value so far; empty without a complete trial."""
    measured = [
        # An infeasible trial is never the best.
        (trial.number, trial.value, trial.state == "complete" and trial.feasible is not False)
        for trial in trials
        if trial.value is not None
    ]
    complete = sorted(value for _, value, may_lead in measured if may_lead)
    if not complete:
        return ""
    sign = 1 if direction == "minimize" else -1
    complete.sort(key=lambda value: sign * value)
    worst = complete[min(len(complete) - 1, math.ceil(SHOWN * len(complete)))]
    x = Scale(0, max(1, *(number for number, _, _ in measured)), LEFT, WIDTH - RIGHT)
    y = Scale(min(complete[0], worst), max(complete[0], worst), HEIGHT - BOTTOM, TOP)
    dots = [_draw_dot(x.place(number), y.place(value), may_lead) for number, value, may_lead in measured]
    steps, best = [], math.inf
    for number, value, may_lead in sorted(measured):
        if may_lead and sign * value < best:
            best = sign * value
            steps.append((x.place(number), y.place(value)))
    return _frame(f"{metric} of each trial, and the best so far", x, y, [*dots, _draw_steps(steps, x.end)], "trial")


def draw_curves(curves: Mapping[str, Mapping[int, float]], metric: str) -> str:
    """Return a figure with reported values by step, one line for each name; empty without values."""
    drawn = {name: _thin(sorted(values.items())) for name, values in curves.items() if values}
    if not drawn:
        return ""
    steps = [step for points in drawn.values() for step, _ in points]
    values = [value for points in drawn.values() for _, value in points]
    x = Scale(min(steps), max(steps), LEFT, WIDTH - RIGHT)
    y = Scale(min(values), max(values), HEIGHT - BOTTOM, TOP)
    lines = [
        _draw_line([(x.place(step), y.place(value)) for step, value in points], COLORS[i % len(COLORS)])
        for i, points in enumerate(drawn.values())
    ]
    names = [f'<tspan fill="{COLORS[i % len(COLORS)]}">{escape(name)}</tspan>' for i, name in enumerate(drawn)]
    legend = f'<text x="{WIDTH - RIGHT}" y="16" text-anchor="end" font-weight="bold">{"  ".join(names)}</text>'
    return _frame(f"{metric} by step", x, y, [*lines, legend], "step")


def draw_importance(importance: Sequence[tuple[str, float]]) -> str:
    """Return a figure with the share of the variation that each parameter explains; empty without parameters."""
    if not importance:
        return ""
    height = TOP + 22 * len(importance)
    bars = [
        f'<text x="150" y="{TOP + 22 * i + 14}" text-anchor="end">{escape(name[:24])}</text>'
        f'<rect x="158" y="{TOP + 22 * i + 3}" width="{round(max(0.0, min(1.0, share)) * 420, 1)}" height="14" '
        f'fill="{COLORS[0]}"><title>{escape(name)}: {share:.0%}</title></rect>'
        f'<text x="{WIDTH - RIGHT}" y="{TOP + 22 * i + 14}" text-anchor="end">{share:.0%}</text>'
        for i, (name, share) in enumerate(importance)
    ]
    return _wrap("Importance of each parameter", height, bars)


def _draw_dot(x: float, y: float, is_complete: bool) -> str:
    if is_complete:
        return f'<circle cx="{x}" cy="{y}" r="2.5" fill="{COLORS[0]}" fill-opacity="0.6"/>'
    return f'<circle cx="{x}" cy="{y}" r="2.5" fill="none" stroke="{MUTED}"/>'


def _draw_steps(points: Sequence[tuple[float, float]], end: float) -> str:
    path = [f"M{points[0][0]},{points[0][1]}", *(f"H{x}V{y}" for x, y in points[1:]), f"H{end}"]
    return f'<path d="{"".join(path)}" fill="none" stroke="{COLORS[1]}" stroke-width="1.5"/>'


def _draw_line(points: Sequence[tuple[float, float]], color: str) -> str:
    places = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def _frame(title: str, x: Scale, y: Scale, marks: Sequence[str], unit: str) -> str:
    base = HEIGHT - BOTTOM
    axes = [
        f'<path d="M{LEFT},{TOP}V{base}H{WIDTH - RIGHT}" fill="none" stroke="{MUTED}"/>',
        f'<text x="{LEFT - 6}" y="{base}" text-anchor="end">{y.low:.4g}</text>',
        f'<text x="{LEFT - 6}" y="{TOP + 10}" text-anchor="end">{y.high:.4g}</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 12}">{unit} {x.low:g}</text>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 12}" text-anchor="end">{x.high:g}</text>',
    ]
    return _wrap(title, HEIGHT, [*axes, *marks])


def _wrap(title: str, height: int, marks: Sequence[str]) -> str:
    heading = f'<text x="{LEFT}" y="16" font-weight="bold">{escape(title)}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title, quote=True)}" '
        f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" style="display: block; max-width: 100%" '
        f'font-family="sans-serif" font-size="12" fill="currentColor">{heading}{"".join(marks)}</svg>'
    )


def _thin(points: Sequence[tuple[int, float]]) -> Sequence[tuple[int, float]]:
    return points[:: math.ceil(len(points) / MOST_POINTS)]
