"""A whole Patchbay between a real IMAP server, a real SMTP server, and an agent over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx
import pytest

from server.bootstrap import running
from tests.integration.conftest import CATALOG, PEOPLE, Centre, settings_in
from tests.mail.servers import MailServers

MAIL_CATALOG = CATALOG.replace("chat: 3}", "chat: 3, email: 4}").replace(
    "entry_points:", "entry_points:\n  post: {label: Mail, channel: email, queue: help}"
)
PATIENCE = 20.0  # seconds until something that must happen has


async def until(true, what: str):
    """What ``true`` answers once it is something."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await true()):  # noqa: ASYNC110 - others tell nobody
            await asyncio.sleep(0.02)
        return found


class Post:
    """The centre's mailbox and a customer's, on real servers."""

    def __init__(self, servers: MailServers, folder) -> None:
        self.servers = servers
        self.address, password = servers.add_user()
        self.customer, _ = servers.add_user()
        (folder / "secret").write_text(password)
        (folder / "mailboxes.yaml").write_text(
            f"""
mailboxes:
  help:
    address: {self.address}
    name: Help desk
    entry_point: post
    password_file: {folder}/secret
    imap: {{host: localhost, port: {servers.ports.imaps}, ca_file: {servers.ca_file}}}
    smtp:
      {{host: localhost, port: {servers.ports.submissions}, ca_file: {servers.ca_file}}}
    from_the_first: true
    undo: 1s
    signature: Kind regards
"""
        )

    async def write(self, mail: EmailMessage) -> None:
        await asyncio.to_thread(
            self.servers.deliver, self.customer, self.address, mail.as_bytes(policy=policy.SMTP)
        )

    async def answers(self, count: int = 1) -> list[EmailMessage]:
        found = await asyncio.to_thread(self.servers.wait_for_mails, self.customer, count)
        return [message_from_bytes(raw, policy=policy.default) for raw in found]


