"""``webhook.posting``: a message becomes one request of which only its time changes."""

import json

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cti_adapters.webhook.ports import Conversation, Outgoing
from cti_adapters.webhook.posting import SLOTS, request_for
from cti_adapters.webhook.settings_file import checks
from cti_adapters.webhook.signing import verify
from router.core.durations import SECOND
from tests.webhook.in_memory import HOOK, SCHEME

NOW = 1_700_000_000 * SECOND
SETTINGS = replace(HOOK.outgoing, signature=SCHEME)
CONVERSATION = Conversation(key="k", hook="sms", name="+441", address="+441")


def message(text):
    return Outgoing(
        id="i",
        hook="sms",
        conversation="k",
        contact="c",
        message="m",
        text=text,
        author="agent",
        name="Ann",
        at=NOW,
    )


@given(st.text(min_size=1))
def test_any_text_is_sent_as_it_is_and_signed(text):
    request = request_for(SETTINGS, message(text), CONVERSATION, NOW)
    headers = {name.lower(): value for name, value in request.headers}
    verify(SCHEME, headers, request.body, NOW)
    said = json.loads(request.body)
    assert said["to"] == "+441"
    assert said["ref"] == headers["idempotency-key"] == "i"
    assert said["text"] == text.encode("utf-8", "replace").decode()


def test_the_check_knows_every_place_that_is_filled():
    assert checks.SLOTS == SLOTS
