"""The figures: each counted once, the same however they are folded."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reporting.durations import Durations
from reporting.figures import SERVICE_LEVEL_FORMULA, QueueFigures
from reporting.spans import INTERVAL, day_bounds
from reporting.statistics import Statistics
from router.core import commands as c
from router.core.catalog import Hours
from router.core.durations import HOUR, MINUTE, SECOND
from router.core.model import ContactState

QUEUES = ("billing", "support", "night")


@pytest.fixture
def figures(log):
    statistics = Statistics()
    for entry in log.entries:
        statistics.handle(entry)
    log.listeners.append(statistics.handle)
    return statistics


def test_the_service_level_follows_its_named_formula(log, figures):
    log.ready("ann")
    log.arrive("in-time")
    log.accept("in-time")
    log.say(c.EndContact, contact="in-time")
    log.advance(MINUTE)
    log.say(c.SetNotReady, agent="ann", reason="break")
    log.arrive("late")
    log.arrive("gone")
    log.arrive("short")
    log.advance(4 * SECOND)
    log.say(c.Abandon, contact="short")
    log.advance(30 * SECOND)
    log.say(c.Abandon, contact="gone")
    log.say(c.SetReady, agent="ann")
    log.accept("late")
    today = figures.today("support", log.now)
    assert SERVICE_LEVEL_FORMULA.startswith("answered within the objective")
    assert (today.offered, today.answered, today.answered_within) == (4, 2, 1)
    assert (today.abandoned, today.abandoned_short) == (2, 1)
    assert today.service_level == pytest.approx(1 / (2 + 2 - 1))
    assert today.abandoned_share == pytest.approx(1 / 3)


def test_waiting_outside_the_hours_of_the_objective_is_not_late(log, figures):
    catalog = log.replica.state.catalog
    opens = log.now + 2 * MINUTE
    office = Hours(id="office", spans=((opens, opens + HOUR),), until=opens + HOUR)
    support = replace(catalog.queues["support"], objective_hours="office")
    changed = replace(
        catalog,
        version=catalog.version + 1,
        queues={**catalog.queues, "support": support},
        hours={**catalog.hours, "office": office},
    )
    log.say(c.PublishCatalog, catalog=changed, replaces=catalog.version)
    log.arrive("at-night")
    log.advance(2 * MINUTE + 10 * SECOND)
    kept = Statistics.restore(figures.snapshot())
    log.listeners.append(kept.handle)
    log.ready("ann")
    log.accept("at-night")
    log.arrive("slow")
    log.say(c.SetNotReady, agent="ann", reason="break")
    log.say(c.EndContact, contact="at-night")
    for one in (figures, kept):
        today = one.today("support", log.now)
        assert (today.answered, today.answered_within) == (1, 1)
        assert today.waits.mean == 2 * MINUTE + 10 * SECOND
    log.advance(30 * SECOND)
    log.say(c.SetReady, agent="ann")
    log.accept("slow")
    today = figures.today("support", log.now)
    assert (today.answered, today.answered_within) == (2, 1)


def test_nothing_measured_is_not_a_service_level_of_nothing():
    assert QueueFigures().service_level is None
    assert QueueFigures(abandoned=1, abandoned_short=1, offered=1).service_level is None


def test_a_contact_given_back_and_answered_again_is_two_stays_and_two_answers(log, figures):
    log.ready("ann", "ben")
    log.arrive("k1")
    log.accept("k1")
    log.say(c.Requeue, contact="k1")
    log.accept("k1")
    today = figures.today("support", log.now)
    assert (today.offered, today.given_back, today.answered) == (2, 1, 2)


def test_overflow_leaves_one_queue_and_is_offered_in_the_next(log, figures):
    log.arrive("k1")
    log.advance(3 * MINUTE)
    assert figures.today("support", log.now).overflowed == 1
    billing = figures.today("billing", log.now)
    assert (billing.offered, billing.overflowed_in) == (1, 1)


def test_a_transfer_counts_out_of_one_queue_and_into_the_other(log, figures):
    log.ready("ann")
    log.arrive("k1")
    log.accept("k1")
    log.say(c.TransferToQueue, contact="k1", queue="billing")
    assert figures.today("support", log.now).transferred_out == 1
    assert figures.today("billing", log.now).transferred_in == 1


def test_a_promised_callback_leaves_the_service_level_alone(log, figures):
    log.arrive("k1")
    log.advance(MINUTE)
    log.say(c.PromiseCallback, contact="k1", address="+34")
    log.advance(10 * MINUTE)
    log.ready("ann")
    log.accept("k1")
    today = figures.today("support", log.now)
    assert (today.callbacks, today.callbacks_answered, today.answered) == (1, 1, 0)
    assert today.service_level is None


def test_handling_is_talk_hold_and_wrap_up(log, figures):
    log.ready("ann")
    log.arrive("k1")
    log.advance(5 * SECOND)
    log.accept("k1")
    log.advance(60 * SECOND)
    log.say(c.Hold, contact="k1")
    log.advance(30 * SECOND)
    log.say(c.EndContact, contact="k1")
    log.advance(10 * SECOND)
    log.say(c.FinishWrapUp, contact="k1", agent="ann")
    log.advance(100 * SECOND)
    today = figures.today("support", log.now)
    assert today.handling.total == 100 * SECOND
    assert today.waits.total == 5 * SECOND
    ann = figures.agent_today("ann", log.now)
    assert (ann.handled, ann.handling.total, ann.busy) == (1, 100 * SECOND, 100 * SECOND)
    assert ann.idle == 105 * SECOND
    assert ann.occupancy == pytest.approx(100 / 205)


def test_time_not_ready_is_kept_by_reason(log, figures):
    log.say(c.SignIn, agent="ann")
    log.advance(10 * SECOND)
    log.say(c.SetNotReady, agent="ann", reason="break")
    log.advance(20 * SECOND)
    log.say(c.SignOut, agent="ann")
    log.advance(HOUR)
    assert figures.agent_today("ann", log.now).not_ready == {
        "signed_in": 10 * SECOND,
        "break": 20 * SECOND,
    }


def test_consultations_do_not_count_as_customers_waiting(log, figures):
    log.ready("ann", "ben")
    log.arrive("k1")
    log.accept("k1")
    holder = log.replica.state.contacts["k1"].agent
    other = "ben" if holder == "ann" else "ann"
    log.say(c.Consult, contact="k1", consult="q1", agent=other)
    log.accept("q1")
    assert figures.today("support", log.now).offered == 1
    assert figures.agent_today(other, log.now).handled == 1


def test_a_day_begins_at_midnight_where_the_centre_is(new_log):
    midnight = day_bounds(1_799_928_000 * SECOND, ZoneInfo("Asia/Shanghai"))[1]
    log = new_log(at=midnight - 10 * SECOND)
    statistics = Statistics("Asia/Shanghai")
    log.listeners.append(statistics.handle)
    log.arrive("k1")
    assert statistics.today("support", log.now).offered == 1
    log.advance(20 * SECOND)
    assert statistics.today("support", log.now).offered == 0
    log.arrive("k2")
    assert statistics.today("support", log.now).offered == 1
    assert statistics.recent("support", log.now).offered == 2
    assert statistics.waiting("support") == 2


def test_time_across_midnight_is_shared_between_the_days(new_log):
    midnight = day_bounds(1_799_928_000 * SECOND, ZoneInfo("UTC"))[1]
    log = new_log(at=midnight - 100 * SECOND)
    statistics = Statistics()
    log.listeners.append(statistics.handle)
    log.ready("ann")
    log.advance(130 * SECOND)
    log.ready("ben")
    log.advance(10 * SECOND)
    assert statistics.agent_today("ann", log.now).idle == 40 * SECOND


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Madrid", 1_774_778_400, 23), ("Europe/Madrid", 1_792_922_400, 25), ("UTC", 0, 24)],
)
def test_days_are_as_long_as_the_clocks_there_make_them(zone, day, hours):
    begins, ends = day_bounds(day * SECOND, ZoneInfo(zone))
    assert begins <= day * SECOND < ends
    assert ends - begins == hours * HOUR


def test_the_trend_is_the_most_waiting_in_each_five_minutes(log, figures):
    log.arrive("k1", queue="billing")
    log.arrive("k2", queue="billing")
    log.say(c.Abandon, contact="k1")
    log.advance(INTERVAL)
    log.advance(INTERVAL)
    log.arrive("k3", queue="billing")
    log.say(c.Abandon, contact="k2")
    log.say(c.Abandon, contact="k3")
    log.advance(INTERVAL)
    assert figures.trend("billing", log.now) == (0,) * 8 + (2, 1, 2, 0)


def test_old_intervals_are_let_go(log, figures):
    log.arrive("k1")
    for _ in range(4):
        log.advance(24 * HOUR)
        log.arrive(f"k{log.ids}")
    kept = [start for start in figures._counts.intervals if start < log.now - 48 * HOUR]
    assert kept == []


def test_an_entry_is_counted_once(log, figures):
    log.arrive("k1")
    figures.handle(log.entries[-1])
    assert figures.today("support", log.now).offered == 1


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x80", b'{"position":"x"}'])
def test_a_snapshot_that_cannot_be_used_is_refused(body):
    with pytest.raises(ValueError, match="snapshot"):
        Statistics.restore(body, "Europe/Madrid")


def test_a_snapshot_of_another_time_zone_is_refused(log, figures):
    with pytest.raises(ValueError, match="time zone"):
        Statistics.restore(figures.snapshot(), "Asia/Tokyo")


# -- R: every counter equals a fold of the log ------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.floats(0, 1))
def test_counters_equal_a_fold_of_the_log(new_log, seed, cut):
    log = new_log()
    live = Statistics()
    log.listeners.append(live.handle)
    live.handle(log.entries[0])
    log.play(seed, 120)

    folded = Statistics()
    for entry in log.entries:
        folded.handle(entry)
    assert folded.snapshot() == live.snapshot()

    kept = Statistics()
    half = int(len(log.entries) * cut)
    for entry in log.entries[:half]:
        kept.handle(entry)
    resumed = Statistics.restore(kept.snapshot())
    for entry in log.entries[max(half - 3, 0) :]:
        resumed.handle(entry)
    assert resumed._counts == live._counts

    for queue in QUEUES:
        agrees_with_the_state(log, live, queue)
    intervals_add_up_to_the_day(log, live)


def agrees_with_the_state(log, statistics, queue):
    """Every stay has one ending, and who has none yet is waiting in the routing state."""
    day = statistics.today(queue, log.now)
    endings = day.answered + day.abandoned + day.overflowed + day.moved + day.callbacks + day.ended
    waiting = [
        contact
        for contact in log.replica.state.contacts.values()
        if contact.queue == queue
        and contact.state in (ContactState.QUEUED, ContactState.OFFERED)
        and contact.callback is None
        and not contact.parent
    ]
    assert day.offered - endings == len(waiting) == statistics.waiting(queue)
    assert day.answered_within <= day.answered == day.waits.number
    assert day.abandoned_short <= day.abandoned == day.abandon_waits.number


def intervals_add_up_to_the_day(log, statistics):
    for queue in QUEUES:
        total = QueueFigures()
        for start in sorted(statistics._counts.intervals):
            found = statistics._counts.intervals[start].get(queue)
            if found is not None:
                total.add(found)
        day = statistics.today(queue, log.now)
        assert (total.offered, total.answered, total.handling) == (
            day.offered,
            day.answered,
            day.handling,
        )


# -- durations --------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 10**10), min_size=1, max_size=200), st.sampled_from((0.5, 0.9, 1.0)))
def test_percentiles_are_accurate_to_two_and_a_half_percent(durations, share):
    sketch = Durations()
    for duration in durations:
        sketch.add(duration)
    exact = sorted(durations)[max(-(-int(share * 100) * len(durations) // 100), 1) - 1]
    found = sketch.percentile(share)
    assert found is not None
    assert abs(found - exact) <= 0.025 * exact + 1_000


@given(st.lists(st.integers(0, 10**9)), st.lists(st.integers(0, 10**9)))
def test_merged_durations_are_those_counted_together(some, others):
    one, two, both = Durations(), Durations(), Durations()
    for duration in some:
        one.add(duration)
        both.add(duration)
    for duration in others:
        two.add(duration)
        both.add(duration)
    one.merge(two)
    assert one == both


def test_no_durations_have_no_percentile_and_no_mean():
    assert Durations().percentile(0.5) is None
    assert Durations().mean is None
