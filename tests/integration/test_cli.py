import io
import json
import re
from pathlib import Path

import pytest

from server.cli import bench
from server.cli.root import outcome

GOOD = """
skills: {english: English}
queues: {help: {label: Help, steps: [{ask: {english: 1}}]}}
profiles: {all: {label: All, queues: [help], capacity: {voice: 1}}}
agents: {ann: {name: Ann, profile: all, skills: {english: 5}}}
entry_points: {line: {label: Line, channel: voice, queue: help}}
"""


@pytest.fixture(autouse=True)
def _own_data_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")


def test_a_good_catalog_is_good(tmp_path, capsys):
    file = tmp_path / "catalog.yaml"
    file.write_text(GOOD)
    assert outcome(["check", str(file)]) == 0
    assert "is good: 1 queue, 1 profile, 1 agent" in capsys.readouterr().out


def test_a_bad_catalog_is_bad_input_with_the_line_of_each_problem(tmp_path, capsys):
    file = tmp_path / "catalog.yaml"
    file.write_text(GOOD.replace("queues: [help]", "queues: [hlep]"))
    report = tmp_path / "report.json"
    assert outcome(["check", str(file), "--json", str(report)]) == 2
    assert f"{file}:4:" in capsys.readouterr().out
    assert json.loads(report.read_text())["problems"][0]["line"] == 4


def test_a_file_of_telephone_systems_is_checked_as_one(tmp_path, capsys):
    file = tmp_path / "asterisk.yaml"
    file.write_text("pbxs: {main: {secret: x, entry_point: line, host: pbx.example}}")
    assert outcome(["check", str(file)]) == 0
    said = capsys.readouterr().out
    assert "can listen and give it orders; add 'tls: true'" in said
    assert "is good: 1 telephone system, 1 warning." in said
    file.write_text("pbxs: {main: {secret: x, trunk: 'PJSIP/all&PJSIP/{number}'}}")
    assert outcome(["check", str(file)]) == 2


def test_a_file_of_mailboxes_is_checked_as_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SUPPORT_PASSWORD", "hunter2-hunter2")
    example = Path(__file__).parents[2] / "config" / "mailboxes.yaml"
    assert outcome(["check", str(example)]) == 0
    assert "is good: 1 mailbox, 0 warnings." in capsys.readouterr().out
    catalog, file = tmp_path / "catalog.yaml", tmp_path / "mailboxes.yaml"
    catalog.write_text(GOOD)
    file.write_text(example.read_text().replace("security: tls ", "security: none "))
    assert outcome(["check", str(file), "--catalog", str(catalog)]) == 2
    said = capsys.readouterr().out.replace("\n", " ")
    assert "for all to read" in said
    assert "the entry point 'support_mail' is not defined" in said
    assert "hunter2" not in said


def test_a_flow_is_checked_with_its_own_tests_and_against_a_catalog(tmp_path, capsys):
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(GOOD)
    flow = Path(__file__).parents[2] / "config" / "flows" / "main_line.yaml"
    assert outcome(["check", str(flow)]) == 0
    assert "6 tests passed" in capsys.readouterr().out.replace("\n", "")
    assert outcome(["check", str(flow), "--catalog", str(catalog)]) == 2
    assert "there is no queue" in capsys.readouterr().out


def test_telephone_systems_are_checked_against_a_catalog(tmp_path, capsys):
    catalog, file = tmp_path / "catalog.yaml", tmp_path / "asterisk.yaml"
    catalog.write_text(GOOD)
    file.write_text("pbxs: {main: {secret: x, entry_point: lin}}")
    assert outcome(["check", str(file)]) == 0
    assert outcome(["check", str(file), "--catalog", str(catalog)]) == 2
    assert "'lin' is not defined; did you mean 'line'?" in capsys.readouterr().out
    asked = ["asterisk", "check", "--file", str(file), "--catalog", str(catalog)]
    assert outcome(asked) == 2
    assert "'lin' is not defined; did you mean 'line'?" in capsys.readouterr().err
    file.write_text("pbxs: {main: {secret: x, entry_point: line, phones: {sue: PJSIP/1}}}")
    assert outcome(["check", str(file), "--catalog", str(catalog)]) == 0
    assert "1 telephone system, 1 warning" in capsys.readouterr().out


def test_a_catalog_beside_another_file_than_telephone_systems_is_refused(tmp_path, capsys):
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(GOOD)
    assert outcome(["check", str(catalog), "--catalog", str(catalog)]) == 2
    assert "Use --catalog with systems, mailboxes, webhooks or a flow" in capsys.readouterr().err
    systems = tmp_path / "asterisk.yaml"
    systems.write_text("pbxs: {main: {secret: x, entry_point: line}}")
    catalog.write_text("queues: 1")
    assert outcome(["check", str(systems), "--catalog", str(catalog)]) == 2
    assert "The catalog cannot be used: " in capsys.readouterr().err


