"""How is what was found told to other tools? As a log in SARIF 2.1.0.

One run. Paths are relative to their repository and stand as valid URIs, also hostile ones; columns count Unicode code
points, and the log says so. What may differ between two runs over the same code (times of the writing, orders) is left
out or sorted, so that equal findings give equal bytes.
Source: OASIS, Static Analysis Results Interchange Format 2.1.0 with errata 01; GitHub, "SARIF support for code scanning".
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Literal
from urllib.parse import quote

from pydantic import JsonValue

from rsolv_ray.engine.sarif.replacements import Replacement
from rsolv_ray.engine.sarif.rules import LEVELS, Level, RuleText, descriptor, plain, taxonomy
from rsolv_ray.model.finding import Fingerprint, Span
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.noun import JsonObject

MEDIA_TYPE = "application/sarif+json"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/rsolv/rsolv_ray"
SOURCE_ROOT = "%SRCROOT%"

_SURROGATE = re.compile("[\ud800-\udfff]")
_NOTICES = {
    "engine-error": "The engine could not do a part of the work.",
    "unread-file": "A file, or a part of it, was not understood: that nothing was found there proves nothing.",
    "results-cut": "There are more results than this file holds.",
}


@dataclass(frozen=True, slots=True)
class Root:
    """The top folder of a repository, under the name that locations give it. `uri` is where it can be fetched."""

    base: str
    about: str
    uri: str | None = None
    branch: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a result is not to be looked at: `external` (a person said so) or `inSource` (a comment does)."""

    kind: Literal["external", "inSource"]
    justification: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A patch of the result's file."""

    about: str
    changes: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A place that a rule flags. `lines` are the whole lines of `span`, where they are known whole.

    `identity` names the result among all, the fingerprint survives a renamed file; `line_hash` is GitHub's own mark.
    """

    rule: str
    message: str
    severity: Severity
    path: str
    base: str
    span: Span
    fingerprint: Fingerprint
    identity: str
    lines: str | None = None
    line_hash: str | None = None
    baseline: Literal["new", "unchanged", "absent"] | None = None
    suppression: Suppression | None = None
    repairs: Sequence[Repair] = ()
    properties: JsonObject = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the reader has to know of the run. `kind` is one of `_NOTICES`."""

    kind: Literal["engine-error", "unread-file", "results-cut"]
    message: str
    level: Level = "error"
    path: str | None = None
    base: str = SOURCE_ROOT


@dataclass(frozen=True, slots=True)
class Report:
    """All that one log tells. `category` groups logs of one kind (GitHub replaces those of the same); it ends in `/`.

    `rules` hold every rule that a result names, each once. `began` and `ended` are of the scan, not of the writing.
    """

    category: str
    rules: Sequence[RuleText]
    results: Sequence[Result]
    roots: Sequence[Root]
    notices: Sequence[Notice] = ()
    is_successful: bool = True
    began: datetime | None = None
    ended: datetime | None = None
    properties: JsonObject = field(default_factory=dict[str, JsonValue])


def dumped(report: Report) -> bytes:
    """The log as JSON in UTF-8; a lone surrogate, which has no form there, becomes U+FFFD."""
    text = json.dumps(log_of(report), ensure_ascii=False, separators=(",", ":"))
    return (_SURROGATE.sub("\ufffd", text) + "\n").encode()


def log_of(report: Report) -> JsonObject:
    """The log as a JSON value."""
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}


def uri_of(path: str) -> str:
    """A path within a repository as a relative URI reference (RFC 3986) that never leads out of it."""
    kept = _SURROGATE.sub("\ufffd", posixpath.normpath("/" + path).lstrip("/"))
    return quote(kept, safe="/~!$&'()*+,;=@") or "."


def _run(report: Report) -> JsonObject:
    rules = sorted(report.rules, key=lambda rule: rule.id)
    index = {rule.id: at for at, rule in enumerate(rules)}
    results = sorted(report.results, key=_in_order)
    weaknesses = taxonomy(rules)
    made: JsonObject = {
        "tool": {"driver": _driver(rules, report.notices, weaknesses)},
        "invocations": [_invocation(report)],
        "automationDetails": {"id": report.category},
        "originalUriBaseIds": {root.base: {"description": {"text": plain(root.about)}} for root in report.roots},
        "versionControlProvenance": _provenances(report.roots),
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n"],
        "taxonomies": [weaknesses] if weaknesses else [],
        "properties": {"rsolv": report.properties} if report.properties else {},
    }
    is_suppressing = any(result.suppression for result in results)
    told = [_result(result, index[result.rule], is_suppressing=is_suppressing) for result in results]
    kept: JsonObject = {name: value for name, value in made.items() if value}
    kept["results"] = [*told]
    return kept


def _in_order(result: Result) -> tuple[str, str, int, int, str, str]:
    span = result.span
    return (result.base, result.path, span.start_line, span.start_column, result.rule, result.identity)


