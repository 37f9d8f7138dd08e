"""How does what an org has learned look? Plots with matplotlib, on axes that are given or on new ones.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which people who are colour-blind tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates, ticker
from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442",
)  # fmt: skip
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW)
MARKERS = "osD^vPX"
PALE = "#D9D9D9"
LEAST_DAYS = 14
"""A young org's days are shown with the empty ones before them, so that one day is not the whole plot."""


def of_score(parts: pd.DataFrame, value: int, axes: Axes | None) -> Axes:
    """What each part gives of the points that it could give, out of a whole of 100."""
    shown = parts.iloc[::-1]
    axes = axes or new_axes(height=0.6 + 0.55 * len(shown))
    places = np.arange(len(shown))
    axes.barh(places, 100 * shown["weight"], color=PALE, height=0.6, label="possible")
    axes.barh(places, shown["points"], color=BLUE, height=0.6, label="reached")
    for place, (reached, weight) in enumerate(zip(shown["points"], shown["weight"], strict=True)):
        axes.text(100 * weight + 0.5, place, f"{reached:.0f} of {100 * weight:.0f}", va="center")
    axes.set_yticks(places, list(shown["title"]))
    axes.set_xlim(0, 100 * parts["weight"].to_numpy().max() + 8)
    axes.set(title=f"Intelligence score: {value} of 100", xlabel="points")
    axes.legend(loc="lower right", frameon=False)
    return axes


def of_learning(days: pd.DataFrame, axes: Axes | None) -> Axes:
    """Rules and patterns of each day, side by side."""
    axes = axes or new_axes(height=3.0)
    shown = _since_the_first(days, ["rules_per_day", "patterns_per_day"])
    at = dates.date2num(list(shown.index))
    axes.bar(at - 0.2, shown["rules_per_day"], width=0.4, color=BLUE, label="rules accepted")
    axes.bar(at + 0.2, shown["patterns_per_day"], width=0.4, color=ORANGE, hatch="//", label="patterns stored")
    axes.set(title="Learning per day", ylabel="per day", xlabel="day (UTC)")
    return _over_days(axes, highest=shown.to_numpy().max(initial=0.0))


def of_growth(days: pd.DataFrame, axes: Axes | None) -> Axes:
    """All rules and patterns until the end of each day."""
    axes = axes or new_axes(height=3.0)
    shown = _since_the_first(days, ["rules_total", "patterns_total"])
    at = dates.date2num(list(shown.index))
    axes.plot(at, shown["rules_total"], color=BLUE, marker="o", markersize=4, label="rules")
    axes.plot(at, shown["patterns_total"], color=ORANGE, marker="s", markersize=4, linestyle="--", label="patterns")
    axes.set(title="Growth of what is known", ylabel="in all", xlabel="day (UTC)")
    return _over_days(axes, highest=shown.to_numpy().max(initial=0.0))


def of_distribution(shares: pd.DataFrame, axes: Axes | None) -> Axes:
    """How many patterns there are of each weakness, the most frequent on top."""
    shown = shares.iloc[::-1]
    axes = axes or new_axes(height=0.9 + 0.4 * max(1, len(shown)))
    axes.barh(list(map(str, shown.index)), shown["patterns"], color=BLUE, height=0.6)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.set(title="Patterns by weakness", xlabel="patterns")
    return axes


def of_map(places: np.ndarray, names: Sequence[str], explained: Sequence[float], axes: Axes | None) -> Axes:
    """Points of shape (patterns, 2), a colour and a sign for each name; `explained` are shares of the variance."""
    axes = axes or new_axes(height=4.2)
    for number, name in enumerate(dict.fromkeys(names)):
        own = places[[one == name for one in names]]
        axes.scatter(
            own[:, 0], own[:, 1], s=70, label=name, color=PALETTE[number % len(PALETTE)],
            marker=MARKERS[(number + number // len(PALETTE)) % len(MARKERS)],
            edgecolors="black", linewidths=0.5,
        )  # fmt: skip
    first, second = (f"principal component {n} ({share:.0%} of the variance)" for n, share in enumerate(explained, 1))
    axes.set(title="Patterns in the plane", xlabel=first, ylabel=second)
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(visible=True, color=PALE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.legend(title="weakness", loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    return axes


def new_axes(*, height: float, width: float = 7.5) -> Axes:
    """Axes of a new figure, in inches, with nothing drawn that tells nothing."""
    import matplotlib.pyplot as plt

    axes: Any = plt.subplots(figsize=(width, height), layout="constrained")[1]
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _since_the_first(days: pd.DataFrame, series: list[str]) -> pd.DataFrame:
    """From the first day with something on it, and at least the last `LEAST_DAYS`, whatever is known of them."""
    shown = days.filter(items=series)
    filled = np.flatnonzero(shown.to_numpy().any(axis=1))
    if len(shown):
        least = pd.date_range(end=shown.index[-1], periods=LEAST_DAYS, freq="D")
        shown = shown.iloc[filled[0] if len(filled) else len(shown) :]
        shown = shown.reindex(least.union(shown.index), fill_value=0.0)
    return shown


def _over_days(axes: Axes, *, highest: float) -> Axes:
    locator = dates.AutoDateLocator(minticks=3, maxticks=8)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    axes.yaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.set_ylim(0, max(1.0, 1.35 * highest))
    axes.legend(loc="upper left", frameon=False)
    return axes
