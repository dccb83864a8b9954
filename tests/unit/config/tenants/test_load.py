"""``config.tenants``: every mistake is told by its line, and no tenant gets another's."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from config.tenants import Limits, Operator, TenantsRefused, check_file, check_text, read_tenants
from config.tenants.schema import FILE, schema_text, tenants_schema

SAMPLE = Path(__file__).parents[4] / "config" / "tenants.yaml"
DEPLOYED = SAMPLE.parents[1] / "deploy" / "tenants.yaml"
TWO = "tenants:\n  acme: {hosts: [acme.example]}\n  globex: {hosts: [globex.example]}\n"


def problems(text: str, folder: Path = Path()) -> list[str]:
    return [str(one) for one in check_text(text, folder=folder).problems]


def test_the_sample_is_good_and_as_its_schema_says() -> None:
    report = check_file(SAMPLE)
    assert report.problems == ()
    assert report.found is not None
    assert [one.id for one in report.found.tenants] == ["acme", "globex"]
    assert report.found.operator == Operator(port=9109)
    jsonschema.validate(yaml.safe_load(SAMPLE.read_text()), tenants_schema())


def test_the_one_to_deploy_is_good() -> None:
    assert check_file(DEPLOYED).problems == ()


def test_the_sample_names_the_limits_that_hold_by_default() -> None:
    found = check_file(SAMPLE).found
    assert found is not None
    assert {one.limits for one in found.tenants} == {Limits()}


def test_the_schema_in_the_repository_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), "run python -m config.tenants.schema"


def test_what_is_written_holds(tmp_path: Path) -> None:
    (tmp_path / "acme.env").touch()
    more = "    settings: acme.env\n    limits: {sockets: 7}\n"
    found = check_text(f"tenants:\n  acme:\n    hosts: [a.example]\n{more}", folder=tmp_path).found
    assert found is not None
    acme = found.named("acme")
    assert acme is not None
    assert (acme.settings, acme.limits) == (tmp_path / "acme.env", Limits(sockets=7))
    assert found.named("globex") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TWO.replace("globex.example", "acme.example"), "is a host of"),
        (TWO.replace("globex.example", "GLOBEX.example"), "write a host in lower case"),
        (TWO.replace("globex.example", "globex.example:80"), "without a port"),
        (TWO.replace("globex.example", "''"), "write a host"),
        (TWO.replace("[globex.example]", "[]"), "hosts"),
        (TWO.replace("globex:", "Glo{bex:"), "tenants"),
        (TWO.replace("globex:", f"{'g' * 33}:"), "tenants"),
        (TWO + "  third: {hosts: [c.example], settings: missing.env}\n", "no such file"),
        (TWO + "  third: {hosts: [c.example], limits: {sockets: 0}}\n", "sockets"),
        (TWO + "  third: {hosts: [c.example], limits: {socket: 1}}\n", "socket"),
        (TWO + "operator: {port: 70000}\n", "port"),
        ("tenants: {}\n", "tenants"),
        ("", "no tenant is named"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, told: str) -> None:
    found = problems(text)
    assert found
    assert any(told in one for one in found), found


def test_two_tenants_do_not_share_a_file_of_settings(tmp_path: Path) -> None:
    (tmp_path / "one.env").touch()
    both = TWO.replace("}", ", settings: one.env}")
    assert any("these are the settings of" in one for one in problems(both, tmp_path))


def test_no_more_tenants_than_a_process_can_carry() -> None:
    many = "".join(f"  t{n}: {{hosts: [t{n}.example]}}\n" for n in range(201))
    assert problems(f"tenants:\n{many}")


def test_a_file_with_mistakes_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "tenants.yaml"
    file.write_text("tenants: 3\n")
    with pytest.raises(TenantsRefused, match="The tenants cannot be used"):
        read_tenants(file)
