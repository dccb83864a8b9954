"""What all desks of one agent share: drafts, the replies already given, and the view itself."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from agents import messages as m
from agents import views
from agents.acts import NOT_YOURS, RoutedAct, command_for, command_id, has_share, talks
from agents.drafts import DraftStore
from agents.messages import DeskSnapshot, Directory, MyState, Waiting
from agents.screenpop import ScreenPops
from agents.showing import UNNUMBERED, Look
from router.core.commands import Command, SignIn
from router.core.events import Rejected
from router.core.model import Agent, AgentState
from router.customers import ScreenPop
from router.ports import Clock, CommandSink, JournalUnavailable, OutcomeUnknown, Overloaded
from router.replica import Replica

log = logging.getLogger(__name__)

REMEMBERED_REPLIES = 512
STORE_TIMEOUT = 2.0  # seconds; calls do not wait for notes

OnTyping = Callable[[str, bool], None]
OnRead = Callable[[str, int], None]
Verdict = Rejected | None  # None: it was done


class Services(msgspec.Struct, frozen=True):
    """What desks stand on. ``on_typing`` is told the contact and whether its agent types,
    ``on_read`` up to which line they have read.
    """

    sink: CommandSink
    replica: Replica
    pops: ScreenPops
    drafts: DraftStore
    clock: Clock
    on_typing: OnTyping
    on_read: OnRead


OVERLOADED = Rejected(
    code="overloaded", reason="Patchbay is very busy; nothing was done, try again in a moment."
)
UNAVAILABLE = Rejected(
    code="journal_unavailable",
    reason="Patchbay cannot save anything at the moment; nothing was done, try again shortly.",
)
UNKNOWN = Rejected(
    code="outcome_unknown",
    reason="It is not known yet whether that was done, and it may still be; look before you repeat"
    " it.",
)
_PASSING = (OVERLOADED, UNAVAILABLE, UNKNOWN)


class AgentDesk:
    """One agent's desk, on however many pages it is open."""

    def __init__(self, agent: str, services: Services) -> None:
        self.agent = agent
        self.drafts: dict[str, str] = {}
        self._services = services
        self._verdicts: OrderedDict[str, asyncio.Future[Verdict]] = OrderedDict()
        self._opened = False

    # -- the view -----------------------------------------------------------------------------

    @property
    def entity(self) -> Agent | None:
        """The agent in the state, None once a new catalog no longer has them."""
        return self._services.replica.state.agents.get(self.agent)

    def look(self, contact_id: str) -> Look:
        """One contact as this agent sees it now."""
        state = self._services.replica.state
        agent, contact = self.entity, state.contacts.get(contact_id)
        if agent is None or contact is None:
            return Look()
        offer = views.pending_offer(state, agent, contact_id)
        if offer is not None:
            return Look(offer=views.offer_card(state, offer, contact, self._pop(contact_id)))
        slot = views.share(agent, contact_id)
        if slot is None:
            return Look()
        card = views.contact_card(
            state,
            slot,
            contact,
            self.agent,
            pop=self._pop(contact_id),
            draft=self.drafts.get(contact_id, ""),
        )
        return Look(contact=card, thread=contact.messages)

    def snapshot(
        self, agent: Agent, directory: Directory, waiting: tuple[Waiting, ...], at: int
    ) -> tuple[DeskSnapshot, dict[str, int]]:
        """Everything the page shows, and how many lines of each thread that includes."""
        looks = [self.look(contact) for contact in agent.slots]
        cards = [
            msgspec.structs.replace(
                look.contact, messages=tuple(look.thread[-views.LONGEST_THREAD :])
            )
            for look in looks
            if look.contact is not None
        ]
        told = {look.contact.contact: len(look.thread) for look in looks if look.contact}
        snapshot = DeskSnapshot(
            n=UNNUMBERED,
            at=at,
            me=views.my_state(agent),
            offers=tuple(look.offer for look in looks if look.offer is not None),
            contacts=tuple(cards),
            directory=directory,
            waiting=waiting,
            figures=views.figures(agent, at),
        )
        return snapshot, told

    def me(self) -> MyState | None:
        agent = self.entity
        return None if agent is None else views.my_state(agent)

    def _pop(self, contact_id: str) -> ScreenPop:
        state = self._services.replica.state
        return self._services.pops.pop(views.subject(state, state.contacts[contact_id]))

    # -- acts ---------------------------------------------------------------------------------

    async def open(self, key: str) -> None:
        """Before the first page shows anything: find the drafts and sign the agent in.

        ``key`` makes the sign-in's command id unique. What fails now can be made up for by
        being ready later.
        """
        if not self._opened:
            self._opened = True
            await self._load_drafts()
        await self._sign_in(command_id(self.agent, f"sign-in:{key}"))

    async def perform(self, act: RoutedAct) -> Verdict:
        """Do the act once, however often and from however many pages it is sent."""
        verdict = self._verdicts.get(act.id)
        if verdict is None:
            verdict = asyncio.ensure_future(self._do(act))
            self._remember(act.id, verdict)
        # Shielded: a page that goes away does not take back what it asked.
        return await asyncio.shield(verdict)

    async def save_draft(self, act: m.SaveDraft) -> Verdict:
        if not has_share(self._services.replica.state, self.agent, act.contact):
            return NOT_YOURS
        self._keep_draft(act.contact, act.text)
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                await self._services.drafts.save(self.agent, act.contact, act.text)
        except Exception as problem:  # noqa: BLE001 - whatever the store raises, the desk goes on
            log.warning("a draft could not be saved (%s)", type(problem).__name__)
            reason = "The note is not saved yet; it is kept on this page."
            return Rejected(code="draft_not_saved", reason=reason)
        return None

    def typing(self, act: m.Typing) -> Verdict:
        if not talks(self._services.replica.state, self.agent, act.contact):
            return NOT_YOURS
        self._services.on_typing(act.contact, act.typing)
        return None

    def mark_read(self, act: m.MarkRead) -> Verdict:
        if not talks(self._services.replica.state, self.agent, act.contact):
            return NOT_YOURS
        self._services.on_read(act.contact, act.until)
        return None

    def _remember(self, act_id: str, verdict: asyncio.Future[Verdict]) -> None:
        self._verdicts[act_id] = verdict
        verdict.add_done_callback(lambda done: self._settled(act_id, done))
        for old in list(self._verdicts)[: len(self._verdicts) - REMEMBERED_REPLIES]:
            if self._verdicts[old].done():
                del self._verdicts[old]

    def _settled(self, act_id: str, verdict: asyncio.Future[Verdict]) -> None:
        """Forget what did not happen for a passing reason, and what is not known: sent again, it is
        tried again, as the same command.
        """
        failed = verdict.cancelled() or verdict.exception() is not None
        if failed or verdict.result() in _PASSING:
            self._verdicts.pop(act_id, None)

    async def _do(self, act: RoutedAct) -> Verdict:
        state = self._services.replica.state
        key = command_id(self.agent, act.id)
        if key in state.commands:
            return None  # done before this process started
        if isinstance(act, m.GoReady | m.GoNotReady):
            refused = await self._sign_in(f"{key}:sign-in")
            if refused is not None:
                return refused
        command = command_for(act, self.agent, state)
        verdict = command if isinstance(command, Rejected) else await self._submit(command)
        if verdict is None and isinstance(act, m.FinishWrap):
            await self._drop_draft(act.contact)
        return verdict

    async def _sign_in(self, key: str) -> Verdict:
        agent = self.entity
        if agent is None or agent.state is not AgentState.SIGNED_OUT:
            return None
        return await self._submit(SignIn(id=key, by=self.agent, agent=self.agent))

    async def _submit(self, command: Command) -> Verdict:
        try:
            outcome = await self._services.sink.submit(command)
        except Overloaded:
            return OVERLOADED
        except OutcomeUnknown:
            return UNKNOWN
        except JournalUnavailable:
            return UNAVAILABLE
        return outcome if isinstance(outcome, Rejected) else None

    # -- drafts -------------------------------------------------------------------------------

    async def _load_drafts(self) -> None:
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                self.drafts = dict(await self._services.drafts.load(self.agent))
        except Exception as problem:  # noqa: BLE001 - a desk without drafts is better than none
            log.warning("drafts could not be loaded (%s)", type(problem).__name__)

    async def _drop_draft(self, contact: str) -> None:
        self._keep_draft(contact, "")
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                await self._services.drafts.save(self.agent, contact, "")
        except Exception as problem:  # noqa: BLE001 - the note itself is saved with the contact
            log.warning("a draft could not be removed (%s)", type(problem).__name__)

    def _keep_draft(self, contact: str, text: str) -> None:
        if text:
            self.drafts[contact] = text
        else:
            self.drafts.pop(contact, None)
