"""Faxes shown page by page: real TIFFs, hostile ones, and who may see them."""

from __future__ import annotations

import io
import struct
import sys
from contextlib import suppress

import pytest
from PIL import Image, ImageDraw

from router.core.commands import EditContact
from server.fax_pages import FaxPages, Pages, UnreadableFax
from tests.integration.test_api_calls import centre  # noqa: F401 - the fixture


def fax(pages=3, dpi=(204, 98), size=(1728, 1100), compression="group4") -> bytes:
    drawn = []
    for number in range(1, pages + 1):
        page = Image.new("1", size, 1)
        ImageDraw.Draw(page).text((100, 100), f"Order 4411, page {number}", fill=0)
        drawn.append(page)
    out = io.BytesIO()
    drawn[0].save(
        out, "TIFF", save_all=True, append_images=drawn[1:], compression=compression, dpi=dpi
    )
    return out.getvalue()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "fax.tif"
    path.write_bytes(fax())
    return path


async def test_the_pages_are_counted_and_shown(file):
    viewer = FaxPages()
    assert await viewer.count(file) == Pages(pages=3)
    picture = Image.open(io.BytesIO(await viewer.picture(file, 2)))
    assert picture.format == "PNG"
    assert picture.width == 1240
    # 204 dots an inch across and 98 down: as high as it was on paper
    assert picture.height == pytest.approx(1240 * 1100 / 1728 * 204 / 98, abs=1)


async def test_a_page_that_is_not_there_is_none(file):
    assert await FaxPages().picture(file, 4) is None


def _bomb() -> bytes:
    """A page of 60,000 by 60,000 points in a few bytes."""
    entries = [(256, 4, 60_000), (257, 4, 60_000), (258, 3, 1), (259, 3, 1), (262, 3, 1)]
    entries += [(273, 4, 8), (277, 3, 1), (278, 4, 60_000), (279, 4, 10)]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + b"\0" * 4


def _circle() -> bytes:
    """A directory whose next is itself."""
    entries = [(256, 4, 10), (257, 4, 10), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8)]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", 8)


@pytest.mark.parametrize(
    "content",
    [b"", b"II*\0", b"no fax at all", fax()[:300], _bomb(), b"%PDF-1.4", b"GIF89a" + b"\0" * 50],
    ids=["empty", "head", "words", "torn", "bomb", "pdf", "gif"],
)
async def test_what_is_no_fax_is_said_in_a_sentence(tmp_path, content):
    path = tmp_path / "fax.tif"
    path.write_bytes(content)
    with pytest.raises(UnreadableFax, match="download"):
        await FaxPages().picture(path, 1)


async def test_a_file_that_leads_back_to_itself_ends(tmp_path):
    path = tmp_path / "fax.tif"
    path.write_bytes(_circle())
    with suppress(UnreadableFax):
        assert (await FaxPages().count(path)).pages <= 200


async def test_a_reader_that_hangs_is_ended(file, tmp_path, monkeypatch):
    (tmp_path / "hanging_worker.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert sys.executable
    with pytest.raises(UnreadableFax, match="too long"):
        await FaxPages(module="hanging_worker", limit=0.5).count(file)


async def test_a_fax_is_shown_to_its_agent_and_to_nobody_else(centre):  # noqa: F811
    (centre.folder / "x-fax.tif").write_bytes(fax(pages=2))
    await centre.call("call-1")
    client = await centre.signed_in("agent")
    path = "/api/v1/contacts/call-1/document"
    assert (await client.get(path)).status_code == 403
    await centre.ready("ann")
    assert (await client.get(path)).status_code == 404
    await centre.do(EditContact(id="e", contact="call-1", attributes={"file": "x-fax.tif"}))
    assert (await client.get(path)).json() == {"pages": 2, "more": False}
    page = await client.get(f"{path}/pages/1")
    assert page.headers["content-type"] == "image/png"
    assert page.content.startswith(b"\x89PNG")
    assert (await client.get(f"{path}/pages/3")).status_code == 404
    assert (await client.get(f"{path}/pages/0")).status_code == 422
    (centre.folder / "x-fax.tif").write_bytes(b"nothing")
    refused = await client.get(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "fax_unreadable")
