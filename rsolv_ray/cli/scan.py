"""Where do rules fire? In a folder here with rules from a file, or in the org's repositories with the rules it learned."""

from __future__ import annotations

import os
import time
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.exits import Exit, TimedOut, Usage
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, OrgRef, Url
from rsolv_ray.cli.sarif_file import SARIF, SarifFile, check_place, is_stdout, put
from rsolv_ray.model.errors import Unavailable

if TYPE_CHECKING:
    from rsolv_ray.cli.remote import Service
    from rsolv_ray.engine.semgrep import Match, Run, Target

RulesFile = Annotated[
    Path | None, typer.Option("--rules", exists=True, dir_okay=False, help="A file of Semgrep rules: scan PATH here.")
]
Folder = Annotated[Path | None, typer.Argument(metavar="PATH", exists=True, help="With --rules: a file or folder.")]
Repositories = Annotated[
    list[str] | None, typer.Option("--repo", help="A repository of the org, by name or id. May be given several times.")
]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Without --rules: seconds to wait for the scan's end.")]
POLL_S = 0.5


def scan(
    *,
    path: Folder = None,
    rules: RulesFile = None,
    repo: Repositories = None,
    wait: Wait = 600.0,
    sarif: SarifFile = None,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Scan PATH with a file of rules, or the org's repositories with its own rules.

    Exit 1: there are findings.
    """
    check_place(sarif, as_json=as_json)
    if (rules is None) != (path is None):
        raise Usage("--rules FILE and PATH go together; without both, the org's repositories are scanned")
    if rules is not None and path is not None:
        if repo:
            raise Usage("--repo scans through the service: leave out --rules and PATH")
        found = _scan_here(rules, path, sarif, as_json=as_json)
    else:
        found = _scan_there(repo, wait, sarif, org, url, as_json=as_json)
    raise typer.Exit(Exit.FOUND_OR_REJECTED if found else Exit.DONE)


def _scan_here(rules: Path, path: Path, sarif: Path | None, *, as_json: bool) -> int:
    from rsolv_ray.engine.match import RULE_REFUSED
    from rsolv_ray.engine.rules import checked_rules
    from rsolv_ray.engine.semgrep import Engine, Limits

    definitions = checked_rules(rules.read_text(encoding="utf-8"))
    root = path.parent if path.is_file() else path
    targets = _targets(definitions, path)
    run = Engine().run(definitions, targets, Limits(wall_s=600.0, jobs=os.cpu_count() or 1))
    if sarif is not None:
        put(sarif, _log(definitions, run, targets, root))
    if not is_stdout(sarif):
        _tell(run, root, as_json=as_json)
    refused = [error for error in run.errors if error.kind == RULE_REFUSED]
    if refused and len(refused) == len(definitions):
        raise Unavailable(f"the engine refuses every rule: {refused[0].message}")
    return len(run.matches)


def _targets(definitions: tuple[dict[str, Any], ...], path: Path) -> list[Target]:
    from rsolv_ray.engine.semgrep import Target
    from rsolv_ray.model.languages import canonical_language, language_of
    from rsolv_ray.repos.targets import targets

    spoken = {canonical_language(str(name)) for rule in definitions for name in rule["languages"]}
    languages = {language for language in spoken if language}
    if path.is_file():
        root, files = path.parent, (path.name,)
    else:
        root, files = path, targets(path, languages)
    return [
        Target(path=file, file=(root / file).resolve(), language=language)
        for file in files
        if (language := language_of(file)) in languages and language is not None
    ]


def _log(definitions: tuple[dict[str, Any], ...], run: Run, targets: list[Target], root: Path) -> bytes:
    """The SARIF log; its paths begin at the top of the git work tree where there is one."""
    from rsolv_ray.engine.sarif import SOURCE_ROOT, Root, dumped
    from rsolv_ray.engine.sarif_scan import of_run
    from rsolv_ray.repos.provenance import provenance

    known = provenance(root)
    if known is None:
        return dumped(of_run(definitions, run, targets, Root(SOURCE_ROOT, "The folder that was scanned.")))
    top = Root(SOURCE_ROOT, "The top folder of the repository.", known.address, known.branch, known.revision)
    return dumped(of_run(definitions, run, targets, top, prefix=known.prefix))


def _finding(match: Match, root: Path) -> dict[str, Any]:
    lines = (root / match.path).read_text(encoding="utf-8", errors="replace").split("\n")
    return {
        "rule": match.rule,
        "path": match.path,
        "start_line": match.span.start_line,
        "end_line": match.span.end_line,
        "code": "\n".join(lines[match.span.start_line - 1 : match.span.end_line]),
        "message": match.message,
    }


def _tell(run: Run, root: Path, *, as_json: bool) -> None:
    from rsolv_ray.cli.words import first_line

    found = sorted((_finding(match, root) for match in run.matches), key=itemgetter("path", "start_line", "rule"))
    if as_json:
        errors = [{"kind": e.kind, "message": e.message, "rule": e.rule, "path": e.path} for e in run.errors]
        show_json({"findings": found, "errors": errors})
        return
    rows = [(f"{one['path']}:{one['start_line']}", one["rule"], first_line(one["code"])) for one in found]
    show_table(("place", "rule", "code"), rows, empty="nothing was found")
    for error in run.errors:
        say(f"{error.kind}: {error.message}" + (f" ({error.path})" if error.path else ""))


def _scan_there(
    repositories: list[str] | None, wait: float, sarif: Path | None, org: str | None, url: str, *, as_json: bool
) -> int:
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        name = service.org(org)
        record = service.post(f"orgs/{name}/scans", {"repositories": repositories} if repositories else {})
        record = _finished(service, name, record, wait)
        if sarif is not None and record["status"] == "done":
            put(sarif, service.text(f"orgs/{name}/scans/{record['scan']['id']}", accept=SARIF).encode())
        if as_json:
            show_json(record)
        elif not is_stdout(sarif):
            _tell_record(service, name, record, repositories)
    if record["status"] == "running":
        raise TimedOut(f"scan {record['scan']['id']} goes on; it did not end within {wait:g} s")
    if record["status"] == "failed":
        raise Unavailable(f"scan {record['scan']['id']} failed: {_why(record)}")
    return int(record["report"]["findings"])


def _finished(service: Service, org: str, record: dict[str, Any], wait: float) -> dict[str, Any]:
    deadline = time.monotonic() + wait
    while record["status"] == "running" and time.monotonic() < deadline:
        time.sleep(POLL_S)
        record = service.get(f"orgs/{org}/scans/{record['scan']['id']}")
    return record


def _why(record: dict[str, Any]) -> str:
    if record["report"] is None:
        return "it was given up without a report; `rsolv events tail --after 0` tells of its attempts"
    return "; ".join(record["report"]["errors"]) or "its report names no error"


def _tell_record(service: Service, org: str, record: dict[str, Any], repositories: list[str] | None) -> None:
    from rsolv_ray.cli.words import FINDING_COLUMNS, finding_row, names_of
    from rsolv_ray.event_words import counted

    names = names_of(service, org)
    for name in repositories or [None]:
        found = service.pages(f"orgs/{org}/findings", 1000, unresolved="true", repository=name)
        show_table(FINDING_COLUMNS, (finding_row(one, names) for one in found), empty="nothing is to be mended")
    if report := record["report"]:
        say(
            f"scan {record['scan']['id']}: {counted(report['findings'], 'finding')} in {counted(report['files'], 'file')} of "
            f"{counted(report['repositories'], 'repository', 'repositories')}; {report['opened']} new, {report['fixed']} fixed, "
            f"{report['reopened']} back again"
        )
        for error in report["errors"]:
            say(f"error: {error}")
