"""The checker bites: each fault is put into a clean run by hand and must be found."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from tests.faults.checker import Fact, judge, main

CAPACITY = {"voice": 1}


def event(kind: str, contact: str, sequence: int, **fields: object) -> Fact:
    return {"type": kind, "contact": contact, "sequence": sequence, **fields}


def handled(contact: str, agent: str) -> list[tuple[str, list[Fact]]]:
    """One contact's life: the command that caused each entry, and its events."""
    offer = f"{contact}.1"
    return [
        (f"arrive-{contact}", [event("contact_arrived", contact, 1, channel="voice")]),
        (
            f"enqueue-{contact}",
            [
                event("enqueued", contact, 2),
                event("offered", contact, 3, offer=offer, agent=agent),
            ],
        ),
        (f"accept-{contact}", [event("offer_accepted", contact, 4, offer=offer, agent=agent)]),
        (
            f"end-{contact}",
            [
                event("contact_ended", contact, 5),
                event("agent_released", contact, 6, agent=agent, wrap_until=1_000),
            ],
        ),
        (
            "",
            [
                event("wrap_up_finished", contact, 7, agent=agent),
                event("completed", contact, 8),
            ],
        ),
    ]


class Run:
    """A clean run of two contacts; each test spoils a part of it."""

    def __init__(self) -> None:
        steps = handled("k1", "ann") + handled("k2", "ann")
        self.entries: list[Fact] = []
        for cause, events in steps:
            self.append(cause, events)
        self.history: list[Fact] = []
        for entry in self.entries:
            if entry["cause"]:
                self.history += self.told(entry)
        self.observed = [{"kind": "observed", "entry": e} for e in copy.deepcopy(self.entries)]
        self.live: dict[str, str] = {}

    def append(self, cause: str, events: list[Fact]) -> None:
        position = len(self.entries) + 1
        entry = {"position": position, "at": position * 10, "cause": cause, "events": events}
        self.entries.append(copy.deepcopy(entry))

    def told(self, entry: Fact) -> list[Fact]:
        cause = entry["cause"]
        command = {"type": cause.split("-")[0], "contact": entry["events"][0]["contact"]}
        return [
            {"kind": "sent", "id": cause, "command": command},
            {
                "kind": "answered",
                "id": cause,
                "result": "accepted",
                "position": entry["position"],
                "events": len(entry["events"]),
            },
        ]

    def renumber(self) -> None:
        """Hide the traces, as a bug in the numbering would."""
        last: dict[str, int] = {}
        for position, entry in enumerate(self.entries, start=1):
            entry["position"], entry["at"] = position, position * 10
            for item in entry["events"]:
                contact = item["contact"]
                item["sequence"] = last[contact] = last.get(contact, 0) + 1
        self.history = [
            fact
            | (
                {"position": self.where(fact["id"])}
                if fact["kind"] == "answered" and self.where(fact["id"])
                else {}
            )
            for fact in self.history
        ]
        self.observed = [{"kind": "observed", "entry": e} for e in copy.deepcopy(self.entries)]

    def where(self, cause: str) -> int:
        return next((e["position"] for e in self.entries if e["cause"] == cause), 0)

    def entry(self, cause: str) -> Fact:
        return next(e for e in self.entries if e["cause"] == cause)

    def verdict(self) -> list[str]:
        return judge(self.entries, [self.history, self.observed], CAPACITY, self.live)


@pytest.fixture
def run() -> Run:
    return Run()


def found(run: Run, invariant: str, words: str) -> None:
    problems = run.verdict()
    assert any(p.startswith(invariant) and words in p for p in problems), problems


def test_a_clean_run_has_nothing_to_report(run: Run) -> None:
    assert run.verdict() == []


def test_a_dropped_acknowledged_entry_is_found(run: Run) -> None:
    run.entries.remove(run.entry("accept-k1"))
    run.renumber()
    found(run, "C", "accept-k1 was acknowledged and is lost")


