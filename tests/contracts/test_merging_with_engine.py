"""What is merged or narrowed keeps its promise to the engine itself: all cases of both, the place spared, all else found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rsolv_ray.engine.lessons import teach
from rsolv_ray.engine.merging import merge
from rsolv_ray.engine.proof import learn, observe, prove
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.finding import Finding
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import RepositoryId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Accepted, Candidate, CaseKind, Proposer, Rule, RuleState
from rsolv_ray.validation.cases import cases_for
from rsolv_ray.validation.gates import Evidence

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ENGINE = Engine("core")
REPOSITORY = RepositoryId.of("shop")
SHELL = "import subprocess\ndef f(c):\n    subprocess.{name}(c, shell={value})\n"
SQL = "def f(cur, n):\n    cur.execute('select * from t where n=%s' % n)\n"
BOUND = "def f(cur, n):\n    cur.execute('select * from t where n=%s', (n,))\n"
WRAPPED = [text.replace("cur.execute", "self.run_statement") for text in (SQL, BOUND)]


def learned(before: str, after: str, cwe: str) -> Rule:
    changes = [{"path": "shop/a.py", "before": before, "after": after}]
    return learn(ENGINE, Fix.model_validate({"changes": changes, "cwe": [cwe]}), now=NOW).rules[0]


def shell(name: str) -> Rule:
    return learned(SHELL.format(name=name, value="True"), SHELL.format(name=name, value="False"), "CWE-78")


def wrapper() -> Rule:
    """A rule that follows the same values into an organisation's own wrapper."""
    known = learned(SQL, BOUND, "CWE-89").definition
    sink: JsonObject = {"patterns": [{"pattern": "$O.run_statement($SINK, ...)"}, {"focus-metavariable": "$SINK"}]}
    definition = {key: value for key, value in known.items() if key != "fix"} | {
        "id": "wrapper",
        "pattern-sinks": [sink],
    }
    change = {"path": "shop/b.py", "before": WRAPPED[0], "after": WRAPPED[1]}
    fix = Fix.model_validate({"changes": [change], "cwe": ["CWE-89"]})
    verdict = prove(ENGINE, [Candidate(definition=definition, form="taint:call")], cases_for(fix), fix=fix, now=NOW)[0]
    assert isinstance(verdict, Accepted)
    return verdict.rule


def lines(rule: Rule, code: str) -> list[int]:
    run = ENGINE.run_texts([rule.definition], [SourceText("shop/x.py", "python", code)])
    assert run.errors == ()
    return sorted(match.span.start_line for match in run.matches)


def is_right_on_all(rule: Rule) -> bool:
    seen = observe(ENGINE, {"rule": rule.definition}, rule.cases)
    evidence = Evidence(Candidate(definition=rule.definition), rule.cases, seen.hits.get("rule", {}))
    return not seen.refused and all(evidence.right(index) for index in range(len(rule.cases)))


def findings(rule: Rule, code: str, folder: Path) -> dict[int, Finding]:
    """The rule's findings in a file of a repository, by their lines."""
    (folder / "x.py").write_text(code)
    found: dict[int, Finding] = {}
    for number, match in enumerate(ENGINE.run_texts([rule.definition], [SourceText("x.py", "python", code)]).matches):
        print_ = f"v1:{number:032x}"
        found[match.span.start_line] = Finding(
            id=Finding.id_of(REPOSITORY, print_, "x.py"), fingerprint=print_, rule=rule.id, rule_version=1,
            repository=REPOSITORY, path="x.py", span=match.span, snippet=match.text, message="m", severity="high",
            metavariables=match.metavariables,
        )  # fmt: skip
    return found


def taught(rule: Rule, code: str, folder: Path, wrong: Sequence[int], right: Sequence[int] = ()) -> Rule | None:
    found = findings(rule, code, folder)
    folders = {REPOSITORY: folder}
    return teach(ENGINE, rule, [found[line] for line in wrong], [found[line] for line in right], folders, now=NOW).rule


