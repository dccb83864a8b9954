"""``ivr.core.conditions``: what holds, in which situation, and how it is told."""

from dataclasses import dataclass, field

import pytest

from ivr.core.conditions import (
    AllOf,
    AnyOf,
    AttributeAtLeast,
    AttributeKnown,
    AttributeSays,
    ChannelIs,
    CustomerKnown,
    HoursOpen,
    LanguageIs,
    Not,
    QueueLengthAtLeast,
    QueueStaffed,
    QueueWaitAtLeast,
    Says,
    TierIs,
    TimeIs,
    ValueAtLeast,
    describe,
    holds,
    leaves_of,
    problem_with,
    whole_number,
)
from ivr.core.facts import Customer, LocalTime, QueueState
from ivr.core.words import Words
from router.core.durations import SECOND
from router.core.requirements import MAX_DEPTH, MAX_LEAVES, AttributeIs

YES, NO = AllOf(), AnyOf()


@dataclass
class Now:
    attributes: dict = field(default_factory=lambda: {"age": "41", "name": "Ann", "empty": ""})
    customer: Customer | None = None
    language: str = "en"
    channel: str = "voice"
    time: LocalTime = field(default_factory=LocalTime)

    def hours(self, hours):
        return {"office": "open", "shop": "holiday"}.get(hours, "closed")

    def queue(self, queue):
        busy = QueueState(staffed=False, length=7, wait=90 * SECOND)
        return {"idle": QueueState(), "busy": busy}.get(queue)

    def clock(self):
        return self.time

    def words(self, where):
        written = {"subject": "Money back!", "text": "Où est ma commande?", "sender": "ann@x.org"}
        return Words(*(written.values() if where == "anywhere" else (written[where],)))


GOLD = Now(customer=Customer(id="c", tier="gold", value=900))


@pytest.mark.parametrize(
    ("test", "now", "true"),
    [
        (AttributeIs(name="name", value="Ann"), Now(), True),
        (AttributeIs(name="name", value="ann"), Now(), False),
        (AttributeIs(name="none", value=""), Now(), True),
        (AttributeAtLeast(name="age", at_least=41), Now(), True),
        (AttributeAtLeast(name="age", at_least=42), Now(), False),
        (AttributeAtLeast(name="name", at_least=0), Now(), False),
        (AttributeAtLeast(name="none", at_least=-9), Now(), False),
        (AttributeKnown(name="name"), Now(), True),
        (AttributeKnown(name="empty"), Now(), False),
        (TierIs(tier="gold"), GOLD, True),
        (TierIs(tier=""), Now(), False),
        (ValueAtLeast(at_least=900), GOLD, True),
        (ValueAtLeast(at_least=0), Now(), False),
        (CustomerKnown(), GOLD, True),
        (CustomerKnown(known=False), Now(), True),
        (Says(phrases=("money back",)), Now(), True),
        (Says(phrases=("refund", "OU EST")), Now(), True),
        (Says(phrases=("refund",)), Now(), False),
        (Says(phrases=("money back",), where="subject"), Now(), True),
        (Says(phrases=("money back",), where="text"), Now(), False),
        (Says(phrases=("commande",), where="text"), Now(), True),
        (Says(phrases=("ann@x.org",), where="sender"), Now(), True),
        (Says(phrases=()), Now(), False),
        (AttributeSays(name="name", phrases=("bob", "ann")), Now(), True),
        (AttributeSays(name="none", phrases=("ann",)), Now(), False),
        (LanguageIs(language="en"), Now(), True),
        (ChannelIs(channel="chat"), Now(), False),
        (HoursOpen(hours="office"), Now(), True),
        (HoursOpen(hours="shop"), Now(), False),
        (HoursOpen(hours="gone"), Now(), False),
        (QueueStaffed(queue="idle"), Now(), True),
        (QueueStaffed(queue="busy"), Now(), False),
        (QueueStaffed(queue="gone"), Now(), False),
        (QueueLengthAtLeast(queue="busy", at_least=7), Now(), True),
        (QueueLengthAtLeast(queue="gone", at_least=0), Now(), False),
        (QueueWaitAtLeast(queue="busy", at_least=90 * SECOND), Now(), True),
        (QueueWaitAtLeast(queue="idle", at_least=1), Now(), False),
        (AllOf(of=(YES, YES)), Now(), True),
        (AllOf(of=(YES, NO)), Now(), False),
        (AnyOf(of=(NO, YES)), Now(), True),
        (Not(of=NO), Now(), True),
    ],
)
def test_what_holds(test, now, true):
    assert holds(test, now) is true


