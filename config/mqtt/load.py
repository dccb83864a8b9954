"""From a file to the settings of the edge and its problems: the one way in.

Nothing here raises for bad input but ``read_mqtt``, which is for the start of the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from config.catalog.checks import Checker
from config.catalog.reader import Reader
from config.mqtt.checks import check_broker
from config.mqtt.compile import compile_broker
from config.mqtt.document import MqttFileSource
from config.mqtt.values import KINDS
from config.problems import ProblemList
from config.settings_file import Given, Report, in_force, report_on_file, report_on_text
from config.yaml_nodes import Node
from router.edge.settings import EdgeSettings

EMPTY: Final = ("no broker is named", "write 'mqtt: {url: mqtts://broker.example}'")

MqttReport = Report[EdgeSettings]


class MqttRefused(Exception):
    """The file named at start cannot be used; the text says why, line by line."""


def read_mqtt(path: FilePath) -> EdgeSettings:
    """What is in ``path``. Raises ``MqttRefused``."""
    return in_force(check_file(path), MqttRefused, "The MQTT settings")


def check_file(path: FilePath, *, environment: Mapping[str, str] | None = None) -> MqttReport:
    """Every error of the file ``path``, or its warnings, in the file's order."""
    return report_on_file(_judge, path, EMPTY, environment=environment)


def check_text(
    source: str | bytes,
    *,
    file: str = "mqtt",
    folder: FilePath = FilePath(),
    environment: Mapping[str, str] | None = None,
) -> MqttReport:
    """As ``check_file``. Names of files count from ``folder``."""
    return report_on_text(_judge, source, EMPTY, file=file, folder=folder, environment=environment)


def _judge(root: Node, problems: ProblemList, given: Given) -> EdgeSettings | None:
    document = Reader(problems, KINDS, {}).read(MqttFileSource, root)
    if document is None:
        return None
    password = check_broker(document.mqtt, given, Checker(root, problems))
    if problems.errors:
        return None
    return compile_broker(document.mqtt, given.folder, password)
