"""The verdict on a run, from the clients' own histories and the exported journal.

Independent on purpose: it imports nothing of Patchbay and knows the events by name only, so a
mistake in the router cannot hide in the judge.

``python -m tests.faults.checker ENTRIES.jsonl SETUP.json HISTORY.jsonl...``
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

Fact = dict[str, Any]

TERMINAL = {"completed", "abandoned", "overflowed", "transferred_out"}
AFTER_THE_END = {"agent_released", "wrap_up_extended", "wrap_up_finished"}
ENDED = {"completed", "abandoned", "overflowed", "transferred"}  # states with work left to do
UNTOLD = {"monitored"}  # nobody outside hears of it
OFFER_GONE = {"offer_rejected", "offer_timed_out", "offer_rescinded"}


def judge(
    entries: list[Fact], histories: list[list[Fact]], capacity: dict[str, int], live: dict[str, str]
) -> list[str]:
    """Everything that is wrong, one sentence each; empty when the run was clean.

    ``entries`` is the journal, ``capacity`` contacts at a time by channel for every agent, and
    ``live`` what the service said at the end about contacts that still exist.
    """
    facts = [fact for history in histories for fact in history]
    return [
        *_log_is_whole(entries),
        *_answers_were_kept(entries, facts),
        *_one_effect(entries),
        *_rejections_had_no_effect(entries, facts),
        *_observations_are_true(entries, histories),
        *_sequences(entries),
        *_one_end(entries, facts, live),
        *_one_holder(entries),
        *_offers_are_answered_once(entries),
        *_capacity(entries, capacity),
        *_deadlines(entries),
        *_told_outside(entries, histories),
    ]


def _events(entries: list[Fact]) -> Iterator[tuple[Fact, Fact]]:
    return ((entry, event) for entry in entries for event in entry["events"])


def _log_is_whole(entries: list[Fact]) -> Iterator[str]:
    """Positions have no gap and time does not run back."""
    for number, entry in enumerate(entries, start=1):
        if entry["position"] != number:
            yield f"M: entry {number} of the journal has position {entry['position']}"
            return
    for before, after in pairwise(entries):
        if after["at"] < before["at"]:
            yield f"M: time runs back at entry {after['position']}"


def _answers_were_kept(entries: list[Fact], facts: list[Fact]) -> Iterator[str]:
    """C: what was acknowledged is in the journal, where the answer said."""
    causes = {entry["cause"]: entry for entry in entries}
    for fact in facts:
        if fact["kind"] != "answered" or fact["result"] != "accepted":
            continue
        entry = causes.get(fact["id"])
        if entry is None:
            if fact["events"]:
                yield f"C: {fact['id']} was acknowledged and is lost"
        elif fact["events"] and fact["position"] != entry["position"]:
            yield f"C: {fact['id']} was acknowledged at {fact['position']} and is elsewhere"
        elif fact["events"] not in (0, len(entry["events"])):
            yield f"C: {fact['id']} was acknowledged with {fact['events']} events and has others"


def _one_effect(entries: list[Fact]) -> Iterator[str]:
    """I: a command id has one effect, however often it was sent."""
    effects = Counter(entry["cause"] for entry in entries if entry["cause"])
    yield from (f"I: {cause} took effect {n} times" for cause, n in effects.items() if n > 1)


def _rejections_had_no_effect(entries: list[Fact], facts: list[Fact]) -> Iterator[str]:
    """A command that is in the journal may be called rejected to none of its senders."""
    causes = {entry["cause"] for entry in entries}
    for fact in facts:
        if fact["kind"] == "answered" and fact["result"] == "rejected" and fact["id"] in causes:
            yield f"I: {fact['id']} was called rejected and took effect"


def _observations_are_true(entries: list[Fact], histories: list[list[Fact]]) -> Iterator[str]:
    """Nobody was shown what is not in the journal, and nobody missed an entry."""
    for history in histories:
        seen = [fact["entry"] for fact in history if fact["kind"] == "observed"]
        for number, entry in enumerate(seen, start=1):
            if entry["position"] != number:
                yield f"M: an observer saw entry {entry['position']} as number {number}"
                break
            if number > len(entries) or entry != entries[number - 1]:
                yield f"C: an observer saw an entry {number} that the journal does not hold"
                break


def _sequences(entries: list[Fact]) -> Iterator[str]:
    """M: a contact's events are numbered from 1 without gaps."""
    last: dict[str, int] = defaultdict(int)
    for entry, event in _events(entries):
        contact = event.get("contact")
        if contact is None:
            continue
        if event["sequence"] != last[contact] + 1:
            where = f"entry {entry['position']}"
            yield f"M: {contact} goes from {last[contact]} to {event['sequence']} in {where}"
        last[contact] = event["sequence"]


def _one_end(entries: list[Fact], facts: list[Fact], live: dict[str, str]) -> Iterator[str]:
    """C: an acknowledged contact arrives once and ends exactly once; a live one has not ended."""
    arrivals: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for _, event in _events(entries):
        contact = event.get("contact", "")
        if event["type"] == "contact_arrived":
            arrivals[contact] += 1
        elif ends[contact] and event["type"] not in AFTER_THE_END | TERMINAL:
            yield f"C: {event['type']} happened to {contact} after its end"
        ends[contact] += event["type"] in TERMINAL
    for contact in _acknowledged_contacts(facts) | set(arrivals):
        if arrivals[contact] != 1:
            yield f"C: {contact} arrived {arrivals[contact]} times"
        if ends[contact] != 1:
            state = live.get(contact, "gone")
            yield f"C: {contact} ended {ends[contact]} times and is {state}"
        elif contact in live and live[contact] not in ENDED:
            yield f"C: {contact} has ended and is called {live[contact]}"
    yield from (f"C: {contact} is live and unknown" for contact in live if not arrivals[contact])


