"""Charts, declared once in Python and checked by the `plotly` package; the browser only feeds them data."""

from __future__ import annotations

from functools import lru_cache

from patterns.core.pattern import discover

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Wong's colour-blind-safe set (Nature Methods 8, 441, 2011); lines differ in their dash too."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@lru_cache(maxsize=256)
def draw_figure(slug: str, name: str) -> str:
    """A figure's JSON without data: one trace for each metric, whose name is in the trace's `meta`.

    Raises:
        LookupError: no such lab, or no such figure in it.
    """
    import plotly.graph_objects as go  # half a second to import, and only a chart that is opened needs it

    pattern = discover()[slug]
    figure = {figure.name: figure for figure in pattern.figures}[name]
    metrics = {metric.name: metric for metric in pattern.metrics}
    chart = go.Figure(layout={"template": {}})
    for place, metric in enumerate(figure.metrics):
        style = {"color": COLOURS[place % len(COLOURS)], "dash": DASHES[place % len(DASHES)], "shape": "hv", "width": 2}
        label = metrics[metric].label
        hover = f"%{{x:.2f}} s: %{{y:.4~g}} {metrics[metric].unit}<extra>{label}</extra>"
        chart.add_scatter(x=[], y=[], mode="lines", name=label, meta=metric, line=style, hovertemplate=hover)
    chart.update_layout(
        title={"text": figure.title},
        xaxis={"title": {"text": "run time (s)"}, "rangemode": "tozero"},
        yaxis={"title": {"text": figure.unit}, "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.25},
        margin={"l": 48, "r": 12, "t": 36, "b": 48},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=len(figure.metrics) > 1,
    )
    text: str = chart.to_json()
    return text
