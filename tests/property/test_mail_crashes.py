"""The service dies at any step between a mail server, the store, the log and another server: no
mail is lost, none is two contacts, no answer is sent twice.

Every call to the outside is a step. The run is repeated with a death before and after each of them,
and judged by what the servers have and what the log says.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from email import message_from_bytes, policy

import pytest

from cti_adapters.email.outbox import COPY_WITHIN
from cti_adapters.email.ports import Sending
from cti_adapters.email.replying import Reply
from router.core import events as e
from router.core.commands import Accept
from router.core.durations import MINUTE
from router.core.model import ContactState
from tests.mail.in_memory import letter
from tests.unit.cti_adapters.email.mail_centre import MailCentre

OUTSIDE = {
    "store": {"move_cursor", "keep", "settle", "prepare", "advance", "answered"},
    "files": {"keep"},
    "server": {"mark", "send"},
    "engine": {"submit"},
}
MAILS = 3
MOST_STEPS = 400


class Fate:
    """Counts steps; at one of them everything stops, before it or after it took effect."""

    def __init__(self):
        self.steps = 0
        self.dies_at = None
        self.dead = asyncio.Event()

    def watch(self, thing, names):
        return Watched(thing, names, self)

    async def step(self, act):
        if self.dead.is_set():
            await asyncio.Event().wait()  # nobody is there any more
        before, after = 2 * self.steps, 2 * self.steps + 1
        self.steps += 1
        if self.dies_at == before:
            await self._die()
        outcome = await act()
        if self.dies_at == after:
            await self._die()
        return outcome

    async def _die(self):
        self.dead.set()
        await asyncio.Event().wait()


class Watched:
    def __init__(self, thing, names, fate):
        self._thing, self._names, self._fate = thing, names, fate

    def __getattr__(self, name):
        found = getattr(self._thing, name)
        if name not in self._names:
            return found
        return lambda *given, **named: self._fate.step(lambda: found(*given, **named))


class Mortal(MailCentre):
    """Its agent answers every mail once, and asks again for whatever was not confirmed."""

    def __init__(self):
        super().__init__()
        self.fate = Fate()
        self.lasting = (self.store, self.files, self.servers["support"])

    async def live(self):
        """Until everything is done, or dead."""
        store, files, server = self.lasting
        self.store = self.fate.watch(store, OUTSIDE["store"])
        self.files = self.fate.watch(files, OUTSIDE["files"])
        self.servers = {"support": self.fate.watch(server, OUTSIDE["server"])}
        working = asyncio.create_task(self._work())
        dying = asyncio.create_task(self.fate.dead.wait())
        await asyncio.wait({working, dying}, return_when=asyncio.FIRST_COMPLETED)
        for task in (working, dying):
            task.cancel()
        await asyncio.gather(working, dying, return_exceptions=True)
        await self.stop()
        if not self.fate.dead.is_set():
            working.result()

    def way_to(self, engine):
        return self.fate.watch(engine, OUTSIDE["engine"])

    async def _work(self):
        await self.start()
        await self.sign_in()
        while not self._done():
            await self._answer_all()
            await self.later(COPY_WITHIN + MINUTE)

    async def _answer_all(self):
        state = self.replica.state
        for offer in list(state.offers.values()):
            await self.do(Accept(id=f"accept-{offer.id}", offer=offer.id))
        for contact in list(state.contacts.values()):
            if contact.state is ContactState.CONNECTED:
                reply = Reply(id="the answer", text=f"About {contact.messages[0].text}")
                await self.channel.replies.send(contact, "ann", "Ann", reply)
        await self.settle()

    def _done(self):
        store, _, server = self.lasting
        sent = [one for one in store._out.values() if one.state is Sending.SENT]
        return len(sent) == MAILS and len(server.flags) >= MAILS

    def _marks(self):
        store = self.lasting[0]
        return (
            self.fate.steps,
            [one.became for one in store._in.values()],
            [one.state for one in store._out.values()],
        )


async def lived_through(dies_at):
    centre = Mortal()
    server = centre.lasting[2]
    for number in range(MAILS):
        server.arrive(letter(number, subject=f"Matter {number}", text=f"Question {number}"))
    centre.fate.dies_at = dies_at
    await centre.live()
    steps = centre.fate.steps
    if centre.fate.dead.is_set():
        centre.fate = Fate()
        await centre.live()
    return centre, steps


async def judge(centre):
    """By what the mail servers have and the log says."""
    server = centre.lasting[2]
    contacts = Counter(
        event.contact
        for entry in [entry async for entry in centre.journal.read()]
        for event in entry.events
        if isinstance(event, e.ContactArrived)
    )
    assert len(contacts) == MAILS, "a mail was lost, or is two contacts"
    assert set(contacts.values()) == {1}
    answers = [message_from_bytes(raw, policy=policy.default) for _, _, raw in server.sent]
    assert len({one["Message-ID"] for one in answers}) == len(answers), "sent twice"
    assert sorted(one.get_content().splitlines()[0] for one in answers) == [
        f"About Question {number}" for number in range(MAILS)
    ]
    said = Counter(
        (event.contact, event.message.text)
        for entry in [entry async for entry in centre.journal.read()]
        for event in entry.events
        if isinstance(event, e.MessagePosted)
    )
    assert set(said.values()) == {1}, "said twice"
    assert len(said) == 2 * MAILS


async def test_a_life_without_a_death_answers_every_mail_once():
    centre, steps = await lived_through(None)
    await judge(centre)
    assert 20 < steps < MOST_STEPS


@pytest.mark.parametrize("half", ["before", "after"])
@pytest.mark.parametrize("tenth", range(10))
async def test_whenever_it_dies_nothing_is_lost_and_nothing_done_twice(tenth, half):
    _, steps = await lived_through(None)
    for step in range(tenth, steps, 10):
        dies_at = 2 * step + (half == "after")
        centre, _ = await lived_through(dies_at)
        try:
            await judge(centre)
        except AssertionError as wrong:
            raise AssertionError(f"after dying {half} step {step}: {wrong}") from wrong
