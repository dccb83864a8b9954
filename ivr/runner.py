"""Contacts in their flows: what customers answer goes through the interpreter, turn by turn, and
every turn is the router's before the next begins.

Nothing is remembered here but secrets (and what is being asked of other systems): a session stands
in the contact, so that after a restart, or on another machine, the same prompt is asked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from datetime import tzinfo
from typing import Any, Final, Protocol, assert_never
from zlib import crc32

import msgspec

from ivr.core import interpreter
from ivr.core import session as flows
from ivr.core.library import Library
from ivr.world import Moment, customer_of
from router.core import commands as c
from router.core.durations import SECOND
from router.core.events import ContactEvent, Entry, Rejected
from router.core.model import Contact, ContactState, CustomerRef
from router.core.model import Passed as Logged
from router.insisting import submit_surely
from router.ports import (
    Clock,
    CommandSink,
    CustomerDirectory,
    CustomerRecords,
    EngineStopped,
    FlowPrompt,
    FlowRunner,
    FlowStarter,
    Outcome,
    PromptButton,
    PromptLine,
    Through,
)
from router.replica import Replica

BY: Final = "flow"

log = logging.getLogger(__name__)


class Connectors(Protocol):
    """Other systems that flows ask (``LookUp`` nodes)."""

    async def ask(self, connector: str, parameters: Mapping[str, str]) -> flows.LookedUp | None:
        """The answer with turn 0, None when there is no such connector. May take for ever."""


class NoConnectors(Connectors):
    async def ask(self, connector: str, parameters: Mapping[str, str]) -> None:  # noqa: ARG002
        return None


class Directory(CustomerDirectory, CustomerRecords, Protocol):
    """Where customers are found, by an address or by their number."""


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
        self._directory = directory
        self._clock = clock
        self._zone = zone
        self._connectors = connectors or NoConnectors()
        self._secrets: dict[str, dict[str, str]] = {}  # by contact
        self._prompts: dict[str, tuple[int, FlowPrompt | None]] = {}  # by contact, for its turn
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Ask other systems again what they were being asked when the service stopped."""
        for contact in list(self._replica.state.contacts.values()):
            session = _session_of(contact)
            if session is None:
                continue
            turn = interpreter.resume(session, self._facts(contact), self._now)
            if turn.session == session:
                self._do(contact, turn)
            else:  # its flow is no longer there
                self._spawn(self._take(contact, turn))

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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
        session = _session_of(contact)
        if session is None or session.outcome is not None:
            return None
        does = interpreter.resume(session, self._facts(contact), self._now).does
        return _prompt(does[-1], session.turn) if does else None

    def last_words(self, session: bytes) -> tuple[PromptLine, ...]:
        found = _decoded(session)
        outcome = found.outcome if found is not None else None
        return _lines(outcome.say) if outcome is not None else ()

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
        session = _session_of(live) if live is not None else None
        if live is None or session is None:
            return
        turn = interpreter.advance(session, event, self._facts(live), self._now)
        if turn.session != session:
            await self._take(live, turn)

    async def _take(self, contact: Contact, turn: flows.Turn) -> None:
        """Make the turn the router's, and do what it says. Another that came first has won."""
        number = contact.flow_turn + 1
        if turn.does:  # digits that were keyed ahead stand in no session
            self._prompts[contact.id] = number, _prompt(turn.does[-1], turn.session.turn)
        outcome = await self._surely(_command(contact, number, turn.session, turn.path))
        if isinstance(outcome, Rejected) and outcome.code not in ("stale", "wrong_state"):
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
        """A flow leads where nothing is any more: a person takes over."""
        log.warning("contact %s cannot go where its flow leads: %s", contact.id, refused.reason)
        end = flows.Queued(queue=turn.session.safe_queue, because="missing_queue")
        session = msgspec.structs.replace(turn.session, outcome=end)
        outcome = await self._surely(_command(contact, number, session, turn.path))
        if isinstance(outcome, Rejected) and outcome.code not in ("stale", "wrong_state"):
            gone = c.Abandon(id=f"{contact.id}/no-entry", by=BY, contact=contact.id)
            return await self._surely(gone)
        return outcome

    async def _surely(self, command: c.Command) -> Outcome:
        """A customer is waiting. Raises ``EngineStopped``."""
        return await submit_surely(self._sink, command)

    # -- other systems ------------------------------------------------------------------------

    def _do(self, contact: Contact, turn: flows.Turn) -> None:
        for instruction in turn.does:
            match instruction:
                case flows.FindCustomer():
                    self._spawn(self._find(contact, turn.session.turn, instruction))
                case flows.AskSystem():
                    self._spawn(self._ask(contact.id, turn.session.turn, instruction))
                case flows.Play() | flows.AskChoice() | flows.AskText():
                    pass  # the contact's channel follows the log
                case _:
                    assert_never(instruction)

    async def _find(self, contact: Contact, turn: int, wanted: flows.FindCustomer) -> None:
        found: tuple[CustomerRef, ...] = ()
        try:
            async with asyncio.timeout(wanted.within / SECOND):
                found = await self._customers(contact, wanted)
        except TimeoutError:
            pass
        except Exception:
            log.exception("looking for the customer of a contact in its flow failed")
        if len(found) == 1:
            key = f"{contact.id}/flow/{turn}/identify"
            told = c.IdentifyCustomer(id=key, by=BY, contact=contact.id, customer=found[0])
            await self._surely(told)
        customers = tuple(known for one in found if (known := customer_of(one)) is not None)
        await self._advance(contact.id, flows.Identified(turn=turn, customers=customers))

    async def _customers(
        self, contact: Contact, wanted: flows.FindCustomer
    ) -> tuple[CustomerRef, ...]:
        """By where they come from; else by their own number with us, or another address."""
        if not wanted.wanted:
            return ()
        if not wanted.by_address:
            record = await self._directory.record(wanted.wanted)
            if record is not None:
                known = CustomerRef(
                    id=record.id, name=record.name, tier=record.tier, value=record.value
                )
                return (known,)
        return (await self._directory.identify(contact.channel, wanted.wanted)).customers

    async def _ask(self, contact: str, turn: int, asked: flows.AskSystem) -> None:
        answer: flows.LookedUp | None = None
        secrets = self._secrets.get(contact, {})
        if all(secret in secrets for secret in asked.secrets.values()):
            known = {name: secrets[secret] for name, secret in asked.secrets.items()}
            try:
                async with asyncio.timeout(asked.within / SECOND):
                    answer = await self._connectors.ask(
                        asked.connector, {**asked.parameters, **known}
                    )
            except TimeoutError:
                log.info("the connector %s did not answer in time", asked.connector)
            except Exception:
                log.exception("asking the connector %s failed", asked.connector)
        found = answer or flows.LookedUp(turn=turn, result="failed")
        await self._advance(contact, msgspec.structs.replace(found, turn=turn))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        problem = None if task.cancelled() else task.exception()
        if problem is not None and not isinstance(problem, EngineStopped):
            log.error("a flow could not go on", exc_info=problem)


