"""A chat hub over the centre, and browsers that speak its JSON."""

import json

import pytest

from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from router.limits import Rate

SECRET = b"s" * 32


class Browser:
    """One tab: sends acts, keeps what it hears, checks the numbering."""

    def __init__(self, centre, hub, source="192.0.2.1", site=""):
        self.centre = centre
        self.hub = hub
        self.connection = hub.connect(source, site)
        self.heard = []
        self.sent = 0

    async def send(self, kind, ident=None, **fields):
        """Send an act, let the journal reach the hub, and return the reply to it."""
        self.sent += 1
        ident = ident or f"act-{id(self)}-{self.sent}"
        await self.raw(json.dumps({"type": kind, "id": ident, **fields}).encode())
        return next(
            (m for m in reversed(self.heard) if m["type"] == "reply" and m["to"] == ident), None
        )

    async def raw(self, frame):
        await self.connection.receive(frame)
        await self.look()

    async def look(self):
        await self.centre.deliver()
        for frame in self.connection.drain():
            message = json.loads(frame)
            assert message["n"] == len(self.heard) + 1, "the numbering has a gap"
            self.heard.append(message)

    async def start(self, ident="start-0123456789abcdef", **fields):
        start = {"entry_point": "website", "name": "María", "text": "Hello", **fields}
        return await self.send("start_chat", ident, **start)

    async def resume(self, token):
        return await self.send("resume_chat", token=token)

    async def say(self, text, ident=None):
        return await self.send("say_line", ident, text=text)

    def of(self, kind):
        return [message for message in self.heard if message["type"] == kind]

    @property
    def token(self):
        return self.of("session")[-1]["token"]

    @property
    def contact(self):
        return self.connection.chat.contact

    @property
    def status(self):
        return [m for m in self.heard if m["type"] in ("session", "status_changed")][-1]["status"]

    @property
    def lines(self):
        """The texts a page would show: the last session's and those added since."""
        texts = {}
        for message in self.heard:
            if message["type"] == "session":
                texts = {line["id"]: line["text"] for line in message["lines"]}
            elif message["type"] == "line_added":
                assert message["line"]["id"] not in texts, "a line was doubled"
                texts[message["line"]["id"]] = message["line"]["text"]
        return list(texts.values())


@pytest.fixture
def settings():
    plenty = Rate(burst=10_000, every=100)
    return ChatSettings(secret=SECRET, source_starts=plenty)


@pytest.fixture
def hub(centre, settings):
    made = ChatHub(centre, centre.intake, centre.replica, centre.clock, settings)
    centre.adapters.append(made)
    return made


@pytest.fixture
def browser(centre, hub):
    def open_tab(source="192.0.2.1", of=None, site=""):
        return Browser(centre, of or hub, source, site)

    return open_tab
