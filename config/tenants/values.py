"""How the texts of the file are read. A ValueError carries one sentence that says what to write."""

from __future__ import annotations

from typing import Final

from config.catalog.reader import KindReader
from config.endpoints import values
from config.endpoints.values import matching, read_as

HOST_NAME: Final = r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$"

parse_host_name = matching(
    HOST_NAME, "write a host in lower case and without a port, such as acme.example", 253
)
KINDS: Final[dict[str, KindReader]] = {**values.KINDS, "host name": read_as(parse_host_name)}
