"""The store in memory: what tests use, and the plainest statement of what a store does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from cti_adapters.webhook.ports import OVER, Conversation, HookStore, Incoming, Outgoing, Sending


class MemoryHookStore(HookStore):
    def __init__(self) -> None:
        self._in: dict[str, Incoming] = {}  # in the order in which they came
        self._out: dict[str, Outgoing] = {}
        self._conversations: dict[str, Conversation] = {}
        self._position: int | None = None

    async def keep(self, events: Sequence[Incoming]) -> int:
        return sum(self._in.setdefault(one.id, one) is one for one in events)

    def _due(self, by: int) -> list[Incoming]:
        return [one for one in self._in.values() if not one.done and one.due <= by]

    async def ready(self, hook: str, by: int, limit: int) -> list[str]:
        due = [one.conversation for one in self._due(by) if one.hook == hook]
        return list(dict.fromkeys(due))[:limit]

    async def of_conversation(self, conversation: str, by: int, limit: int) -> list[Incoming]:
        found = [one for one in self._due(by) if one.conversation == conversation]
        return sorted(found, key=lambda one: (one.event.sequence, one.event.at or one.at))[:limit]

    async def next_due(self, hook: str) -> int | None:
        left = [one.due for one in self._in.values() if not one.done and one.hook == hook]
        return min(left, default=None)

    async def waiting(self) -> Mapping[str, int]:
        return Counter(one.hook for one in self._in.values() if not one.done)

    async def settle(self, incoming: Incoming, conversation: Conversation | None) -> None:
        self._in[incoming.id] = incoming
        if conversation is not None:
            known = self._conversations.get(conversation.key, conversation)
            self._conversations[conversation.key] = conversation.answered_as(known)

    async def conversation(self, key: str) -> Conversation | None:
        return self._conversations.get(key)

    async def answered(self, key: str, agent: str, at: int) -> None:
        known = self._conversations.get(key)
        if known is not None:
            self._conversations[key] = replace(known, agent=agent, answered_at=at)

    async def position(self) -> int | None:
        return self._position

    async def prepare(self, outgoing: Sequence[Outgoing], position: int) -> int:
        self._position = position
        return sum(self._out.setdefault(one.id, one) is one for one in outgoing)

    async def outgoing(self, message: str) -> Outgoing | None:
        return self._out.get(message)

    async def outgoing_as(self, hook: str, remote: str) -> Outgoing | None:
        known = [o for o in self._out.values() if o.hook == hook and o.remote == remote]
        return known[0] if known and remote else None

    def _heads(self, hook: str) -> list[Outgoing]:
        first: dict[str, Outgoing] = {}
        for one in self._out.values():
            if one.hook == hook and one.state is Sending.HELD:
                first.setdefault(one.conversation, one)
        return sorted(first.values(), key=lambda one: one.due)

    async def heads(
        self, hook: str, by: int, limit: int, without: Collection[str]
    ) -> list[Outgoing]:
        found = self._heads(hook)
        return [o for o in found if o.due <= by and o.conversation not in without][:limit]

    async def next_head(self, hook: str, without: Collection[str]) -> int | None:
        found = (o.due for o in self._heads(hook) if o.conversation not in without)
        return next(found, None)

    async def advance(self, outgoing: Outgoing, *, was: Collection[Sending]) -> bool:
        known = self._out.get(outgoing.id)
        if known is None or known.state not in was:
            return False
        self._out[outgoing.id] = outgoing
        return True

    async def dead(self, limit: int) -> list[Outgoing]:
        return [one for one in self._out.values() if one.state is Sending.DEAD][::-1][:limit]

    async def counts(self) -> Mapping[tuple[str, Sending], int]:
        shown = (Sending.HELD, Sending.DEAD)
        return Counter((o.hook, o.state) for o in self._out.values() if o.state in shown)

    async def prune(self, before: int, most: int, live: Collection[str]) -> bool:
        del most  # there are few
        self._in = {n: one for n, one in self._in.items() if not one.done or one.at >= before}
        self._out = {
            n: one for n, one in self._out.items() if one.state not in OVER or one.at >= before
        }
        rest = set(live) | {one.conversation for one in self._in.values()}
        rest |= {one.conversation for one in self._out.values()}
        self._conversations = {
            key: one
            for key, one in self._conversations.items()
            if key in rest or one.answered_at >= before
        }
        return False
