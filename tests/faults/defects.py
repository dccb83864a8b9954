"""Bugs to be planted into the running program, each of which the checker must notice.

Each is a mistake that somebody could make: a check left out, an answer too early, a list one
short. ``plant`` replaces what it must with pytest's ``MonkeyPatch``, which takes it out again.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import pytest

from router import decider as deciding
from router.clock import SystemClock
from router.cluster import serving
from router.cluster.node import Node
from router.core import capacity, fold, machine, matching, offers, seeking, transitions
from router.core import commands as c
from router.core import events as e
from router.core.deadlines import Deadlines
from router.core.model import Contact, ContactState, OfferState, SlotState
from router.core.state import State
from router.core.turn import Turn
from router.engine import Engine
from router.followers import Followers
from router.journal import redis as redis_journal
from router.journal import redis_scripts as scripts
from router.journal.redis import RedisJournal
from router.ports import Accepted, Outcome
from tests.faults import small

Patch = pytest.MonkeyPatch


class Defect(msgspec.Struct, frozen=True, kw_only=True):
    """``what`` it is; ``found`` is how one of the judge's sentences must read, a regular
    expression that begins with the invariant's letter; ``plot`` brings it out; ``drain`` as many
    seconds as contacts get to end, where not ending is the bug.
    """

    what: str
    found: str
    plant: Callable[[Patch], None]
    plot: small.Plot = small.calm
    drain: float = 0.0


DEFECTS: Final[dict[str, Defect]] = {}


def defect(
    what: str, found: str, plot: small.Plot = small.calm, drain: float = 0.0
) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def note(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        DEFECTS[plant.__name__] = Defect(
            what=what, found=found, plant=plant, plot=plot, drain=drain
        )
        return plant

    return note


_MEANWHILE: Final = 0.02  # seconds in which something may happen
_background: set[asyncio.Task[None]] = set()

# -- the log and the lease ----------------------------------------------------------------------

_COMPARE_TOKEN: Final = """if head[1] ~= ARGV[1] then
  return redis.error_reply('FENCED by a newer token')
