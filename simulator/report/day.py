"""The day in half hours, over all runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from router.core.durations import HOUR, SECOND
from simulator.figures import RATIOS, Tally
from simulator.intervals import Interval, ratio_interval
from simulator.replications import Experiment
from simulator.scenario.model import Scenario
from simulator.summary import SLICE, Slice

ONE_DAY: Final = 36 * HOUR  # what is longer is shown as an average day


class HalfHour(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts that came in it, on average; agents and conversations, on average over its time."""

    label: str
    contacts: float
    answered: float
    abandoned: float
    mean_wait: Interval
    service_level: Interval
    present: float
    talking: float

    @property
    def elsewhere(self) -> float:
        """Neither answered nor given up."""
        return max(self.contacts - self.answered - self.abandoned, 0.0)


def is_average_day(scenario: Scenario) -> bool:
    """Whether the half hours of several days are shown as one day."""
    return scenario.ends - scenario.begins - scenario.warm_up > ONE_DAY


def half_hours(scenario: Scenario, experiment: Experiment) -> list[HalfHour]:
    """In order of time."""
    zone = ZoneInfo(scenario.zone)
    by_place: dict[object, list[tuple[Slice, ...]]] = {}
    labels: dict[object, str] = {}
    for slices in zip(*(run.slices for run in experiment.runs), strict=True):
        local = datetime.fromtimestamp(slices[0].begins // SECOND, zone)
        place: object = slices[0].begins
        if is_average_day(scenario):
            place = (local.hour, local.minute)
        labels[place] = local.strftime("%H:%M")
        by_place.setdefault(place, []).append(slices)
    places: Iterable[object] = by_place
    if is_average_day(scenario):
        places = sorted(by_place, key=lambda place: labels[place])
    return [
        _half_hour(labels[place], by_place[place], scenario.ends, experiment.plan.confidence)
        for place in places
    ]


def _half_hour(label: str, days: list[tuple[Slice, ...]], ends: int, confidence: float) -> HalfHour:
    """``days``: the slices of all runs, day after day."""
    tallies = [_sum(one.tally for one in of_run) for of_run in zip(*days, strict=True)]
    all_of_them = _sum(tallies)
    times = len(tallies) * len(days)
    lasts = len(tallies) * sum(min(SLICE, ends - day[0].begins) for day in days) / SECOND
    return HalfHour(
        label=label,
        contacts=all_of_them.contacts / times,
        answered=all_of_them.answered / times,
        abandoned=all_of_them.abandoned / times,
        mean_wait=ratio_interval([RATIOS["mean_wait"](one) for one in tallies], confidence),
        service_level=ratio_interval([RATIOS["service_level"](one) for one in tallies], confidence),
        present=sum(one.present for day in days for one in day) / lasts,
        talking=sum(one.talking for day in days for one in day) / lasts,
    )


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total
