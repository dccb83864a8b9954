"""The store of the webhook channel in the database: what came, what goes out, and conversations.

What an event or a message holds is kept as it is; beside it stands only what is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base, Database, DatabaseUnavailable, insert_missing, upsert
from cti_adapters.webhook.ports import (
    OVER,
    Conversation,
    HookStore,
    Incoming,
    Outgoing,
    Sending,
    StoreUnavailable,
)

_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
_POSITION: Final = "journal"

_INCOMING: Final = msgspec.msgpack.Decoder(Incoming)
_OUTGOING: Final = msgspec.msgpack.Decoder(Outgoing)
_CONVERSATION: Final = msgspec.msgpack.Decoder(Conversation)
_ENCODER: Final = msgspec.msgpack.Encoder()

Found = TypeVar("Found")


class HookEventRow(Base):
    """``number`` is the order in which they came."""

    __tablename__ = "hook_events"
    __table_args__ = (
        Index("ix_hook_events_done_conversation", "done", "conversation"),
        Index("ix_hook_events_done_hook_due_conversation", "done", "hook", "due", "conversation"),
    )

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    hook: Mapped[str] = mapped_column(String(64))
    done: Mapped[bool] = mapped_column(Boolean)
    conversation: Mapped[str] = mapped_column(String(64))
    due: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)
    said_at: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class HookConversationRow(Base):
    __tablename__ = "hook_conversations"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class HookMessageRow(Base):
    """``number`` is the order in which they were written; ``remote_key`` stands for the service's
    id.
    """

    __tablename__ = "hook_messages"
    __table_args__ = (
        Index("ix_hook_messages_state_hook_conversation", "state", "hook", "conversation"),
    )

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    hook: Mapped[str] = mapped_column(String(64))
    conversation: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    due: Mapped[int] = mapped_column(BigInteger)
    remote_key: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class HookPositionRow(Base):
    __tablename__ = "hook_positions"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


class SqlHookStore(HookStore):
    """Each question and each change is one visit to the database (see ``Database.ask``)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at = ""  # conversations up to this key, since the last of them was looked at

    # -- what came ----------------------------------------------------------------------------

    async def keep(self, events: Sequence[Incoming]) -> int:
        rows = list({one.id: _event_row(one) for one in events}.values())
        return await self._change(lambda it: _insert_new(it, HookEventRow, rows))

    async def ready(self, hook: str, by: int, limit: int) -> list[str]:
        row = HookEventRow
        query = (
            select(row.conversation)
            .where(row.done.is_(False), row.hook == hook, row.due <= by)
            .group_by(row.conversation)
            .order_by(func.min(row.number))
            .limit(limit)
        )
        return await self._ask(lambda it: list(it.scalars(query)))

    async def of_conversation(self, conversation: str, by: int, limit: int) -> list[Incoming]:
        row = HookEventRow
        query = (
            select(row.body)
            .where(row.done.is_(False), row.conversation == conversation, row.due <= by)
            .order_by(row.sequence, row.said_at, row.number)
            .limit(limit)
        )
        return await self._all(query, _INCOMING)

    async def next_due(self, hook: str) -> int | None:
        row = HookEventRow
        query = select(func.min(row.due)).where(row.done.is_(False), row.hook == hook)
        return await self._ask(lambda it: it.scalar(query))

    async def waiting(self) -> Mapping[str, int]:
        row = HookEventRow
        events = func.count().label("events")
        query = select(row.hook, events).where(row.done.is_(False)).group_by(row.hook)
        found = await self._ask(lambda it: it.execute(query).all())
        return {one.hook: one.events for one in found}

    async def settle(self, incoming: Incoming, conversation: Conversation | None) -> None:
        row = _event_row(incoming)
        change = update(HookEventRow).where(HookEventRow.id == incoming.id).values(**row)

        def settle(connection: Connection) -> None:
            connection.execute(change)
            if conversation is not None:
                known = _conversation(connection, conversation.key)
                _write(connection, conversation.answered_as(known or conversation))

        await self._change(settle)

    # -- conversations ------------------------------------------------------------------------

    async def conversation(self, key: str) -> Conversation | None:
        return await self._ask(lambda it: _conversation(it, key))

    async def answered(self, key: str, agent: str, at: int) -> None:
        def answered(connection: Connection) -> None:
            known = _conversation(connection, key)
            if known is not None:
                _write(connection, msgspec.structs.replace(known, agent=agent, answered_at=at))

        await self._change(answered)

    # -- what goes out ------------------------------------------------------------------------

    async def position(self) -> int | None:
        query = select(HookPositionRow.position).where(HookPositionRow.name == _POSITION)
        return await self._ask(lambda it: it.scalar(query))

    async def prepare(self, outgoing: Sequence[Outgoing], position: int) -> int:
        rows = [_message_row(one) for one in outgoing]
        moved = {"name": _POSITION, "position": position}

        def prepare(connection: Connection) -> int:
            new = _insert_new(connection, HookMessageRow, rows)
            connection.execute(upsert(connection, HookPositionRow, key=("name",)), [moved])
            return new

        return await self._change(prepare)

    async def outgoing(self, message: str) -> Outgoing | None:
        return await self._message(HookMessageRow.id == message)

    async def outgoing_as(self, hook: str, remote: str) -> Outgoing | None:
        known = await self._message(
            (HookMessageRow.hook == hook) & (HookMessageRow.remote_key == _key(remote))
        )
        return known if remote else None

    async def _message(self, which: Any) -> Outgoing | None:  # noqa: ANN401 - SQLAlchemy's
        query = select(HookMessageRow.body).where(which).limit(1)
        body = await self._ask(lambda it: it.scalar(query))
        return None if body is None else _OUTGOING.decode(body)

    async def heads(
        self, hook: str, by: int, limit: int, without: Collection[str]
    ) -> list[Outgoing]:
        query = (
            select(HookMessageRow.body)
            .where(HookMessageRow.number.in_(_first_held(hook, without)), HookMessageRow.due <= by)
            .order_by(HookMessageRow.due, HookMessageRow.number)
            .limit(limit)
        )
        return await self._all(query, _OUTGOING)

    async def next_head(self, hook: str, without: Collection[str]) -> int | None:
        first = HookMessageRow.number.in_(_first_held(hook, without))
        query = select(func.min(HookMessageRow.due)).where(first)
        return await self._ask(lambda it: it.scalar(query))

    async def advance(self, outgoing: Outgoing, *, was: Collection[Sending]) -> bool:
        change = (
            update(HookMessageRow)
            .where(HookMessageRow.id == outgoing.id, HookMessageRow.state.in_(was))
            .values(**_message_row(outgoing))
        )
        return await self._change(lambda it: it.execute(change).rowcount == 1)

    async def dead(self, limit: int) -> list[Outgoing]:
        query = (
            select(HookMessageRow.body)
            .where(HookMessageRow.state == Sending.DEAD)
            .order_by(HookMessageRow.number.desc())
            .limit(limit)
        )
        return await self._all(query, _OUTGOING)

    async def counts(self) -> Mapping[tuple[str, Sending], int]:
        row = HookMessageRow
        query = (
            select(row.hook, row.state, func.count())
            .where(row.state.in_((Sending.HELD, Sending.DEAD)))
            .group_by(row.hook, row.state)
        )
        found = await self._ask(lambda it: it.execute(query).all())
        return {(hook, Sending(state)): count for hook, state, count in found}

    # -- what is over -------------------------------------------------------------------------

    async def prune(self, before: int, most: int, live: Collection[str]) -> bool:
        after = self._looked_at

        def prune(connection: Connection) -> tuple[bool, str]:
            done, sent = HookEventRow.done.is_(True), HookMessageRow.state.in_(OVER)
            events = _prune(connection, HookEventRow, done, _INCOMING, before=before, most=most)
            messages = _prune(connection, HookMessageRow, sent, _OUTGOING, before=before, most=most)
            if most in {events, messages}:
                return True, after  # what is left of conversations is not known yet
            last = _prune_conversations(connection, after, most, before=before, live=live)
            return bool(last), last

        more, self._looked_at = await self._change(prune)
        return more

    # -- the database -------------------------------------------------------------------------

    async def _all(self, query: Select[bytes], of: msgspec.msgpack.Decoder[Found]) -> list[Found]:
        return await self._ask(lambda it: [of.decode(body) for body in it.scalars(query)])

    async def _ask(self, question: Callable[[Connection], Found]) -> Found:
        try:
            return await self._database.ask(question)
        except DatabaseUnavailable as error:
            raise StoreUnavailable(str(error)) from error

    async def _change(self, change: Callable[[Connection], Found]) -> Found:
        try:
            return await self._database.change(change)
        except DatabaseUnavailable as error:
            raise StoreUnavailable(str(error)) from error


