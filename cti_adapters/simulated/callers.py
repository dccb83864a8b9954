"""People who call: they arrive, wait, lose patience, talk, are held, and hang up.

Pure: time is an argument, chance is seeded, and what they do comes out as arrivals and commands.
"""

from __future__ import annotations

import msgspec

from cti_adapters.simulated.agenda import Agenda
from cti_adapters.simulated.chance import Chance
from cti_adapters.simulated.settings import SimulationSettings
from router.core import events as e
from router.core.catalog import Catalog, EntryPoint
from router.core.commands import Abandon, Command, EndContact, FailCallback, PromiseCallback
from router.core.durations import MINUTE, SECOND
from router.core.model import Contact, ContactState
from router.ports import Arrival

CHANNEL = "voice"
PREFIX = "sim-call-"
RINGS_FOR = 15 * SECOND  # before a callback counts as missed
TRIES_AGAIN = 5 * SECOND  # after the router refused what they did
NEXT_CALL = ""  # the agenda's key of the next arrival

_ORDERS = (4401, 4499)
_TOPICS = ("delivery", "invoice", "contract", "password", "complaint", "new order")


class Call(msgspec.Struct, kw_only=True):
    address: str
    sequence: int = 0
    promised: bool = False  # hung up, waits to be called back
    talk_left: int = 0  # while on hold
    talk_until: int = 0


