"""``cti_adapters.email.acknowledging``: two machines never keep each other busy."""

from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.acknowledging import (
    Acknowledged,
    Acknowledgements,
    Limits,
    acknowledge_to,
    senders,
)
from cti_adapters.email.loops import ENVELOPE_SENDER, headers_of_ours
from router.core.durations import HOUR, MINUTE, SECOND
from tests.unit.cti_adapters.email.some_mail import ANN, US, mail

ROBOT = "robot@other.example"
LONG_AGO = -(10**15)


class Centre:
    """One that acknowledges whatever it may, in a world where mails take no time."""

    def __init__(self, own, **limits):
        self.own = own
        self.kept = Acknowledgements(Limits(**limits))
        self.replies = 0

    def gets(self, letter, thread, at, came_at=None):
        """Whether it replied."""
        came_at = at if came_at is None else came_at
        if self.kept.refused(letter, thread, (self.own,), came_at, at):
            return False
        self.kept.note(Acknowledged(thread=thread, senders=senders(letter), at=at))
        self.replies += 1
        return True


robots = st.fixed_dictionaries(
    {
        "says_so": st.booleans(),
        "refers": st.booleans(),
        "keeps_subject": st.booleans(),
        "envelope": st.sampled_from([None, "", ROBOT, "other@other.example"]),
        "plus": st.booleans(),
        "delay": st.integers(0, HOUR - 1),
        "many_at_first": st.integers(1, 3),
    }
)


def answer_of(robot, number):
    """What a machine sends back: all that it should say may be missing."""
    sender = ROBOT.replace("@", f"+{number}@") if robot["plus"] else ROBOT
    headers = {"auto-submitted": ("auto-replied",)} if robot["says_so"] else {}
    subject = "Re: order" if robot["keeps_subject"] else f"Ticket {number}"
    return mail(sender, subject=subject, headers=headers, return_path=robot["envelope"])


@given(robots)
def test_two_machines_that_face_each_other_send_one_reply_each(robot):
    centre, at, theirs = Centre(US), 0, 0
    on_the_way = [(answer_of(robot, 0), "first")]
    while on_the_way and theirs < 50:
        letter, thread = on_the_way.pop()
        if centre.gets(letter, thread, at):
            theirs += 1
            at += robot["delay"]
            known = robot["refers"] or robot["keeps_subject"]
            on_the_way.append((answer_of(robot, theirs), thread if known else f"t{theirs}"))
    assert centre.replies <= 1
    assert theirs <= 1


@given(st.integers(0, 59))
def test_two_centres_of_this_kind_send_one_reply_in_all(minutes):
    here, there = Centre(US), Centre(ROBOT)
    at, letter, to_us = 0, mail(ROBOT), True
    for _ in range(20):
        centre = here if to_us else there
        if not centre.gets(letter, "t", at):
            break
        headers = {name.lower(): (value,) for name, value in headers_of_ours(letter).items()}
        sender = US if to_us else ROBOT
        letter = mail(sender, headers=headers, return_path=ENVELOPE_SENDER)
        at, to_us = at + minutes * MINUTE, not to_us
    assert here.replies + there.replies == 1


arrivals = st.lists(
    st.tuples(
        st.sampled_from([ANN, ROBOT, "eve@example.com"]),
        st.sampled_from(["t1", "t2", "t3", "t4", "t5"]),
        st.integers(0, 30 * MINUTE),
    ),
    max_size=60,
)


@given(arrivals, st.integers(0, 60))
def test_limits_hold_and_a_restart_changes_nothing(story, restart):
    limits = Limits(a_sender=2, in_all=5)
    kept, sent, at = Acknowledgements(limits), [], 0
    for number, (sender, thread, pause) in enumerate(story):
        at += pause
        if number == restart:
            kept = Acknowledgements(limits, reversed(sent))
        if not kept.refused(mail(sender), thread, (US,), LONG_AGO, at):
            sent.append(Acknowledged(thread=thread, senders=(sender,), at=at))
            kept.note(sent[-1])
    for last in sent:
        hour = [one for one in sent if last.at - HOUR < one.at <= last.at]
        assert len(hour) <= 5
        assert sum(one.senders == last.senders for one in hour) <= 2
        assert [one.thread for one in hour].count(last.thread) == 1


@given(arrivals)
def test_memory_is_bounded_by_the_most_in_all(story):
    kept = Acknowledgements(Limits(in_all=4))
    for number, (sender, thread, _) in enumerate(story):
        kept.note(Acknowledged(thread=thread, senders=(sender, f"{number}@x"), at=number))
        assert len(kept) <= 4


def test_a_thread_is_acknowledged_once_an_hour():
    centre = Centre(US)
    assert centre.gets(mail(), "t", 0)
    assert "thread" in centre.kept.refused(mail("eve@x.org"), "t", (US,), 0, HOUR - 1)
    assert centre.gets(mail(), "t", HOUR)


def test_who_wrote_several_mails_before_our_answer_gets_several():
    centre = Centre(US)
    assert [centre.gets(mail(), f"t{n}", SECOND + n, came_at=0) for n in range(5)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_mail_after_our_answer_may_be_a_machines_and_gets_none():
    centre = Centre(US)
    assert centre.gets(mail(), "t1", 10)
    assert "machine" in centre.kept.refused(mail(), "t2", (US,), 11, 11)
    assert centre.gets(mail("eve@x.org"), "t3", 12)
    assert centre.gets(mail(), "t4", 10 + HOUR)


def test_the_limit_of_all_is_a_limit():
    centre = Centre(US, in_all=2)
    assert [centre.gets(mail(f"p{n}@x.org"), f"t{n}", n) for n in range(3)] == [True, True, False]


def test_none_at_all_can_be_asked_for():
    assert not Centre(US, in_all=0).gets(mail(), "t", 0)
    assert not Centre(US, a_sender=0).gets(mail(), "t", 0)


def test_machines_are_never_acknowledged():
    refused = Acknowledgements().refused(mail("noreply@x.org"), "t", (US,), 0, 0)
    assert "reads no answers" in refused


def test_an_acknowledgement_goes_to_the_envelopes_sender():
    assert acknowledge_to(mail(return_path="<real@x.org>")) == "real@x.org"
    assert acknowledge_to(mail(return_path=None)) == ANN
    assert acknowledge_to(mail(return_path="nonsense")) == ANN