@pytest.mark.parametrize(
    ("test", "weekday", "minute", "true"),
    [
        (TimeIs(begins=540, ends=1020), 1, 540, True),
        (TimeIs(begins=540, ends=1020), 1, 1020, False),
        (TimeIs(begins=540, ends=1020, days=(6, 7)), 5, 600, False),
        (TimeIs(begins=540, ends=1020, days=(6, 7)), 6, 600, True),
        (TimeIs(days=(7,)), 7, 1439, True),
        (TimeIs(begins=1320, ends=360, days=(5,)), 5, 1320, True),
        (TimeIs(begins=1320, ends=360, days=(5,)), 6, 359, True),
        (TimeIs(begins=1320, ends=360, days=(5,)), 6, 360, False),
        (TimeIs(begins=1320, ends=360, days=(5,)), 5, 100, False),
        (TimeIs(begins=1320, ends=360, days=(7,)), 1, 100, True),
    ],
)
def test_a_span_past_midnight_belongs_to_the_day_it_began(test, weekday, minute, true):
    assert holds(test, Now(time=LocalTime(weekday=weekday, minute=minute))) is true


def test_conditions_have_the_bounds_of_routing():
    deep = YES
    for _ in range(MAX_DEPTH):
        deep = Not(of=deep)
    assert "deep" in (problem_with(deep) or "")
    wide = AnyOf(of=(CustomerKnown(),) * (MAX_LEAVES + 1))
    assert "tests" in (problem_with(wide) or "")
    assert problem_with(AnyOf(of=(CustomerKnown(),) * MAX_LEAVES)) is None
    wordy = Says(phrases=("x",) * 50)
    assert problem_with(AnyOf(of=(wordy,) * 4)) is None
    assert "phrases" in (problem_with(AnyOf(of=(wordy,) * 5)) or "")


def test_a_tree_a_hundred_thousand_deep_is_refused_without_walking_into_it():
    deep = YES
    for _ in range(100_000):
        deep = Not(of=deep)
    assert problem_with(deep) is not None
    while isinstance(deep, Not):  # taken apart by hand: Python would free it recursively
        deep = deep.of


def test_conditions_are_told_in_words():
    test = AnyOf(
        of=(
            AllOf(of=(TierIs(tier="gold"), Not(of=LanguageIs(language="en")))),
            QueueLengthAtLeast(queue="support", at_least=5),
            TimeIs(begins=540, ends=1020, days=(1, 2)),
        )
    )
    assert describe(test) == (
        "(tier is gold and not language is en) or support has 5 or more waiting "
        "or it is mon/tue 09:00-17:00"
    )
    assert (describe(YES), describe(NO)) == ("always", "never")


def test_leaves_are_all_tests_in_order():
    test = AllOf(of=(CustomerKnown(), Not(of=AnyOf(of=(TierIs(tier="a"), TierIs(tier="b"))))))
    assert leaves_of(test) == [CustomerKnown(), TierIs(tier="a"), TierIs(tier="b")]


@pytest.mark.parametrize("text", ["", "-", "1.5", "１", "1" * 19, "--1", " 1", "1e3"])
def test_what_is_no_whole_number(text):
    assert whole_number(text) is None
