"""``email.settings``: no secret is shown, and addresses are compared without case."""

from __future__ import annotations

import pytest

from cti_adapters.email.settings import (
    Account,
    ImapSettings,
    MailboxSettings,
    OAuth,
    Secret,
    SmtpSettings,
)

PASSWORD = Account(username="ann", password=Secret("hunter2"))
OAUTH = OAuth(
    token_url="https://x.test/token",
    client_id="x",
    client_secret=Secret("hunter2"),
    refresh_token=Secret("hunter2"),
)


def mailbox(**given):
    return MailboxSettings(
        id="support",
        address="Support@Shop.example",
        entry_point="mail",
        imap=ImapSettings(host="x", account=PASSWORD),
        smtp=SmtpSettings(host="x", account=Account(username="ann", oauth=OAUTH)),
        **given,
    )


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format])
def test_no_form_of_the_settings_shows_a_secret(show):
    for value in (Secret("hunter2"), PASSWORD, OAUTH, mailbox()):
        assert "hunter2" not in show(value)
    assert Secret("hunter2").reveal() == "hunter2"


def test_secrets_are_compared_by_what_they_are():
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_the_addresses_of_a_mailbox_are_in_small_letters():
    assert mailbox(aliases=("HELP@shop.example",)).addresses == {
        "support@shop.example",
        "help@shop.example",
    }


def test_a_queue_may_have_a_signature_of_its_own():
    one = mailbox(signature="All", signatures={"sales": "Sales"})
    assert (one.signature_of("sales"), one.signature_of("help")) == ("Sales", "All")
