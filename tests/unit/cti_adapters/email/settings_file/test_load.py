"""``email.settings_file``: one run names every mistake, and nothing unsafe becomes a setting."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalog import check_text as check_catalog
from cti_adapters.email.settings import (
    MEBIBYTE,
    Account,
    ImapSettings,
    MailboxSettings,
    OAuth,
    Secret,
    SmtpSettings,
)
from cti_adapters.email.settings_file import (
    MailboxesRefused,
    check_file,
    check_text,
    read_mailboxes,
)
from router.core.durations import HOUR, MINUTE, SECOND

EXAMPLE = Path("config/mailboxes.yaml")
MINE = {"PASSWORD": "s3cret", "TOKEN": "refresh-t0ken", "CLIENT": "cl1ent", "EMPTY": ""}
HEAD = "address: a@shop.test, entry_point: mail"
SERVERS = "imap: {host: imap.test}, smtp: {host: smtp.test}"
CATALOG = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: All, queues: [help], capacity: {email: 3}}}
agents: {ann: {name: Ann, profile: all, skills: {english: 9}}}
entry_points:
  mail: {label: Mail, channel: email, queue: help}
  line: {label: Line, channel: voice, queue: help}
"""


def box(lines="", *, head=HEAD, servers=SERVERS, secret="password_env: PASSWORD"):
    """A file of one mailbox, in one line: what matters to a test and no more."""
    inside = ", ".join(part for part in (head, secret, servers, lines) if part)
    return f"mailboxes: {{support: {{{inside}}}}}"


def check(text, **given):
    return check_text(text, environment=given.pop("environment", MINE), **given)


def read(lines="", **given):
    report = check(box(lines, **given))
    assert report.problems == ()
    (found,) = report.found
    return found


def errors(text, **given):
    report = check(text, **given)
    assert report.found is None
    return [str(problem).partition(" error: ")[2] for problem in report.problems]


def error(lines="", **given):
    (only,) = errors(box(lines, **given))
    return only


def test_the_example_is_good_and_says_what_the_settings_say():
    report = check_file(EXAMPLE, environment={"SUPPORT_PASSWORD": "x"})
    assert report.problems == ()
    (support,) = report.found
    assert (support.after, support.done_folder) == ("move", "Patchbay")
    assert (support.imap.port, support.smtp.port) == (993, 587)


def test_what_is_not_written_keeps_its_default():
    account = Account(username="a@shop.test", password=Secret("s3cret"))
    assert read() == MailboxSettings(
        id="support",
        address="a@shop.test",
        entry_point="mail",
        imap=ImapSettings(host="imap.test", account=account),
        smtp=SmtpSettings(host="smtp.test", account=account),
    )


def test_every_line_becomes_a_setting(tmp_path):
    for name in ("ca.pem", "other.pem"):
        (tmp_path / name).write_text("x")
    text = """
mailboxes:
  sales:
    address: sales@shop.test
    aliases: [buy@shop.test]
    name: "Shop: sales"
    entry_point: mail
    username: shop\\sales
    oauth:
      token_url: https://login.test/oauth2/token
      client_id: patchbay
      client_secret_env: CLIENT
      refresh_token_env: TOKEN
      scope: mail offline
      ca_file: ca.pem
    imap: {host: imap.test, security: starttls, ca_file: ca.pem, folder: In, poll_every: 1m}
    smtp:
      host: smtp.test
      port: 2525
      security: starttls
      ca_file: other.pem
      username: sender
      password_env: PASSWORD
      own_name: patchbay.shop.test
      largest_mail: 10
    after: move
    done_folder: Done
    plus_addressing: false
    from_the_first: true
    undo: 20s
    largest_mail: 30
    confirm: ask
    acknowledgement: We have it.
    reopens_within: 3h
    same_agent_for: 1h
    signature: Kind regards
    signatures: {help: Yours}
"""
    report = check(text, folder=tmp_path)
    assert report.problems == ()
    oauth = OAuth(
        token_url="https://login.test/oauth2/token",
        client_id="patchbay",
        client_secret=Secret("cl1ent"),
        refresh_token=Secret("refresh-t0ken"),
        scope="mail offline",
        ca_file=tmp_path / "ca.pem",
    )
    assert report.found == (
        MailboxSettings(
            id="sales",
            address="sales@shop.test",
            aliases=("buy@shop.test",),
            name="Shop: sales",
            entry_point="mail",
            imap=ImapSettings(
                host="imap.test",
                port=143,
                security="starttls",
                ca_file=tmp_path / "ca.pem",
                folder="In",
                poll_every=MINUTE,
                account=Account(username="shop\\sales", oauth=oauth),
            ),
            smtp=SmtpSettings(
                host="smtp.test",
                port=2525,
                security="starttls",
                ca_file=tmp_path / "other.pem",
                own_name="patchbay.shop.test",
                largest=10 * MEBIBYTE,
                account=Account(username="sender", password=Secret("s3cret")),
            ),
            after="move",
            done_folder="Done",
            plus_addressing=False,
            from_the_first=True,
            undo=20 * SECOND,
            largest=30 * MEBIBYTE,
            confirm="ask",
            acknowledgement="We have it.",
            reopens_within=3 * HOUR,
            same_agent_for=HOUR,
            signature="Kind regards",
            signatures={"help": "Yours"},
        ),
    )


