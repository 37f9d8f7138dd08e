"""How does a commit say what its patches do, and why?

The subject in the imperative, at most 72 characters; what the rule flagged and why that is weak; which fix taught it;
what was proved; trailers. Texts of rules and fixes are data: without control characters, in one paragraph each, indented,
so that none can be taken for a trailer, for the end of the message, or for the beginning of a patch.
Source: git-commit(1) "Discussion", git-interpret-trailers(1), git-mailinfo(1), git-am(1).
"""

from __future__ import annotations

import base64
import re
import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from rsolv_ray.model.explanation import Explanation, Teacher
from rsolv_ray.model.weakness import SHORT_NAMES

WIDTH = 72
SENDER = "rsolv <rsolv@localhost>"
"""Who a patch in mailbox form is from: nobody in particular. Whoever runs `git am` is its committer."""
_LONGEST_TEXT = 2000
_INSTEAD = re.compile(r"\bInstead, ([a-z]+ .+?)\.?$")
_PROVED = (
    "was parsed and scanned again before the patch was offered: it parses as well as before, the rule is silent at that "
    "place, and nothing new was found in the file"
)


def commit_message(patches: Sequence[Explanation]) -> str:
    """The message of the commit that holds these patches (one at least), with a line feed at its end."""
    paragraphs = [subject(patches)]
    for rule in dict.fromkeys((one.rule, one.rule_version) for one in patches):
        paragraphs += _on_rule([one for one in patches if (one.rule, one.rule_version) == rule])
    paragraphs += [_proof(patches), "\n".join(_trailers(patches))]
    return "\n\n".join(paragraphs) + "\n"


def subject(patches: Sequence[Explanation]) -> str:
    """The first line: what is done instead, where that is short enough, else which weakness is mended; and where."""
    paths = list(dict.fromkeys(_plain(one.path) for one in patches))
    places = (
        [f" in {len(paths)} files", ""] if len(paths) > 1 else [f" in {paths[0]}", f" in {paths[0].split('/')[-1]}", ""]
    )
    deeds = [deed for deed in (_instead(patches), f"Fix {_weakness(patches)}") if deed]
    tries = [deed + place for deed in deeds for place in places[:-1]] + [deeds[-1]]
    return next((line for line in tries if len(line) <= WIDTH), "Fix a possible weakness")


def mailbox(explanation: Explanation, diff: str, *, at: datetime) -> str:
    """A patch as a mail that `git am` takes: the commit's message, then the diff.

    Carriage returns would be lost on the way, so that a patch with any is encoded in base64.
    """
    first, _, rest = commit_message([explanation]).partition("\n")
    body, encoding = f"{rest.lstrip()}---\n\n{diff}", "8bit"
    if "\r" in body:
        body, encoding = base64.encodebytes(body.encode()).decode("ascii"), "base64"
    head = {
        "From": SENDER,
        "Date": format_datetime(at),
        "Subject": Header(f"[PATCH] {first}", maxlinelen=10_000).encode(),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": encoding,
    }
    lines = [f"From {'0' * 40} Mon Sep 17 00:00:00 2001", *(f"{name}: {value}" for name, value in head.items())]
    return "\n".join(lines) + f"\n\n{body}"


def _instead(patches: Sequence[Explanation]) -> str | None:
    said = {_plain(one.message or "") for one in patches}
    found = _INSTEAD.search(said.pop()) if len(said) == 1 else None
    return found[1][:1].upper() + found[1][1:] if found else None


def _weakness(patches: Sequence[Explanation]) -> str:
    names = {one.cwe[:1] for one in patches}
    cwe = next(iter(names), ()) if len(names) == 1 else ()
    if not cwe:
        return "possible weaknesses" if len(patches) > 1 else "a possible weakness"
    name = SHORT_NAMES.get(cwe[0], cwe[0])
    return f"possible {name[:1].lower() + name[1:] if name[1:2].islower() else name}"


def _on_rule(patches: Sequence[Explanation]) -> Iterator[str]:
    """The paragraphs on one rule: what it flagged and where, which weakness that is, who taught it."""
    known = patches[0]
    places = "\n".join(_item(f"{one.path}, line {one.line}" if one.line else one.path) for one in patches)
    yield f"The rule {known.rule} flags\n{places}"
    if known.message:
        yield _quoted(known.message)
    if known.cwe:
        yield "\n".join(_wrapped(f"Weakness: {', '.join(_titled(cwe) for cwe in known.cwe)}."))
    if known.taught_by:
        yield "It was learned from\n" + "\n".join(map(_fix, known.taught_by))


def _titled(cwe: str) -> str:
    return f"{cwe} ({SHORT_NAMES[cwe]})" if cwe in SHORT_NAMES else cwe


def _fix(teacher: Teacher) -> str:
    origin = teacher.origin
    told = [_item(teacher.title or f"the fix {teacher.fix}")]
    if origin.commit:
        # A path of somebody's machine is nobody else's business.
        is_named = origin.repository and not origin.repository.startswith("/")
        told.append(
            f"  commit {_plain(origin.commit)}" + (f" of {_plain(origin.repository or '')}" if is_named else "")
        )
    if origin.url:
        told.append(f"  {_plain(origin.url)}")
    return "\n".join(told)


def _proof(patches: Sequence[Explanation]) -> str:
    whole = "The whole patched file" if len(patches) == 1 else "For each patch by itself, the whole patched file"
    return "\n".join(_wrapped(f"{whole} {_PROVED}."))


def _trailers(patches: Sequence[Explanation]) -> Iterator[str]:
    yield from dict.fromkeys(f"Rsolv-Rule: {_versioned(one)}" for one in patches)
    yield from dict.fromkeys(f"Rsolv-Finding: {one.finding}" for one in patches)
    yield from dict.fromkeys(f"Rsolv-Proposal: {one.proposal}" for one in patches)


def _versioned(patch: Explanation) -> str:
    return f"{patch.rule}@{patch.rule_version}" if patch.rule_version else patch.rule


def _plain(text: str) -> str:
    """One line without control characters; those of Unicode that turn the direction of writing are such, too."""
    kept = "".join(character if character.isprintable() else " " for character in text[:_LONGEST_TEXT])
    return " ".join(kept.split())


def _item(text: str) -> str:
    return "\n".join(_wrapped(_plain(text), first="- ", rest="  "))


def _quoted(text: str) -> str:
    return "\n".join(_wrapped(_plain(text), first="  ", rest="  "))


def _wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ) or [first]