def test_a_lost_contact_is_found_even_when_every_trace_of_it_is_gone(run: Run) -> None:
    run.entries = [e for e in run.entries if e["events"][0]["contact"] != "k2"]
    run.renumber()
    found(run, "C", "k2 arrived 0 times")


def test_a_contact_without_an_end_is_found(run: Run) -> None:
    run.entries[-1]["events"].pop()
    run.live["k2"] = "wrapping"
    found(run, "C", "k2 ended 0 times and is wrapping")


def test_a_contact_accepted_by_two_agents_is_found(run: Run) -> None:
    second = [
        event("offered", "k1", 0, offer="k1.2", agent="ben"),
        event("offer_accepted", "k1", 0, offer="k1.2", agent="ben"),
    ]
    at = run.entries.index(run.entry("accept-k1")) + 1
    run.entries.insert(at, {"position": 0, "at": 0, "cause": "accept-k1-again", "events": second})
    run.renumber()
    found(run, "X", "given to ann and ben")


def test_an_offer_accepted_twice_is_found(run: Run) -> None:
    again = [event("offer_accepted", "k1", 0, offer="k1.1", agent="ann")]
    run.entries.insert(3, {"position": 0, "at": 0, "cause": "accept-again", "events": again})
    run.renumber()
    found(run, "X", "k1.1, not pending")


def test_an_offer_accepted_after_it_timed_out_is_found(run: Run) -> None:
    gone = [event("offer_timed_out", "k1", 0, offer="k1.1", agent="ann")]
    run.entries.insert(2, {"position": 0, "at": 0, "cause": "", "events": gone})
    run.renumber()
    found(run, "X", "offer_accepted of k1.1, not pending")


def test_a_gap_in_a_contacts_numbers_is_found(run: Run) -> None:
    run.entry("end-k1")["events"][1]["sequence"] = 7
    found(run, "M", "k1 goes from 5 to 7")


def test_a_repeated_number_is_found(run: Run) -> None:
    run.entry("accept-k1")["events"][0]["sequence"] = 3
    found(run, "M", "k1 goes from 3 to 3")


def test_two_ends_of_one_contact_are_found(run: Run) -> None:
    run.append("abandon-k1", [event("abandoned", "k1", 9)])
    found(run, "C", "k1 ended 2 times")


def test_life_after_the_end_is_found(run: Run) -> None:
    run.append("hold-k1", [event("held", "k1", 9)])
    found(run, "C", "held happened to k1 after its end")


def test_a_contact_that_ended_and_is_still_called_live_is_found(run: Run) -> None:
    run.live["k9"] = "queued"
    found(run, "C", "k9 is live and unknown")


def test_a_command_that_took_effect_twice_is_found(run: Run) -> None:
    run.append("enqueue-k1", [event("credit_changed", "k1", 9)])
    found(run, "I", "enqueue-k1 took effect 2 times")


def test_a_rejected_command_that_took_effect_is_found(run: Run) -> None:
    run.history.append({"kind": "answered", "id": "end-k1", "result": "rejected"})
    found(run, "I", "end-k1 was called rejected and took effect")


def test_more_contacts_at_once_than_the_capacity_are_found(run: Run) -> None:
    entries = run.entries
    entries.insert(2, entries.pop(6))  # k2 is offered to ann while she has k1
    entries.insert(2, entries.pop(6))
    run.renumber()
    found(run, "K", "ann has ['k1', 'k2'] at once")


def test_an_acknowledgement_at_another_position_is_found(run: Run) -> None:
    next(f for f in run.history if f["kind"] == "answered")["position"] = 2
    found(run, "C", "arrive-k1 was acknowledged at 2 and is elsewhere")


def test_a_partly_stored_entry_is_found(run: Run) -> None:
    run.entry("end-k1")["events"].pop()
    found(run, "C", "end-k1 was acknowledged with 2 events and has others")


