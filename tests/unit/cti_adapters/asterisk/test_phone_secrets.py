"""Each agent has a password of their own at each telephone system, the same at each start."""

import re

import pytest

from cti_adapters.asterisk.phone_secrets import BITS, phone_password

SECRET = bytes(range(32))


def test_a_password_is_the_same_whenever_it_is_derived():
    # Admins have written it into the configuration of their telephone system.
    assert phone_password(SECRET, "pbx", "ann") == "l6ovatl7jy55qkfj5thqio4pugtkugkv"


def test_a_password_is_hard_to_guess():
    assert BITS >= 128
    assert len(phone_password(SECRET, "pbx", "ann")) * 5 == BITS


@pytest.mark.parametrize(
    ("pbx", "agent"),
    [("pbx", "ben"), ("branch", "ann"), ("pbxa", "nn"), ("", "pbxann"), ("pbx", "")],
)
def test_no_two_phones_share_a_password(pbx, agent):
    assert phone_password(SECRET, pbx, agent) != phone_password(SECRET, "pbx", "ann")


def test_another_installation_has_other_passwords():
    assert phone_password(bytes(32), "pbx", "ann") != phone_password(SECRET, "pbx", "ann")


@pytest.mark.parametrize("agent", ["ann", "a;b", "a]\r\n[b", "李", "x" * 1_000])
def test_a_password_means_nothing_to_configuration_files_and_urls(agent):
    assert re.fullmatch(r"[a-z2-7]{32}", phone_password(SECRET, "pbx", agent))
