"""``webchat.tokens``: nobody makes a token without the secret, and nothing has to be stored."""

import base64

import pytest

from cti_adapters.webchat.tokens import contact_for, contact_of, is_ours, new_contact, sign

SECRET = b"s" * 32


def test_a_token_opens_its_contact_after_a_restart():
    contact = new_contact()
    assert contact_of(SECRET, sign(SECRET, contact)) == contact


def test_a_token_says_nothing_and_is_long_enough_not_to_be_guessed():
    contact = new_contact()
    token = sign(SECRET, contact)
    assert contact not in token
    assert len(base64.urlsafe_b64decode(token + "==")) == 40
    assert new_contact() != new_contact()


def test_another_secret_opens_nothing():
    assert contact_of(b"t" * 32, sign(SECRET, new_contact())) is None


@pytest.mark.parametrize(
    "hostile",
    ["", "x", "=" * 50, "A" * 53, "A" * 10_000, "é" * 20, "../../etc/passwd", "\x00" * 40, "a b c"],
)
def test_anything_else_is_no_token(hostile):
    assert contact_of(SECRET, hostile) is None


def test_every_changed_character_makes_it_worthless():
    token = sign(SECRET, new_contact())
    for place, character in enumerate(token[:-1]):
        changed = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        assert contact_of(SECRET, changed) is None


def test_one_start_makes_one_contact_and_others_make_others():
    first = contact_for(SECRET, "id", "website", "María", "hello")
    assert first == contact_for(SECRET, "id", "website", "María", "hello")
    assert is_ours(first)
    others = {
        contact_for(SECRET, "id", "website", "Maria", "hello"),
        contact_for(SECRET, "id", "website", "Maríah", "ello"),
        contact_for(b"t" * 32, "id", "website", "María", "hello"),
        contact_for(SECRET, "\ud800", "website", "María", "hello"),
    }
    assert len(others) == 4
    assert first not in others


def test_contacts_of_other_channels_are_not_ours():
    assert not is_ours("sim-call-1")
    assert not is_ours("chat-1")
    assert is_ours(new_contact())
