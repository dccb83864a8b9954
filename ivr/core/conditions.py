"""What a flow can branch on: the closed tree of routing, with leaves about the contact.

Like routing's it is data, never an expression language. ``AttributeIs`` is routing's own leaf;
depth and number of tests have routing's bounds.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

import msgspec

from ivr.core.facts import DAYS, Customer, LocalTime, QueueState
from ivr.core.words import Words
from router.core.durations import SECOND
from router.core.requirements import MAX_DEPTH, MAX_LEAVES, AttributeIs

MAX_IN_ALL: Final = 200  # words and phrases of one condition


class AttributeAtLeast(msgspec.Struct, frozen=True, kw_only=True, tag="attribute_at_least"):
    """The attribute is a number and not below this one."""

    name: str
    at_least: int


class AttributeKnown(msgspec.Struct, frozen=True, kw_only=True, tag="has"):
    """The attribute has a value; a secret one counts."""

    name: str


class TierIs(msgspec.Struct, frozen=True, kw_only=True, tag="tier"):
    tier: str


class ValueAtLeast(msgspec.Struct, frozen=True, kw_only=True, tag="value"):
    """The customer is worth this much a year, in the centre's currency."""

    at_least: int


class CustomerKnown(msgspec.Struct, frozen=True, kw_only=True, tag="known"):
    known: bool = True


class LanguageIs(msgspec.Struct, frozen=True, kw_only=True, tag="language"):
    language: str


class ChannelIs(msgspec.Struct, frozen=True, kw_only=True, tag="channel"):
    channel: str


class HoursOpen(msgspec.Struct, frozen=True, kw_only=True, tag="open"):
    """These opening hours are open now; a holiday is closed."""

    hours: str


class QueueStaffed(msgspec.Struct, frozen=True, kw_only=True, tag="staffed"):
    """Somebody signed in serves this queue."""

    queue: str


class QueueLengthAtLeast(msgspec.Struct, frozen=True, kw_only=True, tag="length"):
    """At least so many contacts wait in the queue."""

    queue: str
    at_least: int


class QueueWaitAtLeast(msgspec.Struct, frozen=True, kw_only=True, tag="wait"):
    """The wait in the queue is estimated at this or longer, microseconds; unknown is not long."""

    queue: str
    at_least: int


class TimeIs(msgspec.Struct, frozen=True, kw_only=True, tag="time"):
    """By the clock on the centre's wall: in [begins, ends) minutes after midnight, on these days
    (1 Monday … 7 Sunday; none: any). Ends before it begins: past midnight, of the day it began.
    """

    begins: int = 0
    ends: int = 24 * 60
    days: tuple[int, ...] = ()


Where = Literal["anywhere", "subject", "text", "sender"]


class Says(msgspec.Struct, frozen=True, kw_only=True, tag="says"):
    """One of these words or phrases stands in what the contact brings: its subject, what the
    customer has written (``text``), the sender's address and name, or anywhere of these.
    """

    phrases: tuple[str, ...]
    where: Where = "anywhere"


class AttributeSays(msgspec.Struct, frozen=True, kw_only=True, tag="contains"):
    """One of these words or phrases stands in the attribute."""

    name: str
    phrases: tuple[str, ...]


class AllOf(msgspec.Struct, frozen=True, kw_only=True, tag="all"):
    """True when every part is; the empty ``AllOf`` is always true."""

    of: tuple[Test, ...] = ()


class AnyOf(msgspec.Struct, frozen=True, kw_only=True, tag="any"):
    """True when at least one part is; the empty ``AnyOf`` is never true."""

    of: tuple[Test, ...] = ()


class Not(msgspec.Struct, frozen=True, kw_only=True, tag="not"):
    of: Test


Leaf = (
    AttributeIs
    | AttributeAtLeast
    | AttributeKnown
    | TierIs
    | ValueAtLeast
    | CustomerKnown
    | LanguageIs
    | ChannelIs
    | HoursOpen
    | QueueStaffed
    | QueueLengthAtLeast
    | QueueWaitAtLeast
    | TimeIs
    | Says
    | AttributeSays
)
Test = Leaf | AllOf | AnyOf | Not


class Situation(Protocol):
    """What a condition is judged by."""

    @property
    def attributes(self) -> dict[str, str]: ...

    @property
    def customer(self) -> Customer | None: ...

    @property
    def language(self) -> str: ...

    @property
    def channel(self) -> str: ...

    def hours(self, hours: str) -> str: ...

    def queue(self, queue: str) -> QueueState | None: ...

    def clock(self) -> LocalTime: ...

    def words(self, where: Where) -> Words: ...


