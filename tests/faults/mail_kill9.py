"""Kill the service at random moments while mails come in and answers go out, between real mail
servers, and judge by what those have and what the log says.

``python -m tests.faults.mail_kill9 --kills 200 [--seed N] [--keep FOLDER]`` prints figures and the
verdict, and fails when a mail was lost, became two contacts, or was answered twice.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from email import message_from_bytes, policy
from pathlib import Path

import msgspec

from cti_adapters.email.ports import Outgoing, Sending
from router.core.events import ContactArrived, MessagePosted
from router.journal.reading import read_entries
from tests.faults.killing import harness, kill_once
from tests.faults.lives import PATIENCE, Mortal
from tests.faults.mail_service import KNOWN
from tests.faults.mail_site import HELP, letter, prepare
from tests.mail.configuration import DOMAIN
from tests.mail.servers import USERS, MailServers

MAILS_A_SECOND = 3.0
MOST_UNANSWERED = 25  # then customers wait: a busy machine would never be done with what they wrote

_OUTGOING = msgspec.msgpack.Decoder(Outgoing)


class Report(msgspec.Struct, kw_only=True):
    """``in_doubt``: sendings that a kill interrupted, of which ``by_copy`` had left and were known
    by their copy, ``sent_again`` had not, and ``open`` were not settled at the end.
    """

    kills: int = 0
    killed_while_starting: int = 0
    mails: int = 0
    contacts: int = 0
    answers: int = 0
    lost: int = 0
    duplicated: int = 0
    sent_twice: int = 0
    in_doubt: int = 0
    by_copy: int = 0
    sent_again: int = 0
    open: int = 0
    seconds: float = 0.0
    problems: list[str] = []


class World:
    """Customers, who go on writing whatever happens to the service."""

    def __init__(self, servers: MailServers) -> None:
        self.servers = servers
        self.written: dict[int, str] = {}  # number to customer
        self._next = 0

    async def go_on(self, rng: random.Random) -> None:
        while True:
            if len(self.written) - await asyncio.to_thread(self._answered) < MOST_UNANSWERED:
                await self.write()
            await asyncio.sleep(rng.expovariate(MAILS_A_SECOND))

    def _answered(self) -> int:
        return sum(1 for _ in (self.servers.folder / "mail").glob("user*/new/*"))

    async def write(self) -> None:
        number = self._next = self._next + 1
        customer = f"user{1 + number % KNOWN}@{DOMAIN}"
        self.written[number] = customer
        await asyncio.to_thread(self.servers.deliver, customer, HELP, letter(number, customer))

    def answers(self) -> Counter[tuple[int, str]]:
        """Of which matter, and by which Message-ID, as it lies in the customers' mailboxes."""
        found: Counter[tuple[int, str]] = Counter()
        for customer in sorted(set(self.written.values())):
            for raw in self.servers.mails(customer):
                mail = message_from_bytes(raw, policy=policy.default)
                matter = str(mail["Subject"]).removeprefix("Re: Matter ")
                assert mail.get_content().startswith(f"About Question {matter}"), raw
                found[int(matter), str(mail["Message-ID"])] += 1
        return found


async def run(kills: int, seed: int, folder: Path, servers: MailServers) -> Report:
    """One run in ``folder``; what the service left stays there."""
    rng = random.Random(seed)
    report = Report(kills=kills)
    prepare(folder, servers, USERS[HELP])
    service = Mortal("tests.faults.mail_service", [str(folder)], folder / "service.log")
    world = World(servers)
    began = time.monotonic()
    doubtful: set[str] = set()

    def note_doubts() -> None:
        doubtful.update(one.id for one in _outgoing(folder) if one.state is Sending.SENDING)

    await service.open()
    try:
        await service.begin()
        await service.works()
        writing = asyncio.create_task(world.go_on(rng))
        for number in range(kills):
            if number % 20 == 0:
                print(f"{number} kills, {len(world.written)} mails", file=sys.stderr)
            await kill_once(service, rng, report, within=(0.2, 4), killed=note_doubts)
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await _finish(world)
    finally:
        await service.close()
    await asyncio.to_thread(_judge, folder, world, report, doubtful)
    report.seconds = round(time.monotonic() - began, 1)
    return report


async def _finish(world: World) -> None:
    """Until everything is answered, or patience is at an end. What goes on being written keeps the
    service looking; then a while longer, in which anything done twice would show.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answers = await asyncio.to_thread(world.answers)
        if len({matter for matter, _ in answers}) >= len(world.written):
            break
        if len(world.written) - len(answers) < 10:
            await world.write()
        await asyncio.sleep(1)
    await asyncio.sleep(1)


def _judge(folder: Path, world: World, report: Report, doubtful: set[str]) -> None:
    arrived: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for entry in read_entries(folder / "journal.db"):
        for event in entry.events:
            if isinstance(event, ContactArrived):
                arrived[event.attributes["subject"]] += 1
            elif isinstance(event, MessagePosted) and event.message.author == "customer":
                asked[event.message.text] += 1
    answers = world.answers()
    matters = Counter(matter for matter, _ in answers.elements())
    report.mails, report.contacts = len(world.written), arrived.total()
    report.answers = matters.total()
    report.lost = sum(1 for one in world.written if f"Matter {one}" not in arrived)
    report.duplicated = sum(many - 1 for many in arrived.values())
    report.sent_twice = sum(many - 1 for many in matters.values())
    report.problems += [
        f"{one} became {many} contacts" for one, many in arrived.items() if many > 1
    ]
    report.problems += [f"{one!r} is said {many} times" for one, many in asked.items() if many > 1]
    for number in world.written:
        if f"Matter {number}" not in arrived:
            report.problems.append(f"matter {number} became no contact")
        if matters[number] != 1:
            report.problems.append(f"matter {number} was answered {matters[number]} times")
    report.in_doubt = len(doubtful)
    for one in _outgoing(folder):
        if one.id in doubtful:
            settled = one.state is Sending.SENT
            report.open += not settled
            report.by_copy += settled and one.attempts == 1
            report.sent_again += settled and one.attempts > 1


def _outgoing(folder: Path) -> list[Outgoing]:
    with closing(sqlite3.connect(f"file:{folder}/patchbay.db?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT body FROM outgoing_mails").fetchall()
    return [_OUTGOING.decode(body) for (body,) in rows]


def main() -> None:
    with MailServers() as servers:
        harness(
            __doc__,
            lambda kills, seed, folder: asyncio.run(run(kills, seed, folder, servers)),
            kills=200,
        )


if __name__ == "__main__":
    main()
