"""Code that is huge, deep or strange gives a value, soon."""

import time

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.validation import cases_for

SECONDS = 20.0
"""Of the processor: how busy the machine is says nothing of the code."""

LONG = "".join(f"v{number} = f(v{number - 1}, 'a%s' % v{number - 1})\n" for number in range(1, 6_000))
SAME = "x = f(1)\n" * 20_000
FUNCTIONS = "".join(f"def f{number}(a):\n    g('x' + a)\n    return a\n" for number in range(5_000))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LONG, LONG.replace("v3000, 'a%s' % v3000", "v3000, v3000")),
        (LONG, LONG.replace("f(", "g(")),
        (SAME, "y = 2\n" + SAME[9:-18] + "x = f(2)\n"),
        (FUNCTIONS, FUNCTIONS.replace("g('x' + a)\n", "g(a)\n", 1)),
        ("q = 'a'" + " + x" * 1_200 + "\nrun(q)\n", "q = 'a'\nrun(q)\n"),
        ("q = " + "(" * 2_000 + "'a' + x" + ")" * 2_000 + "\nrun(q)\n", "q = 'a'\nrun(q)\n"),
        (
            "def f(a, b):\n    a = b[0]\n    b = a[0]\n    show(a)\n",
            "def f(a, b):\n    a = b[0]\n    b = a[0]\n    show(clean(a))\n",
        ),
        ("x = " + "[" * 900 + "]" * 900 + "\n", "x = 1\n"),
        ("a=1;" * 50_000, "a=2;" * 50_000),
    ],
    ids=[
        "one edit",
        "every line",
        "one line again and again",
        "many functions",
        "long sum",
        "brackets",
        "cycle",
        "lists",
        "minified",
    ],
)
def test_it_ends_soon_with_candidates_or_a_reason(before: str, after: str) -> None:
    fix = Fix.model_validate({"changes": [{"path": "a.py", "before": before, "after": after}], "cwe": ["CWE-89"]})
    started = time.process_time()
    found = propose(fix)
    assert bool(found.candidates) != bool(found.reason)
    assert cases_for(fix)
    assert time.process_time() - started < SECONDS


SCRIPT = "".join(f"v{number} = f(v{number - 1}, `a${{v{number - 1}}}`);\n" for number in range(1, 6_000))
CALLBACKS = "f(function () {\n" * 300 + "run(`a${x}`);\n" + "});\n" * 300
ELEMENTS = "x = " + "<a>" * 400 + "{b}" + "</a>" * 400 + ";\n"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.js", SCRIPT, SCRIPT.replace("v3000, `a${v3000}`", "v3000, v3000")),
        ("a.js", SCRIPT, SCRIPT.replace("f(", "g(")),
        ("a.js", CALLBACKS, CALLBACKS.replace("`a${x}`", "x")),
        ("a.js", "q = 'a'" + " + x" * 1_200 + ";\nrun(q);\n", "q = 'a';\nrun(q);\n"),
        ("a.js", "q = " + "(" * 2_000 + "'a' + x" + ")" * 2_000 + ";\nrun(q);\n", "q = 'a';\nrun(q);\n"),
        ("a.js", "x = " + "`${" * 300 + "a" + "}`" * 300 + ";\n", "x = 1;\n"),
        ("a.js", "a=1;" * 50_000, "a=2;" * 50_000),
        ("a.js", "x = 1;\n" * 150_000, "x = 2;\n"),
        ("a.js", "function f( {\n  run(`a${x}`;\n" * 500, "function f() {\n  run(x);\n}\n"),
        ("a.js", "\ud800`${`${`${", "f();\n"),
        ("a.jsx", ELEMENTS, ELEMENTS.replace("{b}", "{c}")),
        ("a.ts", "let a: " + "A<" * 400 + "B" + ">" * 400 + " = f(x);\n", "let a = g(x);\n"),
        ("a.ts", "@d()\n" * 500 + "class A { @e() f(@g() h: string) { run(`a${h}`); } }\n", "class A {}\n"),
        ("a.tsx", "const f = <T,>(x: T) => <a b={x as any}>{`a${x!}`}</a>;\n", "const f = () => <a />;\n"),
    ],
    ids=[
        "one edit", "every line", "callbacks", "long sum", "brackets", "templates", "minified", "1 MB", "broken", "no text", "elements",
        "generics", "decorators", "tsx",
    ],
)  # fmt: skip
def test_it_ends_soon_in_other_languages_too(path: str, before: str, after: str) -> None:
    text = before.encode("utf-8", "replace").decode()
    fix = Fix.model_validate({"changes": [{"path": path, "before": text, "after": after}], "cwe": ["CWE-89"]})
    started = time.process_time()
    found = propose(fix)
    assert bool(found.candidates) != bool(found.reason)
    assert cases_for(fix)
    assert time.process_time() - started < SECONDS


def nested(opening: str, inner: str, closing: str, levels: int) -> str:
    return opening * levels + inner + closing * levels


