"""``asterisk.outbound``: nobody dials what costs a fortune, and no value becomes an instruction."""

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cti_adapters.asterisk.outbound import (
    MAX_NAME_BYTES,
    MAX_NUMBER,
    RateCaps,
    Refused,
    allowed,
    safe_name,
    safe_number,
    safe_word,
)
from cti_adapters.asterisk.settings import OutboundRules
from router.core.durations import HOUR, MINUTE

BRITAIN = OutboundRules(country="GB", allow=("+44",))
AMERICA = OutboundRules(country="US", allow=("+1",))
WORLD = OutboundRules(country="GB", allow=("+",), international=True)
ANYTHING = OutboundRules(country="GB", allow=("+",), international=True, premium=True)
HOSTILE = (
    "${SHELL(rm -rf /)}",
    "$[1+1]",
    "+442079460018&PJSIP/+881612345678",
    "+442079460018,60,g",
    "+442079460018;ext=5",
    "+442079460018\r\nAction: Originate",
    "+442079460018\n",
    "+442079460018\0",
    "020 7946 0018w1",
    "020 7946 0018p1",
    "020 7946 0018 ext 5",
    "020 7946 0018#",
    "*67 020 7946 0018",
    "020 7946+0018",
    "++442079460018",
    "٠٢٠٧٩٤٦٠٠١٨",
    "０２０７９４６００１８",
    "sip:+442079460018@example.com",
    "tel:+442079460018",
    "1-800-FLOWERS",
    "+44\t2079460018",
    "\u202e+442079460018",
    "",
    " ",
    "+",
    "(",
    "0" * 41,
    "9" * 100_000,
)
hostile = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60),
    st.text("0123456789+ ()./-;,wp*#&$", max_size=45),
)


@pytest.mark.parametrize(
    "written",
    [
        "+442079460018",
        "+44 20 7946 0018",
        "020 7946 0018",
        "(020) 7946-0018",
        "+44 (0)20 7946 0018",
        "0044 20 7946 0018",
        " 020.7946.0018 ",
    ],
)
def test_a_number_is_dialled_in_one_form_however_it_is_written(written):
    assert allowed(written, BRITAIN) == "+442079460018"


@pytest.mark.parametrize("number", HOSTILE)
def test_what_is_no_number_is_refused_whatever_is_allowed(number):
    assert isinstance(allowed(number, ANYTHING), Refused)


@given(hostile, st.sampled_from([BRITAIN, AMERICA, WORLD, ANYTHING, OutboundRules()]))
@example("+442079460018", BRITAIN)
def test_whatever_is_asked_only_plus_and_digits_come_out(number, rules):
    found = allowed(number, rules)
    if isinstance(found, Refused):
        assert found.reason.endswith(".")
        assert found.reason.isprintable()
    else:
        assert re.fullmatch(r"\+[1-9][0-9]{3,14}", found)
        assert found.startswith(rules.allow)
        assert allowed(found, rules) == found, "what came out must pass again"


@given(hostile)
def test_who_allows_nothing_dials_nothing(number):
    assert isinstance(allowed(number, OutboundRules(international=True, premium=True)), Refused)


@pytest.mark.parametrize("number", ["999", "112", "911", "9 9 9", "+999", "112 "])
def test_emergency_numbers_are_never_dialled(number):
    refused = allowed(number, ANYTHING)
    assert isinstance(refused, Refused)
    assert "Emergency" in refused.reason or "no telephone number" in refused.reason


@pytest.mark.parametrize("number", ["100", "116123", "150", "6001", "0", "02079460018123456"])
def test_short_and_long_numbers_are_refused(number):
    assert isinstance(allowed(number, WORLD), Refused)


def test_a_number_without_its_area_code_is_refused():
    assert isinstance(allowed("555 0123", AMERICA), Refused)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        ("0901 234 5678", "premium-rate"),
        ("0845 464 7123", "premium-rate"),
        ("070 1234 5678", "personal"),
        ("+1 900 555 0123", "premium-rate"),
        ("+881 6 12345678", "satellite"),
        ("+870 772 001 234", "satellite"),
        ("+883 5100 12345", "international network"),
        ("+882 16 1234 5678", "international network"),
        ("+979 123 456 789", "premium-rate"),
        ("+44 1632 960001", "numbering plan"),
    ],
)
def test_what_costs_more_than_a_call_is_refused_unless_it_is_allowed(number, word):
    refused = allowed(number, WORLD)
    assert isinstance(refused, Refused)
    assert word in refused.reason
    assert not isinstance(allowed(number, ANYTHING), Refused)


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        ("+353 1 234 5678", BRITAIN),
        ("+44 1534 123456", BRITAIN),  # Jersey
        ("+44 7624 123456", BRITAIN),  # Isle of Man
        ("07911 123456", BRITAIN),  # Guernsey
        ("+1 242 345 6789", AMERICA),  # Bahamas
        ("+1 876 555 0123", AMERICA),  # Jamaica
        ("+1 416 555 0123", AMERICA),  # Canada
        ("011 44 20 7946 0018", AMERICA),
        ("0053 7 123 4567", BRITAIN),
    ],
)
def test_another_country_is_refused_also_when_it_shares_the_calling_code(number, rules):
    everywhere = OutboundRules(country=rules.country, allow=("+",))
    refused = allowed(number, everywhere)
    assert isinstance(refused, Refused)
    assert "another country" in refused.reason


