"""Whole services with mailboxes on real servers, for tests that break what lies between."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import msgspec

from config.settings import load_settings
from cti_adapters.email.ports import Sending
from cti_adapters.email.replying import Reply
from router.core.commands import Accept, SetReady, SignIn
from router.core.durations import SECOND
from router.core.model import Contact, ContactState
from server.bootstrap import Patchbay, running
from tests.mail.copies import copies_back_within
from tests.mail.servers import MailServers

PATIENCE = 60.0  # seconds until something that must happen has
COPY_WITHIN = 3 * SECOND

_CATALOG = """
queues:
  help: {label: Help, wrap_up: 0s, offer_for: 10m}
profiles:
  all: {label: All, queues: [help], capacity: {email: 50}}
agents:
  ann: {name: Ann, profile: all}
entry_points:
  post: {label: Mail, channel: email, queue: help}
"""

Found = TypeVar("Found")


async def until(true: Callable[[], Awaitable[Found]], what: str) -> Found:
    """What ``true`` answers once it is something."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not (found := await true()):  # noqa: ASYNC110 - others tell nobody
                await asyncio.sleep(0.05)
            return found
    except TimeoutError:
        raise AssertionError(f"there is no {what} after {PATIENCE:g} seconds") from None


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox, and by which ports of loopback it is reached, without encryption."""

    name: str
    address: str
    password: str
    imap: int
    smtp: int
    more: str = ""  # lines of the file

    def lines(self, folder: Path) -> str:
        (folder / f"{self.name}.secret").write_text(self.password)
        return f"""
  {self.name}:
    address: {self.address}
    entry_point: post
    password_file: {folder}/{self.name}.secret
    imap: {{host: localhost, port: {self.imap}, security: none}}
    smtp: {{host: localhost, port: {self.smtp}, security: none, sign_in: false}}
    from_the_first: true
    undo: 0s
    {self.more}
"""


def box(servers: MailServers, name: str, *, imap: int = 0, smtp: int = 0, more: str = "") -> Box:
    """A mailbox of nobody else's; without other ports straight on the servers."""
    address, password = servers.add_user()
    ports = servers.ports
    return Box(
        name=name,
        address=address,
        password=password,
        imap=imap or ports.imap,
        smtp=smtp or ports.mx,
        more=more,
    )


@asynccontextmanager
async def service(folder: Path, *boxes: Box) -> AsyncIterator[Patchbay]:
    """It believes that copies are back soon."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - takes no time
    (folder / "catalog.yaml").write_text(_CATALOG)
    (folder / "mailboxes.yaml").write_text(
        "mailboxes:" + "".join(one.lines(folder) for one in boxes)
    )
    settings = load_settings(
        data_directory=folder,
        catalog_path=folder / "catalog.yaml",
        mailboxes_path=folder / "mailboxes.yaml",
    )
    with copies_back_within(COPY_WITHIN):
        async with running(settings, 8080) as patchbay:
            await patchbay.sink.submit(SignIn(id="in", agent="ann"))
            await patchbay.sink.submit(SetReady(id="ready", agent="ann"))
            yield patchbay


async def write(servers: MailServers, sender: str, to: Box, subject: str, **more: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to.address, subject
    mail["Message-ID"] = f"<{subject.replace(' ', '-')}.{to.name}@outside.test>"
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"About {subject}")
    raw = mail.as_bytes(policy=policy.SMTP)
    await asyncio.to_thread(servers.deliver, sender, to.address, raw)


def subjects(patchbay: Patchbay) -> Counter[str]:
    """Of all contacts by mail."""
    contacts = patchbay.replica.state.contacts.values()
    return Counter(one.attributes["subject"] for one in contacts if one.channel == "email")


async def routed(patchbay: Patchbay, *wanted: str) -> None:
    """Until there is a contact of each; and never two of one."""

    async def all_there() -> bool:
        return set(wanted) <= set(subjects(patchbay))

    await until(all_there, f"contact of each of {len(wanted)} mails")
    assert max(subjects(patchbay).values()) == 1


async def in_hand(patchbay: Patchbay, subject: str) -> Contact:
    """Accepted by Ann."""

    async def theirs() -> Contact | None:
        contacts = patchbay.replica.state.contacts.values()
        found = (one for one in contacts if one.attributes.get("subject") == subject)
        return next((one for one in found if one.offers or one.agent), None)

    contact = await until(theirs, f"offer of {subject}")
    for offer in list(contact.offers.values()):
        await patchbay.sink.submit(Accept(id=f"accept {offer}", offer=offer))
    live = patchbay.replica.state.contacts[contact.id]
    assert live.state is ContactState.CONNECTED
    return live


async def answered(patchbay: Patchbay, subject: str) -> str:
    """The outgoing mail's id."""
    contact = await in_hand(patchbay, subject)
    reply = Reply(id="the answer", text="Here you are.")
    held = await patchbay.mail.replies.send(contact, "ann", "Ann", reply)
    return held.id


async def becomes(patchbay: Patchbay, mail: str, state: Sending) -> None:
    async def it_is() -> bool:
        patchbay.mail.look()
        found = await patchbay.mail_store.outgoing(mail)
        return found is not None and found.state is state

    await until(it_is, f"mail that is {state}")


def answers(servers: MailServers, customer: str) -> Counter[str]:
    """How often each subject lies in a customer's mailbox."""
    mails = (message_from_bytes(one, policy=policy.default) for one in servers.mails(customer))
    return Counter(str(mail["Subject"]) for mail in mails)