def _driver(rules: Sequence[RuleText], notices: Sequence[Notice], weaknesses: JsonObject | None) -> JsonObject:
    own = version("rsolv-ray")
    made: JsonObject = {
        "name": "rsolv",
        "fullName": f"rsolv {own}: rules learned from security fixes",
        "organization": "rsolv",
        "version": own,
        "semanticVersion": own,
        "informationUri": HOME,
        "rules": [descriptor(rule) for rule in rules],
    }
    if kinds := sorted({notice.kind for notice in notices}):
        made["notifications"] = [_notice_descriptor(kind) for kind in kinds]
    if weaknesses:
        made["supportedTaxonomies"] = [{"name": "CWE", "index": 0}]
    return made


def _notice_descriptor(kind: str) -> JsonObject:
    text: JsonObject = {"text": _NOTICES[kind]}
    return {
        "id": kind,
        "name": kind.title().replace("-", ""),
        "shortDescription": text,
        "fullDescription": text,
        "help": text,
    }


def _invocation(report: Report) -> JsonObject:
    made: JsonObject = {"executionSuccessful": report.is_successful}
    if report.began:
        made["startTimeUtc"] = _moment(report.began)
    if report.ended:
        made["endTimeUtc"] = _moment(report.ended)
    kinds = sorted({notice.kind for notice in report.notices})
    if kinds:
        made["toolExecutionNotifications"] = [_notification(one, kinds.index(one.kind)) for one in report.notices]
    return made


def _notification(notice: Notice, index: int) -> JsonObject:
    made: JsonObject = {
        "level": notice.level,
        "message": {"text": plain(notice.message)},
        "descriptor": {"id": notice.kind, "index": index},
    }
    if notice.path is not None:
        made["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(notice.path, notice.base)}}]
    return made


def _provenances(roots: Sequence[Root]) -> list[JsonValue]:
    """Where the code comes from, if that is known of every repository: a reader maps all paths by this, or none."""
    return [_provenance(root) for root in roots] if all(root.uri for root in roots) else []


def _provenance(root: Root) -> JsonObject:
    told = {"repositoryUri": root.uri, "revisionId": root.revision, "branch": root.branch}
    made: JsonObject = {name: value for name, value in told.items() if value}
    made["mappedTo"] = {"uriBaseId": root.base}
    return made


def _result(result: Result, index: int, *, is_suppressing: bool) -> JsonObject:
    scheme, _, digits = result.fingerprint.partition(":")
    partial = {f"rsolv/{scheme}": digits}
    if result.line_hash is not None:
        partial["primaryLocationLineHash"] = result.line_hash
    made: JsonObject = {
        "ruleId": result.rule,
        "ruleIndex": index,
        "level": LEVELS[result.severity],
        "message": {"text": plain(result.message)},
        "locations": [{"physicalLocation": _location(result)}],
        "fingerprints": {f"rsolvFinding/{scheme}": result.identity},
        "partialFingerprints": dict(sorted(partial.items())),
    }
    if result.baseline:
        made["baselineState"] = result.baseline
    if is_suppressing:  # section 3.27.23: on all results of a run, or on none
        made["suppressions"] = [_suppression(result.suppression)] if result.suppression else []
    if result.repairs:
        made["fixes"] = [_fix(repair, result) for repair in result.repairs]
    if result.properties:
        made["properties"] = {"rsolv": result.properties}
    return made


def _location(result: Result) -> JsonObject:
    """The region with its text, and around it the whole lines where they are more than that (section 3.29.5)."""
    region = _region(result.span)
    made: JsonObject = {"artifactLocation": _artifact(result.path, result.base), "region": region}
    span, lines = result.span, (result.lines or "").removesuffix("\r").split("\n")
    is_known = result.lines is not None and len(lines) == span.end_line - span.start_line + 1
    if not is_known or _is_backward(span) or span.end_column > len(lines[-1]) + 1:
        return made
    whole, part = "\n".join(lines), "\n".join([*lines[:-1], lines[-1][: span.end_column - 1]])[span.start_column - 1 :]
    region["snippet"] = {"text": part}
    if part != whole:
        context: JsonObject = {"startLine": span.start_line, "startColumn": 1, "endLine": span.end_line}
        made["contextRegion"] = context | {"endColumn": len(lines[-1]) + 1, "snippet": {"text": whole}}
    return made


def _region(span: Span) -> JsonObject:
    region: JsonObject = {"startLine": span.start_line, "startColumn": span.start_column}
    return region if _is_backward(span) else region | {"endLine": span.end_line, "endColumn": span.end_column}


def _is_backward(span: Span) -> bool:
    return (span.end_line, span.end_column) < (span.start_line, span.start_column)


def _artifact(path: str, base: str) -> JsonObject:
    return {"uri": uri_of(path), "uriBaseId": base}


def _suppression(suppression: Suppression) -> JsonObject:
    made: JsonObject = {"kind": suppression.kind, "status": "accepted"}
    return made | ({"justification": suppression.justification} if suppression.justification else {})


def _fix(repair: Repair, result: Result) -> JsonObject:
    changes: list[JsonValue] = [
        {"deletedRegion": _region(change.deleted), "insertedContent": {"text": change.inserted}}
        for change in repair.changes
    ]
    change: JsonObject = {"artifactLocation": _artifact(result.path, result.base), "replacements": changes}
    return {"description": {"text": plain(repair.about)}, "artifactChanges": [change]}


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
