"""``webchat.file_kinds``: a file is what is in it, and its name says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.webchat.file_kinds import (
    KINDS,
    MAX_NAME,
    USUAL,
    clean_name,
    is_picture,
    kind_of,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
BY_TYPE = {kind.content_type: kind for kind in KINDS}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF89a\x01\0", "image/gif"),
        (b"RIFF\x04\0\0\0WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04\x14", "application/zip"),
        ("3 < 4, 价格 5 €\r\n\tend".encode(), "text/plain"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(content, expected):
    kind = kind_of(content)
    assert kind is not None
    assert kind.content_type == expected
    assert kind.picture == expected.startswith("image/")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"\xef\xbb\xbf  \n<html>",
        b"hello <script src=x></script>",
        b"< script >",
        b"MZ\x90\0\x03",
        b"\x7fELF\x02",
        b"\0\0\0\x20ftypavif",
        b"RIFF\x04\0\0\0WAVEfmt ",
        b" \x89PNG\r\n\x1a\n",
        "latin é".encode("latin-1"),
        b"text\x00with a nought",
        b"\x1b[31mred",
    ],
)
def test_what_might_run_or_is_not_known_is_nothing(content):
    assert kind_of(content) is None


def test_an_archive_is_taken_only_where_it_is_wanted():
    assert "application/zip" not in USUAL


def test_only_raster_pictures_are_shown():
    shown = [kind.content_type for kind in KINDS if is_picture(kind.content_type)]
    assert shown == ["image/png", "image/jpeg", "image/gif", "image/webp"]
    assert not is_picture("image/svg+xml")
    assert not is_picture("text/html")


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("photo.png", "photo.png"),
        ("Photo.PNG", "Photo.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\ann\\photo.png", "photo.png"),
        ("page.html", "page.html.png"),
        ("shot.svg", "shot.svg.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe.png"),
        ("", "file.png"),
        ("...", "file.png"),
        (".png", "png.png"),
        ("截图 1.png", "截图 1.png"),
        ('a"b<c>.png', "a_b_c_.png"),
    ],
)
def test_names_lose_folders_tricks_and_false_endings(given_name, expected):
    assert clean_name(given_name, BY_TYPE["image/png"]) == expected


@given(st.text(max_size=2_000), st.sampled_from(KINDS))
def test_any_name_becomes_one_that_can_be_saved_anywhere(name, kind):
    cleaned = clean_name(name, kind)
    assert 0 < len(cleaned) <= MAX_NAME
    assert not set(cleaned) & set('/\\<>:"|?*%\r\n\0')
    assert cleaned.rpartition(".")[2] in kind.endings
    assert not cleaned.startswith(".")
    assert cleaned == clean_name(cleaned, kind)
