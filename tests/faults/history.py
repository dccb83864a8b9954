"""What one client saw, written down by the client itself: one JSON line per fact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()


class History:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def note(self, kind: str, **facts: Any) -> None:
        self._file.write(_encoder.encode({"kind": kind, **facts}) + b"\n")

    def close(self) -> None:
        self._file.close()