def test_something_shown_before_it_was_durable_is_found(run: Run) -> None:
    run.observed.append({"kind": "observed", "entry": {"position": 11, "at": 1, "events": []}})
    found(run, "C", "saw an entry 11 that the journal does not hold")


def test_an_entry_that_an_observer_missed_is_found(run: Run) -> None:
    del run.observed[4]
    found(run, "M", "an observer saw entry 6 as number 5")


def test_a_hole_in_the_journal_is_found(run: Run) -> None:
    del run.entries[3]
    found(run, "M", "entry 4 of the journal has position 5")


def test_time_running_back_is_found(run: Run) -> None:
    run.entries[5]["at"] = 1
    found(run, "M", "time runs back at entry 6")


def test_a_contact_that_has_ended_and_is_still_called_waiting_is_found(run: Run) -> None:
    run.live["k1"] = "queued"
    found(run, "C", "k1 has ended and is called queued")


def test_a_contact_that_has_ended_may_still_be_there_to_be_written_up(run: Run) -> None:
    run.live["k1"] = "transferred"
    assert run.verdict() == []


def test_an_offer_that_outlives_its_deadline_is_found(run: Run) -> None:
    run.entry("enqueue-k1")["events"][1]["expires_at"] = 25
    run.entry("accept-k1")["at"] = 25
    run.observed.clear()
    assert run.verdict() == []
    run.entries.insert(2, {"position": 0, "at": 0, "cause": "", "events": []})
    run.renumber()
    found(run, "L", "offer k1.1 outlives its deadline in entry 3")


def test_a_wrap_up_that_outlives_its_deadline_is_found(run: Run) -> None:
    run.entry("end-k1")["events"][1]["wrap_until"] = 45
    run.observed.clear()
    assert run.verdict() == []
    run.entry("end-k1")["events"][1]["wrap_until"] = 90
    run.entries[4]["events"][0]["type"] = "wrap_up_extended"
    run.entries[4]["events"][0]["wrap_until"] = 60
    found(run, "L", "wrap-up of k1 by ann outlives its deadline in entry 6")


def heard_outside(run: Run) -> list[Fact]:
    return [
        {
            "kind": "told",
            "position": entry["position"],
            "number": number,
            "contact": event["contact"],
            "sequence": event["sequence"],
        }
        for entry in run.entries
        for number, event in enumerate(entry["events"], start=1)
    ]


def test_what_a_listener_hears_again_is_no_fault_and_what_it_never_hears_is(run: Run) -> None:
    told = heard_outside(run)
    run.history += [*told[:5], *told[2:]]
    assert run.verdict() == []
    run.history.remove(told[-1])
    found(run, "C", "a listener was not told of 1 events, the first of them (10, 2)")


def test_what_a_listener_hears_too_late_is_found(run: Run) -> None:
    told = heard_outside(run)
    run.history += [*told[:3], *told[4:], told[3]]
    found(run, "M", "a listener heard event (3, 1) for the first time after (10, 2)")


def test_what_a_listener_hears_and_never_happened_is_found(run: Run) -> None:
    told = heard_outside(run)
    told[4] = told[4] | {"sequence": 9}
    run.history += told
    found(run, "C", "a listener heard an event (4, 1) that the journal does not hold")


def test_the_command_line_fails_on_a_bad_run_and_passes_a_good_one(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lines(name: str, facts: list[Fact]) -> str:
        (tmp_path / name).write_text("\n".join(map(json.dumps, facts)))
        return str(tmp_path / name)

    setup = tmp_path / "setup.json"
    setup.write_text(json.dumps({"capacity": CAPACITY, "live": {}}))
    history = lines("history", run.history)
    assert main([lines("entries", run.entries), str(setup), history]) == 0
    run.entries.pop(4)
    assert main([lines("entries", run.entries), str(setup), history]) == 1
    assert "k1" in capsys.readouterr().out