def test_the_managers_user_is_let_in_from_one_address(tmp_path, capsys):
    file = tmp_path / "asterisk.yaml"
    file.write_text("pbxs: {a: {secret: x, entry_point: line}, b: {secret: y, host: 10.0.0.5}}")
    command = ["asterisk", "manager", "--file", str(file)]
    assert outcome([*command, "--pbx", "a"]) == 0
    assert "permit = 127.0.0.1/255.255.255.255\n" in capsys.readouterr().out
    assert outcome([*command, "--pbx", "b"]) == 2
    assert "Say with --from which address Patchbay has" in capsys.readouterr().err
    assert outcome([*command, "--pbx", "b", "--from", "10.0.0.9"]) == 0
    assert "permit = 10.0.0.9/255.255.255.255\n" in capsys.readouterr().out
    assert outcome([*command, "--pbx", "b", "--from", "0.0.0.0\nwrite = all"]) == 2
    assert outcome([*command, "--pbx", "c"]) == 2
    assert "has no telephone system 'c': it has a, b." in capsys.readouterr().err


def test_the_first_user_and_lines_need_no_file(capsys):
    assert outcome(["asterisk", "manager"]) == 0
    first = capsys.readouterr().out
    assert outcome(["asterisk", "manager"]) == 0
    secrets = [
        re.search("secret = (.{32})\n", text)[1] for text in (first, capsys.readouterr().out)
    ]
    assert secrets[0] != secrets[1]
    assert outcome(["asterisk", "dialplan", "--freepbx"]) == 0
    assert "[patchbay]" in capsys.readouterr().out


def test_phones_need_a_catalog(tmp_path, capsys):
    file = tmp_path / "asterisk.yaml"
    file.write_text("pbxs: {main: {secret: x, entry_point: line}}")
    assert outcome(["asterisk", "phones", "--file", str(file)]) == 2
    assert "name one with --catalog" in capsys.readouterr().err
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(GOOD)
    command = ["asterisk", "phones", "--file", str(file), "--catalog", str(catalog)]
    assert outcome(command) == 0
    first = capsys.readouterr().out
    assert "[ann](patchbay-phone)" in first
    assert outcome(command) == 0
    assert capsys.readouterr().out == first, "the passwords are the same whenever they are printed"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "no-such-file.yaml"],
        ["asterisk", "phones"],
        ["asterisk", "dialplan", "--pbx", "main"],
        ["asterisk", "check", "--file", "no-such-file.yaml"],
        ["asterisk", "phones", "--file", "config/demo.yaml"],
        ["import", "customers", "no-such-file.csv"],
        ["user", "passwd", "nobody", "--generate"],
        ["serve", "--config", "no-such-file"],
        ["serve", "--port", "99999"],
        ["no-such-command"],
        ["user", "add", "ann"],
        ["user", "add", "Ann Lee", "--role", "agent", "--generate"],
        ["user", "add", "ann", "--role", "king", "--generate"],
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments, capsys):
    assert outcome(arguments) == 2
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert said.strip()
    assert "Traceback" not in said


def test_an_unknown_setting_is_named(monkeypatch, tmp_path, capsys):
    file = tmp_path / "settings"
    file.write_text("PATCHBAY_PROT=80\n")
    assert outcome(["user", "list", "--config", str(file)]) == 2
    assert "PATCHBAY_PROT" in capsys.readouterr().err


def test_what_a_user_wrote_is_not_taken_for_markup(capsys):
    assert outcome(["check", "[red]x[/nothing].yaml"]) == 2
    assert "[red]x[/nothing].yaml" in capsys.readouterr().out


def test_a_user_is_added_with_a_generated_password_that_is_shown_once(tmp_path, capsys):
    assert outcome(["user", "add", "ann", "--role", "agent", "--generate"]) == 0
    said = capsys.readouterr().out
    password = said.split(" is ")[1].split()[0]
    listed = tmp_path / "users.json"
    assert outcome(["user", "list", "--json", str(listed)]) == 0
    assert password not in capsys.readouterr().out
    users = json.loads(listed.read_text())["users"]
    assert users == [{"id": "ann", "name": "ann", "roles": ["agent"], "agent": "ann"}]
    stored = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("patchbay.db*"))
    assert password.encode() not in stored
    assert b"$argon2id$" in stored


def test_a_password_comes_from_a_pipe_when_that_is_said_and_nobody_is_asked_in_vain(
    monkeypatch, capsys
):
    add = ["user", "add", "ann", "--role", "agent"]
    for line, code in (("short\n", 2), ("long enough for ann\nmore", 0), ("", 2)):
        monkeypatch.setattr("sys.stdin", io.StringIO(line))
        assert outcome([*add, "--password-stdin"]) == code
    said = capsys.readouterr()
    assert "The password of ann is set." in said.out
    assert "long enough" not in said.out + said.err
    assert outcome(add) == 2
    assert "--password-stdin" in capsys.readouterr().err
    assert outcome([*add, "--generate", "--password-stdin"]) == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("another long one\r\n"))
    assert outcome(["user", "passwd", "ann", "--password-stdin"]) == 0