end"""
_COMPARE_END: Final = "if first > last + 1 then return redis.error_reply('GAP ' .. last) end"
_COMPARE_ENTRY: Final = "if position <= last then -- sent again, because the first answer was lost"


def _without(script: str, *checks: str) -> str:
    for check in checks:
        assert check in script, "the script has changed: change the defect with it"
        script = script.replace(check, "if false then" if check == _COMPARE_ENTRY else "")
    return script


def _append_anywhere(script: str) -> str:
    """Behind whatever stands there."""
    blind = _without(script, _COMPARE_END, _COMPARE_ENTRY)
    return blind.replace(
        "string.format('%d-0', position)", "string.format('%d-0', last + 1)"
    ).replace("last = position", "last = last + 1")


@defect("The fence is dropped: who lost the lease writes on", r"M: .* position", small.sleep)
def unfenced_append(patch: Patch) -> None:
    patch.setattr(scripts, "APPEND", _without(_append_anywhere(scripts.APPEND), _COMPARE_TOKEN))


@defect("The lease is taken although another has it, and there is no fence", r"M: .* position")
def lease_for_everybody(patch: Patch) -> None:
    check = "if held and head[1] ~= ARGV[1] then return 0 end"
    patch.setattr(scripts, "TAKE_LEASE", _without(scripts.TAKE_LEASE, check))
    unfenced_append(patch)


@defect("What is sent again is written again", r"M: entry \d+ of", small.deafness)
def appended_twice(patch: Patch) -> None:
    patch.setattr(scripts, "APPEND", _append_anywhere(scripts.APPEND))


@defect("A log that lost its tail is written on with a hole", r"M: .* position", small.amnesia)
def never_healed(patch: Patch) -> None:
    patch.setattr(scripts, "APPEND", _without(scripts.APPEND, _COMPARE_END))


@defect("Answers go out before the append", r"C: .* was acknowledged and is lost", small.deaths)
def answered_before_stored(patch: Patch) -> None:
    tell = Engine._tell

    async def work(self: Engine) -> None:
        requests = [self._inbox.popleft() for _ in range(len(self._inbox))]
        decisions = self._decider.decide([request.command for request in requests])
        for request, outcome in zip(requests, decisions.outcomes, strict=True):
            self._asked.pop(request.command.id, None)
            for answer in request.answers:
                answer.set_result(outcome)
        await asyncio.sleep(_MEANWHILE)
        if decisions.entries:
            await self._insist(partial(self._journal.append, decisions.entries))
        tell(self, [], deciding.Decisions(decisions.entries, []))

    patch.setattr(Engine, "_work", work)


@defect("Followers are shown entries before these are stored", r"C: an observer saw", small.sleep)
def shown_before_stored(patch: Patch) -> None:
    insist = Engine._insist

    async def show_and_store(self: Engine, write: Callable[[], Awaitable[None]]) -> None:
        if isinstance(write, partial) and isinstance(write.args[0], list):
            self._followers.publish(write.args[0])
            await asyncio.sleep(_MEANWHILE)
        await insist(self, write)

    patch.setattr(Engine, "_insist", show_and_store)


@defect("What is answered is written a little later", r"C: .* is lost", small.deaths)
def write_put_off(patch: Patch) -> None:
    append = RedisJournal.append
    kept: dict[int, list[e.Entry]] = {}

    async def write(journal: RedisJournal) -> None:
        await asyncio.sleep(_MEANWHILE)
        await append(journal, kept.pop(id(journal)))

    async def put_off(self: RedisJournal, entries: Sequence[e.Entry], _: object) -> None:
        waiting = kept.setdefault(id(self), [])
        waiting += entries
        if len(waiting) == len(entries):
            writing = asyncio.create_task(write(self))
            _background.add(writing)
            writing.add_done_callback(_background.discard)

    patch.setattr(RedisJournal, "append", put_off)


@defect("Every fortieth entry is answered and not written", r"M: entry \d+ of the journal")
def write_skipped(patch: Patch) -> None:
    write = RedisJournal._write
    patch.setattr(scripts, "APPEND", _without(scripts.APPEND, _COMPARE_END))

    async def skip(self: RedisJournal, entries: Sequence[e.Entry], _: object = None) -> None:
        if written := [entry for entry in entries if entry.position % 40]:
            await write(self, written)

    patch.setattr(RedisJournal, "_write", skip)


@defect("An entry loses its last event on the way to Redis", r"C: .* and has others")
def event_lost(patch: Patch) -> None:
    encode = redis_journal.encode

    def shortened(entry: e.Entry) -> bytes:
        return encode(
            msgspec.structs.replace(entry, events=entry.events[:-1])
            if len(entry.events) > 1 and entry.position > 100
            else entry
        )

    patch.setattr(redis_journal, "encode", shortened)


@defect("The successor works from the snapshot alone", r"M: \S+ goes from", small.death)
def snapshot_alone(patch: Patch) -> None:
    caught_up = Node._caught_up

    async def behind(self: Node) -> RedisJournal:
        journal = await caught_up(self)
        snapshot = await journal.load_snapshot()
        if snapshot is not None:
            position, at = self.replica.state.position, self.replica.state.at
            self.replica.state = State.restore(snapshot.body)
            self.replica.state.position, self.replica.state.at = position, at
        return journal

    patch.setattr(Node, "_caught_up", behind)


@defect("The successor forgets which commands took effect", r"I: .* took effect", small.death)
def ids_forgotten_at_takeover(patch: Patch) -> None:
    copy_of = deciding.copy_of

    def forgetful(state: State) -> State:
        copied = copy_of(state)
        copied.commands.clear()
        return copied

    patch.setattr(deciding, "copy_of", forgetful)


@defect("A successor's clock does not begin at the log's end", r"M: time runs back", small.deaths)
def time_runs_back(patch: Patch) -> None:
    begin = deciding.Decider.__init__

    def from_nothing(self: deciding.Decider, *told: Any, **options: Any) -> None:
        begin(self, *told, **options)
        self._at = 0

    patch.setattr(deciding.Decider, "__init__", from_nothing)
    patch.setattr(SystemClock, "start_from", lambda *_: None)


# -- followers ----------------------------------------------------------------------------------

Entries = AsyncIterator[e.Entry]


def _follow_with(patch: Patch, change: Callable[[Entries], Entries]) -> None:
    follow = Followers._entries
    patch.setattr(Followers, "_entries", lambda self, after: change(follow(self, after)))


@defect("An entry is handed to followers twice", r"M: an observer saw entry")
def shown_twice(patch: Patch) -> None:
    async def doubled(entries: Entries) -> Entries:
        async for entry in entries:
            yield entry
            if entry.position % 50 == 0:
                yield entry

    _follow_with(patch, doubled)


@defect("An entry is not handed to followers", r"M: an observer saw entry")
def not_shown(patch: Patch) -> None:
    async def thinned(entries: Entries) -> Entries:
        async for entry in entries:
            if entry.position % 50:
                yield entry

    _follow_with(patch, thinned)


@defect("Followers are shown other events than were stored", r"C: an observer saw an entry")
def shown_otherwise(patch: Patch) -> None:
    async def shortened(entries: Entries) -> Entries:
        async for entry in entries:
            less = entry.events[:-1] if entry.position % 50 == 0 else entry.events
            yield msgspec.structs.replace(entry, events=less)

    _follow_with(patch, shortened)


# -- commands and answers -----------------------------------------------------------------------


def _decide_with(
    patch: Patch, change: Callable[[c.Command, e.Entry, Accepted], tuple[e.Entry, Accepted]]
) -> None:
    accept = deciding.Decider._accepted

    def changed(
        self: deciding.Decider, command: c.Command, found: list[e.Event], entries: list[e.Entry]
    ) -> Accepted:
        accepted = accept(self, command, found, entries)
        entries[-1], accepted = change(command, entries[-1], accepted)
        return accepted

    patch.setattr(deciding.Decider, "_accepted", changed)


@defect("Answers name the position before", r"C: .* and is elsewhere")
def other_position_answered(patch: Patch) -> None:
    def one_less(_: c.Command, entry: e.Entry, accepted: Accepted) -> tuple[e.Entry, Accepted]:
        return entry, msgspec.structs.replace(accepted, position=accepted.position - 1)

    _decide_with(patch, one_less)


@defect("Commands of other nodes are marked as done, and some are not", r"C: .* arrived 0 times")
def commands_skipped(patch: Patch) -> None:
    decided = serving.CommandService._decided

    async def skip(self: serving.CommandService, sent: serving.Sent) -> Outcome:
        if isinstance(sent.command, c.Arrive) and sent.number % 3 == 0:
            return Accepted(position=1, events=())
        return await decided(self, sent)

    patch.setattr(serving.CommandService, "_decided", skip)


@defect("Answers to other nodes are given in the wrong order", r"I: .* was called rejected")
def answers_swapped(patch: Patch) -> None:
    answer = serving.CommandService._answer

    def swapped(
        self: serving.CommandService, sent: Sequence[Any], outcomes: Sequence[Outcome]
    ) -> Awaitable[None]:
        return answer(self, sent, outcomes[::-1])

    patch.setattr(serving.CommandService, "_answer", swapped)


@defect("Command ids are not remembered", r"I: .* took effect")
def ids_not_remembered(patch: Patch) -> None:
    close = State.close_entry
    patch.setattr(State, "close_entry", lambda self, _, at: close(self, "", at))


@defect("A repeated command is rejected", r"I: .* was called rejected and took effect")
def repetition_rejected(patch: Patch) -> None:
    handle = machine.RoutingCore.handle

    def unfriendly(self: machine.RoutingCore, command: c.Command, at: int) -> Any:
        answer = handle(self, command, at)
        if answer == [] and command.id in self.state.commands:
            return e.Rejected(code="repeated", reason="This was done before.")
        return answer

    patch.setattr(machine.RoutingCore, "handle", unfriendly)


# -- the core -----------------------------------------------------------------------------------


def _tolerate(patch: Patch, table: Any, state: Any, then: Any) -> None:
    patch.setitem(table, (state, e.OfferAccepted), then)


@defect("An offer that was taken can be taken again", r"X: offer_accepted of \S+, not pending")
def accepted_twice(patch: Patch) -> None:
    def any_offer(self: Turn, offer: str) -> Any:
        found = self.state.offers.get(offer)
        if found is not None and found.state is OfferState.ACCEPTED:
            contact = self.state.contacts[found.contact]
            if contact.state is ContactState.CONNECTED and contact.agent == found.agent:
                return found
        return pending(self, offer)

    def close(state: State, contact: Any, event: Any) -> None:
        state.offers[event.offer].state = OfferState.ACCEPTED
        contact.offers.pop(event.agent, None)

    pending, close_gone = Turn.pending_offer, fold._close_offer
    patch.setattr(Turn, "pending_offer", any_offer)
    patch.setattr(
        fold,
        "_close_offer",
        lambda state, contact, event: (close if isinstance(event, e.OfferAccepted) else close_gone)(
            state, contact, event
        ),
    )
    _tolerate(patch, transitions.CONTACT, ContactState.CONNECTED, ContactState.CONNECTED)
    _tolerate(patch, transitions.SLOT, SlotState.ACTIVE, SlotState.ACTIVE)


@defect("Two agents are offered a contact, and both can take it", r"X: \S+ is given to")
def given_twice(patch: Patch) -> None:
    offer = offers.offer

    def to_two(turn: Turn, contact: Any, agent: Any, why: Any) -> None:
        offer(turn, contact, agent, why)
        for other in turn.state.agents.values():
            if other is not agent and seeking.can_take(turn, other, contact):
                offer(turn, contact, other, why)
                return

    patch.setattr(seeking, "offer", to_two)
    patch.setattr(offers, "rescind", lambda *_: None)
    _tolerate(patch, transitions.CONTACT, ContactState.CONNECTED, ContactState.CONNECTED)


@defect("Nobody looks whether an agent has room", r"K: \S+ has")
def no_capacity(patch: Patch) -> None:
    for module in (capacity, seeking):
        patch.setattr(module, "has_room", lambda *_: True)
    patch.setattr(
        matching,
        "free_channels",
        lambda agent, profile: tuple(profile.capacity) if capacity.takes_work(agent) else (),
    )


@defect("A contact comes to its end twice", r"C: \S+ ended 2 times")
def ended_twice(patch: Patch) -> None:
    def again(_: c.Command, entry: e.Entry, accepted: Accepted) -> tuple[e.Entry, Accepted]:
        more = [
            msgspec.structs.replace(event, sequence=event.sequence + 1)
            for event in entry.events
            if isinstance(event, e.Completed | e.Abandoned)
        ]
        events = (*entry.events, *more)
        return (
            msgspec.structs.replace(entry, events=events),
            msgspec.structs.replace(accepted, events=events),
        )

    _decide_with(patch, again)
    for kind in (e.Completed, e.Abandoned):
        _fold_with(patch, kind, _if_it_is_there)


@defect("Events of an entry are written in the wrong order", r"M: \S+ goes from")
def events_reversed(patch: Patch) -> None:
    def backwards(_: c.Command, entry: e.Entry, accepted: Accepted) -> tuple[e.Entry, Accepted]:
        return msgspec.structs.replace(entry, events=entry.events[::-1]), accepted

    _decide_with(patch, backwards)


@defect("Something happens to a contact that has ended", r"C: held happened to \S+ after its end")
def life_after_the_end(patch: Patch) -> None:
    def held(_: c.Command, entry: e.Entry, accepted: Accepted) -> tuple[e.Entry, Accepted]:
        more = [
            e.Held(contact=event.contact, sequence=event.sequence + 1)
            for event in entry.events
            if isinstance(event, e.Abandoned)
        ]
        events = (*entry.events, *more)
        return (
            msgspec.structs.replace(entry, events=events),
            msgspec.structs.replace(accepted, events=events),
        )

    _decide_with(patch, held)
    _fold_with(patch, e.Held, _if_it_is_there)


def _if_it_is_there(folded: Callable[[], None], state: State, event: Any) -> None:
    if event.contact in state.contacts:
        folded()


def _fold_with(
    patch: Patch, kind: type[e.EventBase], change: Callable[[Callable[[], None], State, Any], Any]
) -> None:
    apply: Any = fold.FOLDS[kind]
    changed = lambda state, event, at: change(lambda: apply(state, event, at), state, event)  # noqa: E731
    patch.setitem(fold.FOLDS, kind, changed)  # type: ignore[arg-type]


@defect("An ended contact stays in the state", r"C: \S+ has ended and is called")
def never_forgotten(patch: Patch) -> None:
    def kept(folded: Callable[[], None], state: State, event: Any) -> None:
        contact = state.contacts[event.contact]
        folded()
        state.contacts[contact.id] = contact
        contact.state = ContactState.WRAPPING

    _fold_with(patch, e.Completed, kept)


@defect("The state holds a contact that never arrived", r"C: \S+ is live and unknown")
def ghost(patch: Patch) -> None:
    def shadowed(folded: Callable[[], None], state: State, event: Any) -> None:
        folded()
        shadow = copy.copy(state.contacts[event.contact])
        shadow.id += "-shadow"
        state.contacts[shadow.id] = shadow

    _fold_with(patch, e.ContactArrived, shadowed)


@defect("An event takes the number of the one before", r"M: \S+ goes from")
def number_used_again(patch: Patch) -> None:
    def unchanged(folded: Callable[[], None], state: State, event: Any) -> None:
        folded()
        state.contacts[event.contact].sequence -= 1

    _fold_with(patch, e.CustomerIdentified, unchanged)


@defect("The timers of every fifth contact are not set", r"L: .* outlives its deadline")
def timers_not_set(patch: Patch) -> None:
    watch = Deadlines.watch_contact

    def some(self: Deadlines, state: State, contact: Contact) -> None:
        if contact.number % 5:
            watch(self, state, contact)

    patch.setattr(Deadlines, "watch_contact", some)


@defect("The successor does not look for timers that are set", r"L: .* outlives", small.death)
def timers_forgotten_at_takeover(patch: Patch) -> None:
    patch.setattr(Deadlines, "rebuild", lambda *_: None)


@defect(
    "A contact is left out of the state that the successor works on",
    r"C: \S+ ended 0 times and is (queued|arriving|connected|held)",
    small.death,
    drain=20.0,
)
def contact_left_out(patch: Patch) -> None:
    copy_of = deciding.copy_of

    def one_less(state: State) -> State:
        copied = copy_of(state)
        without_timers = {
            ContactState.ARRIVING, ContactState.QUEUED, ContactState.CONNECTED, ContactState.HELD
        }  # fmt: skip
        for contact in [x for x in copied.contacts.values() if x.state in without_timers][:1]:
            copied.index.remove_contact(contact.id)
            del copied.contacts[contact.id]
        return copied

    patch.setattr(deciding, "copy_of", one_less)