class Callers:
    """``at`` is when they start; ids carry it, so that a later run reuses none."""

    def __init__(self, settings: SimulationSettings, at: int) -> None:
        self._settings = settings
        self._behaviour = settings.caller
        self._chance = Chance(f"callers {settings.seed}")
        self._calls: dict[str, Call] = {}
        self._agenda: Agenda[str, str] = Agenda()
        self._run = f"{PREFIX}{at:x}-"
        self._placed = 0
        self._per_minute = settings.calls_per_minute
        self.set_rate(self._per_minute, at)

    def __contains__(self, contact: str) -> bool:
        return contact in self._calls

    def __len__(self) -> int:
        return len(self._calls)

    def set_rate(self, calls_per_minute: float, at: int) -> None:
        """From ``at`` on so many calls come in a minute on average; 0 stops new ones."""
        self._per_minute = calls_per_minute
        self._plan_next_call(at)

    def next_deadline(self) -> int | None:
        return self._agenda.next_deadline()

    def due(self, at: int, catalog: Catalog) -> list[Arrival | Command]:
        """What they do by ``at``."""
        acts = [self._act(key, what, at, catalog) for key, what in self._agenda.due(at)]
        return [act for act in acts if act is not None]

    def place(self, entry: EntryPoint, address: str, at: int, choice: str | None = None) -> Arrival:
        """Someone calls now. An empty ``address`` and a ``choice`` of None are left to chance."""
        self._placed += 1
        contact = f"{self._run}{self._placed}"
        call = self._calls[contact] = Call(address=address or self._someone())
        self._wait(contact, at)
        if choice is None:
            choice = self._some_choice(entry)
        return Arrival(
            contact=contact,
            channel=CHANNEL,
            address=call.address,
            entry_point=entry.id,
            choice=choice,
            attributes=self._about(),
        )

    def some_entry(self, catalog: Catalog) -> EntryPoint | None:
        """One of the entry points for calls, by their shares; None when there is none."""
        points = catalog.entry_points.values()
        entries = [one for one in points if one.channel == CHANNEL and not one.flow]
        shares = {entry.id: max(0.0, self._settings.shares.get(entry.id, 1.0)) for entry in entries}
        if sum(shares.values()) <= 0:
            return None
        return catalog.entry_points[self._chance.weighted(shares)]

    def forget(self, contact: str) -> None:
        self._calls.pop(contact, None)
        self._agenda.cancel(contact)

    def failed(self, act: Command, at: int) -> None:
        """The router did not take it; if the call goes on, they try again in a moment."""
        match act:
            case Abandon():
                contact, what = act.contact, "leave"
            case EndContact():
                contact, what = act.contact, "hangup"
            case FailCallback():
                contact, what = act.contact, "missed"
            case _:
                return
        if contact in self._calls and self._agenda.planned(contact) is None:
            self._agenda.plan(contact, at + TRIES_AGAIN, what)

    def adopt(self, contact: Contact, at: int) -> None:
        """Go on with a call that was under way before a restart."""
        call = self._calls[contact.id] = Call(address=contact.address, sequence=contact.sequence)
        call.promised = contact.callback is not None
        if contact.state is ContactState.WRAPPING:
            self.forget(contact.id)
        elif contact.state is ContactState.HELD:
            call.talk_left = self._chance.around(self._behaviour.talk)
            self._agenda.plan(contact.id, at + self._hold_patience(), "tired")
        elif contact.state is ContactState.CONNECTED:
            self._talk(contact.id, at)
        elif not call.promised:
            self._wait(contact.id, at)

    def observe(self, event: e.ContactEvent, at: int) -> None:
        """See what happened to a call of theirs."""
        call = self._calls.get(event.contact)
        if call is None or event.sequence <= call.sequence:
            return
        call.sequence = event.sequence
        match event:
            case e.OfferAccepted():
                self._answered(event.contact, call, at)
            case e.AgentJoined() if event.role == "holder":
                self._talk(event.contact, at)
            case e.Held():
                call.talk_left = max(0, call.talk_until - at)
                self._agenda.plan(event.contact, at + self._hold_patience(), "tired")
            case e.Retrieved():
                self._plan_talk(event.contact, at, call.talk_left)
            case e.CallbackPromised() | e.CallbackResumed():
                call.promised = True
                self._agenda.cancel(event.contact)
            case e.Enqueued() if not call.promised and event.reason != "arrival":
                self._wait(event.contact, at)
            case e.Returned() if not call.promised and self._was_talking(event):
                self._wait(event.contact, at)
            case e.ContactEnded() | e.Abandoned() | e.Overflowed():
                self.forget(event.contact)
            case e.TransferredOut() | e.Completed():
                self.forget(event.contact)
            case _:
                pass

    # -- what they do -------------------------------------------------------------------------

    def _act(self, key: str, what: str, at: int, catalog: Catalog) -> Arrival | Command | None:
        if key == NEXT_CALL:
            self._plan_next_call(at)
            entry = self.some_entry(catalog)
            return None if entry is None else self.place(entry, "", at)
        call = self._calls[key]
        ident = f"{key}/{what}/{call.sequence}"
        match what:
            case "leave":
                return Abandon(id=ident, by=CHANNEL, contact=key)
            case "callback":
                self._agenda.plan(key, at + self._patience(), "leave")
                return PromiseCallback(id=ident, by=CHANNEL, contact=key, address=call.address)
            case "missed":
                return FailCallback(id=ident, by=CHANNEL, contact=key)
            case "finish" if not self._chance.happens(self._behaviour.hangs_up_first):
                self._agenda.plan(key, at + self._behaviour.waits_for_the_end, "hangup")
                return None
            case _:
                return EndContact(id=ident, by=CHANNEL, contact=key, ended_by="customer")

    def _answered(self, contact: str, call: Call, at: int) -> None:
        if call.promised and self._chance.happens(self._behaviour.misses_callback):
            self._agenda.plan(contact, at + RINGS_FOR, "missed")
        else:
            call.promised = False
            self._talk(contact, at)

    def _wait(self, contact: str, at: int) -> None:
        wants_callback = self._chance.happens(self._behaviour.asks_for_callback)
        patience = self._patience()
        what, after = ("callback", patience // 2) if wants_callback else ("leave", patience)
        self._agenda.plan(contact, at + after, what)

    def _talk(self, contact: str, at: int) -> None:
        self._plan_talk(contact, at, self._chance.around(self._behaviour.talk))

    def _plan_talk(self, contact: str, at: int, talk: int) -> None:
        self._calls[contact].talk_until = at + talk
        self._agenda.plan(contact, at + talk, "finish")

    def _was_talking(self, event: e.Returned) -> bool:
        """Whether it was in hand: then waiting starts anew, with new patience."""
        return self._agenda.planned(event.contact) not in ("leave", "callback")

    # -- who, when and about what -------------------------------------------------------------

    def _patience(self) -> int:
        patience = self._chance.memoryless(self._behaviour.patience)
        return max(self._behaviour.least_patience, patience)

    def _hold_patience(self) -> int:
        return max(20 * SECOND, self._chance.memoryless(self._behaviour.hold_patience))

    def _plan_next_call(self, at: int) -> None:
        if self._per_minute > 0:
            wait = self._chance.memoryless(MINUTE / self._per_minute)
            self._agenda.plan(NEXT_CALL, at + wait, "call")
        else:
            self._agenda.cancel(NEXT_CALL)

    def _someone(self) -> str:
        callers = self._settings.callers
        if callers and not self._chance.happens(self._behaviour.unknown_number):
            return self._chance.one_of(callers)
        return f"+1555{self._chance.between(1_000_000, 9_999_999)}"

    def _some_choice(self, entry: EntryPoint) -> str:
        picks = bool(entry.choices) and self._chance.happens(self._behaviour.picks)
        return self._chance.one_of(sorted(entry.choices)) if picks else ""

    def _about(self) -> dict[str, str]:
        about = {"topic": self._chance.one_of(_TOPICS)}
        if self._chance.happens(0.5):
            about["order"] = str(self._chance.between(*_ORDERS))
        return about
