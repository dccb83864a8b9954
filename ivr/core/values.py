"""What the parts of a flow are made of: bounded names and texts, prompts in several languages.

``Meta.extra`` tells the reader what msgspec has no word for: ``kind`` (how it is written, see
``written``). Descriptions are what an editor shows while typing.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from router.core.durations import DAY

MAX_NAME: Final = 64
MAX_TEXT: Final = 2_000  # characters of one prompt in one language, and of one attribute
MAX_LANGUAGES: Final = 20
MAX_ATTRIBUTES: Final = 60  # of a contact: the core takes 64, and the language is one of them
LONGEST: Final = DAY  # that anything in a flow may wait, microseconds
MASK: Final = "****"  # what is shown of a secret: not even its length
NAME: Final = r"^[a-z0-9][a-z0-9_.-]*$"
FIELD: Final = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$"
LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$"
AUDIO: Final = r"^[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*$"
KEY: Final = r"^[0-9*#]$"
EXIT: Final = r"^([a-z0-9][a-z0-9_.-]*|[*#])$"
NUMBER: Final = r"^\+?[0-9]{2,20}$"


def kind(name: str) -> Meta:
    return Meta(extra={"kind": name}, extra_json_schema={"kind": name})


Name = Annotated[str, Meta(pattern=NAME, max_length=MAX_NAME)]
Field = Annotated[str, Meta(pattern=FIELD, max_length=MAX_NAME)]
Language = Annotated[str, Meta(pattern=LANGUAGE, max_length=20)]
Label = Annotated[str, Meta(max_length=80)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
Audio = Annotated[str, Meta(pattern=AUDIO, max_length=80)]
ExitName = Annotated[str, Meta(pattern=EXIT, max_length=MAX_NAME)]
Key = Annotated[str, Meta(pattern=KEY)]
Number = Annotated[str, Meta(pattern=NUMBER, max_length=21)]
Duration = Annotated[int, kind("duration")]


class Part(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A piece of a flow's document."""


class Spoken(Part, frozen=True, kw_only=True):
    """A prompt in one language: what is read out or shown, or a recording with what it says.

    ``text`` may name safe fields, ``{customer.name}`` or ``{order_number}``.
    """

    text: Text = ""
    audio: Annotated[Audio | None, Meta(description="the name of an uploaded recording")] = None


Prompt = Annotated[dict[Language, Spoken], kind("prompt")]
"""By language; empty says nothing."""

Words = Annotated[dict[Language, Label], kind("words")]
"""A short label by language, for a button."""


class Position(Part, frozen=True, kw_only=True):
    """Where a node stands on the canvas; it changes nothing else."""

    x: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    y: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0


def spoken_in(known: tuple[str, ...], wanted: str) -> str:
    """The one of ``known`` languages for ``wanted``: itself, its kin (``zh`` for ``zh-TW``), else
    the first; empty when none is known.
    """
    asked = wanted.replace("_", "-").lower()[:20]
    lowered = {one.lower(): one for one in reversed(known)}
    kin = {primary(one): one for one in reversed(known)}
    return lowered.get(asked) or kin.get(primary(asked)) or (known[0] if known else "")


def primary(language: str) -> str:
    """``zh`` of ``zh-TW``: what its kin have in common."""
    return language.replace("_", "-").lower().partition("-")[0]
