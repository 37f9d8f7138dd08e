"""Does every file in which a rule fires meet the rule's requirement?

The engine is run without its own filter over every file, so that what the filter leaves out by mistake is seen too. With
RSOLV_RULE_BENCHMARK set to a file of (rule, test file) records, all its rules are run over all its files of their language.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsolv_ray.engine.backends import core_of_the_wheel
from rsolv_ray.engine.requirements.prefilter import requirements
from rsolv_ray.model.languages import canonical_language, kin
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.requirement import meets
from rsolv_ray.repos.token_index.words import words_of
from tests.contracts.requirement_samples import CODES, NAMES, PATTERNS

NAMED = (NAMES[:3], NAMES[1:4], ("alpha", "ALPHA", "beta"))
REGEXES = (
    "Alpha",
    "(?i)alpha",
    r"\bbeta\b",
    "^_c1",
    r"Alpha\W",
    "A[lL]pha.?beta",
    "(?i)(alpha|beta)_?",
    r"\$?x",
    "[A-Z]{3}",
    r"(?i)-xsy\W",
    r"(?i)\btoken\b",
)
# In these the engine tells nothing of names, which stand in keys and texts, so that few files are left out.
TOLD_LITTLE = {"yaml", "json", "clojure", "bash"}


@dataclass(frozen=True)
class Fired:
    """(rule id, file) of every match, without the engine's filter and with it."""

    unfiltered: frozenset[tuple[str, str]]
    filtered: frozenset[tuple[str, str]]


def fired(rules: Sequence[JsonObject], files: Sequence[str], language: str, folder: Path) -> Fired:
    numbered = [{**without_paths(rule), "id": f"r{at}", "languages": [language]} for at, rule in enumerate(rules)]
    targets = [
        [
            "CodeTarget",
            {"path": {"fpath": file, "ppath": "/" + Path(file).name}, "analyzer": language, "products": ["sast"]},
        ]
        for file in files
    ]
    (folder / "rules.json").write_text(json.dumps({"rules": numbered}))
    (folder / "targets.json").write_text(json.dumps(["Targets", targets]))
    common = ["-rules", folder / "rules.json", "-targets", folder / "targets.json", "-json_nodots", "-j", "1"]
    sets = []
    for how in (["-no_filter_irrelevant_rules"], ["-fast"]):
        ended = subprocess.run([core_of_the_wheel(), *common, *how], capture_output=True, check=False)
        answer = json.loads(ended.stdout.decode("utf-8", "replace"))
        sets.append(frozenset((str(rules[int(hit["check_id"][1:])]["id"]), hit["path"]) for hit in answer["results"]))
    return Fired(*sets)


def without_paths(rule: JsonObject) -> JsonObject:
    return {key: value for key, value in rule.items() if key not in {"paths", "min-version", "max-version"}}


def words(file: str) -> set[str]:
    """The words of a file, those too that are longer than an index keeps: it names such files when one could be asked for."""
    source = Path(file).read_bytes()
    return {word.decode() for word in {*words_of(source), *re.findall(rb"[A-Za-z0-9_]+", source)}}


def missed(rules: Sequence[JsonObject], held: Mapping[str, set[str]], found: Fired) -> list[str]:
    """What fired in a file that does not meet the requirement."""
    needs = requirements(rules)
    by_id = {str(rule["id"]): rule for rule in rules}
    return [
        f"{json.dumps(by_id[rule])} fires in {Path(file).read_bytes()!r} which does not meet {needs[rule]}"
        for rule, file in sorted(found.unfiltered)
        if not meets(held[file], needs[rule])
    ]


def filled(sample: str, names: Sequence[str]) -> str:
    return re.sub(r"\b[ABC]\b|(?<=\W)[ABC](?=Attribute|lpha\b)", lambda blank: names["ABC".index(blank[0])], sample)


def rule_of(language: str, at: int, body: JsonObject) -> JsonObject:
    return {"id": f"{language}{at}", "languages": [language], "severity": "INFO", "message": "m", **body}


