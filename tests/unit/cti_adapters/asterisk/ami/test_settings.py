"""What cannot be sent is refused before anything is connected, and a secret is never shown."""

from __future__ import annotations

import pytest

from cti_adapters.asterisk.ami.codec import UnsafeValue
from cti_adapters.asterisk.ami.settings import AmiSettings, EventFilter


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "a\r\nAction: Command"},
        {"secret": "a\nb"},
        {"event_mask": "on\r\n"},
        {"secret": "x" * 2_000},
        {"filters": (EventFilter(match="a\r\n"),)},
        {"filters": (EventFilter(criteria="\x00"),)},
    ],
    ids=["user", "secret", "mask", "long secret", "filter", "criteria"],
)
def test_what_asterisk_would_misread_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UnsafeValue):
        AmiSettings(**wrong)


def test_the_secret_is_not_shown() -> None:
    settings = AmiSettings(secret="hush")
    assert "hush" not in f"{settings} {settings!r}"
    assert "patchbay" in repr(settings)


def test_a_filter_says_only_what_it_was_given() -> None:
    assert EventFilter(match="!Event: RTCP").headers == (
        ("Operation", "Add"),
        ("Filter", "!Event: RTCP"),
    )
    assert EventFilter(criteria="action(exclude),name(VarSet)").headers == (
        ("Operation", "Add"),
        ("MatchCriteria", "action(exclude),name(VarSet)"),
    )
