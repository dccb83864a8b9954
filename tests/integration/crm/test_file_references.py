"""``server.file_references``: what is still worked on keeps its files."""

import json
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from cti_adapters.email.model import Attachment
from cti_adapters.email.ports import Sending
from router.clock import ManualClock
from router.core.model import MessageFile
from server.drafts import Drafts
from server.file_references import FileReferences
from server.mail_store import SqlMailStore
from tests.integration.crm.test_mail_pruning import settled
from tests.integration.crm.test_mail_store import came, ours


@pytest.fixture
def kind():
    return "sqlite"


def name(letter):
    return letter * 64


def replica(*files):
    message = SimpleNamespace(
        files=[MessageFile(id=f, name="x", content_type="t", size=1) for f in files]
    )
    contact = SimpleNamespace(messages=[message])
    return SimpleNamespace(state=SimpleNamespace(contacts={"k": contact}))


async def test_what_waits_leaves_is_written_or_stands_in_a_live_contact_is_needed(database):
    mails = SqlMailStore(database)
    waiting = came(1)
    beside = Attachment(sha256=name("b"), name="x", content_type="t", size=1)
    mail = replace(waiting.mail, attachments=(beside,))
    await mails.keep(replace(waiting, raw=name("a"), mail=mail))
    await mails.prepare(replace(ours(1, state=Sending.HELD), raw=name("c")))
    content = json.dumps({"files": [{"sha256": name("d")}]})
    await Drafts(database, ManualClock(1), "mail").save("k", content, replaces=0, by="ann")
    references = FileReferences(database, replica(name("e")))
    asked = [name(letter) for letter in "abcdef"]
    assert await references.among(asked) == set(asked[:-1])


async def test_what_is_over_needs_nothing(database):
    mails = SqlMailStore(database)
    done = await settled(mails, 1)
    sent = ours(2, state=Sending.SENT)
    await mails.prepare(sent)
    assert await FileReferences(database, replica()).among([done.raw, sent.raw]) == set()
