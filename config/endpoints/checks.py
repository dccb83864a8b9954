"""What is checked of every address that another system is asked at, and of its headers."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final, Protocol

from config.catalog.checks import Checker
from config.endpoints.document import SecretSource
from config.endpoints.values import UrlParts
from config.problems import Path, excerpt

OURS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
"""Headers that Patchbay writes itself."""
_SECRET: Final = ("auth", "cookie", "key", "password", "secret", "token")


class Endpoint(Protocol):
    @property
    def allow_private(self) -> bool | None: ...

    @property
    def ca_file(self) -> str | None: ...


def check_trust(
    path: Path, source: Endpoint, url: UrlParts, folder: FilePath, checker: Checker
) -> None:
    if source.ca_file is not None:
        _check_certificates((*path, "ca_file"), folder / source.ca_file, checker)
    if url.tls:
        return
    if not source.allow_private:
        what = "everybody on the way could read and change what is sent and answered"
        checker.report((*path, "url"), what, "write https, or 'allow_private: true' for your own")
    elif url.host not in {"localhost", "127.0.0.1", "::1"}:
        what = "everybody in your network can read and change what is sent and answered"
        checker.warn((*path, "url"), what, "write https")
    if source.ca_file is not None:
        checker.warn((*path, "ca_file"), "it is not used without TLS", "write https")


def _check_certificates(path: Path, file: FilePath, checker: Checker) -> None:
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        checker.report(path, "this file holds no certificates", "name one in PEM format")
    except OSError:
        checker.report(path, "there is no such file", "check its name and who may read it")


def check_headers(
    path: Path,
    headers: Mapping[str, str | SecretSource],
    environment: Mapping[str, str],
    checker: Checker,
) -> None:
    seen: set[str] = set()
    for name, value in headers.items():
        here, lowered = (*path, "headers", name), name.lower()
        if lowered in OURS:
            checker.report(here, "Patchbay writes this header itself", "remove it")
        if lowered in seen:
            checker.report(here, "this header is given twice", "remove one")
        seen.add(lowered)
        if isinstance(value, SecretSource):
            check_secret((*here, "env"), value.env, environment, checker)
        elif any(word in lowered for word in _SECRET):
            fix = f"write '{name}: {{env: VARIABLE}}' and keep the secret in the environment"
            checker.report(here, "a secret would stand in this file", fix)


def check_secret(
    path: Path, variable: str, environment: Mapping[str, str], checker: Checker
) -> None:
    """Whether the environment has ``variable``, and one line of ASCII in it."""
    secret = environment.get(variable)
    if not secret:
        what = f"the environment has no {excerpt(variable)}"
        checker.report(path, what, "set it to the secret that the other system expects")
    elif len(secret) > 4_000 or not (secret.isascii() and secret.isprintable()):
        what = f"what the environment has as {excerpt(variable)} cannot be a header"
        checker.report(path, what, "set it to one line of letters, digits and signs")
