"""The mail store in memory: what tests use, and the plainest statement of what a store does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cti_adapters.email.model import Mail
from cti_adapters.email.ports import (
    Became,
    Cursor,
    Incoming,
    MailStore,
    MailThread,
    Outgoing,
    Sending,
    ThreadNote,
)


class MemoryMailStore(MailStore):
    def __init__(self) -> None:
        self._cursors: dict[tuple[str, str], Cursor] = {}
        self._in: dict[str, Incoming] = {}  # in the order in which they came
        self._out: dict[str, Outgoing] = {}
        self._threads: dict[str, MailThread] = {}
        self._notes: dict[str, ThreadNote] = {}

    async def cursor(self, mailbox: str, folder: str) -> Cursor | None:
        return self._cursors.get((mailbox, folder))

    async def move_cursor(self, mailbox: str, folder: str, cursor: Cursor) -> None:
        self._cursors[mailbox, folder] = cursor

    async def keep_all(self, incoming: Sequence[Incoming]) -> list[bool]:
        return [self._in.setdefault(one.id, one) is one for one in incoming]

    async def incoming(self, mail: str) -> Incoming | None:
        return self._in.get(mail)

    async def waiting(self, by: int, limit: int) -> list[Incoming]:
        new = (one for one in self._in.values() if one.became is Became.NEW and one.due <= by)
        return list(new)[:limit]

    async def that_became(self, became: Became, limit: int) -> list[Incoming]:
        found = [one for one in self._in.values() if one.became is became]
        return found[::-1][:limit]

    async def next_due(self) -> int | None:
        due = [one.due for one in self._in.values() if one.became is Became.NEW]
        due += [one.due for one in self._out.values() if one.state is Sending.HELD]
        return min(due, default=None)

    async def settle(self, incoming: Incoming, thread: MailThread | None) -> None:
        self._in[incoming.id] = incoming
        if thread is not None:
            self._threads[thread.id] = thread

    async def thread(self, thread: str) -> MailThread | None:
        return self._threads.get(thread)

    async def begin(self, thread: MailThread) -> MailThread:
        return self._threads.setdefault(thread.id, thread)

    async def threads_of(self, message_ids: Collection[str]) -> list[MailThread]:
        wanted = set(message_ids) - {""}
        names = [one.thread for one in self._out.values() if one.message_id in wanted]
        names += [
            one.thread
            for one in self._in.values()
            if isinstance(one.mail, Mail) and one.mail.message_id in wanted
        ]
        return [self._threads[name] for name in dict.fromkeys(names) if name in self._threads]

    async def threads_about(self, subject: str, sender: str, since: int) -> list[MailThread]:
        found = [
            thread
            for thread in self._threads.values()
            if thread.subject == subject
            and sender in thread.participants
            and thread.updated_at >= since
        ]
        return sorted(found, key=lambda thread: -thread.updated_at)

    async def note(self, note: ThreadNote) -> ThreadNote:
        return self._notes.setdefault(note.id, note)

    async def notes_of(self, thread: str, limit: int) -> list[ThreadNote]:
        return [one for one in self._notes.values() if one.thread == thread][-limit:]

    async def prepare(self, outgoing: Outgoing) -> Outgoing:
        return self._out.setdefault(outgoing.id, outgoing)

    async def outgoing(self, mail: str) -> Outgoing | None:
        return self._out.get(mail)

    async def outgoing_with(self, message_id: str) -> Outgoing | None:
        return next((one for one in self._out.values() if one.message_id == message_id), None)

    async def came(self, message_id: str) -> bool:
        mails = (one.mail for one in self._in.values())
        return any(isinstance(one, Mail) and one.message_id == message_id for one in mails)

    async def advance(self, outgoing: Outgoing, *, was: Collection[Sending]) -> bool:
        known = self._out.get(outgoing.id)
        if known is None or known.state not in was:
            return False
        self._out[outgoing.id] = outgoing
        return True

    async def answered(self, thread: str, agent: str, at: int, to: Collection[str]) -> None:
        known = self._threads.get(thread)
        if known is not None:
            self._threads[thread] = known.with_answer(agent, at, to)

    async def automatic_since(self, at: int) -> list[Outgoing]:
        return [one for one in self._out.values() if not one.agent and one.at >= at]

    async def to_send(self, by: int, limit: int) -> list[Outgoing]:
        held = [one for one in self._out.values() if one.state is Sending.HELD and one.due <= by]
        return sorted(held, key=lambda one: one.due)[:limit]

    async def in_state(self, state: Sending, limit: int) -> list[Outgoing]:
        return [one for one in self._out.values() if one.state is state][:limit]

    async def mails_of(self, thread: str, limit: int) -> tuple[list[Incoming], list[Outgoing]]:
        came = [one for one in self._in.values() if one.thread == thread]
        went = [one for one in self._out.values() if one.thread == thread]
        return came[-limit:], went[-limit:]
