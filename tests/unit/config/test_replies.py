"""Canned replies: a closed set of fields, checked before anybody sends one."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalog import check_text, diff
from config.catalog.replies import FIELDS, MAX_FALLBACK, MAX_TEXT, parse_language, parse_reply
from router.core.catalog import Catalog

QUEUES = "queues: {help: {label: Help desk}, sales: }\n"


def catalog(replies: str) -> Catalog:
    report = check_text(QUEUES + replies, at=0)
    assert report.catalog is not None, report.problems
    return report.catalog


def errors(replies: str) -> list[str]:
    return [f"{one.path}: {one.fix}" for one in check_text(QUEUES + replies, at=0).errors]


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_may_stand_alone_or_with_words_for_nothing(field: str) -> None:
    for text in (f"{{{field}}}", f"a {{{field}|b c}} d", f"{{{{{{{field}}}}}}}"):
        assert parse_reply(text) == text


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("Hi {customer.nmae}", "did you mean 'customer.name'?"),
        ("{}", "known: customer.name"),
        ("{customer}", "there is no field {customer}"),
        ("{secret.pin}", "there is no field {secret.pin}"),
        ("{ customer.name }", "did you mean 'customer.name'?"),
        ("{customer.name", "write {{"),
        ("customer.name}", "write }}"),
        ("{{customer.name}", "write }}"),
        ("{customer.name|}", "after |"),
        ("{customer.name| }", "after |"),
        ("{customer.name|a\nb}", "after |"),
        (f"{{customer.name|{'x' * (MAX_FALLBACK + 1)}}}", "after |"),
        ("x" * (MAX_TEXT + 1), f"{MAX_TEXT} characters"),
        ("  \n ", "write a text"),
    ],
)
def test_what_is_no_field_is_refused_with_what_to_write(text: str, fix: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fix)):
        parse_reply(text)


@given(st.text(max_size=80))
def test_any_text_is_taken_as_it_is_or_refused_in_words(text: str) -> None:
    with suppress(ValueError):
        assert parse_reply(text) == text


@given(st.text(min_size=1, max_size=80).filter(lambda text: bool(text.strip())))
def test_any_text_can_be_said_with_its_braces_doubled(text: str) -> None:
    assert parse_reply(text.replace("{", "{{").replace("}", "}}"))


def test_a_problem_stands_at_its_reply() -> None:
    found = errors("canned_replies: {hi: {text: 'Hello {agent.nam}'}}")
    assert found == [
        "canned_replies.hi.text: there is no field {agent.nam}; did you mean 'agent.name'?"
    ]


def test_queues_and_channels_must_exist() -> None:
    found = errors("canned_replies: {hi: {text: Hi, queues: [helpp], channels: [char]}}")
    assert [one.partition(":")[0] for one in found] == [
        "canned_replies.hi.queues[0]",
        "canned_replies.hi.channels[0]",
    ]


def test_a_reply_goes_by_its_id_unless_it_is_given_names() -> None:
    plain = catalog("canned_replies: {good_bye: {text: Bye}}").canned_replies["good_bye"]
    assert (plain.shortcut, plain.label) == ("good_bye", "Good bye")
    assert (plain.queues, plain.channels, plain.language) == ((), (), "")
    given_names = catalog(
        "canned_replies: {bye_es: {text: Adiós, shortcut: bye, label: Despedida, language: es}}"
    ).canned_replies["bye_es"]
    assert (given_names.shortcut, given_names.label) == ("bye", "Despedida")


@pytest.mark.parametrize("tag", ["en", "zh-Hant", "es-419", "pt-BR"])
def test_languages_are_tags(tag: str) -> None:
    assert parse_language(tag) == tag


@pytest.mark.parametrize("tag", ["", "EN", "english", "e", "en_GB", "en-", "ｅｎ"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="write a language"):
        parse_language(tag)


def warned(replies: str) -> list[str]:
    return [one.path for one in check_text(QUEUES + replies, at=0).warnings if "/" in one.what]


def test_a_shortcut_that_says_two_things_is_a_warning() -> None:
    assert warned("canned_replies: {hi: {text: Hi}, hey: {text: Hey, shortcut: hi}}") == [
        "canned_replies.hey"
    ]


@pytest.mark.parametrize(
    "apart", ["language: es", "queues: [sales]", "channels: [email]", "shortcut: hello"]
)
def test_languages_queues_and_channels_may_share_a_shortcut(apart: str) -> None:
    one = "{text: Hi, shortcut: hi, queues: [help], channels: [chat], language: en}"
    key = apart.partition(":")[0]
    other = re.sub(rf"{key}: (\[\w+\]|\w+)", apart, one)
    assert other != one
    assert warned(f"canned_replies: {{a: {one}, b: {other}}}") == []


def test_replies_are_compared_in_words() -> None:
    old = catalog("canned_replies: {hi: {text: Hi}, bye: {text: Bye}}")
    new = catalog("canned_replies: {hi: {text: Hello, queues: [help]}, ok: {text: OK}}")
    assert diff(old, new) == [
        "canned reply Hi: text 'Hi' -> 'Hello'",
        "canned reply Hi: queues all -> Help desk",
        "canned reply Ok: added",
        "canned reply Bye: removed",
    ]


def test_there_is_a_limit_to_how_many_there_are() -> None:
    lines = "".join(f"  r{number}: {{text: x}}\n" for number in range(501))
    assert errors(f"canned_replies:\n{lines}") == ["canned_replies: keep to 500 at most"]


def test_the_desk_knows_the_same_fields() -> None:
    source = Path("web/src/desk/canned/fill.ts").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^  '([a-z_.]+)': ", source, re.MULTILINE)) == FIELDS
