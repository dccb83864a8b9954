"""How the texts of the file are read: as those of any endpoint, and the names of parameters."""

from __future__ import annotations

from typing import Final

from config.catalog.reader import KindReader
from config.endpoints import values
from config.endpoints.values import matching, read_as
from ivr.core.values import FIELD, MAX_NAME

_ADVICE: Final = "write lower-case letters a-z, digits and '_' alone"

PARSERS: Final = {**values.PARSERS, "field": matching(FIELD, _ADVICE, MAX_NAME)}
KINDS: Final[dict[str, KindReader]] = {**values.KINDS, "field": read_as(PARSERS["field"])}