def _acknowledged_contacts(facts: list[Fact]) -> set[str]:
    answered = {f["id"] for f in facts if f["kind"] == "answered" and f["result"] == "accepted"}
    return {
        fact["command"]["contact"]
        for fact in facts
        if fact["kind"] == "sent" and fact["id"] in answered and fact["command"]["type"] == "arrive"
    }


def _one_holder(entries: list[Fact]) -> Iterator[str]:
    """X: nobody accepts a contact that another agent has in hand."""
    holder: dict[str, str] = {}
    for entry, event in _events(entries):
        contact = event.get("contact", "")
        if event["type"] == "offer_accepted":
            if contact in holder:
                who = f"{holder[contact]} and {event['agent']}"
                yield f"X: {contact} is given to {who} in entry {entry['position']}"
            holder[contact] = event["agent"]
        elif event["type"] == "agent_released" and holder.get(contact) == event["agent"]:
            del holder[contact]


def _offers_are_answered_once(entries: list[Fact]) -> Iterator[str]:
    """X: an offer is made before it is answered, and has one outcome."""
    pending: set[str] = set()
    for entry, event in _events(entries):
        offer = event.get("offer", "")
        if event["type"] == "offered":
            pending.add(offer)
        elif offer:
            if offer not in pending:
                yield f"X: {event['type']} of {offer}, not pending, in entry {entry['position']}"
            pending.discard(offer)


def _capacity(entries: list[Fact], capacity: dict[str, int]) -> Iterator[str]:
    """K: offers, conversations and wrap-ups of an agent stay within the channel's capacity."""
    channel: dict[str, str] = {}
    taken: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry, event in _events(entries):
        kind, contact, agent = event["type"], event.get("contact", ""), event.get("agent", "")
        if kind == "contact_arrived":
            channel[contact] = event["channel"]
        using = taken[agent, channel.get(contact, "")]
        if kind in {"offered", "offer_accepted"}:
            using.add(contact)
            if len(using) > capacity.get(channel.get(contact, ""), 0):
                yield f"K: {agent} has {sorted(using)} at once in entry {entry['position']}"
        elif kind in OFFER_GONE or kind == "wrap_up_finished" or _released_for_good(event):
            using.discard(contact)


def _released_for_good(event: Fact) -> bool:
    return event["type"] == "agent_released" and not event.get("wrap_until")


def _deadlines(entries: list[Fact]) -> Iterator[str]:
    """L: what time is to end has ended before anything else happens at that moment or later."""
    due: dict[tuple[str, ...], int] = {}
    for entry in entries:
        late = {what: until for what, until in due.items() if until <= entry["at"]}
        for event in entry["events"]:
            _set_deadline(due, event)
        for what, until in late.items():
            if due.get(what) == until:
                yield f"L: {' '.join(what)} outlives its deadline in entry {entry['position']}"
                del due[what]


def _set_deadline(due: dict[tuple[str, ...], int], event: Fact) -> None:
    kind, contact, agent = event["type"], event.get("contact", ""), event.get("agent", "")
    if kind == "offered" and "expires_at" in event:
        due["offer", event["offer"]] = event["expires_at"]
    elif kind in OFFER_GONE or kind == "offer_accepted":
        due.pop(("offer", event["offer"]), None)
    elif kind in {"agent_released", "wrap_up_extended"} and event.get("wrap_until"):
        due["wrap-up of", contact, "by", agent] = event["wrap_until"]
    elif kind == "wrap_up_finished":
        due.pop(("wrap-up of", contact, "by", agent), None)


def _told_outside(entries: list[Fact], histories: list[list[Fact]]) -> Iterator[str]:
    """Who listens at the broker hears of every event at least once and, repetitions apart, in the
    log's order.
    """
    due = {
        (entry["position"], number): (event.get("contact"), event.get("sequence"))
        for entry in entries
        for number, event in enumerate(entry["events"], start=1)
        if event["type"] not in UNTOLD
    }
    for history in histories:
        told = [fact for fact in history if fact["kind"] == "told"]
        if told:
            yield from _heard_outside(due, told)


def _heard_outside(due: dict[tuple[int, int], tuple[Any, Any]], told: list[Fact]) -> Iterator[str]:
    heard: dict[tuple[int, int], tuple[Any, Any]] = {}
    last = (0, 0)
    for fact in told:
        at, what = (fact["position"], fact["number"]), (fact["contact"], fact["sequence"])
        if at not in heard and at < last:
            yield f"M: a listener heard event {at} for the first time after {last}"
        if what != heard.setdefault(at, what) or due.get(at) != what:
            yield f"C: a listener heard an event {at} that the journal does not hold"
        last = max(at, last)
    missed = sorted(due.keys() - heard.keys())
    if missed:
        yield f"C: a listener was not told of {len(missed)} events, the first of them {missed[0]}"


# -- reading what a run left behind -----------------------------------------------------------


def read_lines(path: Path) -> list[Fact]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def main(arguments: Iterable[str]) -> int:
    journal, setup, *histories = map(Path, arguments)
    known = json.loads(setup.read_bytes())
    problems = judge(
        read_lines(journal), [read_lines(p) for p in histories], known["capacity"], known["live"]
    )
    print(json.dumps(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
