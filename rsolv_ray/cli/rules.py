"""What has the org learned, and which of it does it trust?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rsolv_ray.cli.clean import Clean, clean_code, noise, told
from rsolv_ray.cli.console import say, show_code, show_fields, show_json, show_table
from rsolv_ray.cli.exits import Commands, Exit, Usage
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, Limit, OrgRef, Url
from rsolv_ray.cli.rule_tests import Tests, write_tests

app = typer.Typer(cls=Commands, help="The rules that the org has learned.", no_args_is_help=True)

RuleName = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")]
States = Annotated[
    list[str] | None, typer.Option("--state", help="draft, monitor, active or retired. May be given several times.")
]


@app.command("list")
def list_rules(
    *, state: States = None, limit: Limit = 100, org: OrgRef = None, url: Url = DEFAULT_URL, as_json: AsJson = False
) -> None:
    """List the rules, the newest first."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        found = list(service.pages(f"orgs/{service.org(org)}/rules", limit, state=state))
    if as_json:
        show_json(found)
        return
    rows = [
        (one["id"], one["version"], one["state"], one["confidence"], one["form"], f"{one['quality']['precision']:.2f}")
        for one in found
    ]
    show_table(("rule", "version", "state", "confidence", "form", "precision"), rows, empty="no rule was learned yet")


@app.command("show")
def show_rule(*, rule: RuleName, org: OrgRef = None, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show a rule: what it says, how good it is, its cases, its YAML."""
    from rsolv_ray.cli.remote import connect
    from rsolv_ray.engine.rules.configuration import dump_rules

    with connect(url) as service:
        known = service.get(f"orgs/{service.org(org)}/rules/{rule}")
    if as_json:
        show_json(known)
        return
    quality = known["quality"]
    show_fields(
        {
            "rule": f"{known['id']} version {known['version']}, {known['state']}",
            "learned from": f"{', '.join(known['origin_fixes'])} by {known['proposer']} ({known['form']})",
            "confidence": f"{known['confidence']}, precision {quality['precision']:.2f}, recall {quality['recall']:.2f}",
            "noise": noise(known.get("density")),
            "cases": f"{quality['tp'] + quality['fn']} to flag, {quality['tn'] + quality['fp']} to spare",
        }
    )
    for advice in known["recommendations"]:
        say(f"advice: {advice}")
    say()
    show_code(dump_rules([known["definition"]]), "yaml")


@app.command("export")
def export(
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", dir_okay=False, help="The file to write.")] = None,
    tests: Tests = None,
    state: States = None,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Write rules as one Semgrep configuration, or each with its test (--tests); those in state monitor and active, unless
    --state says which."""
    import json

    from rsolv_ray.cli.answers import understood
    from rsolv_ray.cli.remote import connect
    from rsolv_ray.engine.rules.configuration import dump_rules
    from rsolv_ray.engine.semgrep import Engine
    from rsolv_ray.model.rule import Rule

    with connect(url) as service:
        name = service.org(org)
        found = service.pages(f"orgs/{name}/rules", 10_000, state=state or ["monitor", "active"])
        rules = [understood(Rule, service.get(f"orgs/{name}/rules/{one['id']}")) for one in found]
    if tests is not None:
        typer.echo(write_tests(Engine(), rules, tests), err=True)
        if output is None:
            return
    definitions = [rule.definition for rule in rules]
    text = json.dumps({"rules": definitions}, indent=2) + "\n" if as_json else dump_rules(definitions)
    if output is None:
        typer.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    typer.echo(f"{len(definitions)} rules are in {output}", err=True)


@app.command("approve")
def approve(
    *,
    rule: RuleName,
    reason: Annotated[str, typer.Option("--reason", help="Why it may be trusted.")] = "approved by a person",
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Trust a rule: it becomes active."""
    _change(rule, "active", reason, org, url, as_json=as_json)


@app.command("retire")
def retire(
    *,
    rule: RuleName,
    reason: Annotated[str, typer.Option("--reason", help="Why it is not wanted.")],
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Put a rule out of use: it scans no more."""
    _change(rule, "retired", reason, org, url, as_json=as_json)


@app.command("test")
def try_rule(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Semgrep rules.")],
    fires: Annotated[
        list[Path] | None, typer.Option("--fires", exists=True, dir_okay=False, help="Code that has to be flagged.")
    ] = None,
    silent: Annotated[
        list[Path] | None, typer.Option("--silent", exists=True, dir_okay=False, help="Code that must not be flagged.")
    ] = None,
    clean: Clean = None,
    as_json: AsJson = False,
) -> None:
    """Try the rules of a file, one by one, on code here. Exit 1: one is not valid, fails a case, or is too loud (--clean)."""
    from rsolv_ray.cli.text_file import text_of
    from rsolv_ray.engine.proof import validate
    from rsolv_ray.engine.rules.configuration import LARGEST_TEXT, read_rules
    from rsolv_ray.engine.semgrep import Engine

    cases = [_case("fires", path) for path in fires or ()] + [_case("silent", path) for path in silent or ()]
    rules, engine = read_rules(text_of(file, most=LARGEST_TEXT)), Engine()
    with clean_code(clean) as code:
        reports = {
            str(rule.get("id", at)): validate(engine, rule, cases, code.density) for at, rule in enumerate(rules)
        }
    if as_json:
        show_json({name: report.model_dump(mode="json") for name, report in reports.items()})
    else:
        for name, report in reports.items():
            _tell(name, report)
    good = all(_is_good(report, must_be_quiet=clean is not None) for report in reports.values())
    raise typer.Exit(Exit.DONE if good else Exit.FOUND_OR_REJECTED)


def _is_good(report: Any, *, must_be_quiet: bool) -> bool:
    from rsolv_ray.validation.gates import is_quiet

    is_loud = must_be_quiet and report.density is not None and is_quiet(report.density) is not None
    return report.valid and not is_loud and all(case.passed for case in report.cases)


def _tell(name: str, report: Any) -> None:
    say(f"{name}: {'valid' if report.valid else 'not valid'}, structure {report.structure_score:.2f}")
    for problem in report.problems:
        say(f"  problem: {problem}")
    if report.valid:
        say(f"  noise: {told(report.density)}")
    for case in report.cases:
        lines = f" (flagged: {', '.join(map(str, case.lines))})" if case.lines else ""
        say(f"  {'ok  ' if case.passed else 'FAIL'}  {case.kind:<6}  {case.path}{lines}")


def _case(kind: str, path: Path) -> Any:
    from rsolv_ray.cli.fixes import MAX_FILE_BYTES
    from rsolv_ray.cli.text_file import text_of
    from rsolv_ray.model.languages import language_of
    from rsolv_ray.model.rule import Case, CaseKind, CaseSource

    language = language_of(path.name)
    if language is None:
        raise Usage(f"the language of {path} is not known by its name")
    code = text_of(path, most=MAX_FILE_BYTES)
    return Case(kind=CaseKind(kind), path=str(path), language=language, code=code, source=CaseSource.CALLER)


def _change(rule: str, state: str, reason: str, org: str | None, url: str, *, as_json: bool) -> None:
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        changed = service.post(f"orgs/{service.org(org)}/rules/{rule}/state", {"state": state, "reason": reason})
    if as_json:
        show_json(changed)
    else:
        say(f"{changed['id']} is {changed['state']}")
