"""What connections to mail servers share: encryption, and where it may be done without."""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from pathlib import Path


def is_loopback(host: str) -> bool:
    """Whether what is sent to ``host`` stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Certificates and host names are checked, against ``ca_file`` when there is one."""
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def printable(text: str | bytes, most: int = 200) -> str:
    """What a server said, harmless in a log line and a sentence."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    flat = " ".join(text.split())
    short = flat if len(flat) <= most else f"{flat[: most - 1]}…"
    return "".join(one if one.isprintable() else "�" for one in short)
