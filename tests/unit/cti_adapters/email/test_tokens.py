"""``cti_adapters.email.tokens``: what we sign holds, and nobody else can make it."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.tokens import (
    is_thread,
    message_id,
    reply_address,
    thread_of_address,
    thread_of_message,
)
from tests.unit.cti_adapters.email.some_mail import SECRET, US

ids = st.from_regex(r"[a-z0-9]{1,32}", fullmatch=True)
secrets = st.binary(min_size=1, max_size=40)
THREAD = "0123456789abcdef0123456789"


@given(ids, ids, secrets, st.booleans())
def test_an_answer_names_the_thread_however_its_capitals_were_changed(
    thread, unique, secret, shouted
):
    made = message_id(thread, unique, secret, "patchbay.example")
    address = reply_address("help@patchbay.example", thread, secret)
    if shouted:
        made, address = made.upper(), address.upper()
    assert thread_of_message(made, secret) == thread
    assert thread_of_address(address, secret) == thread


@given(ids, ids, secrets, secrets)
def test_another_secret_signs_nothing(thread, unique, secret, other):
    if secret.ljust(64, b"\0") == other.ljust(64, b"\0"):
        return
    assert not thread_of_message(message_id(thread, unique, secret, "x.org"), other)
    assert not thread_of_address(reply_address(US, thread, secret), other)


@given(st.data(), ids, ids)
def test_one_changed_character_makes_it_nobodys(data, thread, unique):
    made = message_id(thread, unique, SECRET, "x.org")
    local = made.partition("@")[0]
    where = data.draw(st.integers(0, len(local) - 1))
    other = data.draw(st.sampled_from("abcdefgh234567.-+"))
    changed = local[:where] + other + local[where + 1 :]
    if changed != local:
        assert not thread_of_message(f"{changed}@x.org", SECRET)


@given(st.text(max_size=80))
def test_what_others_write_is_no_token(text):
    assert thread_of_message(text, SECRET) == ""
    assert thread_of_address(text, SECRET) == ""
    assert thread_of_address(f"support+t-{text}@x.org", SECRET) == ""


def test_the_signature_of_a_message_is_none_of_an_address():
    made = message_id("abc", "1", SECRET, "x.org")
    mac = made.partition("@")[0].rpartition(".")[2]
    assert thread_of_address(f"support+t-abc-{mac}@x.org", SECRET) == ""


@given(st.from_regex(r"[a-z]{1,64}", fullmatch=True), ids)
def test_the_local_part_has_64_characters_at_most(local, thread):
    made = reply_address(f"{local}@x.org", thread, SECRET)
    assert len(made.partition("@")[0]) <= 64
    assert thread_of_address(made, SECRET) == (thread if "+" in made else "")


def test_a_mailbox_that_has_a_plus_keeps_it():
    made = reply_address("help+shop@x.org", "abc", SECRET)
    assert made.startswith("help+shop-t-abc-")
    assert thread_of_address(made, SECRET) == "abc"


def test_a_name_of_usual_length_has_room_for_its_token():
    assert "+t-" in reply_address("customer.service@patchbay.example", THREAD, SECRET)


@given(st.text(max_size=40))
def test_nothing_that_is_made_can_break_a_header(text):
    for make in (
        lambda: message_id(text, "1", SECRET, "x.org"),
        lambda: message_id("1", text, SECRET, "x.org"),
        lambda: message_id("1", "1", SECRET, text),
        lambda: reply_address(f"{text}@x.org", "1", SECRET),
        lambda: reply_address(f"a@{text}", "1", SECRET),
        lambda: reply_address("a@x.org", text, SECRET),
    ):
        try:
            made = make()
        except ValueError:
            continue
        assert made.isprintable()
        assert made.isascii()
        assert not set(made) & set(' <>",;:\\')


@pytest.mark.parametrize("bad", ["", "A", "a b", "a\r\nBcc: x@y", "a" * 33, "ä"])
def test_only_small_letters_and_digits_are_a_thread(bad):
    assert not is_thread(bad)
    with pytest.raises(ValueError, match="thread"):
        message_id(bad, "1", SECRET, "x.org")
    with pytest.raises(ValueError, match="thread"):
        reply_address(US, bad, SECRET)


def test_the_same_mail_has_the_same_message_id_and_stands_in_a_header():
    made = message_id(THREAD, "7", SECRET, "patchbay.example")
    assert made == message_id(THREAD, "7", SECRET, "patchbay.example")
    letter = EmailMessage(policy=SMTP)
    letter["Message-ID"] = f"<{made}>"
    letter["Reply-To"] = reply_address(US, THREAD, SECRET)
    assert made.encode() in letter.as_bytes()
    assert b"+t-" in letter.as_bytes()
