"""A service with webhooks in memory: how it is set up, what it sends, and what it takes."""

import json

from cti_adapters.webhook.events import Kind
from cti_adapters.webhook.posting import Delivery
from cti_adapters.webhook.settings import (
    HookSettings,
    IncomingSettings,
    OutgoingSettings,
    Rule,
    Sign,
    SigningScheme,
)
from cti_adapters.webhook.signing import headers_for
from router.outgoing.requests import Destination
from router.outgoing.templates import Slot, parse_template

SCHEME = SigningScheme(
    header="X-Signature",
    secret=b"0123456789abcdef",
    prefix="sha256=",
    timestamp_header="X-Timestamp",
    signed=parse_template("{timestamp}.{body}"),
)


def rule(kind, word, **fields):
    places = {name: tuple(place.split("/")) for name, place in fields.items()}
    return Rule(kind=kind, when=Sign(at=("type",), values=(word,)), fields=places)


RULES = (
    rule(
        Kind.MESSAGE,
        "message",
        id="id",
        conversation="from",
        address="from",
        name="name",
        text="text",
        attachments="media",
        at="at",
        sequence="number",
        language="language",
    ),
    rule(Kind.ENDED, "stop", id="id", conversation="from", at="at"),
    rule(Kind.DELIVERED, "delivered", id="id", about="message"),
    rule(Kind.READ, "read", id="id", about="message"),
    rule(Kind.FAILED, "undelivered", id="id", about="message", text="reason"),
)
HOOK = HookSettings(
    id="sms",
    label="SMS",
    entry_point="texts",
    incoming=IncomingSettings(signature=SCHEME, rules=RULES),
    outgoing=OutgoingSettings(
        destination=Destination(host="localhost", port=1, tls=False, allow_private=True),
        body={"to": (Slot("address"),), "text": (Slot("text"),), "ref": (Slot("id"),)},
    ),
)


def signed(said, at, scheme=SCHEME):
    """A request's body and its headers, with names in small letters."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return body, {name.lower(): value for name, value in headers_for(scheme, body, at)}


class Service:
    """It takes everything, unless ``outcomes`` says what it makes of the next."""

    def __init__(self):
        self.taken = []  # address and text
        self.tries = []  # ids
        self.outcomes = []

    async def send(self, outgoing, conversation):
        self.tries.append(outgoing.id)
        outcome = self.outcomes.pop(0) if self.outcomes else Delivery(outcome="sent")
        if outcome.outcome == "sent":
            self.taken.append((conversation.address, outgoing.text))
        return outcome
