"""Where do rules fire? In a folder here with rules from a file, or in the org's repositories with the rules it learned."""

from __future__ import annotations

import sys
import time
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

RulesFile = Annotated[
    Path | None, typer.Option("--rules", exists=True, dir_okay=False, help="A file of Semgrep rules: scan PATH here.")
]
Folder = Annotated[Path | None, typer.Argument(metavar="PATH", exists=True, help="With --rules: a file or folder.")]
Repositories = Annotated[
    list[str] | None, typer.Option("--repo", help="A repository of the org, by name or id. May be given several times.")
]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Without --rules: seconds to wait for the scan's end.")]
Timeout = Annotated[
    float,
    typer.Option("--timeout", min=1, help="With --rules: seconds that the scan may take; it ends with what it has."),
]
Tolerant = Annotated[
    bool, typer.Option("--tolerant", help="With --rules: leave out rules that are no good, and say which.")
]
Index = Annotated[
    Path | None,
    typer.Option("--index", file_okay=False, help="With --rules: keep the index here, so that the next scan is quick."),
]
POLL_S = 0.5


def scan(
    *,
    path: Folder = None,
    rules: RulesFile = None,
    repo: Repositories = None,
    wait: Wait = 600.0,
    timeout: Timeout = 600.0,
    tolerant: Tolerant = False,
    index: Index = None,
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
    if index is not None and (path is None or not path.is_dir()):
        raise Usage("--index goes with --rules FILE and a folder to scan")
    if rules is not None and path is not None:
        if repo:
            raise Usage("--repo scans through the service: leave out --rules and PATH")
        found = _scan_here(rules, path, index, sarif, timeout_s=timeout, tolerant=tolerant, as_json=as_json)
    else:
        found = _scan_there(repo, wait, sarif, org, url, as_json=as_json)
    raise typer.Exit(Exit.FOUND_OR_REJECTED if found else Exit.DONE)


def _scan_here(
    rules: Path, path: Path, index: Path | None, sarif: Path | None, *, timeout_s: float, tolerant: bool, as_json: bool
) -> int:
    from rsolv_ray.cli.scan_here import Outcome, progress_line, scan_here, show
    from rsolv_ray.cli.tidy import tidy

    scanned: Outcome
    with tidy():
        if index is None:
            scanned = scan_here(rules, path, timeout_s=timeout_s, tolerant=tolerant, tell=progress_line)
        else:
            from rsolv_ray.cli.scan_indexed import scan_indexed

            scanned = scan_indexed(rules, path, index, timeout_s=timeout_s, tolerant=tolerant, tell=progress_line)
    if sarif is not None:
        put(sarif, scanned.log())
    if not is_stdout(sarif):
        show(scanned, as_json=as_json)
    if scanned.unreached and not scanned.found:
        raise TimedOut(
            f"{scanned.unreached} of {scanned.total} files were not scanned within {timeout_s:g} s, and nothing was "
            "found in the others: give more with --timeout"
        )
    if scanned.unreached:
        sys.stderr.write(f"rsolv: {scanned.unreached} files were not scanned within {timeout_s:g} s\n")
    return scanned.found


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