# -- between the interpreter's words and the router's -----------------------------------------

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(flows.Session)


def _decoded(session: bytes) -> flows.Session | None:
    try:
        return _DECODER.decode(session)
    except msgspec.MsgspecError:
        log.exception("what a contact's flow remembers cannot be read")
        return None


def _session_of(contact: Contact) -> flows.Session | None:
    if contact.state is not ContactState.IN_FLOW or not contact.flow_session:
        return None
    return _decoded(contact.flow_session)


def _command(
    contact: Contact,
    number: int,
    session: flows.Session,
    path: tuple[flows.Passed, ...],
) -> c.Command:
    """The router's word for one turn; who has hung up is simply gone. Its id is of what it says: of
    two answers at once, the second is told that it came too late.
    """
    if isinstance(session.outcome, flows.Left):
        return c.Abandon(id=f"{contact.id}/left-flow", by=BY, contact=contact.id)
    where, remembered = session.frames[-1], _ENCODER.encode(session)
    return c.AdvanceFlow(
        id=f"{contact.id}/flow/{number}/{crc32(remembered):08x}",
        by=BY,
        contact=contact.id,
        turn=number,
        node=f"{where.flow}/{where.version}/{where.node}",
        session=remembered,
        passed=tuple(_logged(one) for one in path),
        leads_to=_end(session),
    )


def _logged(one: flows.Passed) -> Logged:
    node = f"{one.flow}/{one.version}/{one.node}"
    return Logged(node=node, exit=one.exit, heard=one.heard, again=one.again)


def _end(session: flows.Session) -> c.FlowEnd | None:
    end = session.outcome
    match end:
        case None | flows.Left():
            return None
        case flows.Queued(queue=queue, steps=steps):
            return _into(session, queue, steps)
        case flows.CallBack(queue=queue, steps=steps, number=number):
            return _into(session, queue, steps, call_back=number)
        case flows.TakeMessage(box=box):
            return c.IntoVoicemail(box=box)
        case flows.ConnectTo(number=number):
            return c.OutTo(address=number)
        case flows.Finished():
            return c.SaidGoodbye(text=" ".join(line.text for line in end.say if line.text))
        case _:
            assert_never(end)


def _into(
    session: flows.Session, queue: str, steps: tuple[Any, ...], call_back: str = ""
) -> c.IntoQueue:
    return c.IntoQueue(
        queue=queue,
        steps=steps or session.steps,
        preferred=session.preferred,
        boost=session.boost,
        attributes=session.for_routing,
        call_back=call_back,
    )


def _prompt(does: flows.Instruction, turn: int) -> FlowPrompt:
    say = _lines(does.say)
    match does:
        case flows.Play(barge_in=barge_in):
            return FlowPrompt(turn=turn, kind="play", say=say, barge_in=barge_in)
        case flows.AskChoice():
            buttons = tuple(PromptButton(key=one.key, text=one.text) for one in does.buttons)
            return FlowPrompt(
                turn=turn,
                kind="choice",
                say=say,
                buttons=buttons,
                within=does.within,
                barge_in=does.barge_in,
            )
        case flows.AskText():
            return FlowPrompt(
                turn=turn,
                kind="text",
                say=say,
                digits=does.digits,
                longest=does.longest,
                within=does.within,
                between=does.between,
                end_key=does.end_key,
                begun=does.begun,
                secret=does.secret,
                barge_in=does.barge_in,
            )
        case flows.FindCustomer() | flows.AskSystem():
            return FlowPrompt(turn=turn, kind="wait", say=say)
        case _:
            assert_never(does)


def _lines(say: tuple[flows.Line, ...]) -> tuple[PromptLine, ...]:
    return tuple(PromptLine(text=o.text, audio=o.audio, language=o.language) for o in say)