def _prune(
    connection: Connection,
    table: type[HookEventRow | HookMessageRow],
    which: Any,  # noqa: ANN401 - SQLAlchemy's
    of: msgspec.msgpack.Decoder[Incoming] | msgspec.msgpack.Decoder[Outgoing],
    *,
    before: int,
    most: int,
) -> int:
    """They stand in the order in which they came, so the first are the oldest; how many went."""
    oldest = select(table.number, table.body).where(which).order_by(table.number).limit(most)
    rows = connection.execute(oldest).all()
    gone = [number for number, body in rows if of.decode(body).at < before]
    if gone:
        connection.execute(delete(table).where(table.number.in_(gone)))
    return len(gone)


def _prune_conversations(
    connection: Connection, after: str, most: int, *, before: int, live: Collection[str]
) -> str:
    """Of the next ``most`` keys those of which nothing is left; the last key, empty at the end."""
    row, event, message = HookConversationRow, HookEventRow, HookMessageRow
    rows = select(row.key, row.body).where(row.key > after).order_by(row.key).limit(most)
    found = {key: _CONVERSATION.decode(body) for key, body in connection.execute(rows)}
    old = {key for key, one in found.items() if one.answered_at < before} - set(live)
    hooks = {one.hook for one in found.values()}
    of_events = select(event.conversation).where(
        event.done.in_((False, True)), event.conversation.in_(old)
    )
    of_messages = select(message.conversation).where(
        message.state.in_(list(Sending)), message.hook.in_(hooks), message.conversation.in_(old)
    )
    gone = old - set(connection.scalars(of_events)) - set(connection.scalars(of_messages))
    if gone:
        connection.execute(delete(row).where(row.key.in_(gone)))
    return max(found) if len(found) == most else ""


