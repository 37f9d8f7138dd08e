"""Code that is huge, deep or strange gives a value, soon."""

import time

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.validation import cases_for

SECONDS = 20.0

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
    started = time.monotonic()
    found = propose(fix)
    assert bool(found.candidates) != bool(found.reason)
    assert cases_for(fix)
    assert time.monotonic() - started < SECONDS


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
    started = time.monotonic()
    found = propose(fix)
    assert bool(found.candidates) != bool(found.reason)
    assert cases_for(fix)
    assert time.monotonic() - started < SECONDS