def deep_fix(path: str, levels: int, opening: str, closing: str, whole: str) -> Fix:
    before = whole.replace("HERE", nested(opening, "`a${id}`" if path != "a.py" else "'a' + id", closing, levels))
    after = whole.replace("HERE", nested(opening, "id", closing, levels))
    return Fix.model_validate({"changes": [{"path": path, "before": before, "after": after}], "cwe": ["CWE-89"]})


NESTINGS = {
    "callbacks": ("a.js", "\nf(function () {\nx = ", "\n});\n", "HERE;"),
    "curried": ("a.js", "\na => ", "", "f(HERE);"),
    "arrays": ("a.js", "\n[", "]", "db.query(HERE);"),
    "objects": ("a.js", "\n{a: ", "}", "db.query(HERE);"),
    "templates": ("a.js", "\n`${", "}`", "db.query(HERE);"),
    "parentheses": ("a.js", "\n(", ")", "db.query(HERE);"),
    "calls": ("a.js", "\nf(", ")", "db.query(HERE);"),
    "negations": ("a.js", "\n!", "", "if (HERE === 1) { db.query(id); }"),
    "conditions": ("a.js", "\nif (a) {", "}", "HERE"),
    "otherwise": ("a.js", "\nif (a) { b(); } else ", "", "HERE;"),
    "elements": ("a.jsx", "\n<a>", "</a>", "x = HERE;"),
    "types": ("a.ts", "\nA<", ">", "let a: HERE = f(`a${id}`);"),
    "python lists": ("a.py", "\n[", "]", "db.execute(HERE)"),
    "python calls": ("a.py", "\nf(", ")", "db.execute(HERE)"),
    "python lambdas": ("a.py", "lambda a:\\\n ", "", "db.execute(HERE)"),
    "python subscripts": ("a.py", "\na[", "]", "db.execute(HERE)"),
}


@pytest.mark.parametrize("levels", [190, 1_000, 3_000])
@pytest.mark.parametrize("nesting", NESTINGS)
def test_deep_nesting_ends_soon_with_candidates_or_a_reason(nesting: str, levels: int) -> None:
    path, opening, closing, whole = NESTINGS[nesting]
    fix = deep_fix(path, levels, opening, closing, whole)
    started = time.process_time()
    found = propose(fix)
    assert bool(found.candidates) != bool(found.reason)
    assert cases_for(fix)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    ("path", "opening", "closing", "whole"),
    [
        ("a.js", "[\n", "]", "function f(HERE, id) { return db.query(`SELECT ${id}`); }"),
        ("a.js", "{a:\n", "}", "function f(HERE, id) { return db.query(`SELECT ${id}`); }"),
        ("a.js", "[", "]", "let HERE = b;\ndb.query(`SELECT ${id}`);"),
        ("a.py", "(", ")", "for HERE in b:\n    db.execute('SELECT' + id)\n"),
    ],
    ids=["arrays taken", "objects taken", "arrays set", "tuples"],
)
def test_deeply_nested_targets_are_refused_in_words(path: str, opening: str, closing: str, whole: str) -> None:
    before = whole.replace("HERE", nested(opening, "a", closing, 1_000))
    after = before.replace("`SELECT ${id}`", "'SELECT', id").replace("'SELECT' + id", "'SELECT', id")
    fix = Fix.model_validate({"changes": [{"path": path, "before": before, "after": after}], "cwe": ["CWE-89"]})
    assert propose(fix).reason == f"{path} is nested too deeply: nothing is learned from more than 200 levels"
    assert cases_for(fix)


@pytest.mark.parametrize("link", ["()", ".a", "[0]", ".a()", " + a", " - a", "!", " || a", ", a", " as any", " % a"])
@pytest.mark.parametrize("levels", [1_000, 3_000])
def test_long_chains_end_soon_with_candidates_or_a_reason(link: str, levels: int) -> None:
    chain = "a" + f"\n{link}" * levels
    before = f"if ({chain} == 1) {{ db.query('a' + {chain}); }}"
    fix = Fix.model_validate(
        {
            "changes": [{"path": "a.ts", "before": before, "after": before.replace("==", "===").replace("'a' + ", "")}],
            "cwe": ["CWE-89"],
        }
    )
    started = time.process_time()
    found = propose(fix)
    assert bool(found.candidates) != bool(found.reason)
    assert cases_for(fix)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(("opening", "closing", "levels"), [("\nf(function () {\n", "\n});\n", 20), ("f(", ")", 45)])
def test_code_as_deep_as_people_write_is_learned_from(opening: str, closing: str, levels: int) -> None:
    """The deepest file of well-known packages has 90 levels."""
    before = nested(opening, "db.query(`SELECT ${id}`)", closing, levels)
    after = before.replace("`SELECT ${id}`", "'SELECT ?', id")
    fix = Fix.model_validate({"changes": [{"path": "a.js", "before": before, "after": after}], "cwe": ["CWE-89"]})
    assert propose(fix).candidates
