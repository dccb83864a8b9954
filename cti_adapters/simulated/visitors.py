"""People who chat: they come to the website, ask, read, type, wait, thank and leave.

Pure: time is an argument, chance is seeded. They know only what the chat's own wire shows a
visitor, so they speak its JSON; what they do comes out as frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cti_adapters.simulated.agenda import Agenda
from cti_adapters.simulated.chance import Chance
from cti_adapters.simulated.scripts import STILL_THERE, Conversation, suited_to
from cti_adapters.simulated.settings import SimulationSettings
from router.core.catalog import Catalog, EntryPoint
from router.core.durations import MINUTE, SECOND

CHANNEL = "chat"
NEXT_VISITOR = ""  # the agenda's key of the next arrival
TRIES_AGAIN = 5 * SECOND
START = "-start"  # how the id of a start ends
PASSING = ("too_fast", "overloaded", "journal_unavailable", "outcome_unknown")
NAMES = ("Robin", "Sam", "Noor", "Kim", "Alex", "Iris", "Lucía", "王芳", "Tomás", "Jo")

Frame = Mapping[str, Any]


class Visit(msgspec.Struct, kw_only=True):
    conversation: Conversation
    asked: int = 1  # the first line comes with the start
    talking: bool = False
    thanked: bool = False
    reminded: bool = False
    leaving: bool = False
    sent: int = 0


class Visitors:
    """``at`` is when they start; ids carry it, so that a later run reuses none."""

    def __init__(self, settings: SimulationSettings, at: int) -> None:
        self._settings = settings
        self._behaviour = settings.visitor
        self._chance = Chance(f"visitors {settings.seed}")
        self._visits: dict[str, Visit] = {}
        self._agenda: Agenda[str, str] = Agenda()
        self._run = f"sim-visit-{at:x}-"
        self._came = 0
        self._per_minute = settings.chats_per_minute
        self.set_rate(self._per_minute, at)

    def __contains__(self, visit: str) -> bool:
        return visit in self._visits

    def __len__(self) -> int:
        return len(self._visits)

    def set_rate(self, chats_per_minute: float, at: int) -> None:
        """From ``at`` on so many visitors come in a minute on average; 0 stops new ones."""
        self._per_minute = chats_per_minute
        self._plan_next(at)

    def next_deadline(self) -> int | None:
        return self._agenda.next_deadline()

    def due(self, at: int, catalog: Catalog) -> list[tuple[str, Frame]]:
        """What they send by ``at``, each with the visit it belongs to."""
        frames: list[tuple[str, Frame]] = []
        for visit, what in self._agenda.due(at):
            if visit == NEXT_VISITOR:
                self._plan_next(at)
                frames.extend(self._somebody_comes(at, catalog))
            else:
                frame = self._frame(visit, what, at)
                if frame is not None:
                    frames.append((visit, frame))
        return frames

    def hear(self, visit: str, message: Frame, at: int) -> None:
        """Take in one message of the chat. A chat that is over is forgotten."""
        known = self._visits.get(visit)
        if known is None:
            return
        match message:
            case {"type": "session" | "status_changed", "status": {"state": state}}:
                self._status(visit, known, state, at)
            case {"type": "line_added", "line": {"author": "agent"}}:
                self._answered(visit, known, at)
            case {"type": "reply", "ok": False, "to": to, "code": code}:
                if to.endswith(START) or code not in PASSING:
                    self.forget(visit)
                else:
                    self._agenda.plan(visit, at + TRIES_AGAIN, "leave")
            case _:
                pass

    def forget(self, visit: str) -> None:
        self._visits.pop(visit, None)
        self._agenda.cancel(visit)

    # -- what they see ------------------------------------------------------------------------

    def _status(self, visit: str, known: Visit, state: str, at: int) -> None:
        if state in ("ended", "message_taken"):
            self.forget(visit)
        elif state == "talking" and not known.talking:
            known.talking = True
            self._agenda.plan(visit, at + self._behaviour.asks_again, "remind")
        elif state == "waiting" and known.talking:
            known.talking = False
            self._lose_patience(visit, at)

    def _answered(self, visit: str, known: Visit, at: int) -> None:
        """Read it, then say the next thing, thank, or leave."""
        known.reminded = False
        reads = self._chance.around(self._behaviour.reads_for)
        self._agenda.plan(visit, at + reads, "leave" if known.thanked else "type")

    # -- what they do -------------------------------------------------------------------------

    def _frame(self, visit: str, what: str, at: int) -> Frame | None:
        known = self._visits[visit]
        known.sent += 1
        ident = f"{visit}-{known.sent}"
        match what:
            case "type":
                self._agenda.plan(visit, at + self._chance.around(self._behaviour.types_for), "say")
                return {"type": "visitor_typing", "id": ident, "typing": True}
            case "say":
                return {"type": "say_line", "id": ident, "text": self._next_line(visit, known, at)}
            case "remind" if not known.reminded:
                known.reminded = True
                self._agenda.plan(visit, at + self._behaviour.asks_again, "leave")
                return {"type": "say_line", "id": ident, "text": STILL_THERE}
            case _ if not known.leaving:
                known.leaving = True
                self._agenda.plan(visit, at + TRIES_AGAIN, "leave")
                return {"type": "leave_chat", "id": ident}
            case _:
                self.forget(visit)  # nobody answers: the chat's own grace time does the rest
                return None

    def _next_line(self, visit: str, known: Visit, at: int) -> str:
        asks = known.conversation.asks
        if known.asked < len(asks):
            known.asked += 1
            self._agenda.plan(visit, at + self._behaviour.asks_again, "remind")
            return asks[known.asked - 1]
        known.thanked = True
        self._agenda.plan(visit, at + 2 * self._chance.around(self._behaviour.reads_for), "leave")
        return known.conversation.thanks

    def _somebody_comes(self, at: int, catalog: Catalog) -> list[tuple[str, Frame]]:
        points = catalog.entry_points.values()
        entries = [one for one in points if one.channel == CHANNEL and not one.flow]
        if not entries or len(self._visits) >= self._behaviour.at_once:
            return []
        self._came += 1
        visit = f"{self._run}{self._came}"
        entry = self._chance.one_of(entries)
        return [(visit, self._start(visit, entry, at))]

    def _start(self, visit: str, entry: EntryPoint, at: int) -> Frame:
        choice = self._chance.one_of(sorted(entry.choices)) if entry.choices else ""
        conversation = suited_to(choice or entry.id, self._chance.between(0, 1_000))
        self._visits[visit] = Visit(conversation=conversation)
        self._lose_patience(visit, at)
        name, address = self._somebody()
        return {
            "type": "start_chat",
            "id": visit + START,
            "entry_point": entry.id,
            "choice": choice,
            "name": name,
            "address": address,
            "language": conversation.language,
            "text": conversation.asks[0],
        }

    def _somebody(self) -> tuple[str, str]:
        known = self._settings.visitors
        if known and self._chance.happens(0.6):
            return self._chance.one_of(known)
        return self._chance.one_of(NAMES), ""

    def _lose_patience(self, visit: str, at: int) -> None:
        patience = max(20 * SECOND, self._chance.memoryless(self._behaviour.patience))
        self._agenda.plan(visit, at + patience, "leave")

    def _plan_next(self, at: int) -> None:
        if self._per_minute > 0:
            wait = self._chance.memoryless(MINUTE / self._per_minute)
            self._agenda.plan(NEXT_VISITOR, at + wait, "come")
        else:
            self._agenda.cancel(NEXT_VISITOR)