@pytest.mark.parametrize(
    ("older", "newer"), [(shell("run"), shell("call")), (learned(SQL, BOUND, "CWE-89"), wrapper())]
)
def test_one_rule_for_two_finds_what_both_find_and_is_right_on_every_case_of_both(older: Rule, newer: Rule) -> None:
    merged = merge(ENGINE, newer, [older], now=NOW)
    assert merged is not None
    assert (merged.id, merged.version) == (older.id, 2)
    assert set(merged.cases) == {*older.cases, *newer.cases}
    assert is_right_on_all(merged)
    assert is_right_on_all(merged.model_copy(update={"definition": older.definition})) is False


def test_a_merged_rule_finds_through_aliases_what_each_found() -> None:
    merged = merge(ENGINE, shell("call"), [shell("run")], now=NOW)
    assert merged is not None
    code = "from subprocess import call as c, run\nimport subprocess as s\nc(x, shell=True)\nrun(x, shell=True)\ns.run(x, shell=True)\ns.Popen(x, shell=True)\n"
    assert lines(merged, code) == [3, 4, 5]


@pytest.mark.parametrize(
    "changed",
    [{"state": RuleState.ACTIVE}, {"proposer": Proposer.CLIENT}, {"cwe": ("CWE-502",)}, {"languages": ("go",)}],
)
def test_what_a_person_approved_or_sent_and_what_is_not_near_stays_as_it_is(changed: dict[str, object]) -> None:
    assert merge(ENGINE, shell("call"), [shell("run").model_copy(update=changed)], now=NOW) is None


def test_a_merger_that_a_case_speaks_against_is_not_made() -> None:
    older, newer = shell("run"), shell("call")
    against = next(case for case in newer.cases if case.kind is CaseKind.FIRES)
    older = older.model_copy(update={"cases": (*older.cases, against.model_copy(update={"kind": CaseKind.SILENT}))})
    assert merge(ENGINE, newer, [older], now=NOW) is None


def test_a_receiver_that_only_the_wrong_place_has_is_spared_and_the_right_ones_are_found(tmp_path: Path) -> None:
    rule = learned(SQL, BOUND, "CWE-89")
    code = "def g(cur, pool, n):\n    cur.execute('a ' + n)\n    pool.execute('a ' + n)\n"
    narrower = taught(rule, code, tmp_path, wrong=[3], right=[2])
    assert narrower is not None
    assert (lines(rule, code), lines(narrower, code)) == ([2, 3], [2])
    assert is_right_on_all(narrower)
    assert set(rule.cases) < set(narrower.cases)


def test_a_check_of_the_value_is_learned(tmp_path: Path) -> None:
    rule = learned(SQL, BOUND, "CWE-89")
    narrower = taught(rule, "def g(cur, n):\n    check_name(n)\n    cur.execute('a ' + n)\n", tmp_path, wrong=[3])
    assert narrower is not None
    assert lines(narrower, "def h(db, m):\n    check_name(m)\n    db.execute('b ' + m)\n    return m\n") == []
    assert lines(narrower, "def h(db, m):\n    db.execute('b ' + m)\n") == [2]


def test_what_nothing_tells_from_a_right_place_is_not_spared(tmp_path: Path) -> None:
    code = "def g(cur, n):\n    cur.execute('a ' + n)\n    cur.execute('a ' + n)\n"
    assert taught(learned(SQL, BOUND, "CWE-89"), code, tmp_path, wrong=[2], right=[3]) is None


def test_a_place_that_is_gone_teaches_nothing(tmp_path: Path) -> None:
    rule = learned(SQL, BOUND, "CWE-89")
    found = findings(rule, SQL, tmp_path)
    (tmp_path / "x.py").unlink()
    answer = teach(ENGINE, rule, list(found.values()), (), {REPOSITORY: tmp_path}, now=NOW)
    assert (answer.rule, "gone" in answer.lesson) == (None, True)
