"""Who has a desk, and since when not. Time is stepped second by second, as the hub does."""

from __future__ import annotations

from agents.presence import Presence
from router.core.durations import HOUR, SECOND

T0 = 1_800_000_000 * SECOND


class Watch:
    def __init__(self):
        self.presence = Presence()
        self.at = T0
        self.offers = set()

    def seconds(self, count):
        """What was found in ``count`` seconds: silent connections, and agents lost at the end."""
        silent = []
        lost = []
        for _ in range(count):
            self.at += SECOND
            silent += self.presence.silent(self.at)
            lost = self.presence.lost(self.at, self.offers.__contains__)
        return silent, lost


def test_a_desk_that_pings_is_never_silent():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    for _ in range(10):
        assert watch.seconds(10) == ([], [])
        watch.presence.heard("c1", watch.at)


def test_two_missed_heartbeats_are_silence_and_the_agent_is_lost_with_it():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    assert watch.seconds(19) == ([], [])
    assert watch.seconds(1) == (["c1"], ["ann"])


def test_while_one_desk_answers_the_agent_is_there():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.presence.connected("ann", "c2", watch.at)
    watch.presence.disconnected("c1", watch.at)
    for _ in range(5):
        watch.presence.heard("c2", watch.at)
        assert watch.seconds(15) == ([], [])


def test_the_grace_lets_a_reload_land():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.presence.disconnected("c1", watch.at)
    assert watch.seconds(14) == ([], [])
    watch.presence.connected("ann", "c2", watch.at)
    watch.presence.heard("c2", watch.at)
    assert watch.seconds(15) == ([], [])


def test_after_the_grace_the_agent_is_lost_until_they_come_back_or_sign_out():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.presence.connected("ben", "c2", watch.at)
    watch.presence.disconnected("c1", watch.at)
    watch.presence.disconnected("c2", watch.at)
    assert watch.seconds(15) == ([], ["ann", "ben"])
    watch.presence.forget("ben")
    assert watch.seconds(1) == ([], ["ann"])
    watch.presence.connected("ann", "c3", watch.at)
    assert watch.seconds(1) == ([], [])


def test_a_waiting_offer_shortens_the_grace():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.presence.disconnected("c1", watch.at)
    assert watch.seconds(4) == ([], [])
    watch.offers.add("ann")
    assert watch.seconds(1) == ([], ["ann"])


def test_an_agent_who_should_be_there_is_expected_for_the_grace():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.presence.expect("ann", watch.at)
    watch.presence.expect("ben", watch.at)
    watch.seconds(14)
    watch.presence.heard("c1", watch.at)
    assert watch.seconds(1) == ([], ["ben"])


def test_who_is_heard_of_though_no_desk_is_known_has_the_whole_grace_again():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.presence.disconnected("c1", watch.at)
    assert watch.seconds(20) == ([], ["ann"])
    watch.presence.begin_anew("ann", watch.at)
    assert watch.seconds(14) == ([], [])
    assert watch.seconds(1) == ([], ["ann"])


def test_who_has_a_desk_is_not_missed_for_being_heard_of():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.presence.begin_anew("ann", watch.at)
    watch.presence.begin_all_anew(watch.at)
    assert watch.seconds(19) == ([], [])


def test_nobody_is_missed_for_a_time_when_another_looked_after_them():
    watch = Watch()
    for agent in ("ann", "ben"):
        watch.presence.expect(agent, watch.at)
    assert watch.seconds(60) == ([], ["ann", "ben"])
    watch.presence.begin_all_anew(watch.at)
    assert watch.seconds(14) == ([], [])
    assert watch.seconds(1) == ([], ["ann", "ben"])


def test_a_clock_that_jumps_makes_nobody_silent():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    for jump in (HOUR, -2 * HOUR, 24 * HOUR):
        watch.at += jump
        assert watch.seconds(1) == ([], [])
        watch.presence.heard("c1", watch.at)
    assert watch.seconds(20) == (["c1"], ["ann"])


def test_a_stall_of_our_own_is_not_held_against_the_desks():
    watch = Watch()
    watch.presence.connected("ann", "c1", watch.at)
    watch.at += 60 * SECOND  # the process stood still; what the desk sent is still unread
    assert watch.presence.silent(watch.at) == []


def test_what_an_unknown_connection_does_changes_nothing():
    watch = Watch()
    watch.presence.heard("ghost", watch.at)
    watch.presence.disconnected("ghost", watch.at)
    assert watch.seconds(60) == ([], [])
    assert watch.presence.connections("ann") == 0
