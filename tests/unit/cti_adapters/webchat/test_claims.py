"""``webchat.claims``: whom a site's token names, and what is no proof of anything."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from cti_adapters.webchat.claims import MAX_TOKEN, Known, Unproven, UsedTokens, read
from router.core.durations import HOUR, MINUTE, SECOND

SITE = "https://shop.example"
SECRET = b"k" * 32
SECRETS = {SITE: SECRET, "https://other.example": b"o" * 32}
AT = 1_800_000_000 * SECOND


def token(secret=SECRET, algorithm="HS256", **claims):
    body = {"sub": "C-17", "exp": AT // SECOND + 600, "name": "María Díaz", **claims}
    body = {name: value for name, value in body.items() if value is not None}
    return jwt.encode({"alg": algorithm}, body, OctKey.import_key(secret), algorithms=[algorithm])


def test_a_signed_token_says_who_it_is():
    known = read(token(email="maria@home.example", jti="1"), SITE, SECRETS, AT)
    assert known == Known(
        site=SITE,
        subject="C-17",
        name="María Díaz",
        address="maria@home.example",
        token_id="1",
        until=AT + 600 * SECOND,
    )


def test_a_mail_address_as_subject_is_where_they_are_written_to():
    assert read(token(sub="m@home.example"), SITE, SECRETS, AT).address == "m@home.example"


def unsigned():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"sub": "C-17", "exp": AT // SECOND + 600}
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: token(secret=b"x" * 32), "not signed"),
        (lambda: token(secret=SECRETS["https://other.example"]), "not signed"),
        (lambda: token(algorithm="HS512"), "not signed"),
        (unsigned, "not signed"),
        (lambda: token()[:-2] + "AA", "not signed"),
        (lambda: token(exp=AT // SECOND - 31), "expired"),
        (lambda: token(exp=None), "when it ends"),
        (lambda: token(exp="soon"), "not signed|when it ends"),
        (lambda: token(exp=True), "when it ends|not signed"),
        (lambda: token(exp=10**30), "when it ends"),
        (lambda: token(exp=(AT + 25 * HOUR) // SECOND), "longer than a day"),
        (lambda: token(nbf=AT // SECOND + 60), "not valid yet"),
        (lambda: token(sub=None), "who it is"),
        (lambda: token(sub="\u202e \x00"), "who it is"),
        (lambda: token(sub="x" * 255), "who it is"),
        (lambda: token(sub=17), "who it is|not signed"),
        (lambda: token(jti="j" * 129), "who it is"),
        (lambda: "x" * (MAX_TOKEN + 1), "no token"),
        (lambda: "é.é.é", "no token"),
    ],
)
def test_what_is_not_signed_by_the_site_for_now_proves_nothing(made, reason):
    found = read(made(), SITE, SECRETS, AT)
    assert isinstance(found, Unproven)
    assert any(one in found.reason for one in reason.split("|")), found.reason


@pytest.mark.parametrize("site", ["", "https://shop.example:444", "http://shop.example", "null"])
def test_a_site_without_a_secret_vouches_for_nobody(site):
    assert isinstance(read(token(), site, SECRETS, AT), Unproven)


@given(st.text(max_size=300) | st.lists(st.text(max_size=60), min_size=3, max_size=5).map(".".join))
def test_nothing_that_a_page_hands_over_breaks_it(text):
    assert isinstance(read(text, SITE, SECRETS, AT), Unproven)


@given(
    st.dictionaries(
        st.sampled_from(["sub", "exp", "name", "email", "jti", "nbf"]),
        st.none()
        | st.booleans()
        | st.integers(-(10**20), 10**20)
        | st.text(max_size=300)
        | st.lists(st.text(max_size=3), max_size=3),
    )
)
def test_whatever_a_site_signs_is_bounded(claims):
    encoded = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
    found = read(encoded, SITE, SECRETS, AT)
    if isinstance(found, Known):
        assert 0 < len(found.subject) <= 254
        assert len(found.name) <= 80
        assert found.subject.isprintable()
        assert found.name.isprintable()


def known(token_id="1", site=SITE, until=AT + MINUTE):
    return Known(site=site, subject="C-17", token_id=token_id, until=until)


def test_a_token_with_a_number_opens_one_chat_however_often_it_is_sent():
    used = UsedTokens()
    assert used.take(known(), "chat-a", AT)
    assert used.take(known(), "chat-a", AT)
    assert not used.take(known(), "chat-b", AT)
    assert used.take(known(site="https://other.example"), "chat-b", AT)
    assert used.take(known(token_id="2"), "chat-b", AT)


def test_a_token_without_a_number_may_be_used_until_it_ends():
    used = UsedTokens()
    assert used.take(known(token_id=""), "chat-a", AT)
    assert used.take(known(token_id=""), "chat-b", AT)


def test_what_was_used_is_forgotten_with_its_token_and_never_too_much_is_kept():
    used = UsedTokens(most=10)
    for number in range(100):
        assert used.take(known(token_id=str(number)), "chat-a", AT)
    assert len(used) <= 10
    used.take(known(token_id="last", until=AT + HOUR), "chat-a", AT + 2 * MINUTE)
    used.take(known(token_id="later", until=AT + HOUR), "chat-a", AT + 2 * MINUTE)
    assert len(used) < 10