def holds(test: Test, now: Situation) -> bool:
    """Whether ``test`` is true. What is not known (a queue that is gone) is never true."""
    match test:
        case AllOf():
            return all(holds(part, now) for part in test.of)
        case AnyOf():
            return any(holds(part, now) for part in test.of)
        case Not():
            return not holds(test.of, now)
        case QueueStaffed() | QueueLengthAtLeast() | QueueWaitAtLeast():
            state = now.queue(test.queue)
            return state is not None and _queue_holds(test, state)
        case TimeIs():
            return _in_time(test, now.clock())
        case HoursOpen():
            return now.hours(test.hours) == "open"
        case TierIs():
            return now.customer is not None and now.customer.tier == test.tier
        case ValueAtLeast():
            return now.customer is not None and now.customer.value >= test.at_least
        case CustomerKnown():
            return (now.customer is not None) == test.known
        case LanguageIs():
            return now.language == test.language
        case ChannelIs():
            return now.channel == test.channel
        case AttributeIs():
            return now.attributes.get(test.name, "") == test.value
        case AttributeKnown():
            return bool(now.attributes.get(test.name, ""))
        case AttributeAtLeast():
            number = whole_number(now.attributes.get(test.name, ""))
            return number is not None and number >= test.at_least
        case Says():
            return now.words(test.where).has_any(test.phrases)
        case AttributeSays():
            return Words(now.attributes.get(test.name, "")).has_any(test.phrases)


def _queue_holds(
    test: QueueStaffed | QueueLengthAtLeast | QueueWaitAtLeast, state: QueueState
) -> bool:
    match test:
        case QueueStaffed():
            return state.staffed
        case QueueLengthAtLeast():
            return state.length >= test.at_least
        case QueueWaitAtLeast():
            return state.wait is not None and state.wait >= test.at_least


def _in_time(test: TimeIs, now: LocalTime) -> bool:
    on = test.days or tuple(range(1, 8))
    if test.begins < test.ends:
        return now.weekday in on and test.begins <= now.minute < test.ends
    yesterday = (now.weekday - 2) % 7 + 1
    late = now.weekday in on and now.minute >= test.begins
    return late or (yesterday in on and now.minute < test.ends)


def whole_number(text: str) -> int | None:
    """``text`` as a number of at most 18 digits, None when it is none."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def problem_with(test: Test) -> str | None:
    """Why ``test`` is refused (too deep, too large), or None."""
    leaves, phrases, stack = 0, 0, [(test, 1)]
    while stack:
        one, depth = stack.pop()
        if depth > MAX_DEPTH:
            return f"conditions may be nested {MAX_DEPTH} deep at most"
        match one:
            case AllOf() | AnyOf():
                stack += [(part, depth + 1) for part in one.of]
            case Not():
                stack.append((one.of, depth + 1))
            case Says() | AttributeSays():
                leaves, phrases = leaves + 1, phrases + len(one.phrases)
            case _:
                leaves += 1
        if leaves > MAX_LEAVES:
            return f"a condition may have {MAX_LEAVES} tests at most"
        if phrases > MAX_IN_ALL:
            return f"a condition may have {MAX_IN_ALL} words and phrases at most"
    return None


def leaves_of(test: Test) -> list[Leaf]:
    """Every test in the tree, in order."""
    match test:
        case AllOf() | AnyOf():
            return [leaf for part in test.of for leaf in leaves_of(part)]
        case Not():
            return leaves_of(test.of)
        case _:
            return [test]


def describe(test: Test) -> str:
    """The condition in a few words, e.g. ``tier is gold and support has 5 or more waiting``."""
    match test:
        case AllOf():
            return " and ".join(_grouped(part) for part in test.of) or "always"
        case AnyOf():
            return " or ".join(_grouped(part) for part in test.of) or "never"
        case Not():
            return f"not {_grouped(test.of)}"
        case TimeIs():
            days = "/".join(DAYS[day - 1] for day in test.days)
            return f"it is {days} {clock_words(test.begins)}-{clock_words(test.ends)}".replace(
                "  ", " "
            )
        case _:
            return _leaf_words(test)


def _leaf_words(test: Leaf) -> str:
    match test:
        case AttributeIs():
            return f"{test.name} is {test.value}"
        case AttributeAtLeast():
            return f"{test.name} is {test.at_least} or more"
        case AttributeKnown():
            return f"{test.name} is given"
        case TierIs():
            return f"tier is {test.tier}"
        case ValueAtLeast():
            return f"value is {test.at_least} or more"
        case CustomerKnown():
            return "customer is known" if test.known else "customer is not known"
        case LanguageIs():
            return f"language is {test.language}"
        case ChannelIs():
            return f"channel is {test.channel}"
        case HoursOpen():
            return f"{test.hours} is open"
        case QueueStaffed():
            return f"{test.queue} is staffed"
        case QueueLengthAtLeast():
            return f"{test.queue} has {test.at_least} or more waiting"
        case QueueWaitAtLeast():
            return f"wait in {test.queue} is {test.at_least // SECOND} s or more"
        case TimeIs():
            return "time"
        case Says():
            place = "it" if test.where == "anywhere" else test.where
            return f"{place} says {' or '.join(test.phrases)}"
        case AttributeSays():
            return f"{test.name} contains {' or '.join(test.phrases)}"


def _grouped(test: Test) -> str:
    text = describe(test)
    compound = isinstance(test, AllOf | AnyOf) and len(test.of) > 1
    return f"({text})" if compound else text


def clock_words(minute: int) -> str:
    """Minutes after midnight as ``09:30``."""
    return f"{minute // 60:02}:{minute % 60:02}"
