"""Does what comes from elsewhere stay text where it is shown?"""

from __future__ import annotations

import json

import pytest

from rsolv_ray.cli.console import one_line, say, show_code, show_json, show_table

HOSTILE = "\x1b[2J\x1b]0;pwn\x07\r\x9b\u202e\u2066\u200f\x7f\ud800"
SPELLED = r"\x1b[2J\x1b]0;pwn\x07\r\x9b\u202e\u2066\u200f\x7f\ud800"


def test_a_line_spells_out_what_would_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"a {HOSTILE} b\n\tgrüße 日本")
    assert capsys.readouterr().out == f"a {SPELLED} b\n\tgrüße 日本\n"


def test_a_cell_spells_out_what_would_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("path",), [(HOSTILE,)], empty="none")
    assert SPELLED in capsys.readouterr().out


def test_json_spells_it_out_so_that_the_value_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"path": HOSTILE})
    told = capsys.readouterr().out
    assert told.rstrip("\n").replace("\n", "").isascii()
    assert "\x7f" not in told
    assert json.loads(told) == {"path": HOSTILE}


def test_a_name_cannot_pass_for_a_line_of_ours() -> None:
    assert one_line("x\n[ok]\ty") == r"x\n[ok]\ty"


def test_code_goes_into_a_pipe_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    show_code("+a\x1b[2J\r\n", "diff")
    assert capsys.readouterr().out == "+a\x1b[2J\r\n"


def test_code_on_a_terminal_spells_it_out(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    show_code("+a\x1b[2J\u202e\r\n", "diff")
    told = capsys.readouterr().out
    assert r"\x1b[2J\u202e" in told
    assert "\x1b[2J" not in told
