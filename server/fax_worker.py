"""The process that turns pages of received faxes into pictures: ``python -m server.fax_worker``.

Whoever sends a fax decides what is in its file. So it is read here, by Pillow, with little memory,
little time, and no way to write; one question each, then the process ends.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from contextlib import suppress
from typing import Final

from PIL import Image, ImageOps

MEMORY: Final = 768 * 1024 * 1024  # bytes of address space
SECONDS: Final = 10  # of the processor
MAX_PIXELS: Final = 40_000_000  # of one page: a fax page has 4 million
WIDTH, LONGEST = 1240, 6_000  # pixels of the picture


def main(path: str, page: int, most: int) -> None:
    """How many pages there are, as JSON (``page`` 0), or one of the first ``most`` as PNG.

    Exit code 3: it cannot be read; 4: there is no such page.
    """
    _confine()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=["TIFF"]) as fax:
            answer = _page(fax, page) if page else _pages(fax, most)
    except EOFError:
        sys.exit(4)
    except Exception:  # noqa: BLE001 - whatever a file of strangers makes Pillow raise
        sys.exit(3)
    sys.stdout.buffer.write(answer)


def _confine() -> None:
    limits = [
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ]
    for kind, limit in limits:
        with suppress(ValueError, OSError):  # not on every system
            resource.setrlimit(kind, (limit, limit))


def _pages(fax: Image.Image, most: int) -> bytes:
    count = 0
    with suppress(EOFError):
        while count <= most:
            fax.seek(count)
            count += 1
    return json.dumps({"pages": min(count, most), "more": count > most}).encode()


def _page(fax: Image.Image, page: int) -> bytes:
    fax.seek(page - 1)
    across, down = _dots(fax)
    width = min(WIDTH, fax.width)
    height = max(1, min(LONGEST, round(fax.height * width / fax.width * across / down)))
    grey = ImageOps.exif_transpose(fax).convert("L")
    picture = grey.resize((width, height), Image.Resampling.BOX)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _dots(fax: Image.Image) -> tuple[float, float]:
    """Per inch across and down: fax machines have often twice as many across."""
    across, down = (float(one) for one in fax.info.get("dpi", (1, 1)))
    sane = 0 < across < 10_000 and 0 < down < 10_000 and 0.2 < across / down < 5
    return (across, down) if sane else (1.0, 1.0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