def test_a_server_may_ask_nobody():
    servers = "imap: {host: imap.test}, smtp: {host: smtp.test, sign_in: false}"
    assert read(servers=servers).smtp.account is None


def test_a_secret_in_a_file_of_its_own(tmp_path):
    (tmp_path / "secret").write_text("  s3cret \nmore\n")
    report = check(box(secret="password_file: secret"), folder=tmp_path)
    assert report.found[0].imap.account.password == Secret("s3cret")


BY_TOKEN = "{token_url: 'https://x.test/t', client_id: x, refresh_token_env: TOKEN}"


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "nobody signs in; add 'password_env', 'password_file' or 'oauth'"),
        ("password_env: NONE", "the environment has no NONE; set it where Patchbay is started"),
        ("password_env: EMPTY", "the environment has no EMPTY"),
        ("password_env: PASSWORD, password_file: x", "are both given; write one of them"),
        ("password_file: nowhere", "the file cannot be read"),
        ("password: hunter2", "the key 'password' is not known here"),
        (
            "oauth: {token_url: 'https://x.test/t', client_id: x}",
            "the refresh token is missing; add 'refresh_token_env' or 'refresh_token_file'",
        ),
        (
            f"password_env: PASSWORD, oauth: {BY_TOKEN}",
            "password_env and oauth are given; write a password or oauth, not both",
        ),
        (
            "oauth: {token_url: 'http://x.test/t', client_id: x, refresh_token_env: TOKEN}",
            "write the address as https://login.example/oauth2/token",
        ),
    ],
)
def test_who_signs_in_is_told_or_asked_for(secret, said):
    assert any(said in one for one in errors(box(secret=secret)))


@pytest.mark.parametrize("secret", ["a\nb", "a\0b", "a\rb", "\u2028", "x" * 9_000])
def test_no_secret_holds_a_second_line(secret):
    assert "this is no secret" in errors(box(), environment={"PASSWORD": secret})[0]


