"""The desks: every agent's pages, kept in step with the log, at a cost that few desks share.

What an entry changes is sent at once to the agents it concerns and to nobody else. What concerns
everybody (who waits, which colleague is ready, own figures) is sent at most once a second, a
tenth of the desks at a time, so that no offer ever stands behind two thousand of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Iterable, Mapping

import msgspec

from agents import views
from agents.agent_desk import AgentDesk, OnRead, OnTyping, Services
from agents.ambient import Ambient
from agents.concern import PRESENCE, About, concern_of, involved
from agents.drafts import DraftStore
from agents.messages import CustomerAway, CustomerSeen, CustomerTyping, DeskSnapshot, Seen
from agents.presence import Presence, PresenceTimes
from agents.screenpop import ScreenPops
from agents.session import DeskSession
from agents.showing import UNNUMBERED
from router.core.commands import LoseAgent
from router.core.durations import SECOND
from router.core.events import Entry, Rejected
from router.core.model import AgentState, SlotState
from router.elsewhere import Elsewhere, Nowhere, agent_page
from router.outbox import Parcel
from router.ports import Clock, CommandSink, JournalUnavailable, Overloaded
from router.replica import Replica

log = logging.getLogger(__name__)

TICK = 0.1  # seconds
SLICES = 10
DESKS_OF_ONE_AGENT = 8
FIGURES_EVERY = 30 * SECOND  # occupancy moves even when nothing happens

UNKNOWN_AGENT = Rejected(
    code="unknown_agent",
    reason="You are no agent of this centre's catalog (any more); ask your administrator.",
)
TOO_MANY = Rejected(
    code="too_many_desks", reason="This desk was closed because you opened too many others."
)
SILENT = Rejected(
    code="silent", reason="This desk was closed because nothing was heard from it; reload the page."
)


SeenOf = Callable[[str], tuple[int, int]]  # received and read until


def _ignore(_contact: str, _typing: bool) -> None:  # noqa: FBT001 - the shape of OnTyping
    return None


def _unread(_contact: str, _until: int) -> None:
    return None


def _unseen(_contact: str) -> tuple[int, int]:
    return 0, 0


def _here(_contact: str) -> bool:
    return False


class DeskHub:
    """``handle`` every entry in order, keep ``run`` running, ``connect`` a session per socket.

    ``on_typing`` and ``on_read`` are set by whoever shows the customer that the agent types and has
    read, ``seen`` by whoever knows what the customer has read. ``deskless`` agents
    work without a page (robots) and are never missed. ``patience``: after how long a chat's
    customer should be answered, and should have been. Where there are other nodes, agents may have
    their desk ``elsewhere``, and one node is ``in_charge`` of those who have none.
    """

    def __init__(
        self,
        sink: CommandSink,
        replica: Replica,
        pops: ScreenPops,
        drafts: DraftStore,
        clock: Clock,
        *,
        times: PresenceTimes | None = None,
        deskless: Container[str] = (),
        patience: tuple[int, int] = (30 * SECOND, 60 * SECOND),
        elsewhere: Elsewhere | None = None,
        in_charge: Callable[[], bool] = lambda: True,
    ) -> None:
        self.on_typing: OnTyping = _ignore
        self.on_read: OnRead = _unread
        self.seen: SeenOf = _unseen
        self.is_away: Callable[[str], bool] = _here
        self._patience = patience
        self._services = Services(sink, replica, pops, drafts, clock, self._typed, self._read)
        self._replica = replica
        self._pops = pops
        self._clock = clock
        self._deskless = deskless
        self._elsewhere = elsewhere or Nowhere()
        self._in_charge = in_charge
        self._desks: dict[str, AgentDesk] = {}
        self._sessions: dict[str, list[DeskSession]] = {}
        self._slices: list[dict[DeskSession, None]] = [{} for _ in range(SLICES)]
        self._ticks = 0
        self._connections = 0
        self._ambient = Ambient(replica.state)
        self._presence: Presence[DeskSession] = Presence(times)
        pops.on_change = self.contact_changed

    @property
    def desks_connected(self) -> int:
        return sum(len(sessions) for sessions in self._sessions.values())

    def agents_here(self) -> Iterable[str]:
        """Who has a desk that is open."""
        return self._sessions.keys()

    # -- connections --------------------------------------------------------------------------

    def connect(self, agent: str) -> DeskSession:
        """A session for one page of ``agent``. One of too many closes the oldest."""
        self._connections += 1
        desk = self._desks.get(agent) or AgentDesk(agent, self._services)
        session = DeskSession(desk, self, self._clock, self._connections)
        if agent not in self._replica.state.agents:
            session.close(UNKNOWN_AGENT)
            return session
        self._desks[agent] = desk
        sessions = self._sessions.setdefault(agent, [])
        sessions.append(session)
        self._slices[session.number % SLICES][session] = None
        self._presence.connected(agent, session, self._clock.now())
        if len(sessions) > DESKS_OF_ONE_AGENT:
            sessions[0].close(TOO_MANY)
        return session

    def close(self) -> None:
        """End every session (the service stops)."""
        for sessions in list(self._sessions.values()):
            for session in list(sessions):
                session.close()

    def heard(self, session: DeskSession) -> None:
        self._presence.heard(session, self._clock.now())

    def ended(self, session: DeskSession) -> None:
        sessions = self._sessions.get(session.agent, [])
        if session not in sessions:
            return
        sessions.remove(session)
        self._slices[session.number % SLICES].pop(session, None)
        self._presence.disconnected(session, self._clock.now())
        if not sessions:
            # The desk itself stays: a reload must find its replies and drafts again.
            del self._sessions[session.agent]

    def snapshot(self, session: DeskSession) -> tuple[DeskSnapshot, Mapping[str, int]] | None:
        state = self._replica.state
        agent = state.agents.get(session.agent)
        if agent is None:
            session.close(UNKNOWN_AGENT)
            return None
        session.catalog_version = state.catalog.version
        session.colleagues_seen = self._ambient.round
        directory = self._ambient.directory(state, session.agent)
        waiting, _ = self._ambient.waiting(state, agent, self._clock.now())
        snapshot, told = session.desk.snapshot(agent, directory, waiting, self._clock.now())
        soon, late = self._patience
        whole = msgspec.structs.replace(
            snapshot,
            seen=self._seen_in(snapshot),
            away=tuple(c.contact for c in snapshot.contacts if self.is_away(c.contact)),
            answer_soon=soon,
            answer_late=late,
        )
        return whole, told

    def _seen_in(self, snapshot: DeskSnapshot) -> dict[str, Seen]:
        marks = {card.contact: self.seen(card.contact) for card in snapshot.contacts}
        return {
            contact: Seen(received=received, read=read)
            for contact, (received, read) in marks.items()
            if received
        }

    # -- what happens -------------------------------------------------------------------------

    def handle(self, entry: Entry) -> None:
        """Bring the desks ``entry`` concerns up to date. The replica must have it already."""
        state = self._replica.state
        concern = concern_of(entry, state)
        self._pops.follow(entry, state.contacts)
        self._presence.begin_anew(entry.by, self._clock.now())
        if concern.catalog:
            self._ambient.catalog_changed(state)
        for agent, about in concern.agents.items():
            if agent in self._sessions:
                self._refresh(agent, about)
        self._ambient.follow(entry, state, concern.colleagues)

    def contact_changed(self, contact: str) -> None:
        """Something about the contact that is in no entry changed (its pop)."""
        state = self._replica.state
        live = state.contacts.get(contact)
        if live is None:
            return
        for contact_id in filter(None, (contact, live.consult)):
            for agent in involved(state.contacts.get(contact_id)):
                if agent in self._sessions:
                    self._refresh(agent, About(contacts={contact_id: None}))

    def customer_typing(self, contact: str, typing: bool) -> None:  # noqa: FBT001 - an OnTyping
        """The customer types, or has stopped."""
        live = self._replica.state.contacts.get(contact)
        if live is None or not live.agent:
            return
        parcel = Parcel(CustomerTyping(n=UNNUMBERED, contact=contact, typing=typing))
        for agent in (live.agent, *live.participants):
            for session in self._sessions.get(agent, ()):
                session.send_parcel(parcel)

    def customer_seen(self, contact: str, received: int, read: int) -> None:
        """The customer has got, or read, more of the thread."""
        live = self._replica.state.contacts.get(contact)
        if live is None or not live.agent:
            return
        parcel = Parcel(CustomerSeen(n=UNNUMBERED, contact=contact, received=received, read=read))
        for agent in (live.agent, *live.participants):
            for session in self._sessions.get(agent, ()):
                session.send_parcel(parcel)

    def customer_away(self, contact: str, away: bool) -> None:  # noqa: FBT001 - an OnAway
        """The customer has left the page for a while, or is back."""
        live = self._replica.state.contacts.get(contact)
        if live is None or not live.agent:
            return
        parcel = Parcel(CustomerAway(n=UNNUMBERED, contact=contact, away=away))
        for agent in (live.agent, *live.participants):
            for session in self._sessions.get(agent, ()):
                session.send_parcel(parcel)

    def draft_saved(self, session: DeskSession, contact: str) -> None:
        """Show the note on the agent's other pages; the one that wrote it has it."""
        look = session.desk.look(contact)
        if look.contact is None:
            return
        session.wrote_draft(contact, look.contact.draft)
        for other in self._sessions.get(session.agent, ()):
            other.show_contact(contact, look, {}, self._clock.now())

    def _refresh(self, agent: str, about: About) -> None:
        desk, at = self._desks[agent], self._clock.now()
        sessions = [s for s in self._sessions[agent] if not s.stale]
        if not sessions:
            return
        for contact in about.contacts:
            look = desk.look(contact)
            for session in sessions:
                session.show_contact(contact, look, about.gone, at)
        me = desk.me() if about.me else None
        for session in sessions:
            if me is not None:
                session.figures_at = 0
                session.show_me(me, about.why, at)

    def _typed(self, contact: str, typing: bool) -> None:  # noqa: FBT001 - an OnTyping
        self.on_typing(contact, typing)

    def _read(self, contact: str, until: int) -> None:
        self.on_read(contact, until)

    # -- what happens by time -----------------------------------------------------------------

    async def run(self) -> None:
        """Tick for ever; cancel it to stop."""
        while True:
            await asyncio.sleep(TICK)
            try:
                self.tick()
                if self._ticks % SLICES == 0:
                    await self.sweep()
            except Exception:
                log.exception("the desks' timer failed; it goes on")

    def tick(self) -> None:
        """Once every tenth of a second: the next tenth of the desks hears the news at large."""
        self._ticks += 1
        at = self._clock.now()
        self._ambient.begin_round()
        for session in list(self._slices[self._ticks % SLICES]):
            self._tell_news(session, at)

    def _tell_news(self, session: DeskSession, at: int) -> None:
        state = self._replica.state
        agent = state.agents.get(session.agent)
        if agent is None:
            session.close(UNKNOWN_AGENT)
        elif session.stale:
            return
        elif session.catalog_version != state.catalog.version:
            session.refresh()
        else:
            session.show_waiting(*self._ambient.waiting(state, agent, at))
            news = self._ambient.colleagues(session.colleagues_seen)
            session.colleagues_seen = self._ambient.round
            if news is not None:
                session.send_parcel(news)
            if at - session.figures_at >= FIGURES_EVERY:
                session.show_figures(views.figures(agent, at), at)

    async def sweep(self) -> None:
        """Once a second: close silent desks, take agents without a desk out of the line."""
        at = self._clock.now()
        for session in self._presence.silent(at):
            session.close(SILENT)
        if not self._in_charge():
            self._presence.begin_all_anew(at)
            return
        self._expect_signed_in(at)
        lost = [agent for agent in self._presence.lost(at, self._has_offer) if self._works(agent)]
        await asyncio.gather(*(self._lose(agent, at) for agent in lost))

    async def _lose(self, agent: str, at: int) -> None:
        try:
            await self._services.sink.submit(
                LoseAgent(id=f"{PRESENCE}:{agent}:{at}", by=PRESENCE, agent=agent)
            )
        except (Overloaded, JournalUnavailable):
            log.warning("an agent without a desk could not be taken out yet; trying again")

    def _works(self, agent_id: str) -> bool:
        """Whether losing the agent changes anything: they could be offered work, or are."""
        agent = self._replica.state.agents.get(agent_id)
        robot = agent_id in self._deskless
        if agent is None or robot or agent.state is AgentState.SIGNED_OUT:
            self._presence.forget(agent_id)
            return False
        return agent.state is AgentState.READY or self._has_offer(agent_id)

    def _has_offer(self, agent_id: str) -> bool:
        agent = self._replica.state.agents.get(agent_id)
        return agent is not None and any(
            slot.state is SlotState.RESERVED for slot in agent.slots.values()
        )

    def _expect_signed_in(self, at: int) -> None:
        """Whoever is signed in and has no desk, here or elsewhere, has the grace time to come:
        after a restart, and when their node is gone. Who becomes ready has it from then on: of a
        desk opened elsewhere this node is told a moment later.
        """
        for agent in self._replica.state.agents.values():
            if agent.state is AgentState.SIGNED_OUT or agent.id in self._deskless:
                continue
            if self._elsewhere.has(agent_page(agent.id)):
                self._presence.forget(agent.id)
            else:
                self._presence.expect(agent.id, at)
                if not self._works(agent.id):
                    self._presence.begin_anew(agent.id, at)
