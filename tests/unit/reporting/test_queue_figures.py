"""A queue's figures as they are shown: all that was counted, and nothing where nothing was."""

import msgspec

from reporting.figures import QueueFigures
from reporting.queue_figures import SpanFigures, Took, queue_report
from reporting.statistics import Statistics
from router.core import commands as c
from router.core.durations import HOUR, SECOND


def counting(log):
    statistics = Statistics()
    for entry in log.entries:
        statistics.handle(entry)
    log.listeners.append(statistics.handle)
    return statistics


def near(took, expected):
    return took is not None and abs(took - expected) <= 0.025 * expected


def test_every_count_is_shown():
    counted = set(QueueFigures.__struct_fields__) - {"waits", "abandon_waits", "handling"}
    assert counted - set(SpanFigures.__struct_fields__) == {"waiting"}  # the board's row has it


def test_counts_and_times_of_the_day_and_of_the_last_half_hour(log):
    statistics = counting(log)
    for number, wait in enumerate((10, 20, 30)):
        log.arrive(f"k{number}")
        log.advance(wait * SECOND)
        log.ready("ann")
        log.accept(f"k{number}")
        log.say(c.EndContact, contact=f"k{number}")
        log.say(c.SetNotReady, agent="ann", reason="break")
    log.arrive("gone")
    log.advance(40 * SECOND)
    log.say(c.Abandon, contact="gone")
    report = queue_report(statistics, "support", log.now)
    today = report.today
    assert report.recent == today
    assert (today.offered, today.answered, today.abandoned) == (4, 3, 1)
    assert today.answered_after.mean == 20 * SECOND
    assert near(today.answered_after.median, 20 * SECOND)
    assert near(today.answered_after.ninetieth, 30 * SECOND)
    assert today.abandoned_after.longest == 40 * SECOND
    log.advance(HOUR)
    later = queue_report(statistics, "support", log.now)
    assert (later.recent.offered, later.today.offered) == (0, 4)


def test_nothing_measured_is_told_from_zero(log):
    report = queue_report(counting(log), "support", log.now)
    never = Took(mean=None, median=None, ninetieth=None, longest=None)
    assert (report.today.answered_after, report.today.handling) == (never, never)
    assert (report.today.offered, report.today.service_level) == (0, None)
    assert b"answered within" in msgspec.json.encode(report)
