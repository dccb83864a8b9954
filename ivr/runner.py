"""Contacts in their flows: what customers answer goes through the interpreter, turn by turn, and
every turn is the router's before the next begins.

Nothing is remembered here but secrets (and what is being asked of other systems): a session stands
in the contact, so that after a restart, or on another machine, the same prompt is asked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from datetime import tzinfo
from itertools import product
from typing import Any, Final, assert_never

import msgspec

from ivr.core import interpreter
from ivr.core import session as flows
from ivr.core.library import Library
from ivr.lookups import Connectors, Directory, LookUps, NoConnectors
from ivr.translation import BY, command_of, decoded, lines_of, prompt_of, session_of
from ivr.world import Moment, customer_of
from router.core import commands as c
from router.core.events import ContactEvent, Entry, Rejected
from router.core.model import Contact, ContactState
from router.insisting import submit_surely
from router.ports import (
    Clock,
    CommandSink,
    EngineStopped,
    FlowPrompt,
    FlowRunner,
    FlowStarter,
    Outcome,
    PromptLine,
    Through,
)
from router.replica import Replica
from router.tasks import Tasks

TOO_LATE: Final = ("stale", "wrong_state", "unknown_contact")  # it was answered, or hung up

log = logging.getLogger(__name__)


class FlowSessions(FlowRunner, FlowStarter):
    """``start`` after the router's recovery, and ``handle`` every entry."""

    def __init__(
        self,
        sink: CommandSink,
        replica: Replica,
        library: Library,
        directory: Directory,
        clock: Clock,
        *,
        zone: tzinfo,
        connectors: Connectors | None = None,
    ) -> None:
        self._sink = sink
        self._replica = replica
        self._library = library
        self._clock = clock
        self._zone = zone
        self._look_ups = LookUps(directory, connectors or NoConnectors())
        self._secrets: dict[str, dict[str, str]] = {}  # by contact
        self._prompts: dict[str, tuple[int, FlowPrompt | None]] = {}  # by contact, for its turn
        self._tasks = Tasks(_failed)

    def start(self, only: Container[str] | None = None) -> None:
        """Ask other systems again what they were being asked when the service stopped, for all
        contacts or some.
        """
        for contact in list(self._replica.state.contacts.values()):
            session = session_of(contact)
            if session is None or (only is not None and contact.id not in only):
                continue
            turn = interpreter.resume(session, self._facts(contact), self._now)
            if turn.session == session:
                self._do(contact, turn)
            else:  # its flow is no longer there
                self._tasks.start(self._take(contact, turn))

    async def close(self) -> None:
        await self._tasks.close()

    def handle(self, entry: Entry) -> None:
        """Forget what was known of contacts that are in their flow no more."""
        for event in entry.events:
            if isinstance(event, ContactEvent) and self._knows(event.contact):
                contact = self._replica.state.contacts.get(event.contact)
                if contact is None or contact.state is not ContactState.IN_FLOW:
                    self._secrets.pop(event.contact, None)
                    self._prompts.pop(event.contact, None)

    def _knows(self, contact: str) -> bool:
        return contact in self._prompts or contact in self._secrets

    @property
    def _now(self) -> int:
        return self._clock.now()

    # -- for the intake -----------------------------------------------------------------------

    async def begin(self, contact: str, through: Through) -> None:
        live = self._replica.state.contacts.get(contact)
        if live is None or live.flow_turn:
            return
        turn = interpreter.begin(
            through.flow,
            self._library.version(through.flow, through.alias) or 0,
            contact=contact,
            channel=live.channel,
            facts=self._facts(live),
            at=self._now,
            address=live.address,
            language=live.attributes.get("language", ""),
            attributes=live.attributes,
            customer=customer_of(live.customer),
            safe_queue=through.safe_queue,
            present=live.present,
        )
        await self._take(live, turn)

    # -- for channels -------------------------------------------------------------------------

    def prompt(self, contact: str) -> FlowPrompt | None:
        live = self._replica.state.contacts.get(contact)
        if live is None or live.state is not ContactState.IN_FLOW or not live.flow_session:
            return None
        known = self._prompts.get(contact)
        if known is None or known[0] != live.flow_turn:
            known = self._prompts[contact] = (live.flow_turn, self._prompt_of(live))
        return known[1]

    def _prompt_of(self, contact: Contact) -> FlowPrompt | None:
        session = session_of(contact)
        if session is None or session.outcome is not None:
            return None
        does = interpreter.resume(session, self._facts(contact), self._now).does
        return prompt_of(does[-1], session.turn) if does else None

    def last_words(self, session: bytes) -> tuple[PromptLine, ...]:
        found = decoded(session)
        outcome = found.outcome if found is not None else None
        return lines_of(outcome.say) if outcome is not None else ()

    async def answer(self, contact: str, turn: int, text: str) -> None:
        await self._advance(contact, flows.Answered(turn=turn, text=text))

    async def silence(self, contact: str, turn: int) -> None:
        await self._advance(contact, flows.TimedOut(turn=turn))

    async def heard(self, contact: str, turn: int) -> None:
        await self._advance(contact, flows.Played(turn=turn))

    # -- turns --------------------------------------------------------------------------------

    def _facts(self, contact: Contact) -> Moment:
        return Moment(self._replica.state, self._library, contact, self._zone, self._now)

    async def _advance(self, contact: str, event: flows.Event) -> None:
        """One turn, if ``event`` fits the one there is."""
        live = self._replica.state.contacts.get(contact)
        session = session_of(live) if live is not None else None
        if live is None or session is None:
            return
        turn = interpreter.advance(session, event, self._facts(live), self._now)
        if turn.session != session:
            await self._take(live, turn)

    async def _take(self, contact: Contact, turn: flows.Turn) -> None:
        """Make the turn the router's, and do what it says. Another that came first has won."""
        number = contact.flow_turn + 1
        if turn.does:  # digits that were keyed ahead stand in no session
            self._prompts[contact.id] = number, prompt_of(turn.does[-1], turn.session.turn)
        outcome = await self._surely(command_of(contact, number, turn.session, turn.path))
        if isinstance(outcome, Rejected) and outcome.code not in TOO_LATE:
            outcome = await self._to_safety(contact, number, turn, outcome)
        if isinstance(outcome, Rejected):
            self._prompts.pop(contact.id, None)
            return
        if turn.secrets and turn.session.outcome is None:
            self._secrets.setdefault(contact.id, {}).update(turn.secrets)
        live = self._replica.state.contacts.get(contact.id)
        if live is not None:
            self._do(live, turn)

    async def _to_safety(
        self, contact: Contact, number: int, turn: flows.Turn, refused: Rejected
    ) -> Outcome:
        """A flow leads where nothing is any more: a person takes over, by the flow's safe queue or,
        when that is gone as well, by the door's; at last without what the flow asks of the agent.
        """
        log.warning("contact %s cannot go where its flow leads: %s", contact.id, refused.reason)
        entry = self._replica.state.catalog.entry_points.get(contact.entry_point)
        queues = dict.fromkeys((turn.session.safe_queue, entry.queue if entry else ""))
        plain = msgspec.structs.replace(
            turn.session, steps=(), preferred=(), boost=0, attributes=dict(contact.attributes)
        )
        for going, queue in product((turn.session, plain), queues):
            end = flows.Queued(queue=queue, because="missing_queue")
            session = msgspec.structs.replace(going, outcome=end)
            outcome = await self._surely(command_of(contact, number, session, turn.path))
            if not isinstance(outcome, Rejected) or outcome.code in TOO_LATE:
                return outcome
        gone = c.Abandon(id=f"{contact.id}/no-entry", by=BY, contact=contact.id)
        return await self._surely(gone)

    async def _surely(self, command: c.Command) -> Outcome:
        """A customer is waiting. Raises ``EngineStopped``."""
        return await submit_surely(self._sink, command)

    # -- other systems ------------------------------------------------------------------------

    def _do(self, contact: Contact, turn: flows.Turn) -> None:
        for instruction in turn.does:
            match instruction:
                case flows.FindCustomer():
                    self._tasks.start(self._find(contact, turn.session.turn, instruction))
                case flows.AskSystem():
                    self._tasks.start(self._ask(contact.id, turn.session.turn, instruction))
                case flows.Play() | flows.AskChoice() | flows.AskText():
                    pass  # the contact's channel follows the log
                case _:
                    assert_never(instruction)

    async def _find(self, contact: Contact, turn: int, wanted: flows.FindCustomer) -> None:
        found = await self._look_ups.customers(contact, wanted)
        if len(found) == 1:
            key = f"{contact.id}/flow/{turn}/identify"
            told = c.IdentifyCustomer(id=key, by=BY, contact=contact.id, customer=found[0])
            await self._surely(told)
        customers = tuple(known for one in found if (known := customer_of(one)) is not None)
        await self._advance(contact.id, flows.Identified(turn=turn, customers=customers))

    async def _ask(self, contact: str, turn: int, asked: flows.AskSystem) -> None:
        found = await self._look_ups.answer(asked, self._secrets.get(contact, {}))
        await self._advance(contact, msgspec.structs.replace(found, turn=turn))


def _failed(task: asyncio.Task[Any]) -> None:
    problem = task.exception()
    if not isinstance(problem, EngineStopped):
        log.error("a flow could not go on", exc_info=problem)
