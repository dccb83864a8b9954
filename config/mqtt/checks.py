"""What the file means, checked on the document: one run names all problems."""

from __future__ import annotations

import ssl
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.durations import format_duration
from config.endpoints.checks import check_secret
from config.files import read_file
from config.mqtt.document import MqttSource
from config.mqtt.values import parse_broker
from config.problems import Path, ProblemList, excerpt
from config.settings_file import Given
from router.core.durations import MILLISECOND, MINUTE

MQTT: Final = "mqtt"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LEAST_FIGURES, _MOST_FIGURES = 200 * MILLISECOND, 10 * MINUTE
_MAX_SECRET: Final = 4_000


def check_broker(source: MqttSource, given: Given, checker: Checker) -> str:
    """The password, when there is one that can be used."""
    _check_trust(source, given.folder, checker)
    _check_durations(source, checker)
    for name, client in (source.clients or {}).items():
        path: Path = (MQTT, "clients", name, "commands")
        if not client.commands:
            checker.report(path, "no command is named", "name one, or remove the client")
        if len(set(client.commands)) < len(client.commands):
            checker.warn(path, "a command is named twice", "remove one")
    password = _password(source, given, checker)
    named = source.password_env is not None or source.password_file is not None
    if source.username is None and named:
        fix = "add 'username'"
        checker.report((MQTT,), "there is a password, and nobody whose it is", fix)
    if not (source.username or source.certificate_file):
        what = "the broker does not know that it is Patchbay who speaks"
        checker.warn((MQTT,), what, "add 'username' and 'password_env', and rules to the broker")
    return password


def _check_trust(source: MqttSource, folder: FilePath, checker: Checker) -> None:
    broker = parse_broker(source.url)
    tls_only = ("ca_file", "certificate_file", "key_file")
    if not broker.tls:
        if broker.host not in _LOOPBACK:
            what = f"everything would go to {excerpt(broker.host)} for all to read and change"
            checker.report((MQTT, "url"), what, "write mqtts://")
        for key in tls_only:
            if getattr(source, key) is not None:
                checker.warn((MQTT, key), "it is not used without TLS", "write mqtts://")
        return
    if (source.certificate_file is None) != (source.key_file is None):
        what = "a certificate needs its key, and a key its certificate"
        checker.report((MQTT,), what, "write 'certificate_file' and 'key_file'")
    elif source.certificate_file is not None and source.key_file is not None:
        _check_own(folder / source.certificate_file, folder / source.key_file, checker)
    if source.ca_file is not None:
        _check_authorities(folder / source.ca_file, checker)


def _check_authorities(file: FilePath, checker: Checker) -> None:
    path = (MQTT, "ca_file")
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        checker.report(path, "this file holds no certificates", "name one in PEM format")
    except OSError:
        checker.report(path, "there is no such file", "check its name and who may read it")


def _check_own(certificate: FilePath, key: FilePath, checker: Checker) -> None:
    path = (MQTT, "certificate_file")
    try:
        ssl.create_default_context().load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError:
        fix = "name both in PEM format, the key without a password"
        checker.report(path, "these are no certificate and its key", fix)
    except (OSError, ValueError):
        checker.report(path, "one of the two files is missing", "check their names")


def _no_password() -> str:
    """Asked for it at the terminal, the start would wait for ever."""
    return ""


def _check_durations(source: MqttSource, checker: Checker) -> None:
    every = source.figures_every
    if every is not None and not _LEAST_FIGURES <= every <= _MOST_FIGURES:
        fix = f"write {format_duration(_LEAST_FIGURES)} to {format_duration(_MOST_FIGURES)}"
        what = f"{format_duration(every)} makes no sense here"
        checker.report((MQTT, "figures_every"), what, fix)


def _password(source: MqttSource, given: Given, checker: Checker) -> str:
    if source.password_env is not None and source.password_file is not None:
        what = "password_env and password_file are both given"
        checker.report((MQTT, "password_file"), what, "write one of them")
    elif source.password_env is not None:
        path: Path = (MQTT, "password_env")
        check_secret(path, source.password_env, given.environment, checker)
        return given.environment.get(source.password_env, "")
    elif source.password_file is not None:
        return _first_line(given.folder / source.password_file, checker)
    return ""


def _first_line(file: FilePath, checker: Checker) -> str:
    path, silent = (MQTT, "password_file"), ProblemList("")
    content = read_file(file, silent)
    if content is None:
        what = f"{silent.sorted()[0].what} ({excerpt(str(file))})"
        checker.report(path, what, "check its name and who may read it")
        return ""
    text = content.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if not text or len(text) > _MAX_SECRET or not text.isprintable():
        checker.report(path, "its first line is no secret", "write characters that can be seen")
    return text
