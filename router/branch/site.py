"""The branch's end: the ports of a telephone channel over what the centre says and an outbox.

Where the in-process channel waits for the router, the branch waits for its own disk: what it was
told to tell is kept there, and told until it is answered. What the router makes of it comes with
the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, get_args

from msgspec.structs import replace

from router.branch.asking import Asking
from router.branch.copying import LogCopy
from router.branch.following import SIGN_EVERY
from router.branch.link import Link, message
from router.branch.messages import (
    Answer,
    Arrived,
    Asks,
    BranchCommand,
    Bye,
    Commanded,
    Have,
    Item,
    Replied,
    Told,
    Up,
    down_topic,
    read_down,
    up_topic,
    write,
)
from router.branch.store import BranchFolderUnusable, BranchStore
from router.branch.telephones import Telephones
from router.core.commands import Command, SetReachable
from router.core.durations import SECOND
from router.core.events import Rejected
from router.edge.messages import Outgoing
from router.edge.settings import EdgeSettings
from router.ports import (
    Accepted,
    Arrival,
    Clock,
    CommandSink,
    ContactIntake,
    FlowPrompt,
    FlowRunner,
    Outcome,
    PromptLine,
)

CATCHES_UP_WITHIN: Final = 5.0  # seconds, before an old copy of the log has to do
WARNS_EVERY: Final = 60 * SECOND
_KINDS: Final = get_args(BranchCommand)

log = logging.getLogger(__name__)

LastWords = Callable[[bytes], tuple[PromptLine, ...]]


class BranchSite(CommandSink, ContactIntake, FlowRunner):
    """``open`` it, ``run`` it, and when it is ``ready`` listen to its ``copy`` of the log. ``name``
    is the branch's at the broker.
    """

    def __init__(
        self,
        name: str,
        settings: EdgeSettings,
        store: BranchStore,
        clock: Clock,
        *,
        last_words: LastWords = lambda _session: (),
    ) -> None:
        self.name = name
        self.copy = LogCopy(store)
        self.replica = self.copy.replica
        self.ready = asyncio.Event()  # there is a log to go by
        self._tenant = settings.tenant
        self._store = store
        self._clock = clock
        self._words = last_words
        self._something = asyncio.Event()  # to be said
        self._asking = Asking(store, clock, on_news=self._something.set, warn=self._warn)
        self._telephones = Telephones()
        self.calls: Callable[[], int] = lambda: 0  # that are up, for whoever knows to set
        self._warned_at = 0
        self._link = Link(
            settings,
            f"patchbay-{settings.tenant}-branch-{name}",
            down_topic(settings.tenant, name),
            clock,
            hear=self._hear,
            on_up=self._up,
            on_down=self._down,
            will=self._will,
        )

    def open(self) -> None:
        """Take up what is on the disk. Raises ``BranchFolderUnusable``."""
        self._store.open()
        self._asking.open()
        self.copy.open()

    async def close(self) -> None:
        """What was heard is kept, as far as there is room for it."""
        try:
            await self.copy.keeping.keep()
        except BranchFolderUnusable as problem:
            log.warning("%s", problem)
        finally:
            await self._store.close()

    # -- for whoever looks --------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether the centre answers."""
        return self._link.connected and self.copy.following.welcomed

    @property
    def waiting(self) -> int:
        """Requests without an answer."""
        return len(self._asking.outbox)

    @property
    def all_kept(self) -> bool:
        """Whether everything that was heard is on the disk."""
        return self.copy.keeping.done

    @property
    def problem(self) -> str:
        """A sentence for the operator; empty when all is well."""
        if self._link.problem:
            return self._link.problem
        if self.copy.following.reason:
            return self.copy.following.reason
        if not self.copy.following.welcomed:
            return "The centre does not answer: is Patchbay running, with this broker and branch?"
        return self._asking.outbox.problem(self._clock.now())

    # -- ports of the channel -----------------------------------------------------------------

    async def submit(self, command: Command) -> Outcome:
        """Accepted when it is on the disk here. Raises ``JournalUnavailable``."""
        if isinstance(command, SetReachable):
            self._telephones.note(command)
            self._something.set()
        elif isinstance(command, _KINDS):
            await self._asking.put(Commanded(command=command))
        else:
            return Rejected(code="invalid", reason="A branch may not tell the router that.")
        return Accepted(position=self.replica.position)

    async def receive(self, arrival: Arrival) -> Outcome:
        """The centre's answer, however long that takes; the arrival is on the disk before."""
        request = Arrived(
            contact=arrival.contact,
            channel=arrival.channel,  # type: ignore[arg-type] # judged when it is put
            address=arrival.address[:320],
            entry_point=arrival.entry_point[:128],
            attributes={name: value[:1_000] for name, value in arrival.attributes.items()},
            dialable=arrival.dialable,
            present=arrival.present,
        )
        return await self._asking.ask(request)

    def prompt(self, contact: str) -> FlowPrompt | None:
        return self.copy.prompt(contact)

    def last_words(self, session: bytes) -> tuple[PromptLine, ...]:
        return self._words(session)

    async def answer(self, contact: str, turn: int, text: str) -> None:
        await self._asking.put(Replied(contact=contact, turn=turn, outcome="answered", text=text))

    async def silence(self, contact: str, turn: int) -> None:
        await self._asking.put(Replied(contact=contact, turn=turn, outcome="silence"))

    async def heard(self, contact: str, turn: int) -> None:
        await self._asking.put(Replied(contact=contact, turn=turn, outcome="heard"))

    def begin_phones(self, known: Callable[[], bool]) -> None:
        """What is told of telephones begins anew; ``known``: whether their system can be asked."""
        self._telephones.begin(known)

    def _warn(self, sentence: str) -> None:
        now = self._clock.now()
        if sentence and now - self._warned_at >= WARNS_EVERY:
            self._warned_at = now
            log.warning("%s", sentence)

    # -- the connection -----------------------------------------------------------------------

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._link.run())
            group.create_task(self._speak())
            group.create_task(self._sign())
            group.create_task(self.copy.keeping.run(self._warn))
            group.create_task(self._make_do())
            group.create_task(self.copy.tell_anew())

    async def _make_do(self) -> None:
        """An old copy of the log is better than none, when the centre cannot be reached."""
        await asyncio.sleep(CATCHES_UP_WITHIN)
        if self.replica.position and not self.ready.is_set():
            log.warning("the centre is out of reach: calls go on by what was known of them")
            self.ready.set()

    def _will(self) -> Outgoing:
        bye = Bye(session=self.copy.following.session)
        return message(up_topic(self._tenant, self.name), write(bye))

    def _up(self) -> None:
        self._say_hello()

    def _down(self) -> None:
        self.copy.following.cut()

    def _say(self, what: Up) -> None:
        self._link.say(up_topic(self._tenant, self.name), write(what))

    def _say_hello(self) -> None:
        self._say(self.copy.following.hello(self._asking.outbox.floor, self._clock.now()))

    async def _sign(self) -> None:
        while True:
            await asyncio.sleep(SIGN_EVERY / SECOND)
            self._warn(self._asking.outbox.problem(self._clock.now()))
            if self._link.connected:
                self._say(self._signed())
                self._something.set()  # what is to be sent again

    def _signed(self) -> Up:
        outbox, now = self._asking.outbox, self._clock.now()
        sign = self.copy.following.sign(outbox.floor, now)
        if not isinstance(sign, Have):
            return sign
        oldest, calls = outbox.oldest(now), self.calls()
        return replace(sign, waiting=len(outbox), oldest=oldest, calls=calls)

    async def _speak(self) -> None:
        """Requests, and which telephones can be rung, as soon as the centre knows the session."""
        while True:
            await self._something.wait()
            self._something.clear()
            if not self.copy.following.in_step:
                continue
            session = self.copy.following.session
            phones = self._telephones.in_session(session)
            if phones is not None:
                self._say(phones)
            for one in self._asking.outbox.due(self._clock.now()):
                self._say(Item(session=session, number=one.number, request=one.request))

    # -- what the centre says -----------------------------------------------------------------

    async def _hear(self, _topic: str, payload: bytes) -> None:
        said = read_down(payload)
        if said is None:
            log.error("the centre cannot be understood: bring both to one version")
            return
        was_welcomed = self.copy.following.welcomed
        heard = self.copy.following.hear(said, self._clock.now())
        if self.copy.following.welcomed and not was_welcomed:
            self._asking.outbox.begin()
            await self._keep_session()
        match heard:
            case Told():
                if not await self.copy.fold(heard):
                    self._say_hello()
            case bytes():
                self.copy.begin_anew(heard)
            case False:
                self._say_hello()
            case True if isinstance(said, Answer):
                self._asking.answered(said)
            case True if isinstance(said, Asks):
                self.copy.note_prompts(said.prompts)  # calls look at it with a sweep
            case _:
                pass
        if self.copy.following.in_step:
            self.ready.set()
            self._something.set()

    # -- the disk -----------------------------------------------------------------------------

    async def _keep_session(self) -> None:
        """Unkept, the next start takes its number from the clock."""
        try:
            await self._store.begin_session(self.copy.following.session)
        except BranchFolderUnusable as problem:
            self._warn(str(problem))