def test_no_problem_and_no_setting_shows_a_secret():
    environment = {"PASSWORD": "hunter2\n"}
    assert "hunter2" not in str(check(box(), environment=environment).problems)
    assert "s3cret" not in repr(check(box()))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"head": "address: shop, entry_point: mail"}, "write a mail address"),
        ({"head": "address: 'a@shop.test\\r\\nBcc: x@y.test', entry_point: mail"}, "mail address"),
        ({"lines": 'name: "Shop\\r\\nBcc: eve@x.test"'}, "write one line"),
        ({"lines": "undo: 10m"}, "10m makes no sense here; write 0 to 5m"),
        ({"lines": "after: delete"}, "write one of: flag, move"),
        ({"lines": "after: move, done_folder: inbox"}, "they would come again"),
        ({"lines": "largest_mail: 1000"}, "write a number from 1 to 100"),
        ({"lines": "confirm: maybe"}, "write one of: ask, copy"),
        ({"lines": "done_foldr: x"}, "did you mean 'done_folder'?"),
        ({"servers": "imap: {host: 'a b'}, smtp: {host: b}"}, "write a host's name"),
        ({"servers": "imap: {host: a, port: 0}, smtp: {host: b}"}, "from 1 to 65535"),
        ({"servers": "imap: {host: a, ca_file: no}, smtp: {host: b}"}, "there is no such file"),
        (
            {"servers": "imap: {host: a, security: none}, smtp: {host: b}"},
            "the mails and the password would go to a for all to read",
        ),
        (
            {"servers": "imap: {host: a}, smtp: {host: b, security: none}"},
            "write 'security: tls', or 'starttls'",
        ),
        (
            {"servers": "imap: {host: a}, smtp: {host: b, username: x}"},
            "it has no password of its own",
        ),
        (
            {"servers": "imap: {host: a}, smtp: {host: b, sign_in: false, username: x}"},
            "is not used when nobody signs in",
        ),
    ],
)
def test_every_mistake_is_told_with_what_to_do(given, said):
    assert said in error(**given)


def test_on_this_machine_encryption_is_not_needed():
    servers = "imap: {host: 127.0.0.1, security: none}, smtp: {host: localhost, security: none}"
    assert (read(servers=servers).imap.port, read(servers=servers).smtp.port) == (143, 25)


def test_what_has_no_effect_is_told():
    report = check(box("done_folder: Done"))
    assert report.ok
    assert "nothing is moved" in str(report.problems[0])


def test_two_that_read_the_same_folder_or_share_an_address_are_refused():
    one = f"{HEAD}, password_env: PASSWORD, {SERVERS}"
    found = errors(f"mailboxes: {{a: {{{one}}}, b: {{{one}}}}}")
    assert any("the same folder as 'a' reads" in problem for problem in found)
    assert any("'a@shop.test' is an address of 'a' as well" in problem for problem in found)


def test_names_are_those_of_the_catalog():
    catalog = check_catalog(CATALOG).catalog
    assert catalog is not None
    assert check(box("signatures: {help: x}"), catalog=catalog).ok
    found = errors(box("signatures: {halp: x}"), catalog=catalog)
    assert "the queue 'halp' is not defined; did you mean 'help'?" in found[0]
    head = "address: a@shop.test, entry_point: "
    assert "did you mean 'mail'" in errors(box(head=head + "mial"), catalog=catalog)[0]
    assert "name one of the channel email" in errors(box(head=head + "line"), catalog=catalog)[0]


@pytest.mark.parametrize(
    "text", ["", "mailboxes:", "mailboxes: []", "[]", "x: 1", "mailboxes: {A B: {}}"]
)
def test_a_file_of_another_form_is_refused(text):
    assert errors(text)


def test_the_service_starts_with_what_is_right_and_logs_what_is_not_meant(
    tmp_path, caplog, monkeypatch
):
    monkeypatch.setenv("PASSWORD", "s3cret")
    file = tmp_path / "mailboxes.yaml"
    file.write_text(box("done_folder: Done"))
    with caplog.at_level(logging.WARNING):
        assert len(read_mailboxes(file)) == 1
    assert "nothing is moved" in caplog.text
    file.write_text(box("undo: 1"))
    with pytest.raises(MailboxesRefused, match=r"(?s)cannot be used:.*undo"):
        read_mailboxes(file)
    with pytest.raises(MailboxesRefused, match="cannot be read"):
        read_mailboxes(tmp_path / "none.yaml")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(MailboxSettings.__struct_fields__), VALUES, max_size=8))
def test_whatever_a_mailbox_holds_the_answer_is_a_report(values):
    report = check(json.dumps({"mailboxes": {"a": values}}))
    assert report.ok or report.errors


@given(st.binary(max_size=300))
def test_any_bytes_are_a_report(source):
    assert not check(source).ok
