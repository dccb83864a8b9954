"""A telephone system whose callers are simulated: the channel around ``callers``."""

from __future__ import annotations

import logging

from cti_adapters.simulated.callers import CHANNEL, PREFIX, Callers
from cti_adapters.simulated.pace import Pace
from cti_adapters.simulated.regulars import Regulars
from cti_adapters.simulated.settings import SimulationSettings
from router.core.commands import Abandon, Command, EndContact
from router.core.events import ContactEvent, Entry, Rejected
from router.ports import (
    Arrival,
    ChannelAdapter,
    Clock,
    CommandSink,
    ContactIntake,
    JournalUnavailable,
    Overloaded,
)
from router.replica import Replica

log = logging.getLogger(__name__)


class SimulatedPbx(ChannelAdapter):
    """Calls come, wait, talk and end by themselves while it is started."""

    name = CHANNEL

    def __init__(
        self,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        clock: Clock,
        settings: SimulationSettings,
    ) -> None:
        self._sink = sink
        self._intake = intake
        self._replica = replica
        self._clock = clock
        self._callers = Callers(settings, clock.now())
        self._regulars = Regulars(settings)
        self._pace = Pace(clock, self.step, self._callers.next_deadline)

    async def start(self) -> None:
        """Go on with the calls that were under way; new ones come as time passes."""
        for contact in self._replica.state.contacts.values():
            if contact.id.startswith(PREFIX) and contact.id not in self._callers:
                self._callers.adopt(contact, self._clock.now())
        self._pace.start()

    async def stop(self) -> None:
        await self._pace.stop()

    def handle(self, entry: Entry) -> None:
        for event in entry.events:
            if isinstance(event, ContactEvent) and event.contact in self._callers:
                self._callers.observe(event, entry.at)
                self._pace.wake()

    def set_rate(self, calls_per_minute: float) -> None:
        """From now on so many new calls a minute on average; 0 stops them."""
        self._callers.set_rate(calls_per_minute, self._clock.now())
        self._pace.wake()

    async def place_call(
        self,
        address: str = "",
        entry_point: str = "",
        choice: str | None = None,
        *,
        agent: str = "",
    ) -> str | Rejected:
        """Start one call now; its contact id. An empty address, entry point and a choice of None
        are left to chance, or with ``agent`` made to suit them.

        Raises ``Overloaded`` or ``JournalUnavailable``.
        """
        catalog = self._replica.state.catalog
        if agent and not address:
            address = self._regulars.caller_for(agent, self._replica.state)
        if agent and not entry_point and choice is None:
            entry_point, choice = self._way_in(agent)
        entry = catalog.entry_points.get(entry_point)
        if not entry_point:
            entry = self._callers.some_entry(catalog)
        if entry is None or entry.channel != CHANNEL:
            return Rejected(
                code="no_entry", reason="There is no such entry point for calls; name one of yours."
            )
        if choice and choice not in entry.choices:
            return Rejected(
                code="no_choice", reason=f"{entry.id} offers no such choice; name one of its."
            )
        arrival = self._callers.place(entry, address, self._clock.now(), choice)
        refusal = await self._bring_in(arrival)
        self._pace.wake()
        return arrival.contact if refusal is None else refusal

    def _way_in(self, agent: str) -> tuple[str, str | None]:
        """Entry point and choice that lead to the agent, left to chance when none does."""
        known = self._replica.state.agents.get(agent)
        if known is None:
            return "", None
        catalog = self._replica.state.catalog
        entry_point, choice = self._regulars.way_in(known, CHANNEL, catalog, self._clock.now())
        return entry_point, choice if entry_point else None

    async def hang_up(self, contact: str) -> None:
        """The customer of a call hangs up now, in the queue or in conversation.

        Raises ``Overloaded`` or ``JournalUnavailable``.
        """
        live = self._replica.state.contacts.get(contact)
        if live is None or contact not in self._callers:
            return
        ident = f"{contact}/gone/{live.sequence}"
        abandon = Abandon(id=f"{ident}/waiting", by=CHANNEL, contact=contact)
        if isinstance(await self._sink.submit(abandon), Rejected):
            await self._sink.submit(
                EndContact(id=f"{ident}/talking", by=CHANNEL, contact=contact, ended_by="customer")
            )

    async def step(self) -> None:
        """Do what is due now."""
        for act in self._callers.due(self._clock.now(), self._replica.state.catalog):
            try:
                await self._perform(act)
            except (Overloaded, JournalUnavailable):
                log.warning("the engine is busy; a simulated caller tries again")

    async def _perform(self, act: Arrival | Command) -> None:
        if isinstance(act, Arrival):
            await self._bring_in(act)
            return
        try:
            taken = not isinstance(await self._sink.submit(act), Rejected)
        except (Overloaded, JournalUnavailable):
            taken = False
        if not taken:
            self._callers.failed(act, self._clock.now())

    async def _bring_in(self, arrival: Arrival) -> Rejected | None:
        try:
            outcome = await self._intake.receive(arrival)
        except (Overloaded, JournalUnavailable):
            self._callers.forget(arrival.contact)
            raise
        if not isinstance(outcome, Rejected):
            return None
        self._callers.forget(arrival.contact)
        log.warning("a simulated call was refused: %s", outcome.reason)
        return outcome
