"""Kill the service at random moments while messages come in by webhook and answers go out, and
judge by what the SMS service has and what the log says.

``python -m tests.faults.hook_kill9 --kills 200 [--seed N] [--keep FOLDER]`` prints figures and the
verdict. It fails when a message was lost or stands twice, when an answer was lost, when one reached
the service under two references, or when answers of a conversation came out of their order. The
same answer again under the *same* reference is what is promised (at least once); it is counted.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec

from router.core.events import ContactArrived, MessagePosted
from router.journal.reading import read_entries
from tests.asterisk.free_ports import free_port
from tests.faults.hook_site import answer, prepare, question
from tests.faults.killing import harness, kill_once
from tests.faults.lives import PATIENCE, Mortal
from tests.webhook.sms_service import SECRET, TOKEN, SmsService

CUSTOMERS = 20
MESSAGES_A_SECOND = 30.0
MOST_UNANSWERED = 60  # then customers wait: a busy machine would never be done
SENT_AGAIN_AFTER = 0.1  # seconds, by the SMS service, what was not answered with 200
SAYS_SO_AFTER = 0.03  # seconds, that it took what we sent: so that kills come in between
HURRIED = 0.15  # of the service's sendings are delivered once more though they were taken


class Report(msgspec.Struct, kw_only=True):
    """``repeated``: how often the SMS service got what it had, under the reference it knew.
    ``resent``: how often it had to send what we had not confirmed, or sent it for no reason.
    """

    kills: int = 0
    killed_while_starting: int = 0
    messages: int = 0
    contacts: int = 0
    answers: int = 0
    lost: int = 0
    doubled: int = 0
    sent_twice: int = 0
    out_of_order: int = 0
    resent: int = 0
    repeated: int = 0
    seconds: float = 0.0
    problems: list[str] = []


class World:
    """Customers, who go on writing whatever happens, and their service, which insists."""

    def __init__(self, service: SmsService, client: httpx.AsyncClient) -> None:
        self.service = service
        self.written: dict[int, str] = {}  # number to customer
        self.resent = 0
        self._client = client
        self._sending: set[asyncio.Task[None]] = set()
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def go_on(self, rng: random.Random) -> None:
        while True:
            if len(self.written) - len(self.service.messages) < MOST_UNANSWERED:
                self.write(again=rng.random() < HURRIED)
            await asyncio.sleep(rng.expovariate(MESSAGES_A_SECOND))

    def write(self, *, again: bool = False) -> None:
        number = len(self.written) + 1
        customer = f"+44163296{number % CUSTOMERS:04}"
        self.written[number] = customer
        said = self.service.message(customer, question(number), number=number)
        task = asyncio.create_task(self._insist(customer, said, again=again))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def sent(self) -> None:
        """Until everything is confirmed."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._sending)

    async def close(self) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _insist(self, customer: str, said: dict[str, object], *, again: bool) -> None:
        """In the order of each conversation, until it is taken; and at times once more."""
        async with self._turns[customer]:
            while not await self._taken(said):
                self.resent += 1
                await asyncio.sleep(SENT_AGAIN_AFTER)
        if again:
            self.resent += 1
            await self._taken(said)

    async def _taken(self, said: dict[str, object]) -> bool:
        try:
            return (await self.service.send(self._client, said)).status_code == 200
        except httpx.HTTPError:
            return False


async def run(kills: int, seed: int, folder: Path) -> Report:
    """One run in ``folder``; what Patchbay left stays there."""
    rng = random.Random(seed)
    report = Report(kills=kills)
    port, began = free_port(), time.monotonic()
    os.environ |= {"SMS_SECRET": SECRET, "SMS_TOKEN": TOKEN}
    hook = f"http://127.0.0.1:{port}/api/v1/hooks/sms"
    async with SmsService(hook) as sms, httpx.AsyncClient(timeout=10) as client:
        sms.pause = SAYS_SO_AFTER
        prepare(folder, sms.port)
        arguments = [str(folder), str(port)]
        service = Mortal("tests.faults.hook_service", arguments, folder / "service.log")
        world = World(sms, client)
        await service.open()
        try:
            await service.begin()
            await service.works()
            writing = asyncio.create_task(world.go_on(rng))
            for number in range(kills):
                if number % 20 == 0:
                    print(f"{number} kills, {len(world.written)} messages", file=sys.stderr)
                await kill_once(service, rng, report, within=(0.05, 1.5))
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await _finish(world)
        finally:
            await world.close()
            await service.close()
        await asyncio.to_thread(_judge, folder, world, report)
    report.seconds = round(time.monotonic() - began, 1)
    return report


async def _finish(world: World) -> None:
    """Until everything is answered, or patience is at an end; then a while longer, in which
    anything done twice would show.
    """
    await world.sent()
    until = time.monotonic() + PATIENCE
    unanswered = len(world.written) - len(world.service.messages)
    while unanswered > 0 and time.monotonic() < until:
        unanswered = len(world.written) - len(world.service.messages)
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)


def _judge(folder: Path, world: World, report: Report) -> None:
    said, written = _of_log(folder, report)
    taken = world.service.messages  # by our reference
    answers = Counter(one["text"] for one in taken.values())
    report.messages, report.answers = len(world.written), len(taken)
    report.resent, report.repeated = world.resent, len(world.service.tried) - len(taken)
    for number in world.written:
        text = question(number)
        if said[text] != 1:
            report.problems.append(f"{text!r} stands {said[text]} times in the log")
        if answers[answer(text)] != 1:
            report.problems.append(f"{text!r} was answered {answers[answer(text)]} times")
    questions = [question(number) for number in world.written]
    report.lost = sum(not said[one] or not answers[answer(one)] for one in questions)
    report.doubled = sum(many - 1 for many in said.values())
    report.sent_twice = sum(many - 1 for many in answers.values())
    for customer in set(world.written.values()):
        if world.service.texts(customer) != written[customer]:
            report.out_of_order += 1
            report.problems.append(f"{customer} got answers out of their order")


def _of_log(folder: Path, report: Report) -> tuple[Counter[str], dict[str, list[str]]]:
    """What customers said, and what was written to each, in its order."""
    said: Counter[str] = Counter()
    written: dict[str, list[str]] = defaultdict(list)
    address: dict[str, str] = {}
    for entry in read_entries(folder / "journal.db"):
        for event in entry.events:
            if isinstance(event, ContactArrived):
                address[event.contact] = event.address
                report.contacts += 1
            elif isinstance(event, MessagePosted) and event.message.author == "customer":
                said[event.message.text] += 1
            elif isinstance(event, MessagePosted) and event.message.author == "agent":
                written[address[event.contact]].append(event.message.text)
    return said, written


def main() -> None:
    harness(__doc__, lambda kills, seed, folder: asyncio.run(run(kills, seed, folder)), kills=200)


if __name__ == "__main__":
    main()
