"""Is a log in the form that SARIF 2.1.0 lays down?

`FORM` says, in our own words, what the standard lays down for the objects that we write, and nothing else may be in them.
Where `RSOLV_SARIF_SCHEMA` names the standard's own schema (see docs/sarif.md), the logs are held against that, too.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from rsolv_ray.engine.match import EngineError, Run, Target
from rsolv_ray.engine.sarif.findings import of_findings, of_scan
from rsolv_ray.engine.sarif.log import SOURCE_ROOT, Root, dumped
from rsolv_ray.engine.sarif.scan import of_run
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.finding import (
    FindingState,
    Scan,
    ScanRecord,
    ScanReport,
    ScanStatus,
    ScanTrigger,
    Triage,
    TriageLabel,
)
from tests.unit.engine.samples import definition
from tests.unit.engine.sarif.samples import LATEST, NOW, SHOP, offer, record, repository, told


def _object(needed: str, **known: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name.removesuffix("_"): schema for name, schema in known.items()},
        "required": needed.split(),
        "additionalProperties": False,
    }


def _list(of: Any, *, is_set: bool = False) -> dict[str, Any]:
    return {"type": "array", "items": of, "uniqueItems": is_set}


def _map(of: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": of}


TEXT: dict[str, Any] = {"type": "string"}
INDEX = {"type": "integer", "minimum": 0}
FROM_ONE = {"type": "integer", "minimum": 1}
ABSOLUTE = {"type": "string", "pattern": r"^[a-z]+://[^\s\\]+$"}
RELATIVE = {"type": "string", "pattern": r"^(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$"}
MOMENT = {"type": "string", "format": "date-time", "pattern": "Z$"}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
BAG = {"type": "object", "properties": {"tags": _list(TEXT, is_set=True)}}
MESSAGE = _object("text", text=TEXT, markdown=TEXT)
COMPONENT_NAME = _object("name", name=TEXT, index=INDEX)
REFERENCE = _object("id", id=TEXT, index=INDEX, toolComponent=COMPONENT_NAME)
ARTIFACT = _object("uri uriBaseId", uri=RELATIVE, uriBaseId=TEXT)
CONTENT = _object("text", text=TEXT)
REGION = _object(
    "startLine startColumn", startLine=FROM_ONE, startColumn=FROM_ONE, endLine=FROM_ONE, endColumn=FROM_ONE, snippet=CONTENT
)  # fmt: skip
LOCATION = _object(
    "physicalLocation",
    physicalLocation=_object("artifactLocation", artifactLocation=ARTIFACT, region=REGION, contextRegion=REGION),
)
RULE = _object(
    "id",
    id=TEXT,
    name={"type": "string", "pattern": "^[A-Z][A-Za-z0-9]*$"},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    helpUri=ABSOLUTE,
    defaultConfiguration=_object("level", level=LEVEL),
    relationships=_list(_object("target", target=REFERENCE, kinds=_list(TEXT, is_set=True)), is_set=True),
    properties=BAG,
)
COMPONENT = _object(
    "name",
    **dict.fromkeys(("name", "fullName", "organization", "version", "semanticVersion"), TEXT),
    informationUri=ABSOLUTE,
    shortDescription=MESSAGE,
    rules=_list(RULE, is_set=True),
    notifications=_list(RULE, is_set=True),
    taxa=_list(RULE, is_set=True),
    supportedTaxonomies=_list(COMPONENT_NAME, is_set=True),
)
NOTIFICATION = _object(
    "message", message=MESSAGE, level=LEVEL, descriptor=REFERENCE, locations=_list(LOCATION, is_set=True)
)
REPLACEMENT = _object("deletedRegion", deletedRegion=REGION, insertedContent=CONTENT)
CHANGE = _object(
    "artifactLocation replacements", artifactLocation=ARTIFACT, replacements=_list(REPLACEMENT) | {"minItems": 1}
)
FIX = _object("artifactChanges", description=MESSAGE, artifactChanges=_list(CHANGE, is_set=True) | {"minItems": 1})
RESULT = _object(
    "ruleId ruleIndex level message locations fingerprints partialFingerprints",
    ruleId=TEXT,
    ruleIndex=INDEX,
    level=LEVEL,
    message=MESSAGE,
    locations=_list(LOCATION),
    fingerprints=_map(TEXT),
    partialFingerprints=_map(TEXT),
    baselineState={"enum": ["new", "unchanged", "updated", "absent"]},
    suppressions=_list(
        _object(
            "kind",
            kind={"enum": ["inSource", "external"]},
            status={"enum": ["accepted", "underReview", "rejected"]},
            justification=TEXT,
        ),
        is_set=True,
    ),
    fixes=_list(FIX, is_set=True),
    properties=BAG,
)
INVOCATION = _object(
    "executionSuccessful",
    executionSuccessful={"type": "boolean"},
    startTimeUtc=MOMENT,
    endTimeUtc=MOMENT,
    toolExecutionNotifications=_list(NOTIFICATION),
)
RUN = _object(
    "tool results automationDetails",
    tool=_object("driver", driver=COMPONENT),
    invocations=_list(INVOCATION),
    automationDetails=_object("id", id={"type": "string", "pattern": "[^/]/$"}),
    originalUriBaseIds=_map(_object("description", description=MESSAGE)),
    versionControlProvenance=_list(
        _object(
            "repositoryUri",
            repositoryUri=ABSOLUTE,
            revisionId=TEXT,
            branch=TEXT,
            mappedTo=_object("uriBaseId", uriBaseId=TEXT),
        ),
        is_set=True,
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    newlineSequences=_list(TEXT, is_set=True),
    taxonomies=_list(COMPONENT, is_set=True),
    results=_list(RESULT),
    properties=BAG,
)
FORM = _object("version runs", schema_=ABSOLUTE, version={"const": "2.1.0"}, runs=_list(RUN) | {"minItems": 1})
FORM["properties"]["$schema"] = FORM["properties"].pop("schema")


def everything() -> bytes:
    """All that a log of findings can hold."""
    found = record()
    spared = Triage(label=TriageLabel.FALSE_POSITIVE, reason="\x00\x1b ünd {0}")
    some = (
        found,
        record("ä b/../x:y#?.py", number=2, state=FindingState.TRIAGED, triage=spared),
        record(number=3, state=FindingState.FIXED, snippet="\u2028\r\n" * 3, message="<b>{0}</b>\x07"),
    )
    return dumped(of_findings(told(*some, offers=(offer(found),), more="There are more."), SHOP))


def of_two_repositories() -> bytes:
    api = repository("api", "/srv/api")
    return dumped(of_findings(told(record(), record(place=api), repositories=(SHOP, api))))


def nothing() -> bytes:
    return dumped(of_findings(told()))


def a_failed_scan() -> bytes:
    scan = Scan(id=LATEST, trigger=ScanTrigger.MANUAL, rules=(), repositories=(SHOP.id,), started_at=NOW)
    report = ScanReport(errors=("shop: it cannot be read",))
    return dumped(of_scan(told(), ScanRecord(scan=scan, status=ScanStatus.FAILED, report=report, finished_at=NOW)))


def a_scan_here(folder: Path) -> bytes:
    """What the engine itself says, with an error that names a file."""
    code = "# é\nx = '😀'; eval(x)\r\neval(2)  # nosemgrep\n"
    (folder / "a.py").write_text(code, encoding="utf-8", newline="")
    rules = [
        definition(metadata={"cwe": ["CWE-95: Eval"], "confidence": "HIGH"}),
        definition(id="Other", pattern="f()"),
    ]
    targets = [Target("a.py", folder / "a.py", "python")]
    ran = Engine().run(rules, targets)
    errors = (EngineError("Syntax error", "odd", path="a.py"), EngineError("Timeout", "late", rule="Other"))
    told_by = Run(ran.matches, (*ran.errors, *errors), ran.elapsed_s, ran.engine)
    root = Root(SOURCE_ROOT, "The top.", "https://example.com/a.git", "main", "0" * 40)
    return dumped(of_run(rules, told_by, targets, root, prefix="src/"))


@pytest.fixture(params=["everything", "two repositories", "nothing", "a failed scan", "a scan here"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    made = {
        "everything": everything, "two repositories": of_two_repositories, "nothing": nothing,
        "a failed scan": a_failed_scan, "a scan here": lambda: a_scan_here(tmp_path),
    }  # fmt: skip
    return json.loads(made[request.param]())


def flaws(log: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(log)
    return [f"{one.json_path}: {one.message}" for one in found]


def test_every_log_has_the_form(log: dict[str, Any]) -> None:
    assert flaws(log, FORM) == []


def test_the_form_is_not_met_by_a_log_with_a_wrong_word() -> None:
    log = json.loads(everything())
    log["runs"][0]["results"][0]["baselineState"] = "existing"
    log["runs"][0]["results"][1]["lines"] = 3
    assert len(flaws(log, FORM)) == 2


def test_every_index_leads_where_its_id_does(log: dict[str, Any]) -> None:
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert all(driver["rules"][one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    for notice in run["invocations"][0].get("toolExecutionNotifications", ()):
        assert driver["notifications"][notice["descriptor"]["index"]]["id"] == notice["descriptor"]["id"]
    taxa = {taxon["id"] for component in run.get("taxonomies", ()) for taxon in component["taxa"]}
    assert {one["target"]["id"] for rule in driver["rules"] for one in rule.get("relationships", ())} == taxa


def test_every_base_is_explained(log: dict[str, Any]) -> None:
    (run,) = log["runs"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in run["results"]]
    assert {place["uriBaseId"] for place in places} <= set(run.get("originalUriBaseIds", ()))


def test_the_standards_own_schema_is_met(log: dict[str, Any]) -> None:
    named = os.environ.get("RSOLV_SARIF_SCHEMA")
    if not named:
        pytest.skip("RSOLV_SARIF_SCHEMA names no schema: docs/sarif.md says where it is")
    from jsonschema import Draft4Validator

    schema = json.loads(Path(named).read_text(encoding="utf-8"))
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []
