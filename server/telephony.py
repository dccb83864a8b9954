"""What supervisors and agents may do with real calls beside routing them: listen, and play what
was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cti_adapters.asterisk.left_behind import NEW
from cti_adapters.asterisk.pbx import Pbx
from router.core.model import Contact, MonitorMode

_NAME: Final = re.compile(r"[A-Za-z0-9_.+-]{1,240}\.(wav|tif)", re.ASCII)
_KINDS: Final = {".wav": "audio/wav", ".tif": "image/tiff"}

FORGED: Final = (
    "Callers of the telephone system {} try to forge events: let its trunk refuse numbers "
    "with line breaks. The log names their channels."
)

MISSED: Final = (
    "Recordings of the telephone system {0.id} are missing in {0.recordings}: let Asterisk write "
    "there, and both see one folder. The log names the files."
)


class Telephony:
    """The telephone systems at work; without any, nothing is found."""

    def __init__(self, pbxs: Sequence[Pbx] = ()) -> None:
        self._pbxs = pbxs

    def carries(self, contact: str) -> bool:
        """Whether it is a call of a telephone system that can be asked for something now."""
        return any(pbx.carries(contact) for pbx in self._pbxs)

    def records(self, contact: str) -> bool:
        """Whether it is a call whose recording can be begun or paused now."""
        return any(pbx.carries(contact) and pbx.settings.recordings for pbx in self._pbxs)

    def listen(self, contact: str, who: str, mode: MonitorMode) -> bool:
        """Ring ``who`` to join the conversation; False when no such conversation is going on."""
        return any(pbx.listen(contact, who, mode) for pbx in self._pbxs)

    def warnings(self) -> list[str]:
        """A sentence for each telephone system that is out of reach, is attacked by callers, or
        does not record what it should.
        """
        away = [
            f"The telephone system {pbx.settings.id} is out of reach: {pbx.problem}"
            for pbx in self._pbxs
            if pbx.problem
        ]
        forged = [FORGED.format(pbx.settings.id) for pbx in self._pbxs if pbx.was_forged]
        lost = [MISSED.format(pbx.settings) for pbx in self._pbxs if pbx.lacks_recordings]
        return [*away, *forged, *lost]

    def recording(self, name: str) -> tuple[Path, str] | None:
        """The file of this name and its media type, None when there is none."""
        if not _NAME.fullmatch(name) or ".." in name:
            return None
        for pbx in self._pbxs:
            folder = pbx.settings.recordings
            for file in _files(folder, name):
                if file.is_file():
                    return file, _KINDS[file.suffix]
        return None


def _files(folder: Path | None, name: str) -> list[Path]:
    """Where it may be: what was left a moment ago still bears the name it was written under."""
    return [] if folder is None else [folder / name, folder / f"{NEW}{name}"]


def recorded(contact: Contact) -> str:
    """The name of the contact's recording, message or document; empty when there is none."""
    return contact.attributes.get("recording_file") or contact.attributes.get("file", "")
