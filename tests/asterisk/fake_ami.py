"""A manager interface without an Asterisk: scripted, on a free port of this machine.

It shares no code with the client it is there to test, and answers as Asterisk 22 does:

    async with FakeAmi() as pbx:
        pbx.answers["CoreStatus"] = lambda action: [success(("CoreCurrentCalls", "3"))]
        ...                                     # a client connects to pbx.port
        await pbx.login()                       # until one has logged in
        pbx.emit("Hangup", ("Channel", "PJSIP/ann-1"))
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Callable, Iterable
from typing import Self

Header = tuple[str, str]
Lines = list[Header]  # one message
PATIENCE = 5.0  # seconds


class Action:
    """What a client asked for, read the way Asterisk reads it."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        pairs = (line.decode().partition(":") for line in lines)
        self.headers = [(key, value.lstrip(" ")) for key, _, value in pairs]
        self.name = self.get("Action")

    def get(self, key: str) -> str:
        return next(iter(self.all(key)), "")

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.headers if name.lower() == key.lower()]


Answer = Callable[[Action], list[Lines] | None]


def success(*headers: Header, message: str = "") -> Lines:
    return [("Response", "Success"), *([("Message", message)] if message else []), *headers]


def error(message: str) -> Lines:
    return [("Response", "Error"), ("Message", message)]


def listing(entry: str, entries: Iterable[Lines], complete: str = "") -> list[Lines]:
    """The answer to an action that lists: each entry an event named ``entry``."""
    events = [[("Event", entry), *each] for each in entries]
    end = [
        ("Event", complete or f"{entry}sComplete"),
        ("EventList", "Complete"),
        ("ListItems", str(len(events))),
    ]
    return [success(("EventList", "start"), message="They will follow"), *events, end]


def encode(message: Lines) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in message).encode() + b"\r\n"


class FakeAmi:
    """Counts from its beginning: ``actions`` of everyone, ``logins``, ``connections`` open now."""

    def __init__(
        self,
        *,
        username: str = "patchbay",
        secret: str = "not-a-secret",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.username = username
        self.secret = secret
        self.port = 0
        self.banner = b"Asterisk Call Manager/11.0.0\r\n"
        self.actions: list[Action] = []
        self.logins = 0
        self.connections: set[Session] = set()
        self.silent = False
        """Nothing is answered any more, and connections stay open."""
        self.answers: dict[str, Answer] = {
            "CoreShowChannels": lambda _: listing("CoreShowChannel", []),
            "Events": lambda action: [success(("Events", "On"))],
            "Filter": lambda _: [success(message="Success")],
            "Ping": lambda _: [success(("Ping", "Pong"), ("Timestamp", "1700000000.000000"))],
        }
        """By the action's name; None is no answer. The ActionID is added to every message."""
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def listen(self) -> None:
        """On the same port as before, if it was there before."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, ssl=self._tls, limit=1 << 16
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """As when Asterisk is killed."""
        if self._server is not None:
            self._server.close()
            self.cut()
            await asyncio.gather(*(session.over.wait() for session in self.connections))
            await self._server.wait_closed()
            self._server = None

    def cut(self) -> None:
        for session in self.connections:
            session.writer.transport.abort()

    def emit(self, event: str, *headers: Header) -> None:
        """To everyone who has logged in and wants events."""
        self.send(encode([("Event", event), *headers]), listeners=True)

    def send(self, data: bytes, *, listeners: bool = False) -> None:
        """Any bytes, to everyone."""
        for session in self.connections:
            if session.listens or not listeners:
                session.writer.write(data)

    async def login(self, count: int = 1) -> None:
        await self._until(lambda: self.logins >= count, f"{count} logins")

    async def heard(self, name: str, count: int = 1) -> Action:
        """The action ``name``, when there have been ``count`` of it."""
        await self._until(lambda: len(self.named(name)) >= count, f"{count} actions {name}")
        return self.named(name)[count - 1]

    async def alone(self) -> None:
        await self._until(lambda: not self.connections, "an end of all connections")

    def named(self, name: str) -> list[Action]:
        return [action for action in self.actions if action.name == name]

    async def _until(self, true: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE), self._news:
                await self._news.wait_for(true)
        except TimeoutError:
            raise AssertionError(f"there were no {what}; {len(self.actions)} actions") from None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self, writer)
        self.connections.add(session)
        try:
            writer.write(self.banner)
            while (action := await _read(reader)) is not None:
                self.actions.append(action)
                if not self.silent:
                    session.answer(action)
                await self._tell()
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections.discard(session)
            writer.close()
            session.over.set()
            await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


async def _read(reader: asyncio.StreamReader) -> Action | None:
    lines: list[bytes] = []
    while line := await reader.readuntil(b"\r\n"):
        if line != b"\r\n":
            lines.append(line[:-2])
        elif lines:
            break
    return Action(lines)


class Session:
    """One connection."""

    def __init__(self, pbx: FakeAmi, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.over = asyncio.Event()
        self.listens = False
        self._pbx = pbx
        self._challenge = ""
        self._inside = False

    def answer(self, action: Action) -> None:
        for message in self._messages(action):
            mark = action.get("ActionID")
            kind, *rest = message
            self.writer.write(encode([kind, *([("ActionID", mark)] if mark else []), *rest]))
        if action.name == "Login" and self._inside:
            self._booted()
        elif action.name in ("Login", "Logoff"):
            self.writer.close()

    def _messages(self, action: Action) -> list[Lines]:
        match action.name:
            case "Challenge":
                self._challenge = "148309770"
                return [success(("Challenge", self._challenge))]
            case "Login":
                return [self._let_in(action)]
            case "Logoff":
                return [[("Response", "Goodbye"), ("Message", "Thanks for all the fish.")]]
            case name if not self._inside:
                return [error("Permission denied")]
            case name:
                unknown = error(f"Invalid/unknown command: {name}.")
                answer = self._pbx.answers.get(name, lambda _: [unknown])
                return answer(action) or []

    def _let_in(self, action: Action) -> Lines:
        key = hashlib.md5((self._challenge + self._pbx.secret).encode()).hexdigest()
        proven = (
            action.get("Key") == key
            if action.get("AuthType") == "MD5"
            else action.get("Secret") == self._pbx.secret
        )
        if action.get("Username") != self._pbx.username or not proven:
            return error("Authentication failed")
        self._inside = True
        self.listens = action.get("Events") != "off"
        return success(message="Authentication accepted")

    def _booted(self) -> None:
        if self.listens:
            self.writer.write(
                encode([("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", "60")])
            )
        self._pbx.logins += 1
