"""One form for every way an address is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.identity import KINDS, handle, mail, normalise, phone, readings
from router.customers import Identity


@pytest.mark.parametrize(
    "written",
    [
        "+441632960001",
        "01632 960001",
        "(01632) 960-001",
        "+44 1632 960001",
        "0044 1632 960001",
        "+44 (0) 1632 960001",
        "01632.960.001 ext. 12",
        "sip:+441632960001@pbx.example;user=phone",
        "tel:+44-1632-960001",
        "＋４４１６３２９６０００１",
        "  +441632960001\n",
    ],
)
def test_one_number_has_one_form_however_it_is_written(written: str) -> None:
    assert phone(written, "GB") == "+441632960001"


def test_the_region_is_assumed_only_without_a_country_code() -> None:
    assert phone("212 555 0142", "US") == "+12125550142"
    assert phone("+34 910 000 000", "US") == "+34910000000"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "anonymous",
        "Restricted",
        "sip:alice@example.com",
        "12",
        "+44",
        "+0000000000",
        "+" + "9" * 40,
        "1" * 100_000,
        "call me on 01632 960001",
        "01632960001; DROP TABLE customers",
        "01632\x00960001",
        "0x10",
        "١٢٣",
        "\ud800",
    ],
)
def test_what_is_no_number_is_none(written: str) -> None:
    assert phone(written, "GB") is None


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ann@example.com", "ann@example.com"),
        (" Ann@EXAMPLE.com ", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ('"Díaz, Ann" <Ann@example.com>', "ann@example.com"),
        ("ann+shop@example.co.uk", "ann+shop@example.co.uk"),
        ("李娜@example.com", "李娜@example.com"),
        ("ann@Müller.example", "ann@xn--mller-kva.example"),
    ],
)
def test_one_mailbox_has_one_form(written: str, stored: str) -> None:
    assert mail(written) == stored
    assert mail(stored) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@localhost",
        "ann@-example.com",
        "ann@example..com",
        "a b@example.com",
        "ann@example.com, ben@example.com",
        "ann@example.com\r\nBcc: all@example.com",
        "<ann@example.com",
        "a" * 65 + "@example.com",
        "ann@" + "a" * 250 + ".com",
        "x@" + "é" * 100_000 + ".com",
        "ann@exa\x00mple.com",
        "ann\x7f@example.com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_mailbox_is_none(written: str) -> None:
    assert mail(written) is None


def test_handles_ignore_case_width_and_extra_blanks() -> None:
    assert handle("  Maria   ＤＩＡＺ ") == "maria diaz"
    assert handle("李娜") == "李娜"


@pytest.mark.parametrize("written", ["", "   ", "x" * 101, "x" * 10**6, "a\x00b", "a\u202eb"])
def test_what_is_no_handle_is_none(written: str) -> None:
    assert handle(written) is None


def test_an_unknown_kind_normalises_to_nothing() -> None:
    assert normalise("pager", "123", "GB") is None


def test_a_call_means_a_number_and_a_mail_a_mailbox() -> None:
    assert readings("voice", "01632 960001", "GB") == (
        Identity(kind="phone", value="+441632960001"),
    )
    assert readings("voice", "ann@example.com", "GB") == ()
    assert readings("email", "01632960001", "GB") == ()


def test_what_a_visitor_types_is_read_every_way_it_can_be() -> None:
    assert [each.kind for each in readings("chat", "01632 960001", "GB")] == ["phone", "chat"]
    assert [each.kind for each in readings("chat", "ann@example.com", "GB")] == ["email", "chat"]


@given(kind=st.sampled_from(KINDS), written=st.text(max_size=300))
def test_normalising_twice_is_normalising_once(kind: str, written: str) -> None:
    once = normalise(kind, written, "GB")
    if once is not None:
        assert normalise(kind, once, "GB") == once


@given(
    number=st.integers(0, 999), blanks=st.lists(st.sampled_from([" ", "-", ".", ""]), min_size=9)
)
def test_separators_never_matter(number: int, blanks: list[str]) -> None:
    digits = f"1632960{number:03d}"
    written = "+44" + "".join(a + b for a, b in zip(blanks + [""] * 10, digits, strict=False))
    assert phone(written, "US") == f"+44{digits}"
