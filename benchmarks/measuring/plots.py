"""Plots of how cost grows: small SVG files for the docs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .figures import Found, Point

UNIT = "ms"  # of all that is plotted


def draw(found: Iterable[Found], folder: Path) -> list[tuple[str, Path]]:
    """Draw a plot for each that has points; return what each grows with, and its file."""
    import matplotlib as mpl  # noqa: PLC0415  half a second, and only the one table needs it
    from matplotlib.figure import Figure  # noqa: PLC0415

    points = [one for one in found if isinstance(one, Point)]
    drawn = []
    folder.mkdir(exist_ok=True)
    # Text stays text and ids do not change from run to run: small files, readable differences.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "p2pnode", "font.size": 9}):
        for plot in dict.fromkeys(one.plot for one in points):
            shown = Figure(figsize=(6, 3.4), layout="constrained")
            axes = shown.add_subplot()
            for curve in dict.fromkeys(one.curve for one in points if one.plot == plot):
                line = sorted((one.x, one.y) for one in points if one.curve == curve)
                axes.plot(*zip(*line, strict=True), marker="o", markersize=3, label=curve)
            axes.set(xscale="log", yscale="log", xlabel=plot, ylabel=UNIT)
            axes.grid(visible=True, which="major", linewidth=0.3)
            axes.legend(fontsize=8)
            file = folder / f"{plot.replace(' ', '-')}.svg"
            shown.savefig(file, metadata={"Date": None, "Creator": None})
            drawn.append((plot, file))
    return drawn
