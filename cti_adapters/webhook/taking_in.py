"""What becomes of an event: a message in the contact of its conversation, a new contact, its end,
or news of a message of ours.

Every id is of the event itself, and it is written last that it is done: what was interrupted is
done again and has had one effect.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final, assert_never

from msgspec.structs import replace

from cti_adapters.texting import prompts
from cti_adapters.webhook.events import Event, Kind
from cti_adapters.webhook.outbox import Outbox
from cti_adapters.webhook.ports import Conversation, HookStore, Incoming, Sending, contact_of
from cti_adapters.webhook.settings import HookSettings
from router.core.commands import Abandon, EndContact
from router.core.durations import MINUTE, SECOND
from router.core.events import Rejected
from router.core.model import Contact, ContactState
from router.insisting import stands_already, submit_surely
from router.ports import Arrival, Clock, CommandSink, ContactIntake, FlowPrompt, FlowRunner, Said
from router.replica import Replica

CHANNEL: Final = "webhook"
TRY_AGAIN_AFTER: Final = MINUTE  # where the catalog has no way in
NOT_YET_KNOWN: Final = 20 * SECOND  # a service may speak of a message before it has answered us

_UNANSWERED: Final = frozenset(
    {
        ContactState.ARRIVING,
        ContactState.IN_FLOW,
        ContactState.QUEUED,
        ContactState.OFFERED,
    }
)
_TAKES_MORE: Final = _UNANSWERED | {ContactState.CONNECTED, ContactState.HELD}

log = logging.getLogger(__name__)


class TakingIn:
    def __init__(
        self,
        hooks: Mapping[str, HookSettings],
        store: HookStore,
        sink: CommandSink,
        intake: ContactIntake,
        *,
        replica: Replica,
        clock: Clock,
        flows: FlowRunner,
        outbox: Outbox,
    ) -> None:
        self._hooks = hooks
        self._store = store
        self._sink = sink
        self._intake = intake
        self._replica = replica
        self._clock = clock
        self._flows = flows
        self._outbox = outbox

    async def take(self, incoming: Incoming) -> None:
        """Settle one event, or say until when it waits. Raises ``StoreUnavailable``,
        ``Overloaded`` or ``JournalUnavailable`` when it has to be repeated.
        """
        settings = self._hooks[incoming.hook]
        match incoming.event.kind:
            case Kind.MESSAGE:
                await self._message(settings, incoming)
            case Kind.ENDED:
                await self._ended(incoming)
            case Kind.DELIVERED | Kind.READ | Kind.FAILED:
                await self._news(incoming)
            case _:
                assert_never(incoming.event.kind)

    # -- what customers write -----------------------------------------------------------------

    async def _message(self, settings: HookSettings, incoming: Incoming) -> None:
        known = await self._store.conversation(incoming.conversation)
        live = self._live(known, incoming)
        if known is not None and live is not None and await self._joined(live, incoming):
            await self._done(incoming, _heard(known, incoming.event), contact=live.id)
            return
        if known is not None and await self._was_said(known, incoming):
            await self._done(incoming, _heard(known, incoming.event), contact=known.contact)
            return
        await self._new_contact(settings, incoming, known)

    def _live(self, known: Conversation | None, incoming: Incoming) -> Contact | None:
        """None for a contact that this very event was becoming when it was interrupted."""
        if known is None or known.contact == contact_of(incoming):
            return None
        live = self._replica.state.contacts.get(known.contact)
        return live if live is not None and live.state in _TAKES_MORE else None

    async def _was_said(self, known: Conversation, incoming: Incoming) -> bool:
        """In the contact that was live when we were interrupted, and has ended since."""
        if known.contact in {"", contact_of(incoming)}:
            return False
        post = _said(incoming).posted(known.contact, by=CHANNEL)
        return await stands_already(self._sink, self._replica, post)

    async def _joined(self, live: Contact, incoming: Incoming) -> bool:
        """False when it ended meanwhile, or holds no more."""
        prompt = self._flows.prompt(live.id)
        if incoming.turn or (prompt is not None and prompts.asks(prompt)):
            return await self._answer(live, incoming, prompt)
        return await self._posted(live.id, _said(incoming))

    async def _answer(self, live: Contact, incoming: Incoming, prompt: FlowPrompt | None) -> bool:
        """Which question it answers is written down first: repeated, it answers no later one."""
        text = incoming.event.said
        if not incoming.turn and prompt is not None:
            shown = prompts.words(prompt, text)
            incoming = replace(incoming, turn=prompt.turn, shown=shown)
            await self._store.settle(incoming, None)
        said = replace(_said(incoming), text=incoming.shown)
        if not await self._posted(live.id, said):
            return False
        if prompt is not None and prompt.turn == incoming.turn:
            await self._flows.answer(live.id, prompt.turn, prompts.meaning(prompt, text))
        return True

    async def _posted(self, contact: str, said: Said) -> bool:
        command = said.posted(contact, by=CHANNEL)
        return not isinstance(await submit_surely(self._sink, command), Rejected)

    async def _new_contact(
        self, settings: HookSettings, incoming: Incoming, known: Conversation | None
    ) -> None:
        event, contact = incoming.event, contact_of(incoming)
        known = known or Conversation(
            key=incoming.conversation,
            hook=settings.id,
            name=event.conversation,
            address=event.address or event.conversation,
        )
        changed = replace(_heard(known, event), contact=contact)
        # What is written to the contact at once must find its way out.
        await self._store.settle(incoming, changed)
        outcome = await self._intake.receive(
            Arrival(
                contact=contact,
                channel=CHANNEL,
                address=event.address or event.conversation,
                entry_point=settings.entry_point,
                attributes=_attributes(settings, event, known, contact),
                dialable=False,
                said=_said(incoming),
                preferred=(known.agent,) if self._is_recent(known, settings) else (),
                preferred_for=settings.same_agent_for,
            )
        )
        if isinstance(outcome, Rejected):
            await self._wait(incoming, outcome.reason)
            return
        await self._posted(contact, _said(incoming))
        await self._done(incoming, None, contact=contact)

    def _is_recent(self, known: Conversation, settings: HookSettings) -> bool:
        age = self._clock.now() - known.answered_at
        return bool(known.agent) and age <= settings.reopens_within

    # -- customers who leave ------------------------------------------------------------------

    async def _ended(self, incoming: Incoming) -> None:
        known = await self._store.conversation(incoming.conversation)
        live = self._replica.state.contacts.get(known.contact) if known is not None else None
        at = incoming.event.at
        if known is not None and live is not None and not 0 < at < known.said_at:
            await self._end(live, incoming)
        await self._done(incoming, None, contact=live.id if live is not None else "")

    async def _end(self, live: Contact, incoming: Incoming) -> None:
        """An agent may answer, or give it back, in the same moment: then it is the other."""
        name = f"{live.id}/left/{incoming.id}"
        abandon = Abandon(id=f"{name}/abandon", by=CHANNEL, contact=live.id)
        end = EndContact(id=f"{name}/end", by=CHANNEL, contact=live.id, ended_by="customer")
        first, second = (abandon, end) if live.state in _UNANSWERED else (end, abandon)
        if isinstance(await submit_surely(self._sink, first), Rejected):
            await submit_surely(self._sink, second)

    # -- news of what we wrote ----------------------------------------------------------------

    async def _news(self, incoming: Incoming) -> None:
        event = incoming.event
        about = await self._store.outgoing_as(incoming.hook, event.about)
        about = about or await self._store.outgoing(event.about)
        now = self._clock.now()
        if about is None and now - incoming.at < NOT_YET_KNOWN:
            await self._store.settle(replace(incoming, due=now + NOT_YET_KNOWN // 10), None)
            return
        if about is not None and about.hook == incoming.hook:
            match event.kind:
                case Kind.DELIVERED:
                    arrived = replace(about, state=Sending.DELIVERED, reason="")
                    await self._store.advance(arrived, was=(Sending.HELD, Sending.SENT))
                case Kind.READ:
                    was = (Sending.HELD, Sending.SENT, Sending.DELIVERED)
                    seen = replace(about, state=Sending.READ, reason="")
                    await self._store.advance(seen, was=was)
                case _:
                    told = event.text[:300] or "it gives no reason"
                    await self._outbox.failed(about, f"The service could not deliver it: {told}")
        await self._done(incoming, None, contact=about.contact if about is not None else "")

    # -- settling -----------------------------------------------------------------------------

    async def _wait(self, incoming: Incoming, reason: str) -> None:
        """There is no way in for it today: nothing is lost over that."""
        if incoming.reason != reason:
            log.warning("what %s sent waits: %s", incoming.hook, reason)
        due = self._clock.now() + TRY_AGAIN_AFTER
        await self._store.settle(replace(incoming, due=due, reason=reason), None)

    async def _done(
        self, incoming: Incoming, conversation: Conversation | None, *, contact: str
    ) -> None:
        """What was said may be secret, and the thread has it: it is not kept twice."""
        emptied = replace(incoming.event, text="", attachments=(), name="")
        done = replace(
            incoming, done=True, contact=contact, event=emptied, shown="", reason="", due=0
        )
        await self._store.settle(done, conversation)


def _said(incoming: Incoming) -> Said:
    return Said(id=f"hook-{incoming.id}", text=incoming.event.said)


def _heard(known: Conversation, event: Event) -> Conversation:
    return replace(known, said_at=max(known.said_at, event.at))


def _attributes(
    settings: HookSettings, event: Event, known: Conversation, contact: str
) -> dict[str, str]:
    found = {
        "service": settings.label,
        "hook": settings.id,
        "name": event.name,
        "language": event.language,
        "earlier": known.contact if known.contact != contact else "",
    }
    return {name: value for name, value in found.items() if value}
