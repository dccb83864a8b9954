"""The lines of waiting contacts, followed entry by entry, against the state itself."""

from __future__ import annotations

from router.core import commands as c
from router.core.durations import SECOND
from router.core.state import UNANSWERED
from router.waiting import WaitingLines


def test_lines_followed_are_lines_read_from_the_state(new_log):
    for seed in range(20):
        log = new_log()
        lines = WaitingLines(log.replica.state)
        log.listeners.append(
            lambda entry, log=log, lines=lines: lines.follow(entry, log.replica.state)
        )
        log.play(seed, 150)
        fresh = WaitingLines(log.replica.state)
        for queue in ("billing", "support"):
            waiting = {
                contact.id
                for contact in log.replica.state.contacts.values()
                if contact.queue == queue and contact.state in UNANSWERED
            }
            assert set(lines.contacts(queue)) == set(fresh.contacts(queue)) == waiting
            assert lines.count(queue) == len(waiting)
            assert lines.longest_since(queue) == fresh.longest_since(queue)


def test_the_longest_waits_since_it_entered_the_queue(log):
    lines = WaitingLines(log.replica.state)
    log.listeners.append(lambda entry: lines.follow(entry, log.replica.state))
    assert (lines.longest_since("support"), lines.longest("support")) == (0, "")
    began = log.now
    log.arrive("k1")
    log.advance(5 * SECOND)
    log.arrive("k2")
    assert (lines.longest_since("support"), lines.longest("support")) == (began, "k1")
    log.say(c.Abandon, contact="k1")
    assert (lines.longest_since("support"), lines.longest("support")) == (log.now, "k2")


def test_a_promised_callback_waits_but_keeps_nobody_on_the_line(log):
    lines = WaitingLines(log.replica.state)
    log.listeners.append(lambda entry: lines.follow(entry, log.replica.state))
    log.arrive("k1")
    log.say(c.PromiseCallback, contact="k1", address="+34")
    assert (lines.count("support"), lines.longest_since("support")) == (1, 0)


def test_who_rings_still_waits(log):
    lines = WaitingLines(log.replica.state)
    log.listeners.append(lambda entry: lines.follow(entry, log.replica.state))
    log.ready("ann")
    log.arrive("k1")
    assert lines.count("support") == 1
    log.accept("k1")
    assert lines.count("support") == 0
