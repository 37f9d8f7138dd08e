"""Which way does a match tell that the tainted value went?"""

from __future__ import annotations

from typing import Any

from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.engine.source import Source
from rsolv_ray.engine.trace import steps
from tests.unit.engine.samples import definition, python

TAINT = definition(
    pattern=None, mode="taint", pattern_sources=[{"pattern": "input()"}], pattern_sinks=[{"pattern": "run(...)"}]
)
CODE = "é = 1\ndef f():\n    q = input()\n    z = 'é' + q\n    run(z)\n"


def test_a_taint_match_tells_source_variables_and_sink() -> None:
    (match,) = Engine("core").run_texts([TAINT], [python(CODE)]).matches
    assert [(step.role, step.span.start_line, step.text) for step in match.trace] == [
        ("source", 3, "input()"),
        ("through", 3, "q"),
        ("through", 4, "z"),
        ("sink", 5, "run(z)"),
    ]
    assert (match.trace[0].span.start_column, match.trace[0].span.end_column) == (9, 16)


def test_a_match_of_another_rule_has_no_trace() -> None:
    (match,) = Engine("core").run_texts([definition()], [python("eval(1)\n")]).matches
    assert match.trace == ()


def at(line: int, start: int, end: int, path: str = "a.py") -> dict[str, Any]:
    first, last = ({"line": line, "col": offset + 1, "offset": offset} for offset in (start, end))
    return {"path": path, "start": first, "end": last}


def test_a_way_through_other_functions_is_told_in_the_order_of_the_value() -> None:
    inner = ["CliLoc", [at(1, 0, 1), "a"]]
    told = {
        "taint_source": ["CliCall", [[at(1, 2, 3), "b"], [{"location": at(1, 1, 2), "content": "v"}], inner]],
        "intermediate_vars": [{"location": at(1, 3, 4), "content": "c"}],
        "taint_sink": ["CliCall", [[at(1, 4, 5), "d"], [], ["CliLoc", [at(1, 5, 6), "e"]]]],
    }
    way = steps(told, "a.py", Source(b"avbcde"))
    assert "".join(step.text for step in way) == "avbcde"
    assert [step.role for step in way] == ["source", "through", "through", "through", "through", "sink"]


def test_a_step_in_another_file_is_left_out() -> None:
    told = {"taint_source": ["CliLoc", [at(1, 0, 1, "b.py"), "a"]], "taint_sink": ["CliLoc", [at(1, 1, 2), "s"]]}
    assert [step.text for step in steps(told, "a.py", Source(b"as"))] == ["s"]
