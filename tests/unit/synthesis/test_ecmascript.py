"""What is read of JavaScript and TypeScript, and which candidates come of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.languages import SYNTHESIS_LANGUAGES, kin
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import built_values
from rsolv_ray.synthesis.code.calls import calls_in
from rsolv_ray.synthesis.code.edits import hunks, units
from rsolv_ray.synthesis.code.names import full_name, imported
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.forms.origins import outside
from rsolv_ray.synthesis.languages import GRAMMARS, NOTATIONS
from rsolv_ray.synthesis.variants import near_misses, variants

LETTERS = "ab(=){}[]$'\"`\n:;., +!<>/"


def _fix(before: str, after: str, path: str = "a.js", *cwes: str) -> Fix:
    return Fix.model_validate({"changes": [{"path": path, "before": before, "after": after}], "cwe": cwes})


def _forms(before: str, after: str, *cwes: str) -> list[str]:
    return [one.form for one in propose(_fix(before, after, "a.js", *cwes)).candidates]


def _built(argument: str, before: str = "") -> bool:
    call = next(
        one for one in calls_in([parse(f"{before}\nrun({argument});\n", "javascript").root]) if one.name == "run"
    )
    return bool(built_values(call.positional[0]))


def test_every_language_of_synthesis_has_all_that_it_needs() -> None:
    assert set(GRAMMARS) == set(NOTATIONS) == set(CATALOGUES) == SYNTHESIS_LANGUAGES


def test_languages_of_one_kin_are_told_together() -> None:
    assert kin("typescript") == ("javascript", "typescript")
    assert kin("python") == ("python",)


@pytest.mark.parametrize(
    "argument",
    [
        "`a${x}`",
        "'a' + x",
        "x + 'a'",
        "'a'.concat(x)",
        "util.format('a %s', x)",
        "['a', x].join(' ')",
        "('a' + x)",
        "{ text: `a${x}` }",
    ],
)
def test_a_text_with_a_value_in_it_is_built(argument: str) -> None:
    assert _built(argument)


@pytest.mark.parametrize(
    "argument", ["`a`", "'a'", "'a' + 'b'", "x", "x + y", "sql`a${x}`", "[x, y].join(' ')", "['a', x]"]
)
def test_other_texts_and_values_are_not_built(argument: str) -> None:
    assert not _built(argument)


def test_a_value_is_followed_into_an_inner_function() -> None:
    code = "function f(x) {\n  const q = `a${x}`;\n  open(function () {\n    run(q);\n  });\n}\n"
    call = next(one for one in calls_in([parse(code, "javascript").root]) if one.name == "run")
    assert built_values(call.positional[0])


def test_a_parameter_hides_the_name_of_the_function_around() -> None:
    code = "function f(x) {\n  const q = `a${x}`;\n  open(function (q) {\n    run(q);\n  });\n}\n"
    call = next(one for one in calls_in([parse(code, "javascript").root]) if one.name == "run")
    assert not built_values(call.positional[0])


def test_the_body_of_a_callback_is_read_for_itself() -> None:
    before = "app.get('/a', (req, res) => {\n  one(req);\n  two(res);\n});\n"
    found = hunks(parse(before, "javascript"), parse(before.replace("two", "three"), "javascript"))
    assert [[unit.text for unit in hunk.before] for hunk in found] == [["two(res);"]]


def test_a_call_with_a_callback_changes_at_its_own_lines_alone() -> None:
    before = "run('a' + x, function (e) {\n  one(e);\n  two(e);\n}, {\n  deep: true });\n"
    after = before.replace("'a' + x", "x")
    (hunk,) = hunks(parse(before, "javascript"), parse(after, "javascript"))
    assert [unit.lines() for unit in hunk.before] == [{1, 4, 5}]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("const a = 'b';\n", 'var a = "b"\n'),
        ("f(function () {\n  a();\n});\n", "f(function ()\n{\n  a()\n})\n"),
        ("a(); // note\n", "a();\n"),
    ],
)
def test_layout_is_no_change(before: str, after: str) -> None:
    assert hunks(parse(before, "javascript"), parse(after, "javascript")) == ()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("const cp = require('child_process');\ncp.run(1);\n", "child_process.run"),
        ("const { run: go } = require('child_process');\ngo(1);\n", "child_process.run"),
        ("const go = require('child_process').run;\ngo(1);\n", "child_process.run"),
        ("require('node:child_process').run(1);\n", "child_process.run"),
        ("import cp from 'node:child_process';\ncp.run(1);\n", "child_process.run"),
        ("import * as cp from 'child_process';\ncp.run(1);\n", "child_process.run"),
        ("import { run as go } from 'child_process';\ngo(1);\n", "child_process.run"),
        ("import { run } from './shell';\nrun(1);\n", "run"),
        ("const shell = require('./shell');\nshell.run(1);\n", "$O.run"),
        ("const run = require('fs-extra');\nrun.copy(1);\n", "$O.copy"),
        ("new Function(1);\n", "new Function"),
        ("this.db.run(1);\n", "$O.run"),
        ("document.write(1);\n", "document.write"),
    ],
)
def test_a_call_is_named_in_full(code: str, name: str) -> None:
    tree = parse(code, "javascript")
    call = next(one for one in calls_in([tree.root]) if one.positional[0].text == "1")
    assert full_name(call, tree) == name


def test_a_module_whose_name_no_pattern_can_hold_is_not_imported() -> None:
    assert imported(parse("import merge from 'lodash/merge';\n", "javascript")) == {}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.jsx", "const A = ({ b }) => <p className='c'>{b}</p>;\n"),
        (
            "a.ts",
            "export class A<T> { constructor(private readonly b: B<T>) {} @C() d(@E() f?: string): T { return f!; } }\n",
        ),
        ("a.tsx", "const A: F<P> = ({ b }: P) => <p>{b as string}</p>;\n"),
        ("a.js", "const f = async (...a) => { for await (const b of a) { c?.d ?? e; } };\n"),
    ],
)
def test_every_form_of_the_languages_parses(path: str, code: str) -> None:
    change = FileChange.model_validate({"path": path, "before": code, "after": "x();\n"})
    assert parse(code, change.language).error_line is None


def test_an_option_in_an_object_is_kept_and_mended() -> None:
    found = propose(_fix("api.go(u, { safe: false });\n", "api.go(u, { safe: true });\n")).candidates
    rule = next(one.definition for one in found if one.form == "keyword:changed")
    assert rule["fix"] == "true"
    assert "'$O.go(..., {..., safe: $VALUE, ...}, ...)'" in str(rule["patterns"])


def test_a_field_that_a_built_text_goes_into_is_a_sink() -> None:
    assert "$O.innerHTML = $SINK" in str(
        propose(_fix("e.innerHTML = `<b>${x}`;\n", "e.textContent = x;\n", "a.js", "CWE-79")).candidates[0].definition
    )


def test_a_call_that_is_waited_for_now_is_asked_for() -> None:
    assert "call:unawaited" in _forms(
        "async function f() {\n  check(a);\n}\n", "async function f() {\n  await check(a);\n}\n"
    )


def test_a_comparison_made_strict_names_what_is_compared() -> None:
    assert "operator:changed" in _forms("if (a.token == b) c();\n", "if (a.token === b) c();\n")
    assert "operator:changed" not in _forms("if (a == b) c();\n", "if (a === b) c();\n")


CHANGE = FileChange.model_validate({
    "path": "a.js",
    "before": "function f(db, { name }) {\n  db.query(`find ${name}`, { b: 1, name });\n}\n",
    "after": "function f(db, { name }) {\n  db.query('find ?', [name], { b: 1, name });\n}\n",
})  # fmt: skip


def _by(how: str) -> str:
    return next(one.code for one in variants(CHANGE) if one.how == how)


def test_a_renamed_name_keeps_its_key() -> None:
    assert _by("names") == (
        "function f(db_given, { name: name_given }) {\n  db_given.query(`find ${name_given}`, { b: 1, name: name_given });\n}\n"
    )


def test_a_built_value_is_spelt_in_the_ways_of_the_language() -> None:
    assert 'db.query("find " + name,' in _by("by +")
    assert 'db.query("find ".concat(name),' in _by("by concat")
    assert "  const prepared = `find ${name}`;\n  db.query(prepared, " in _by("value in a variable")


def test_every_variant_and_near_miss_parses() -> None:
    made = [*variants(CHANGE), *near_misses(CHANGE)]
    assert made
    assert all(parse(one.code, "javascript").error_line is None for one in made)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("f(a);\n", "f(a)\n", "only comments or formatting changed"),
        ("const x = 1;\n", "const x = 1;\nconst limit = 3;\n", "the change only adds lines"),
        ("function f( {\n  ((\n", "function f() {}\n", "the before side does not parse: line 1"),
        ("x = 1;\n" * 100_000, "x = 2;\n", "too large"),
        ("x=1;" * 2_000, "x = 2;\n", "too large or minified"),
    ],
)
def test_why_there_is_no_candidate_is_said_in_words(before: str, after: str, reason: str) -> None:
    found = propose(_fix(before, after))
    assert found.candidates == ()
    assert reason in (found.reason or "")


@given(st.text(LETTERS, min_size=1, max_size=60), st.text(LETTERS, max_size=60), st.sampled_from(["a.js", "a.tsx"]))
def test_any_two_texts_give_candidates_or_a_reason(before: str, after: str, path: str) -> None:
    if not before.strip() or before == after:
        return
    found = propose(_fix(before, after, path))
    assert bool(found.candidates) != bool(found.reason)


@given(st.text(LETTERS, min_size=1, max_size=60))
def test_every_operator_stands_inside_patterns(code: str) -> None:
    if not code.strip():
        return
    for one in propose(_fix(code, CHANGE.before)).candidates:
        assert {"patterns", "mode"} & set(one.definition)
        assert not {"pattern-not", "pattern-inside", "pattern-not-inside", "metavariable-regex"} & set(one.definition)


@given(
    st.lists(
        st.sampled_from(["f(function () {", "if (a) {", "a();", "}", "});", "x = () => {", "};", "`${b}`;"]),
        max_size=25,
    )
)
def test_units_tell_every_statement_once(lines: list[str]) -> None:
    tree = parse("\n".join(lines), "javascript")
    found = [unit.start for unit in units(tree.root)]
    assert found == sorted(found)
    assert len(found) == len(set(found))


def test_a_part_of_a_request_that_a_function_takes_out_of_it_is_from_outside() -> None:
    tree = parse("const f = ({ body }: Request) => { const url = body.url; request.get(url); };", "typescript")
    value = next(
        node
        for node in tree.root.walk()
        if node.kind == "identifier" and node.text == "url" and node.field_name is None
    )
    assert outside(value, tree) is not None


def test_a_name_like_a_part_of_a_request_that_is_none_is_not_from_outside() -> None:
    tree = parse("function f(body) { send(body); }", "javascript")
    value = [node for node in tree.root.walk() if node.kind == "identifier" and node.text == "body"][-1]
    assert outside(value, tree) is None