def letter(post: Post, text="Where is my order?", **headers) -> EmailMessage:
    mail = EmailMessage()
    known = {
        "From": f"María Díaz <{post.customer}>",
        "To": post.address,
        "Subject": "My order 4411",
        "Message-ID": "<one@outside.test>",
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {**known, **given}.items():
        mail[name] = value
    mail.set_content(text)
    mail.add_alternative(f"<p>{text}</p><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="../bill.pdf")
    return mail


@pytest.fixture
async def post(mail_servers, tmp_path) -> Post:
    return await asyncio.to_thread(Post, mail_servers, tmp_path)


@pytest.fixture
async def centre(post, tmp_path) -> AsyncIterator[Centre]:
    settings = settings_in(tmp_path, mailboxes_path=tmp_path / "mailboxes.yaml")
    (tmp_path / "catalog.yaml").write_text(MAIL_CATALOG)
    async with running(settings, 8080) as patchbay:
        for user in PEOPLE.values():
            await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
        yield Centre(patchbay, tmp_path / "static")


@pytest.fixture
async def ann(centre) -> AsyncIterator[httpx.AsyncClient]:
    async with await centre.signed_in("agent") as client:
        yield client


async def in_hand(centre: Centre):
    """The contact that Ann is offered next, accepted."""

    async def offered():
        contacts = centre.patchbay.replica.state.contacts.values()
        return next((one for one in contacts if one.channel == "email" and one.offers), None)

    contact = await until(offered, "an offer")
    await centre.accept(contact.id, "ann")
    return contact.id


async def test_a_mail_is_routed_read_answered_and_delivered_in_the_same_thread(centre, post, ann):
    await centre.ready("ann")
    await post.write(letter(post))
    contact = await in_hand(centre)

    thread = (await ann.get(f"/api/v1/mail/contacts/{contact}")).json()
    (mail,) = thread["mails"]
    page = await ann.get(f"/api/v1/mail/contacts/{contact}/mails/{mail['id']}/page")
    assert page.headers["content-security-policy"].startswith("sandbox allow-popups")
    assert "script" not in page.text
    assert (mail["way"], mail["text"].strip()) == ("in", "Where is my order?")
    assert mail["sender"]["address"] == post.customer
    assert "script" not in mail["html"]
    (file,) = mail["files"]
    got = await ann.get(f"/api/v1/mail/contacts/{contact}/files/{file['sha256']}")
    assert got.content == b"%PDF-1.4"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert "/" not in got.headers["content-disposition"].partition("''")[2]

    kept = (await ann.post("/api/v1/mail/files", content=b"label")).json()
    written = {
        "text": "It is on its way.",
        "files": [{"sha256": kept["sha256"], "name": "label.txt"}],
    }
    key = {"Idempotency-Key": "answer-1"}
    held = (
        await ann.post(f"/api/v1/mail/contacts/{contact}/replies", json=written, headers=key)
    ).json()
    again = (
        await ann.post(f"/api/v1/mail/contacts/{contact}/replies", json=written, headers=key)
    ).json()
    assert held["state"] == "held"
    assert again["id"] == held["id"]

    (answer,) = await post.answers()
    assert answer["In-Reply-To"] == "<one@outside.test>"
    assert answer["Subject"] == "Re: My order 4411"
    assert "It is on its way." in answer.get_body(("plain",)).get_content()
    assert "Kind regards" in answer.get_body(("plain",)).get_content()
    assert [part.get_content() for part in answer.iter_attachments()] == [b"label"]

    await post.write(
        letter(
            post,
            "Thank you!",
            Subject="Re: My order 4411",
            Message_ID="<two@outside.test>",
            In_Reply_To=answer["Message-ID"],
        )
    )

    async def both():
        messages = centre.patchbay.replica.state.contacts[contact].messages
        return [one for one in messages if "Thank you" in one.text]

    await until(both, "the second mail")
    mails = (await ann.get(f"/api/v1/mail/contacts/{contact}")).json()["mails"]
    assert [one["way"] for one in mails] == ["in", "out", "in"]
    assert mails[1]["state"] == "sent"
    path = f"/api/v1/mail/contacts/{contact}/outgoing/{mails[1]['id']}"
    said = (await ann.get(path)).json()
    assert "It is on its way." in said["text"]
    assert (said["to"], [file["size"] for file in said["files"]]) == ([post.customer], [5])


async def test_what_is_taken_back_is_not_delivered(centre, post, ann):
    await centre.ready("ann")
    await post.write(letter(post))
    contact = await in_hand(centre)
    url = f"/api/v1/mail/contacts/{contact}/replies"
    slip = (await ann.post(url, json={"text": "Oh no"})).json()
    taken = await ann.delete(f"/api/v1/mail/outgoing/{slip['id']}")
    assert taken.json() == {"taken_back": True}
    await ann.post(url, json={"text": "Much better"})
    (answer,) = await post.answers()
    assert "Much better" in answer.get_body(("plain",)).get_content()
    assert len(await asyncio.to_thread(post.servers.mails, post.customer)) == 1


async def test_a_draft_is_there_again_and_gone_once_it_was_sent(centre, post, ann):
    await centre.ready("ann")
    await post.write(letter(post))
    contact = await in_hand(centre)
    url = f"/api/v1/mail/contacts/{contact}"
    for text in ("It", "It is"):
        saved = await ann.put(f"{url}/draft", json={"draft": {"text": text}})
        assert saved.status_code == 204
    assert (await ann.get(url)).json()["draft"] == {"text": "It is"}
    await ann.post(f"{url}/replies", json={"text": "It is here."})
    assert (await ann.get(url)).json()["draft"] is None


async def test_a_note_stays_in_the_thread_for_colleagues_and_is_never_sent(centre, post, ann):
    await centre.ready("ann")
    await post.write(letter(post))
    contact = await in_hand(centre)
    url = f"/api/v1/mail/contacts/{contact}"
    for _ in range(2):
        noted = await ann.post(
            f"{url}/notes", json={"text": " Ask Ben\u202e first "}, headers={"Idempotency-Key": "n"}
        )
        assert noted.status_code == 200, noted.text
    assert (await ann.post(f"{url}/notes", json={"text": " \n"})).status_code == 422
    (note,) = (await ann.get(url)).json()["notes"]
    assert (note["agent"], note["text"]) == ("ann", "Ask Ben first")
    # Desks that show the contact fetch it when they see this.
    assert centre.patchbay.replica.state.contacts[contact].attributes["noted"] == note["id"]
    await ann.post(f"{url}/replies", json={"text": "It is on its way."})
    (answer,) = await post.answers()
    assert "Ask Ben" not in answer.as_string()
    messages = centre.patchbay.replica.state.contacts[contact].messages
    assert all("Ask Ben" not in one.text for one in messages)


@pytest.mark.parametrize(
    "written",
    [
        {"text": ""},
        {"text": "Hi", "to": ["x@y.example\r\nBcc: z@y.example"]},
        {"text": "Hi", "files": [{"sha256": "0" * 64, "name": "x"}]},
    ],
)
async def test_what_cannot_be_sent_is_one_sentence_and_changes_nothing(centre, post, ann, written):
    await centre.ready("ann")
    await post.write(letter(post))
    contact = await in_hand(centre)
    refused = await ann.post(f"/api/v1/mail/contacts/{contact}/replies", json=written)
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].endswith((".", "com."))
    assert len((await ann.get(f"/api/v1/mail/contacts/{contact}")).json()["mails"]) == 1


async def test_what_was_set_aside_is_listed_and_can_be_read_after_all(centre, post, ann):
    await centre.ready("ann")
    await post.write(letter(post, Auto_Submitted="auto-replied"))
    async with await centre.signed_in("supervisor") as sue:

        async def apart():
            found = await sue.get("/api/v1/mail/apart", params={"became": "set_aside"})
            return found.json()["mails"]

        (mail,) = await until(apart, "a mail that was set aside")
        assert mail["reason"] == "It is an automatic answer."
        released = await sue.post(f"/api/v1/mail/apart/{mail['id']}/release")
        assert released.status_code == 204
        assert await in_hand(centre)
        again = await sue.post(f"/api/v1/mail/apart/{mail['id']}/release")
        assert again.status_code == 409
        boxes = (await sue.get("/api/v1/mail/mailboxes")).json()["mailboxes"]
        assert [(box["id"], box["problem"]) for box in boxes] == [("help", "")]


async def test_an_agent_sees_no_mail_of_others(centre, post, ann):
    await post.write(letter(post))

    async def waiting():
        return [*centre.patchbay.replica.state.contacts.values()]

    (contact,) = await until(waiting, "a contact")
    assert (await ann.get(f"/api/v1/mail/contacts/{contact.id}")).status_code == 403
    refused = await ann.post(f"/api/v1/mail/contacts/{contact.id}/replies", json={"text": "x"})
    assert refused.status_code == 403
