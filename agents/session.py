"""One page's connection without its socket: frames in, frames out, limits in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Protocol

import msgspec

from agents import messages as m
from agents.acts import Unreadable, read
from agents.agent_desk import AgentDesk
from agents.messages import DeskSnapshot, MyFigures, Pong, Reply, ServerMessage
from agents.showing import UNNUMBERED, Look, Showing, as_loaded, contact_changes, me_changes
from router.core.durations import SECOND
from router.core.events import Rejected
from router.limits import Bucket, Rate
from router.outbox import Outbox, Parcel
from router.ports import Clock

# The burst leaves room for a desk that comes back and sends everything still unanswered.
FRAMES = Rate(burst=240, every=SECOND // 20)
OFFENCES = Rate(burst=20, every=10 * SECOND)  # sent too fast, or not to be read

TOO_FAST = Rejected(
    code="too_fast", reason="You are sending too fast; wait a moment and try again."
)
ABUSE = Rejected(
    code="closing", reason="This desk was closed after too many bad messages; reload the page."
)


class Host(Protocol):
    """What a session asks of its hub."""

    def heard(self, session: DeskSession) -> None: ...

    def ended(self, session: DeskSession) -> None: ...

    def snapshot(self, session: DeskSession) -> tuple[DeskSnapshot, Mapping[str, int]] | None:
        """Everything the session's agent may see now; None when there is no such agent."""

    def draft_saved(self, session: DeskSession, contact: str) -> None: ...


class DeskSession:
    """Give it every frame that comes in, send every frame of ``outgoing``, ``close`` it when the
    socket is gone. When ``outgoing`` ends, close the socket.
    """

    def __init__(self, desk: AgentDesk, host: Host, clock: Clock, number: int) -> None:
        self.desk = desk
        self.number = number  # counts connections since the start
        self.shown = Showing()
        self.catalog_version = -1
        self.colleagues_seen = 0
        self.figures_at = 0
        self._host = host
        self._clock = clock
        self._frames = Bucket(FRAMES, clock.now())
        self._patience = Bucket(OFFENCES, clock.now())
        self._outbox = Outbox(self._snapshot)

    @property
    def agent(self) -> str:
        return self.desk.agent

    @property
    def closed(self) -> bool:
        return self._outbox.closed

    @property
    def stale(self) -> bool:
        """Whether a snapshot is due, so that no change need be sent."""
        return self._outbox.stale

    # -- in -----------------------------------------------------------------------------------

    async def receive(self, frame: bytes | str) -> None:
        """Take one frame. Never raises for what is in it."""
        if self.closed:
            return
        self._host.heard(self)
        at = self._clock.now()
        if not self._frames.take(at):
            self._refuse("", TOO_FAST, at)
            return
        act = read(frame)
        if isinstance(act, Unreadable):
            self._refuse(act.to, act.problem, at)
        else:
            await self._perform(act)

    async def _perform(self, act: m.ClientMessage) -> None:
        match act:
            case m.Ping():
                self.send(Pong(n=UNNUMBERED, at=self._clock.now()))
                return
            case m.Resync():
                self.refresh()
                verdict = None
            case m.Typing():
                verdict = self.desk.typing(act)
            case m.MarkRead():
                verdict = self.desk.mark_read(act)
            case m.SaveDraft():
                verdict = await self.desk.save_draft(act)
                self._host.draft_saved(self, act.contact)
            case _:
                verdict = await self.desk.perform(act)
        self._answer(act.id, verdict)

    def _refuse(self, to: str, problem: Rejected, at: int) -> None:
        self._answer(to, problem)
        if not self._patience.take(at):
            self.close(ABUSE)

    def _answer(self, to: str, verdict: Rejected | None) -> None:
        code, reason = (verdict.code, verdict.reason) if verdict else ("", "")
        reply = Reply(n=UNNUMBERED, to=to, ok=verdict is None, code=code, reason=reason)
        if not self._outbox.reply(Parcel(reply)):
            self.close()  # it sends and sends, and reads nothing

    # -- out ----------------------------------------------------------------------------------

    async def outgoing(self) -> AsyncIterator[bytes]:
        """Frames to send, as they come: a snapshot first. It ends when the session is over."""
        if not self.closed:
            await self.desk.open(f"{self._clock.now()}.{self.number}")
        while (frame := await self._outbox.next()) is not None:
            yield frame
            del frame  # a snapshot is large, and the next frame may be long in coming

    def _snapshot(self) -> Parcel | None:
        loaded = self._host.snapshot(self)
        if loaded is None:
            return None
        snapshot, told = loaded
        self.shown = as_loaded(snapshot, told)
        return Parcel(snapshot)

    def send(self, message: ServerMessage) -> None:
        self.send_parcel(Parcel(message))

    def send_parcel(self, parcel: Parcel) -> None:
        """For what was encoded once for many."""
        self._outbox.change(parcel)

    def refresh(self) -> None:
        """Show everything anew."""
        self._outbox.refresh()

    def show_contact(self, contact: str, now: Look, gone: Mapping[str, str], at: int) -> None:
        if not self.stale:
            self._send_all(contact_changes(self.shown, contact, now, gone, at))

    def wrote_draft(self, contact: str, draft: str) -> None:
        """Note that the page has this note already: it wrote it."""
        card = self.shown.contacts.get(contact)
        if card is not None:
            self.shown.contacts[contact] = msgspec.structs.replace(card, draft=draft)

    def show_me(self, me: m.MyState, why: str, at: int) -> None:
        if not self.stale:
            self._send_all(me_changes(self.shown, me, why, at))

    def show_figures(self, figures: MyFigures, at: int) -> None:
        self.figures_at = at
        if self.shown.figures != figures:
            self.shown.figures = figures
            self.send(m.FiguresChanged(n=UNNUMBERED, figures=figures))

    def show_waiting(self, waiting: tuple[m.Waiting, ...], parcel: Parcel) -> None:
        if self.shown.waiting != waiting:
            self.shown.waiting = waiting
            self.send_parcel(parcel)

    def _send_all(self, messages: Iterable[ServerMessage]) -> None:
        for message in messages:
            self.send(message)

    # -- the end ------------------------------------------------------------------------------

    def close(self, why: Rejected | None = None) -> None:
        """The socket is gone, or shall go after a last reply that says ``why``."""
        if self.closed:
            return
        if why is not None:
            last = Reply(n=UNNUMBERED, to="", ok=False, code=why.code, reason=why.reason)
            self._outbox.reply(Parcel(last))
        self._outbox.close()
        self._host.ended(self)
