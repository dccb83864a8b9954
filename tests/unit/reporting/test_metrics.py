"""What Prometheus reads."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from reporting.measured import MeasuredJournal, MeasuredSink
from reporting.metrics import MAX_CODES, Metrics
from router.core import commands as c
from router.core.durations import SECOND
from router.core.events import Rejected
from router.core.model import CustomerRef


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def metrics(log, registry):
    made = Metrics(
        registry, log.replica, log.clock, inbox=lambda: 7, desks=lambda: 3, boards=lambda: 2
    )
    log.listeners.append(made.handle)
    return made


def value(registry, name, **labels):
    return registry.get_sample_value(name, labels)


def test_contacts_are_counted_by_channel_queue_and_outcome(log, registry, metrics):
    log.ready("ann")
    log.arrive("k1")
    log.advance(3 * SECOND)
    log.accept("k1")
    log.say(c.EndContact, contact="k1")
    log.say(c.FinishWrapUp, contact="k1", agent="ann")
    log.say(c.SetNotReady, agent="ann", reason="break")
    log.arrive("k2")
    log.advance(8 * SECOND)
    log.say(c.Abandon, contact="k2")
    assert value(registry, "patchbay_contacts_arrived_total", channel="chat") == 2
    where = {"channel": "chat", "queue": "support"}
    finished = "patchbay_contacts_finished_total"
    assert value(registry, finished, **where, outcome="handled") == 1
    assert value(registry, finished, **where, outcome="abandoned") == 1
    waits = "patchbay_wait_seconds_sum"
    assert value(registry, waits, **where, outcome="answered") == 3
    assert value(registry, waits, **where, outcome="abandoned") == 8


def test_offers_are_counted_by_what_became_of_them(log, registry, metrics):
    log.ready("ann")
    log.arrive("k1")
    log.advance(4 * SECOND)
    log.accept("k1")
    log.arrive("k2")
    log.advance(30 * SECOND)
    offers = "patchbay_offers_total"
    assert value(registry, offers, queue="support", outcome="made") == 2
    assert value(registry, offers, queue="support", outcome="accepted") == 1
    assert value(registry, offers, queue="support", outcome="missed") == 1
    assert value(registry, "patchbay_offer_answer_seconds_sum", queue="support") == 4
    assert value(registry, "patchbay_offer_latency_seconds_count") == 2


def test_what_is_so_now_is_read_now(log, registry, metrics):
    log.ready("ann", "ben")
    log.say(c.SetNotReady, agent="ben", reason="break")
    for number in range(4):
        log.arrive(f"k{number}", channel="voice")
    assert value(registry, "patchbay_contacts_waiting", queue="support") == 4
    assert value(registry, "patchbay_contacts_waiting", queue="billing") == 0
    assert value(registry, "patchbay_agents", state="busy") == 1
    assert value(registry, "patchbay_agents", state="not_ready") == 1
    assert value(registry, "patchbay_agents", state="signed_out") == 1
    assert value(registry, "patchbay_journal_position") == len(log.entries)
    assert value(registry, "patchbay_engine_inbox_commands") == 7
    assert value(registry, "patchbay_desks_connected") == 3
    assert value(registry, "patchbay_boards_connected") == 2


def test_no_label_names_a_person_a_number_or_an_agent(log, registry, metrics):
    log.ready("ann")
    log.say(c.Arrive, contact="k1", channel="voice", address="+34600111222")
    log.say(c.IdentifyCustomer, contact="k1", customer=CustomerRef(id="7", name="María Díaz"))
    log.say(c.Enqueue, contact="k1", queue="support")
    log.accept("k1")
    text = generate_latest(registry).decode()
    for secret in ("600111222", "María", "ann", "Ann", "k1"):
        assert f'"{secret}' not in text
        assert f'{secret}"' not in text
    names = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line[0] != "#"}
    assert names
    assert all(name.startswith("patchbay_") for name in names)


def test_codes_of_refusals_cannot_grow_without_end(registry, metrics):
    for number in range(MAX_CODES + 50):
        metrics.rejected(f"code{number}")
    assert value(registry, "patchbay_commands_rejected_total", code="other") == 50


def test_contacts_that_are_over_are_forgotten(new_log, registry):
    log = new_log()
    metrics = Metrics(registry, log.replica, log.clock)
    log.listeners.append(metrics.handle)
    log.play(3, 600)
    assert set(metrics._contacts) <= set(log.replica.state.contacts)


def test_contacts_that_were_waiting_before_a_restart_are_known(log, registry):
    log.arrive("k1")
    log.advance(9 * SECOND)
    log.listeners.append(Metrics(registry, log.replica, log.clock).handle)
    log.say(c.Abandon, contact="k1")
    where = {"channel": "chat", "queue": "support", "outcome": "abandoned"}
    assert value(registry, "patchbay_wait_seconds_sum", **where) == 9


async def test_a_measured_sink_counts_refusals_and_changes_nothing(registry, metrics):
    refusal = Rejected(code="not_yours", reason="No.")

    class Sink:
        async def submit(self, command):
            return refusal

    sink = MeasuredSink(Sink(), metrics)
    assert await sink.submit(c.Tick(id="")) is refusal
    assert value(registry, "patchbay_commands_rejected_total", code="not_yours") == 1


async def test_a_measured_journal_tells_how_long_a_commit_took(log, registry, metrics):
    stored = []

    class Journal:
        async def append(self, entries, refused):
            stored.extend(entries)

    journal = MeasuredJournal(Journal())
    await journal.append(log.entries)
    journal.metrics = metrics
    await journal.append(log.entries)
    assert len(stored) == 2 * len(log.entries)
    assert value(registry, "patchbay_journal_commit_seconds_count") == 1
    assert value(registry, "patchbay_journal_commit_entries") == len(log.entries)
