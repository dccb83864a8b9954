"""One page to be faxed: a TIFF file in the coding of fax machines (ITU-T T.4, one-dimensional)."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

WIDTH: Final = 1_728  # pixels of a line, at 8 to the millimetre
EOL: Final = "000000000001"
WHITE_LINE: Final = "010011011" + "00110101"  # 1,728 white pixels, and none more
BLACK_LINE: Final = "00110101" + "0000001100101" + "0000110111"  # none white, 1,728 black

_SHORT, _LONG, _RATIONAL = 3, 4, 5


def write_page(path: Path, lines: int = 200) -> Path:
    """White, with a black bar of ten lines in every fifty."""
    rows = (BLACK_LINE if line % 50 < 10 else WHITE_LINE for line in range(lines))
    bits = "".join(EOL + row for row in rows) + EOL * 6
    bits += "0" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    path.write_bytes(_tiff(data, lines))
    return path


def _tiff(data: bytes, lines: int) -> bytes:
    fields = [
        (256, _LONG, WIDTH),
        (257, _LONG, lines),
        (258, _SHORT, 1),  # bits per pixel
        (259, _SHORT, 3),  # T.4
        (262, _SHORT, 0),  # 0 is white
        (266, _SHORT, 1),  # the highest bit first
        (273, _LONG, 8),  # where the data is
        (277, _SHORT, 1),
        (278, _LONG, lines),
        (279, _LONG, len(data)),
        (282, _RATIONAL, 8 + len(data)),  # 204 by 98 dots an inch: standard resolution
        (283, _RATIONAL, 16 + len(data)),
        (292, _LONG, 0),
        (296, _SHORT, 2),
    ]
    resolutions = struct.pack("<4I", 204, 1, 98, 1)
    start = 8 + len(data) + len(resolutions)
    directory = struct.pack("<H", len(fields))
    for tag, kind, value in fields:
        shown = struct.pack("<H2x", value) if kind == _SHORT else struct.pack("<I", value)
        directory += struct.pack("<HHI", tag, kind, 1) + shown
    return struct.pack("<2sHI", b"II", 42, start) + data + resolutions + directory + b"\0" * 4
