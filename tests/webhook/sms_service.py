"""A small SMS service, as ``config/webhooks.yaml`` describes one: it sends what customers write,
signed, and takes what we write to them.

Tests let it misbehave by ``behaviour``. A person runs it beside a Patchbay that has that file:
``python -m tests.webhook.sms_service`` reads lines ``+441632960001 Hello`` and prints the answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import os
import sys
import time
from typing import Any, Self

import httpx

SECRET = "0123456789abcdef-sms"
TOKEN = "token-of-the-sms-service"


def signed(body: bytes, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    """The headers that go with ``body``."""
    timestamp = str(int(time.time()) if at is None else at)
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "X-Timestamp": timestamp,
        "X-Signature": f"sha256={mac.hexdigest()}",
    }


class SmsService:
    """``async with`` it. ``behaviour`` maps an address to what happens to messages to it: hang,
    die, redirect, a status, or a list of those, one for each try; everything else is taken.
    """

    def __init__(self, hook: str = "", port: int = 0) -> None:
        self.hook = hook  # where it sends to
        self.port = port
        self.behaviour: dict[str, Any] = {}
        self.pause = 0.0  # seconds, between having taken a message and saying so
        self.tried: list[tuple[str, str]] = []  # address and our reference, of every request
        self.messages: dict[str, dict[str, Any]] = {}  # by our reference: each once
        self.arrived: list[tuple[str, str, float]] = []  # address, text, when: in their order
        self.requests: list[bytes] = []
        self._numbers = itertools.count(1)
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._came, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    # -- what customers write -----------------------------------------------------------------

    def message(self, sender: str, text: str, **more: Any) -> dict[str, Any]:
        known = {"type": "message", "id": f"sms-{next(self._numbers)}", "from": sender}
        return {**known, "text": text, **more}

    async def send(self, client: httpx.AsyncClient, said: dict[str, Any]) -> httpx.Response:
        body = json.dumps(said).encode()
        return await client.post(self.hook, content=body, headers=signed(body))

    # -- what is written to them --------------------------------------------------------------

    def texts(self, address: str) -> list[str]:
        """What somebody got, each once, in the order in which it came."""
        return [text for to, text, _ in self.arrived if to == address]

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.ensure_future(self._serve(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").lower().split("\r\n")
            length = next(int(x.split(":")[1]) for x in lines if x.startswith("content-length:"))
            body = await reader.readexactly(length)
            self.requests.append(head + body)
            await self._answer(json.loads(body), writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, said: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self.tried.append((said["to"], said["reference"]))
        how = self.behaviour.get(said["to"], 200)
        if isinstance(how, list):
            how = how.pop(0) if how else 200
        if how == "hang":
            await asyncio.sleep(3_600)
        if how in (200, "die"):
            self._take(said)
            await asyncio.sleep(self.pause)
        if how == "die":
            return
        answer = json.dumps({"id": f"remote-{said['reference'][:8]}"}).encode()
        status, more = (
            (302, "Location: http://169.254.169.254/\r\n") if how == "redirect" else (how, "")
        )
        writer.write(
            f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\n{more}"
            f"Content-Length: {len(answer)}\r\n\r\n".encode()
        )
        writer.write(answer)
        await writer.drain()

    def _take(self, said: dict[str, Any]) -> None:
        """The same reference again is the same message."""
        if said["reference"] not in self.messages:
            self.messages[said["reference"]] = said
            self.arrived.append((said["to"], said["text"], time.monotonic()))


async def _by_hand() -> None:
    hook = os.environ.get("HOOK", "http://127.0.0.1:8080/api/v1/hooks/sms")
    loop = asyncio.get_running_loop()
    port = int(os.environ.get("PORT", "8099"))
    async with SmsService(hook, port) as service, httpx.AsyncClient() as client:
        print(f"Sends to {hook} with the secret {SECRET}; takes on port {service.port}.")
        shown = 0
        while True:
            reading = loop.run_in_executor(None, sys.stdin.readline)
            while not reading.done():
                await asyncio.wait([reading], timeout=0.5)
                for to, text, _ in service.arrived[shown:]:
                    print(f"→ {to}: {text}")
                shown = len(service.arrived)
            sender, _, text = (await reading).strip().partition(" ")
            if not sender:
                return
            response = await service.send(client, service.message(sender, text))
            print(response.status_code, response.text)


if __name__ == "__main__":
    asyncio.run(_by_hand())