def test_the_same_user_cannot_be_added_twice(capsys):
    arguments = ["user", "add", "sue", "--role", "supervisor", "--generate"]
    assert outcome(arguments) == 0
    assert outcome(arguments) == 2
    assert "already a user 'sue'" in capsys.readouterr().err


def test_customers_are_imported_after_a_dry_run_that_changes_nothing(tmp_path, capsys):
    file = tmp_path / "customers.csv"
    file.write_text("name,phone\nMaría Díaz,+441632960001\nTom,not a number\n", encoding="utf-8")
    report = tmp_path / "report.json"
    assert outcome(["import", "customers", str(file), "--dry-run"]) == 2
    assert "1 customers would be created" in capsys.readouterr().out
    assert outcome(["import", "customers", str(file), "--json", str(report)]) == 2
    assert "line 3" in capsys.readouterr().err
    done = json.loads(report.read_text())
    assert (done["created"], done["rejected"]) == (1, 1)
    outcome(["import", "customers", str(file), "--json", str(report)])
    assert json.loads(report.read_text())["unchanged"] == 1


def test_customers_are_exported_for_import_into_a_new_private_file(tmp_path, capsys):
    given, taken = tmp_path / "customers.csv", tmp_path / "taken.csv"
    given.write_text("name,phone\nAnn,+441632960001\n=1+1,+441632960002\n")
    assert outcome(["import", "customers", str(given)]) == 0
    assert outcome(["export", "customers", str(taken)]) == 0
    assert "+441632960001" in taken.read_text()
    assert "\n,=1+1" not in taken.read_text()
    assert taken.stat().st_mode & 0o077 == 0
    before = taken.read_bytes()
    assert outcome(["export", "customers", str(taken)]) == 2
    assert "cannot be written: File exists." in capsys.readouterr().err
    assert taken.read_bytes() == before


def test_the_roles_of_a_user_are_replaced(tmp_path, capsys):
    assert outcome(["user", "add", "ann", "--role", "agent", "--generate"]) == 0
    roles = ["--role", "supervisor", "--role", "admin"]
    assert outcome(["user", "roles", "ann", *roles]) == 0
    assert "ann is now admin, supervisor." in capsys.readouterr().out
    listed = tmp_path / "users.json"
    assert outcome(["user", "list", "--json", str(listed)]) == 0
    assert sorted(json.loads(listed.read_text())["users"][0]["roles"]) == ["admin", "supervisor"]
    assert outcome(["user", "roles", "nobody", *roles]) == 2
    assert outcome(["user", "roles", "ann"]) == 2


def test_doctor_tells_programs_what_it_found(tmp_path):
    report = tmp_path / "doctor.json"
    assert outcome(["doctor", "--json", str(report)]) == 0
    found = json.loads(report.read_text())
    assert found["fit"] is True
    assert {"Python", "disk", "data folder", "pages"} <= {one["what"] for one in found["findings"]}


def test_serve_refuses_to_start_without_a_user_says_what_to_do_and_leaves_no_trace(
    tmp_path, capsys
):
    assert outcome(["serve", "--port", "0"]) == 2
    assert "patchbay user add" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_serve_refuses_as_well_where_there_are_customers_and_no_users(tmp_path, capsys):
    customers = tmp_path / "customers.csv"
    customers.write_text("name,phone\nAnn,+441632960001\n")
    assert outcome(["import", "customers", str(customers)]) == 0
    before = sorted((tmp_path / "data").iterdir())
    assert outcome(["serve", "--port", "0"]) == 2
    assert "patchbay user add" in capsys.readouterr().err
    assert sorted((tmp_path / "data").iterdir()) == before


def test_serve_says_when_the_port_is_taken(capsys):
    from server.http_server import listen

    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert outcome(["serve", "--port", str(port)]) == 2
    assert "--port" in capsys.readouterr().err


def test_results_that_cannot_be_written_are_a_sentence(tmp_path, capsys):
    file = tmp_path / "catalog.yaml"
    file.write_text(GOOD)
    assert outcome(["check", str(file), "--json", str(tmp_path / "no" / "such" / "x.json")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_asyncapi_document_is_printed_as_it_is_stored(capsys):
    from server import asyncapi

    assert outcome(["asyncapi"]) == 0
    assert capsys.readouterr().out == asyncapi.text()


@pytest.mark.parametrize("benchmark", bench.BENCHMARKS, ids=lambda one: one.name)
def test_every_benchmark_of_the_table_is_there(benchmark):
    assert benchmark.script.is_file()


def test_the_version_is_said(capsys):
    assert outcome(["--version"]) == 0
    assert "patchbay" in capsys.readouterr().out