def formulas(language: str) -> st.SearchStrategy[JsonObject]:
    """Bodies of rules, with every operator that says where a rule fires."""
    filled_in = sorted({filled(sample, names) for sample, names in product(PATTERNS[language], NAMED)})
    regex = st.sampled_from(REGEXES)
    leaf = st.builds(lambda text: {"pattern-regex": text}, regex)
    if filled_in:
        leaf = st.one_of(st.sampled_from(filled_in).map(lambda text: {"pattern": text}), leaf)
    filters = st.one_of(
        leaf.map(lambda one: {"pattern-not": one["pattern"]} if "pattern" in one else {"pattern-not-regex": "zzz"}),
        leaf.map(lambda one: {"pattern-inside": one["pattern"]} if "pattern" in one else one),
        leaf.map(
            lambda one: {"pattern-not-inside": one["pattern"]} if "pattern" in one else {"pattern-not-regex": "zzz"}
        ),
        st.builds(
            lambda name, text: {"metavariable-regex": {"metavariable": name, "regex": text}},
            st.sampled_from(["$X", "$F", "$Y"]),
            regex,
        ),
        st.sampled_from(["$X", "$F"]).map(lambda name: {"focus-metavariable": name}),
    )

    def joined(inner: st.SearchStrategy[JsonObject]) -> st.SearchStrategy[JsonObject]:
        return st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda members: {"pattern-either": members}),
            st.builds(lambda one, others: {"patterns": [one, *others]}, inner, st.lists(filters | inner, max_size=2)),
        )

    searched = st.recursive(leaf, joined, max_leaves=4)
    tainted = st.builds(
        lambda source, sink: {"mode": "taint", "pattern-sources": [source], "pattern-sinks": [sink]}, leaf, leaf
    )
    return searched if language in {"generic", "regex"} else st.one_of(searched, searched, searched, tainted)


@pytest.fixture(scope="module", params=sorted(PATTERNS))
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, set[str]]]:
    """A language, and the words of the files of code in it."""
    language = str(request.param)
    folder = tmp_path_factory.mktemp(language)
    for at, (sample, names) in enumerate(product(CODES[language], NAMED)):
        (folder / f"{at}.txt").write_text(filled(sample, names), newline="")
    return language, {str(file): words(str(file)) for file in folder.iterdir()}


def test_patterns_fire_in_no_file_that_is_left_out(written: tuple[str, dict[str, set[str]]], tmp_path: Path) -> None:
    language, held = written
    texts = sorted({filled(sample, names) for sample, names in product(PATTERNS[language], NAMED)})
    bodies = [*({"pattern": text} for text in texts), *({"pattern-regex": text} for text in REGEXES)]
    rules = [rule_of(language, at, body) for at, body in enumerate(bodies)]
    found = fired(rules, list(held), language, tmp_path)
    assert missed(rules, held, found) == []
    assert len(found.unfiltered) > len(rules), "too little fires for this to be a test"


@pytest.mark.parametrize("language", sorted(PATTERNS.keys() - TOLD_LITTLE))
def test_files_without_the_names_are_left_out(language: str) -> None:
    """So that the tests beside it are no tests of a requirement that every file meets."""
    texts = sorted({filled(sample, NAMES) for sample in PATTERNS[language]})
    bodies = [{"pattern": text} for text in texts] or [{"pattern-regex": "Alpha"}]
    needs = requirements([rule_of(language, at, body) for at, body in enumerate(bodies)]).values()
    assert sum(not meets({"zz"}, need) for need in needs) > len(bodies) * 2 / 3


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_rules_of_all_operators_fire_in_no_file_that_is_left_out(
    data: st.DataObject, written: tuple[str, dict[str, set[str]]], tmp_path: Path
) -> None:
    language, held = written
    bodies = data.draw(st.lists(formulas(language), min_size=25, max_size=40))
    rules = [rule_of(language, at, body) for at, body in enumerate(bodies)]
    assert missed(rules, held, fired(rules, list(held), language, tmp_path)) == []


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[JsonObject], dict[str, list[str]]]:
    """The rules of the benchmark, and its files for each language."""
    source = os.environ.get("RSOLV_RULE_BENCHMARK")
    if not source:
        pytest.skip("RSOLV_RULE_BENCHMARK names no file")
    folder = tmp_path_factory.mktemp("benchmark")
    rules: dict[str, JsonObject] = {}
    files: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for at, line in enumerate(gzip.decompress(Path(source).read_bytes()).splitlines()):
        record = json.loads(line)
        rule = record["rule"]
        if not isinstance(rule.get("languages"), list):
            continue
        rules.setdefault(json.dumps(rule, sort_keys=True), {**rule, "id": f"b{at}"})
        file = folder / f"{at}_{Path(record['test_path']).name}"
        file.write_bytes(record["test_text"].encode("utf-8", "surrogatepass"))
        for language in map(_canonical, rule["languages"]):
            for each in (*kin(language), "generic", "regex"):
                files[each][str(file)] = None
    return list(rules.values()), {language: list(listed) for language, listed in files.items()}


def _canonical(language: str) -> str:
    return canonical_language(language) or language


@pytest.mark.slow
def test_published_rules_fire_in_no_file_that_is_left_out(
    benchmark: tuple[list[JsonObject], dict[str, list[str]]], tmp_path: Path
) -> None:
    rules, files = benchmark
    held = {file: words(file) for file in files["generic"]}
    total, unmet = 0, list[str]()
    for language, listed in files.items():
        ours = [rule for rule in rules if language in map(_canonical, rule["languages"])]
        if not ours:
            continue
        found = fired(ours, listed, language, tmp_path)
        total += len(found.unfiltered)
        unmet += missed(ours, held, found)
    assert unmet == []
    assert total > len(rules), "too little fires for this to be a test"
