"""Whoever floods a hook, as a process of its own.

``python -m benchmarks.hook_flood PORT SECONDS OFFERED NUMBERS`` offers so many messages a second,
signed, of so many numbers. It prints ``flooding`` once it does, and at its end how many it offered,
what it could write, and what was answered.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from contextlib import suppress

from tests.webhook.sms_service import signed

CONNECTIONS = 20
AT_ONCE = 25  # requests, written without waiting for the answers to those before
SIGNED = 40  # such batches of each connection, made before the flood and sent again and again


async def flood(port: int, seconds: float, offered: int, numbers: int) -> dict[str, object]:
    statuses: Counter[str] = Counter()
    written = 0
    batches = [
        [_requests(place, turn, numbers) for turn in range(SIGNED)] for place in range(CONNECTIONS)
    ]
    until = time.monotonic() + seconds

    async def one_connection(place: int) -> None:
        nonlocal written
        turn = 0
        while time.monotonic() < until:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                answers = asyncio.create_task(_count(reader, statuses))
                try:
                    while time.monotonic() < until:
                        began = time.monotonic()
                        writer.write(batches[place][turn % SIGNED])
                        await writer.drain()
                        written += AT_ONCE
                        turn += 1
                        pause = AT_ONCE * CONNECTIONS / offered - (time.monotonic() - began)
                        await asyncio.sleep(max(pause, 0))
                finally:
                    writer.close()
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)

    print("flooding", flush=True)
    await asyncio.gather(*(one_connection(place) for place in range(CONNECTIONS)))
    return {"offered": round(offered * seconds), "written": written, "statuses": dict(statuses)}


def _requests(place: int, turn: int, numbers: int) -> bytes:
    found = []
    for number in range(AT_ONCE):
        name = f"flood-{place}-{turn}-{number}"
        sender = f"+4479460{hash(name) % numbers:05}"
        body = json.dumps({"type": "message", "id": name, "from": sender, "text": "x"}).encode()
        head = "".join(f"{key}: {value}\r\n" for key, value in signed(body).items())
        found.append(
            f"POST /api/v1/hooks/sms HTTP/1.1\r\nHost: x\r\n{head}"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
    return b"".join(found)


async def _count(reader: asyncio.StreamReader, statuses: Counter[str]) -> None:
    while line := await reader.readline():  # an answer's end and the next one share a line
        _, mark, rest = line.partition(b"HTTP/1.1 ")
        if mark:
            statuses[rest[:3].decode()] += 1


def main() -> None:
    port, seconds, offered, numbers = sys.argv[1:5]
    print(json.dumps(asyncio.run(flood(int(port), float(seconds), int(offered), int(numbers)))))


if __name__ == "__main__":
    main()
