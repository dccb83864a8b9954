"""A flow tried out on the mails and chats of the past, over HTTP."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from cti_adapters.email.model import Address, Mail
from cti_adapters.email.ports import Became, Incoming, StoreUnavailable
from router.core.durations import HOUR
from tests.integration.test_api_flows import point, publish

SORT = {
    "flow": "main",
    "languages": ["en"],
    "safe_queue": "help",
    "start": "sort",
    "nodes": {
        "sort": {
            "kind": "branch",
            "cases": [
                {"name": "spam", "when": {"attributes": {"spam": "yes"}}},
                {"name": "spanish", "when": {"says": ["factura", "pedido"]}},
            ],
            "exits": {"spam": "away", "spanish": "tag", "otherwise": "help"},
        },
        "away": {"kind": "hang_up"},
        "tag": {"kind": "set", "attributes": {"topic": "order"}, "exits": {"next": "ayuda"}},
        "help": {"kind": "queue", "queue": "help"},
        "ayuda": {"kind": "queue", "queue": "ayuda"},
    },
}
ALL_HELP = {**SORT, "start": "help", "nodes": {"help": SORT["nodes"]["help"]}}


def came(text, *, sender="ann@outside.test", subject="A question", at=0, **headers) -> Incoming:
    digest = hashlib.sha256(f"{text}{sender}{subject}".encode()).hexdigest()
    mail = Mail(
        digest=digest,
        sender=Address(address=sender),
        subject=subject,
        text=text,
        size=len(text),
        headers={name.replace("_", "-"): (value,) for name, value in headers.items()},
    )
    return Incoming(
        id=digest, mailbox="help", at=at, raw="0" * 64, mail=mail, became=Became.CONTACT
    )


@pytest.fixture
async def admin(centre):
    return await centre.signed_in("admin")


async def keep(centre, *mails):
    for one in mails:
        await centre.patchbay.services.mail_store.keep(one)


async def rehearse(admin, document=SORT, **more):
    return await admin.post("/api/v1/flows/main/rehearse", json={"document": document, **more})


async def test_every_mail_is_told_where_it_would_go_and_on_which_way(centre, admin):
    await keep(
        centre,
        came("Where is my pedido?", subject="Order 7"),
        came("Cheap pills", x_spam_flag="YES"),
        came("Hello", sender="bob@outside.test"),
    )
    found = (await rehearse(admin)).json()
    assert (found["found"], found["in_force"]) == (3, 0)
    hello, pills, order = found["contacts"]  # the newest first
    assert (hello["after"]["ends"], hello["after"]["at"]) == ("queue", "help")
    assert pills["after"]["ends"] == "hang_up"
    assert order["after"]["path"] == ["sort", "tag", "ayuda"]
    assert order["after"]["gives"]["topic"] == "order"
    assert (order["sender"], order["subject"]) == ("ann@outside.test", "Order 7")
    assert order["before"] is None
    assert not order["elsewhere"]


async def test_it_is_compared_with_the_version_in_force(centre, admin):
    await keep(centre, came("Mi factura, por favor"), came("Hello"))
    await publish(admin, ALL_HELP)
    await publish(admin, SORT, newest=1)
    await point(admin, 1, 0)
    found = (await rehearse(admin)).json()
    assert found["in_force"] == 1
    elsewhere = {one["beginning"]: one["elsewhere"] for one in found["contacts"]}
    assert elsewhere == {"Hello": False, "Mi factura, por favor": True}
    before = [one["before"]["at"] for one in found["contacts"]]
    assert before == ["help", "help"]


async def test_the_customer_is_who_they_are_today(centre, admin):
    body = {"name": "Ann", "tier": "gold", "identities": [{"kind": "email", "value": "a@b.test"}]}
    made = await admin.post("/api/v1/customers", json=body)
    assert made.status_code in {200, 201, 403}
    supervisor = await centre.signed_in("supervisor")
    await supervisor.post("/api/v1/customers", json=body)
    await keep(centre, came("Hello", sender="a@b.test"))
    (one,) = (await rehearse(admin)).json()["contacts"]
    assert one["customer"] == "Ann"


async def test_no_more_are_tried_than_asked_for(centre, admin):
    await keep(centre, *(came(f"Mail {n}", at=n * HOUR) for n in range(12)))
    found = (await rehearse(admin, contacts=5)).json()
    assert [one["beginning"] for one in found["contacts"]] == [
        f"Mail {n}" for n in range(11, 6, -1)
    ]


async def test_chats_of_the_past_are_tried_as_well(admin):
    found = (await rehearse(admin, channel="chat")).json()
    assert found == {"found": 0, "in_force": 0, "contacts": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"document": "flow: main"}, 422),
        ({"document": SORT, "contacts": 501}, 422),
        ({"document": SORT, "contacts": 0}, 422),
        ({"document": SORT, "channel": "voice"}, 422),
        ({}, 422),
    ],
)
async def test_what_cannot_be_tried_is_refused_in_words(admin, body, status):
    answer = await admin.post("/api/v1/flows/main/rehearse", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_a_draft_with_errors_is_tried_all_the_same(centre, admin):
    await keep(centre, came("Mi factura"))
    broken = {**SORT, "nodes": {**SORT["nodes"], "tag": {"kind": "set", "exits": {"next": "gone"}}}}
    found = (await rehearse(admin, broken)).json()
    assert len(found["contacts"]) == 1


async def test_a_mail_of_any_size_and_kind_is_told_briefly(centre, admin):
    await keep(centre, came("x" * 200_000, subject="<script>" * 40))
    answer = await rehearse(admin)
    assert answer.status_code == 200
    assert len(answer.content) < 5_000


async def test_mails_out_of_reach_are_told_in_a_sentence(centre, admin, monkeypatch):
    async def away(*_):
        raise StoreUnavailable("gone")

    monkeypatch.setattr(centre.patchbay.services.mail_store, "that_became", away)
    answer = await rehearse(admin)
    assert answer.status_code == 503
    assert "moment" in answer.json()["error"]["message"]
    assert msgspec.json.decode(answer.content)