def _insert_new(
    connection: Connection,
    table: type[HookEventRow | HookMessageRow],
    rows: Sequence[Mapping[str, object]],
) -> int:
    """How many of the rows, which have an id each, were not there yet."""
    there = select(table.id).where(table.id.in_([row["id"] for row in rows]))
    known = set(connection.scalars(there)) if rows else set()
    new = [row for row in rows if row["id"] not in known]
    if new:
        connection.execute(insert_missing(connection, table, key=("id",)), new)
    return len(new)


def _first_held(hook: str, without: Collection[str]) -> Select[int]:
    """Of each conversation."""
    row = HookMessageRow
    return (
        select(func.min(row.number))
        .where(row.state == Sending.HELD, row.hook == hook, row.conversation.not_in(without))
        .group_by(row.conversation)
    )


def _conversation(connection: Connection, key: str) -> Conversation | None:
    query = select(HookConversationRow.body).where(HookConversationRow.key == key)
    body = connection.scalar(query)
    return None if body is None else _CONVERSATION.decode(body)


def _write(connection: Connection, conversation: Conversation) -> None:
    row = {"key": conversation.key, "body": _ENCODER.encode(conversation)}
    connection.execute(upsert(connection, HookConversationRow, key=("key",)), [row])


def _key(text: str) -> str:
    """Short enough for an index, whatever a stranger wrote."""
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def _event_row(incoming: Incoming) -> dict[str, object]:
    return {
        "id": incoming.id,
        "hook": incoming.hook,
        "done": incoming.done,
        "conversation": incoming.conversation,
        "due": incoming.due,
        "sequence": incoming.event.sequence,
        "said_at": incoming.event.at or incoming.at,
        "body": _ENCODER.encode(incoming),
    }


def _message_row(outgoing: Outgoing) -> dict[str, object]:
    return {
        "id": outgoing.id,
        "hook": outgoing.hook,
        "conversation": outgoing.conversation,
        "state": outgoing.state,
        "due": outgoing.due,
        "remote_key": _key(outgoing.remote) if outgoing.remote else "",
        "body": _ENCODER.encode(outgoing),
    }
