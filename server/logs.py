"""Logging for people (console) or programs (JSON), never with a secret in it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor

LogFormat = Literal["console", "json"]

HIDDEN = "[hidden]"
MAX_VALUE = 4_000
_SECRET_NAME = re.compile(
    r"passw|secret|token|cookie|authoriz|credential|api_?key|session_id", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"\$argon2\w*\$\S+"  # a password hash
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in an address
    r"|(?i:(?<=bearer )\S+)"
    r"|(?<=patchbay_session=)[^;\s]+"
)


def configure_logging(log_format: LogFormat = "console", level: str = "INFO") -> None:
    """Send all logs, ours and the libraries', to standard error in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact,
                _renderer(log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn", "alembic", "websockets"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _renderer(log_format: LogFormat) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Hide what is named like a secret and what looks like one, at any depth."""
    return {name: _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: object, depth: int = 0) -> object:
    if _SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_VALUE.sub(HIDDEN, value[:MAX_VALUE])
    if depth < 4 and isinstance(value, Mapping):
        return {str(k): _clean(str(k), v, depth + 1) for k, v in value.items()}
    if depth < 4 and isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_clean("", item, depth + 1) for item in value]
    return value
