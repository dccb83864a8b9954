"""One telephone system at work: ``calls`` and ``phones`` around one AMI connection."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import msgspec

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.alarm import Alarm
from cti_adapters.asterisk.ami.client import ActionFailed, ActionTimedOut, AmiDown, UnsafeValue
from cti_adapters.asterisk.ami.codec import Header, Message
from cti_adapters.asterisk.ami.settings import AmiSettings
from cti_adapters.asterisk.calls import Calls
from cti_adapters.asterisk.collecting import Collecting, has_sound
from cti_adapters.asterisk.expecting import Expecting
from cti_adapters.asterisk.keys import Answer, Heard, Silence
from cti_adapters.asterisk.left_behind import NEW
from cti_adapters.asterisk.legs import RECORDED, Ask, Reply, Speak
from cti_adapters.asterisk.phones import Phones
from cti_adapters.asterisk.reachability import Reachability
from cti_adapters.asterisk.settings import CHANNEL, PbxSettings
from cti_adapters.asterisk.switchboard import Act
from cti_adapters.asterisk.unread import UNREAD
from cti_adapters.asterisk.wording import Spoken
from router.core.commands import Command, Reject
from router.core.durations import HOUR
from router.core.events import ContactEvent, Entry, Rejected
from router.core.model import MonitorMode
from router.ports import (
    Arrival,
    Clock,
    CommandSink,
    ContactIntake,
    FlowRunner,
    JournalUnavailable,
    NoFlows,
    Outcome,
    Overloaded,
)
from router.replica import Replica
from router.tasks import Tasks

SWEEP_EVERY = 1.0  # seconds
COLLECT_EVERY = 30  # sweeps
SWEEPS_AT_ONCE = 20  # calls, before what happens meanwhile has its turn
WARNS_FOR = HOUR  # of what is past, and may come again
TRIES_AGAIN = 0.5  # seconds, for an arrival that an overloaded router did not take

log = logging.getLogger(__name__)


class Manager(Protocol):
    """The connection to Asterisk: ``ami.client.AmiClient``, or a test's own Asterisk."""

    @property
    def connected(self) -> bool: ...

    @property
    def forged_at(self) -> int | None: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def send(self, action: str, headers: Iterable[Header] = ()) -> Message: ...

    async def send_list(self, action: str, headers: Iterable[Header] = ()) -> list[Message]: ...


