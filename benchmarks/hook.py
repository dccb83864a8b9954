"""A webhook that is flooded: what others notice, and whether memory stays bounded.

``python -m benchmarks.hook [--seconds N] [--offered N] [--quick] [--json FILE]``. A whole service
with an SMS service beside it: customers write a message a while each; then once more, while another
process offers 10,000 messages a second of one number, and once while it does of 5,000 numbers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx
import msgspec

from tests.asterisk.free_ports import free_port
from tests.faults.hook_site import answer, prepare
from tests.faults.lives import Mortal
from tests.webhook.sms_service import SECRET, TOKEN, SmsService

EVERY = 0.2  # seconds, that another customer writes
SENT_AGAIN_AFTER = 0.5  # what was refused for now; a service would wait longer
PATIENCE = 120.0
MANY = 5_000  # numbers
CUSTOMERS = 20  # others, whose contacts end after a few messages: the agent has room for 50


class Round(msgspec.Struct, kw_only=True):
    """Milliseconds of the others: ``taken`` from sending a message to the 200 that says it is
    durable, ``answered`` until an agent's answer to it has reached the SMS service. It is 0 where
    the flood is of so many customers that the one agent is busy with them.
    """

    name: str
    messages: int
    taken_p50: float
    taken_p99: float
    answered_p50: float
    answered_p99: float
    sent_again: int
    megabytes: float
    flood: dict[str, object]


class Others:
    """Customers who write now and then, each a number of their own."""

    def __init__(self, sms: SmsService, client: httpx.AsyncClient) -> None:
        self._sms = sms
        self._client = client
        self._count = 0
        self.taken: list[float] = []
        self.began: dict[str, float] = {}
        self.sent_again = 0

    async def write(self, seconds: float) -> None:
        async with asyncio.TaskGroup() as group:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                self._count += 1
                group.create_task(self._one(f"{id(self)}-{self._count}"))
                await asyncio.sleep(EVERY)

    async def _one(self, name: str) -> None:
        number = f"+4416329{self._count % CUSTOMERS:05}"
        said = self._sms.message(number, f"Question {name}")
        self.began[answer(f"Question {name}")] = began = time.monotonic()
        while not await self._kept(said):
            self.sent_again += 1
            await asyncio.sleep(SENT_AGAIN_AFTER)
        self.taken.append((time.monotonic() - began) * 1_000)

    async def _kept(self, said: dict[str, object]) -> bool:
        try:
            return (await self._sms.send(self._client, said)).status_code == 200
        except httpx.HTTPError:
            return False

    async def answered(self) -> list[float]:
        """How long each took, once all are."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self._found()) < len(self.began):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.1)
        return found

    def _found(self) -> list[float]:
        return [
            (at - self.began[text]) * 1_000
            for _, text, at in self._sms.arrived
            if text in self.began
        ]


async def measure(seconds: float, offered: int) -> list[Round]:
    port = free_port()
    os.environ |= {"SMS_SECRET": SECRET, "SMS_TOKEN": TOKEN}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        hook = f"http://127.0.0.1:{port}/api/v1/hooks/sms"
        async with SmsService(hook) as sms, httpx.AsyncClient(timeout=60) as client:
            prepare(folder, sms.port)
            arguments = [str(folder), str(port)]
            service = Mortal("tests.faults.hook_service", arguments, folder / "service.log")
            await service.open()
            try:
                await service.begin()
                await service.works()
                rounds = []
                for name, numbers in (("no flood", 0), ("one number", 1), ("many numbers", MANY)):
                    others = Others(sms, client)
                    flood = await _flood(port, seconds, offered, numbers) if numbers else None
                    await others.write(seconds)
                    megabytes = service.megabytes()
                    told = await _told(flood) if flood is not None else {}
                    answered = await others.answered() if numbers < MANY else [0.0]
                    rounds.append(_round(name, others, answered, megabytes, told))
                return rounds
            finally:
                await service.close()


async def _flood(
    port: int, seconds: float, offered: int, numbers: int
) -> asyncio.subprocess.Process:
    given = (str(port), str(seconds + 1), str(offered), str(numbers))
    flood = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.hook_flood", *given), stdout=asyncio.subprocess.PIPE
    )
    assert flood.stdout is not None
    await flood.stdout.readline()
    return flood


async def _told(flood: asyncio.subprocess.Process) -> dict[str, object]:
    assert flood.stdout is not None
    said: dict[str, object] = json.loads(await flood.stdout.read())
    await flood.wait()
    return said


def _round(
    name: str,
    others: Others,
    answered: list[float],
    megabytes: float,
    flood: dict[str, object],
) -> Round:
    return Round(
        name=name,
        messages=len(others.taken),
        taken_p50=_share(others.taken, 0.5),
        taken_p99=_share(others.taken, 0.99),
        answered_p50=_share(answered, 0.5),
        answered_p99=_share(answered, 0.99),
        sent_again=others.sent_again,
        megabytes=round(megabytes, 1),
        flood=flood,
    )


def _share(took: list[float], share: float) -> float:
    ordered = sorted(took)
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--offered", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rounds = asyncio.run(measure(10.0 if given.quick else given.seconds, given.offered))
    for one in rounds:
        print(
            f"{one.name:14} others' messages ({one.messages}): taken after {one.taken_p50} /"
            f" {one.taken_p99} ms, answered after {one.answered_p50} / {one.answered_p99} ms"
            f" (p50 / p99), {one.sent_again} sent again; service {one.megabytes:.0f} MB"
        )
        if one.flood:
            print(f"{'':14} the flood: {one.flood}")
    if given.json:
        given.json.write_text(json.dumps(msgspec.to_builtins(rounds), indent=2) + "\n")


if __name__ == "__main__":
    main()
