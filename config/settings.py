"""Runtime settings: from the environment (``PATCHBAY_…``), or a file of such lines when given.

No file is read unless it is named, so a stray ``.env`` in the working directory changes nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.durations import parse_duration
from config.problems import excerpt, suggest
from router.core.durations import MINUTE

PREFIX: Final = "PATCHBAY_"
MIN_SECRET: Final = 32
_ADVICE: Final = {"int_parsing": "write a whole number"}
_LINE: Final = re.compile(r"\s*(#.*|(export\s+)?\w+\s*=.*)?")


class SettingsError(Exception):
    """A setting cannot be used; the text is one sentence that names it and says what to write."""


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _listed(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Duration = Annotated[int, BeforeValidator(_duration)]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class Settings(BaseSettings):
    """How this process runs. Durations are microseconds, written with units (``12h``)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=None, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080  # 0: any free port
    data_directory: Path = Path("patchbay-data")
    database_url: str = ""  # empty: SQLite in the data directory
    journal_path: Path | None = None  # None: in the data directory
    catalog_path: Path | None = None  # None: the catalog last published
    flows_path: Path | None = None  # a folder of flows that are published if they are not there yet
    asterisk_path: Path | None = None  # the telephone systems; None: there are none
    secret_key: SecretStr | None = None  # None: made at first start and kept with the data
    session_lifetime: Annotated[Duration, Field(ge=MINUTE)] = parse_duration("12h")
    time_zone: str = "UTC"  # says when the statistics' day begins
    allowed_origins: Listed = ()  # this service's own addresses behind a proxy or another name
    chat_sites: Listed = ()  # other sites that carry the chat widget
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"  # of numbers without country code
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    inbox_limit: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000  # commands not yet decided
    max_frame: Annotated[int, Field(ge=1_024, le=1_048_576)] = 65_536  # bytes, desk and board
    chat_connections: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    chats_per_address: Annotated[int, Field(ge=1, le=10_000)] = 20  # open at once, per IP address
    chat_lines_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 60
    sign_in_attempts: Annotated[int, Field(ge=1, le=1_000)] = 10  # per minute and address

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
            raise ValueError("write sqlite+aiosqlite:///PATH or postgresql+asyncpg://HOST/NAME")
        return url

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("write a time zone such as Europe/London")
        return name

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < MIN_SECRET:
            raise ValueError(f"write {MIN_SECRET} characters or more, chosen at random")
        return secret

    @field_validator("allowed_origins", "chat_sites")
    @classmethod
    def _whole_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not _is_origin(origin):
                raise ValueError("write origins as https://shop.example, separated by commas")
        return origins

    @property
    def journal_file(self) -> Path:
        return self.journal_path or self.data_directory / "journal.db"

    @property
    def database(self) -> str:
        """The database URL in force."""
        file = (self.data_directory / "patchbay.db").as_posix()
        return self.database_url or f"sqlite+aiosqlite:///{file}"


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    bare = f"{parts.scheme}://{parts.netloc}"
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and text == bare


def load_settings(file: Path | None = None, **given: Any) -> Settings:  # noqa: ANN401
    """Settings from ``given``, the environment and ``file``, in this order of precedence.

    ``file`` holds ``PATCHBAY_NAME=value`` lines. Raises ``SettingsError``.
    """
    if file is not None and not file.is_file():
        raise SettingsError(f"the settings file {file} does not exist; check its name")
    try:
        if file is not None:
            _check_lines(file)
        return Settings(**{"_env_file": file, **given})
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None
    except (UnicodeDecodeError, OSError):
        raise SettingsError(f"the settings file {file} cannot be read; save it as UTF-8") from None


def _check_lines(file: Path) -> None:
    """The reader of such files passes over what it cannot read; a catalog would be all of that."""
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not _LINE.fullmatch(line):
            raise SettingsError(
                f"line {number} of the settings file {file} is no {PREFIX}NAME=value;"
                " correct it, or name a catalog with --catalog"
            )


def _sentence(error: ValidationError) -> str:
    """The first problem in one sentence, without the value: it may be a secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
        hint = suggest(name.upper(), known, otherwise="remove it")
        return f"the setting {excerpt(name.upper())} is not known; {hint}"
    what = _ADVICE.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    what = what.replace("Input should be", "it should be")
    return f"the setting {PREFIX}{name.upper()} cannot be used: {what}"
