"""Integrals of densities with one peak and falling logarithms, to nearly the last digit.

The range is cut where the logarithm lies far below its highest value, and split at the peak. Each
part is split evenly, its first panel again and again by half towards the peak, so that a change on
any scale there is seen. Every panel gets a Gauss-Legendre rule.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Function = Callable[[Points], Points]

_NEGLIGIBLE = 50.0  # e^-50 of the peak
_PANELS = 32
_HALVINGS = 48
_NODES = 16


def integrate_log_concave(
    log_density: Function,
    start: float,
    stop: float,
    *,
    mode: float,
    finest: float,
    weight: Function | None = None,
) -> float:
    """∫ weight·exp(log_density) from ``start`` to ``stop`` (which may be infinite).

    ``log_density`` is concave and highest at ``mode``; ``finest`` is a length over which it
    changes little anywhere from there on; ``weight`` is smooth and grows slowly.
    """
    if not start < stop:
        return 0.0
    peak = min(max(mode, start), stop)
    with np.errstate(over="ignore"):  # far out, where nothing is left of the density
        low = peak - _reach(log_density, peak, -finest, peak - start)
        high = peak + _reach(log_density, peak, finest, stop - peak)
        return sum(_over(log_density, weight, peak, end) for end in (low, high) if end != peak)


def _reach(log_density: Function, peak: float, step: float, furthest: float) -> float:
    """How far from the peak the density matters, up to twice too far, in the step's direction."""
    top = _at(log_density, peak)
    while abs(step) < furthest and _at(log_density, peak + step) > top - _NEGLIGIBLE:
        step *= 2
    return min(abs(step), furthest)


def _at(function: Function, point: float) -> float:
    return float(function(np.array([point]))[0])


def _over(log_density: Function, weight: Function | None, peak: float, end: float) -> float:
    offsets, weights = _rule()
    points = peak + (end - peak) * offsets
    values = np.exp(log_density(points))
    if weight is not None:
        values = values * weight(points)
    return abs(end - peak) * float(weights @ values)


@cache
def _rule() -> tuple[Points, Points]:
    """Points and weights for the span from 0, where the peak is, to 1."""
    graded = 2.0 ** -np.arange(_HALVINGS, 0, -1) / _PANELS
    edges = np.concatenate(([0.0], graded, np.arange(1, _PANELS + 1) / _PANELS))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    middle = (edges[:-1] + edges[1:])[:, None] / 2
    return (middle + half * nodes).ravel(), (half * weights).ravel()