def test_other_countries_are_dialled_when_they_are_allowed_twice():
    ireland = OutboundRules(country="GB", allow=("+44", "+353"), international=True)
    assert allowed("+353 1 234 5678", ireland) == "+35312345678"
    assert isinstance(allowed("+33 1 23 45 67 89", ireland), Refused)


@pytest.mark.parametrize(
    ("allow", "deny", "passes"),
    [
        ((), (), False),
        (("+44",), (), True),
        (("+44",), ("+4420",), False),
        (("+44", "+44207"), ("+4420",), True),
        (("+4420",), ("+4420",), False),
        (("+",), ("+44",), False),
        (("+4479",), (), False),
    ],
)
def test_the_longest_prefix_decides_and_of_two_alike_the_denial(allow, deny, passes):
    rules = OutboundRules(country="GB", allow=allow, deny=deny)
    assert isinstance(allowed("020 7946 0018", rules), Refused) is not passes


# -- rates --------------------------------------------------------------------------------------


def test_an_agent_dials_so_often_and_then_waits():
    caps = RateCaps(3, HOUR)
    assert [caps.take("ann", at) for at in (0, 1, 2)] == [None] * 3
    refused = caps.take("ann", 3)
    assert refused == Refused("You have dialled too often: try again in 20 minutes.")
    assert caps.take("ben", 3) is None, "everybody has their own"
    assert caps.take("ann", 20 * MINUTE) is None
    assert caps.take("ann", 20 * MINUTE) is not None


def test_what_was_not_dialled_is_given_back():
    caps = RateCaps(1, HOUR)
    assert caps.take("ann", 0) is None
    caps.give_back("ann")
    caps.give_back("ben")
    assert [caps.take("ann", 1), caps.take("ben", 1)] == [None, None]
    assert caps.take("ann", 2) is not None


@given(st.lists(st.integers(0, HOUR), max_size=200).map(sorted))
def test_in_no_hour_more_than_twice_the_cap_is_dialled(moments):
    caps = RateCaps(5, HOUR)
    assert sum(caps.take("ann", at) is None for at in moments) <= 10


# -- safe values --------------------------------------------------------------------------------


@given(hostile)
def test_a_safe_number_is_the_number_or_nothing(value):
    safe = safe_number(value)
    assert safe in ("", value)
    assert len(safe) <= MAX_NUMBER
    assert set(safe) <= set("+0123456789*#")


@given(st.one_of(hostile, st.text(string.punctuation + "Ann ÁÑ中文é\n\r\0\u202e", max_size=200)))
@example("é" * 200)
@example("\ud800Ann")
def test_a_safe_name_holds_nothing_that_is_interpreted(value):
    safe = safe_name(value)
    assert len(safe.encode()) <= MAX_NAME_BYTES
    assert safe.isprintable()
    assert not set(safe) & set("${}[]()<>\"'\\,;&|=!@#%^*/~`:?+\r\n\0")
    assert safe == safe.strip()
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("María José Núñez", "María José Núñez"),
        ("陈晓明", "陈晓明"),
        ("हिन्दी", "हिन्दी"),
        ("O'Brien", "O’Brien"),
        ('Ann "AJ" <ann@example.com>', "Ann AJ annexample.com"),
        ("${SHELL(id)}", "SHELLid"),
        ("J. R. Smith-Jones", "J. R. Smith-Jones"),
    ],
)
def test_people_keep_their_names(written, shown):
    assert safe_name(written) == shown


@given(st.one_of(hostile, st.text("ab./-_\\ ", max_size=12)))
@example("..")
@example("a/../b")
@example("a" * 81)
def test_a_safe_word_is_the_word_or_nothing_and_never_a_way_elsewhere(value):
    safe = safe_word(value)
    assert safe in ("", value)
    assert re.fullmatch(r"|[A-Za-z0-9_.-]{1,80}", safe)
    assert ".." not in safe
    assert not safe.startswith((".", "-"))


@pytest.mark.parametrize("word", ["en", "zh-CN", "welcome_2.v1", "_x", "7"])
def test_plain_words_are_safe(word):
    assert safe_word(word) == word
