"""Names of files as strangers give them, made fit to be shown and to be saved under."""

from __future__ import annotations

import re
from typing import Final

from cti_adapters.email.model import MAX_NAME
from router.text import one_line

_ENDINGS: Final = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/json": ".json",
    "application/ms-tnef": ".dat",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
}
_FORBIDDEN: Final = re.compile(r'[<>:"|?*/\\]')
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,10}$")


def file_name(given: str, content_type: str, otherwise: str = "attachment") -> str:
    """``given`` without folders and without characters that a file system or a person takes for
    something else, at most ``MAX_NAME`` long with its ending kept; made up when nothing is left.
    """
    last = re.split(r"[/\\]", given[-2_000:].rstrip("/\\"))[-1]
    plain = _FORBIDDEN.sub("_", one_line(last)).strip(" .")
    if not plain.strip("_"):
        plain = otherwise + _ENDINGS.get(content_type, ".bin")
    if _DEVICES.match(plain):
        plain = f"_{plain}"
    return _cut(plain)


def message_name(subject: str) -> str:
    """The file name of a mail that is attached to another."""
    plain = _FORBIDDEN.sub("_", one_line(subject)).strip(" ._")[: MAX_NAME - 10]
    return file_name(f"{plain or 'message'}.eml", "message/rfc822")


def _cut(name: str) -> str:
    if len(name) <= MAX_NAME:
        return name
    ending = found.group() if (found := _ENDING.search(name)) else ""
    return name[: MAX_NAME - len(ending)].rstrip() + ending
