"""The status of a study as HTML, for notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any


def render_status(status: Mapping[str, Any], url: str) -> str:
    """Return a table with the state, the counts and the best trial of a study."""
    best = status["best"]
    counts = ", ".join(f"{count} {state}" for state, count in status["counts"].items() if count)
    rows = {
        "state": status["state"] + (f": {status['reason']}" if status["reason"] else ""),
        "trials": f"{status['settled']} of {status['budget']} settled" + (f" ({counts})" if counts else ""),
        f"best {status['metric']}": f"{best['value']:.6g} in trial {best['trial']}" if best else "none yet",
    }
    pareto = status.get("pareto")
    if pareto:
        rows.popitem()
        rows["Pareto front"] = f"{len(pareto['front'])} trials, hypervolume {pareto['hypervolume']:.6g}"
    if best:
        rows.update(
            {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in best["point"].items()}
        )
    body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items())
    link = f'<a href="{escape(url, quote=True)}" target="_blank" rel="noopener">{escape(status["name"])}</a>'
    return f"<table><caption>{link}, {escape(status['direction'])} {escape(status['metric'])}</caption>{body}</table>"