class ManagerOf(Protocol):
    def __call__(
        self,
        settings: AmiSettings,
        *,
        on_event: Callable[[Message], None],
        on_up: Callable[[], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> Manager: ...


class Voices(Protocol):
    """Where texts become sounds."""

    async def sound_for(self, text: str, language: str) -> str | None: ...

    async def recording(self, name: str, language: str, at: int) -> str | None: ...

    async def close(self) -> None: ...


class Pbx:
    """``follow`` every entry; what it makes necessary is done in the background."""

    def __init__(
        self,
        settings: PbxSettings,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        clock: Clock,
        *,
        reachability: Reachability,
        manager_of: ManagerOf,
        voices: Voices,
        flows: FlowRunner | None = None,
    ) -> None:
        self.settings = settings
        self.problem = "It was not connected yet."
        self._sink = sink
        self._intake = intake
        self._replica = replica
        self._clock = clock
        self._voices = voices
        self._phones = Phones(settings)
        self._flows = flows or NoFlows()
        self._calls = Calls(settings, replica, self._flows)
        self._alarm = Alarm(clock, self._look)
        self._collecting = Collecting(
            settings.recordings, intake.receive, under_way=self._calls.on_the_line
        )
        self._expecting = Expecting(settings.recordings, under_way=self._calls.on_the_line)
        self._reachability = reachability
        reachability.join(self._phones, self._calls.in_use)
        self._manager = manager_of(
            msgspec.structs.replace(settings.ami, unread=UNREAD),
            on_event=self._hear,
            on_up=self._up,
            on_down=self._down,
        )
        self._catalog_version = -1
        self._knows_channels = False  # which of them there are
        self._tasks = Tasks(_failed)

    def __len__(self) -> int:
        """How many calls it looks after."""
        return len(self._calls)

    @property
    def was_forged(self) -> bool:
        """Whether a caller tried to forge events of the telephone system not long ago."""
        return self._is_recent(self._manager.forged_at)

    @property
    def lacks_recordings(self) -> bool:
        """Whether one that was begun not long ago is not in the folder of recordings."""
        return self._is_recent(self._expecting.missed_at)

    def _is_recent(self, at: int | None) -> bool:
        return at is not None and self._clock.now() - at < WARNS_FOR

    async def start(self) -> None:
        self._look_at_catalog()
        await self._manager.start()
        self._tasks.start(self._sweep_for_ever())

    async def stop(self) -> None:
        """Calls stay as they are in Asterisk: the next start takes them up."""
        await self._tasks.close()
        await self._manager.stop()
        self._alarm.stop()
        await self._voices.close()

    def follow(self, entry: Entry) -> None:
        events = [event for event in entry.events if isinstance(event, ContactEvent)]
        self._log(self._calls.follow(events, self._clock.now()))
        self._look_at_catalog()
        self._perform()

    def _look_at_catalog(self) -> None:
        catalog = self._replica.state.catalog
        if catalog.version != self._catalog_version:
            self._catalog_version = catalog.version
            self._phones.serve(catalog.agents)

    # -- Asterisk -----------------------------------------------------------------------------

    def _hear(self, message: Message) -> None:
        if message.name == "DeviceStateChange":
            agent = self._phones.hear(message)
            if agent is not None:
                self._tell_reachable(agent)
            return
        if message.name == "AsyncAGIExec" and message.get("CommandID") == RECORDED:
            self._expecting.ended(agi.answer(message.get("Result")), self._clock.now())
        self._calls.hear(message, self._clock.now())
        self._perform()

    async def _up(self) -> None:
        self.problem = ""
        self._calls.stock_begins()
        self._phones.begin_list()
        self._phones.take_stock(await self._manager.send_list("DeviceStateList"))
        listed = await self._manager.send_list("CoreShowChannels")
        self._log(self._calls.take_stock(listed, self._clock.now()))
        self._knows_channels = True
        for agent in self._replica.state.catalog.agents:
            self._tell_reachable(agent)
        self._perform()
        self._tasks.start(self._collecting.look(self.settings.id))

    def _down(self, why: str) -> None:
        self.problem = why
        self._knows_channels = False
        self._calls.cut()
        log.warning("the telephone system %s is out of reach: %s", self.settings.id, why)
        self._phones.forget()
        for agent in self._replica.state.catalog.agents:
            self._tell_reachable(agent)

    def _tell_reachable(self, agent: str) -> None:
        """Only what is new: the router is told when a telephone can be rung no more, or again."""
        news = self._reachability.news(agent)
        if news is not None:
            self._tasks.start(self._command(news))

    def _look(self) -> None:
        """At calls in which it is time for something. While nothing is heard, keys may be missed:
        nobody is silent then.
        """
        if self._manager.connected:
            self._calls.look(self._clock.now())
            self._perform()

    def _log(self, failures: Iterable[Exception]) -> None:
        for problem in failures:
            log.error("looking after a call of %s failed", self.settings.id, exc_info=problem)

    async def _sweep_for_ever(self) -> None:
        for count in itertools.count(1):
            await asyncio.sleep(SWEEP_EVERY)
            if self._manager.connected and self._knows_channels:
                await self._swept()
                if count % COLLECT_EVERY == 0:
                    self._tasks.start(self._collecting.look(self.settings.id))

    async def _swept(self) -> None:
        """A sweep that fails must not be the last one."""
        try:
            await self._sweep()
        except Exception:
            log.exception("looking after the calls of %s failed", self.settings.id)

    async def _sweep(self) -> None:
        """Ask again for what did not happen; see that every telephone's state is told."""
        for contacts in _parts(self._calls.contacts):
            self._log(self._calls.sweep(contacts, self._clock.now()))
            self._perform()
            await asyncio.sleep(0)
        for agents in _parts([*self._replica.state.catalog.agents]):
            for agent in agents:
                self._tell_reachable(agent)
            await asyncio.sleep(0)
        await self._expecting.look(self._clock.now())

    def carries(self, contact: str) -> bool:
        """Whether it is a call of this telephone system, which can be asked for something now."""
        return self._manager.connected and self._calls.is_live(contact)

    def listen(self, contact: str, who: str, mode: MonitorMode) -> bool:
        """See ``Calls.listen``."""
        heard = self._calls.listen(contact, who, mode, self._clock.now())
        if heard:
            self._perform()
        return heard

    # -- acts ---------------------------------------------------------------------------------

    def _perform(self) -> None:
        """In their order as far as Asterisk is concerned: each is written before the next."""
        for act in self._calls.drain():
            self._tasks.start(self._do(act))
        self._alarm.set(self._calls.next_moment)

    async def _do(self, act: Act) -> None:
        match act:
            case Ask():
                await self._ask(act)
            case Speak():
                await self._speak(act)
            case Reply():
                await self._reply(act)
            case Arrival():
                await self._bring_in(act)
            case Reject():
                self._reject(act)
            case _:
                await self._command(act)

    async def _ask(self, ask: Ask) -> None:
        for before in ask.first:
            await self._ask(before)
        try:
            await self._manager.send(ask.action, ask.headers)
            self._expecting.begun(ask.makes, self._clock.now())
        except (AmiDown, ActionTimedOut):
            return  # taking stock, or the next sweep, asks again
        except (ActionFailed, UnsafeValue) as error:
            log.info("%s: %s was refused: %s", self.settings.id, ask.action, error)
            self._calls.refused(ask, self._clock.now())
            self._perform()

    async def _speak(self, speak: Speak) -> None:
        """Texts without a sound are left out; the last command's end is the end of all."""
        sounds = [await self._sound(one) for one in speak.texts]
        asks = self._calls.playing(speak, [sound for sound in sounds if sound])
        for ask in asks:
            await self._ask(ask)
        if not asks:
            self._calls.heard_out(speak.unique, speak.what, self._clock.now())
            self._perform()

    async def _sound(self, spoken: Spoken) -> str | None:
        """A recording, else the words; in another language only where nothing else can be heard."""
        name, language, at = spoken.audio, spoken.language, spoken.at
        recorded = await self._voices.recording(name, language, at) if name else None
        said = recorded or await self._voices.sound_for(spoken.text, language)
        return said or (await self._voices.recording(name, "", at) if name else None)

    async def _reply(self, reply: Reply) -> None:
        """What is not taken is said again with a sweep."""
        try:
            match reply.outcome:
                case Answer(text=text):
                    await self._flows.answer(reply.contact, reply.turn, text)
                case Silence():
                    await self._flows.silence(reply.contact, reply.turn)
                case Heard():
                    await self._flows.heard(reply.contact, reply.turn)
        except (Overloaded, JournalUnavailable):
            log.warning("the router is busy; %s is answered again", reply.contact)

    async def _bring_in(self, arrival: Arrival) -> None:
        """Until the router has decided: a caller is waiting."""
        if arrival.channel != CHANNEL and not await asyncio.to_thread(self._is_there, arrival):
            return
        outcome = await self._received(arrival)
        while outcome is None:
            await asyncio.sleep(TRIES_AGAIN)
            outcome = await self._received(arrival)
        if isinstance(outcome, Rejected):
            log.warning("a call has no way in: %s", outcome.reason)
            self._calls.turn_away(arrival.contact, self._clock.now())
            self._perform()

    def _is_there(self, arrival: Arrival) -> bool:
        """Whether something was recorded or received, as far as it can be seen from here."""
        folder = self.settings.recordings
        if folder is None or not folder.is_dir():
            return True
        return has_sound(folder / f"{NEW}{arrival.attributes['file']}")

    async def _received(self, arrival: Arrival) -> Outcome | None:
        try:
            return await self._intake.receive(arrival)
        except (Overloaded, JournalUnavailable):
            return None

    def _reject(self, reject: Reject) -> None:
        """In one go with that the phone rests, so that it is not rung for the next contact."""
        offer = self._replica.state.offers.get(reject.offer)
        self._tasks.start(self._command(reject))
        if offer is not None:
            self._reachability.refused(offer.agent)
            self._tell_reachable(offer.agent)

    async def _command(self, command: Command) -> None:
        """What is refused or not taken is judged, and sent, again with the next sweep."""
        try:
            await self._sink.submit(command)
        except (Overloaded, JournalUnavailable):
            log.warning("the router is busy; %s is tried again", command.id)


def _failed(task: asyncio.Task[Any]) -> None:
    log.error("the telephone channel failed in one act", exc_info=task.exception())


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(names), SWEEPS_AT_ONCE):
        yield names[begin : begin + SWEEPS_AT_ONCE]
