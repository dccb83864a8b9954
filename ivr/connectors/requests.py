"""From a connector and parameters to what is sent: each becomes one segment of the path, one value
of the query or one text of the JSON body.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ivr.connectors.definitions import Connector
from router.outgoing.requests import Request, Unaskable, request_of, target_of
from router.outgoing.templates import written
from router.text import one_line


def request_for(connector: Connector, parameters: Mapping[str, str]) -> Request:
    """Raises ``Unaskable``."""
    values = dict(_values(connector, parameters))
    target = target_of(connector.path, connector.query, values)
    body = b""
    if connector.body is not None:
        filled = written(connector.body, values)
        body = json.dumps(filled, ensure_ascii=False, allow_nan=False).encode()
    return request_of(connector.destination, connector.method, target, connector.headers, body)


def _values(connector: Connector, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, parameter in connector.parameters.items():
        value = one_line(given.get(name, ""))
        if not value and not parameter.optional:
            raise Unaskable(f"its parameter {name} is empty")
        if len(value) > parameter.longest:
            raise Unaskable(f"its parameter {name} is longer than {parameter.longest} characters")
        if value:
            yield name, value
