"""What callers leave behind: a recorded message, a received document. Pure.

A file's name says everything about it, so that the contact it becomes can be brought in by whoever
finds the file: it begins with ``new-`` until that has been done. Fields are joined by ``__``, and
what a file's name should not have stands in them as ``_`` and two hexadecimal digits. A caller's
number comes from whoever calls: what is none is left out.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from cti_adapters.asterisk.outbound import safe_number
from router.ports import Arrival

VOICEMAIL: Final = "voicemail"  # the channel of contacts that are a recorded message
FAX: Final = "fax"  # and of those that are a received document
NEW: Final = "new-"
_ENDS: Final = {VOICEMAIL: "wav", FAX: "tif"}
_ODD: Final = re.compile(r"[^A-Za-z0-9.+-]|(?<=\.)\.", re.ASCII)  # also what leads out of folders
_ESCAPED: Final = re.compile(r"_([0-9a-f]{2})")
_BETWEEN: Final = "__"
_LONGEST: Final = 240  # bytes of a file's name, as file systems have it, without our beginning


class LeftBehind(msgspec.Struct, frozen=True, kw_only=True):
    """``call`` is the id of the call's contact; ``box`` the entry point where it comes in;
    ``number`` the caller's, as the telephone network gave it.
    """

    call: str
    channel: str  # VOICEMAIL or FAX
    box: str
    number: str = ""

    @property
    def stem(self) -> str:
        """The file's name as it is at first, without its ending."""
        return NEW + _BETWEEN.join(map(_safe, (self.call, self.channel, self.box, self._caller)))

    @property
    def file(self) -> str:
        """The file's name once it is a contact's."""
        return f"{self.stem.removeprefix(NEW)}.{_ENDS[self.channel]}"

    @property
    def _caller(self) -> str:
        return safe_number(self.number)

    def arrival(self) -> Arrival:
        return Arrival(
            contact=f"{self.call}-{self.channel}",
            channel=self.channel,
            address=self._caller,
            entry_point=self.box,
            attributes={"file": self.file, "call": self.call},
            dialable=False,
            present=False,
        )


def of_file(name: str) -> LeftBehind | None:
    """What a file of this name is, None when it is nothing that waits to be brought in."""
    stem, _, ending = name.removeprefix(NEW).rpartition(".")
    fields = [_plain(field) for field in stem.split(_BETWEEN)]
    if not name.startswith(NEW) or len(name) > _LONGEST or len(fields) != 4:
        return None
    call, channel, box, number = fields
    if not call or ending != _ENDS.get(channel):
        return None
    found = LeftBehind(call=call, channel=channel, box=box, number=number)
    return found if NEW + found.file == name else None


def _safe(field: str) -> str:
    return _ODD.sub(lambda char: "".join(f"_{byte:02x}" for byte in char[0].encode()), field)


def _plain(field: str) -> str:
    return re.sub(
        r"(?:_[0-9a-f]{2})+",
        lambda run: bytes.fromhex(run[0].replace("_", "")).decode("utf-8", "replace"),
        field,
    )
