import pytest
from argon2 import PasswordHasher

from server.passwords import (
    MAX_LENGTH,
    Passwords,
    generate_password,
    password_of,
    problem_with_password,
)

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_only_an_argon2id_hash_is_kept():
    hashed = Passwords(QUICK).hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert "correct horse" not in hashed


def test_the_right_password_fits_and_another_does_not():
    passwords = Passwords(QUICK)
    hashed = passwords.hash("correct horse")
    assert passwords.verify(hashed, "correct horse")
    assert not passwords.verify(hashed, "correct horsf")


def test_nobody_can_sign_in_as_a_user_who_does_not_exist():
    assert not Passwords(QUICK).verify(None, "anything")


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$broken", "no password fits"])
def test_what_is_no_hash_fits_no_password(stored):
    passwords = Passwords(QUICK)
    assert not passwords.verify(stored, "plain text")
    assert not passwords.verify(stored, "")


def test_a_password_longer_than_the_limit_never_fits_even_if_its_beginning_does():
    passwords = Passwords(QUICK)
    hashed = passwords.hash("x" * MAX_LENGTH)
    assert passwords.verify(hashed, "x" * MAX_LENGTH)
    assert not passwords.verify(hashed, "x" * (MAX_LENGTH + 1))


def test_generated_passwords_differ_and_pass_our_own_rule():
    passwords = {generate_password() for _ in range(100)}
    assert len(passwords) == 100
    assert all(problem_with_password(password) is None for password in passwords)


def test_a_key_has_one_password_and_another_key_another():
    assert password_of(b"a" * 32) == password_of(b"a" * 32)
    assert password_of(b"a" * 32) != password_of(b"b" * 32)


@pytest.mark.parametrize("password", ["", "short", "x" * (MAX_LENGTH + 1)])
def test_a_password_of_no_good_length_is_refused_in_a_sentence(password):
    assert problem_with_password(password).endswith(".")
