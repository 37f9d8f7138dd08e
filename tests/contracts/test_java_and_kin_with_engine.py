"""Do the rules that fixes in Java, Kotlin, Scala and C# give do in the engine what synthesis says of them?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TEXT = "select a from b where c = "


class Kind(NamedTuple):
    """A fix, with code of another hand that must be found, and code that must be spared."""

    path: str
    cwe: str
    before: str
    after: str
    siblings: tuple[str, ...]
    spared: tuple[str, ...]


def _java(setting: str, query: str) -> str:
    return f"class A {{\n  void f(Connection c, String id) {{\n    {setting}\n    c.createStatement().executeQuery({query});\n  }}\n}}\n"


def _kotlin(setting: str, query: str) -> str:
    return f"class A {{\n  fun f(c: Connection, id: String) {{\n    {setting}\n    c.createStatement().executeQuery({query})\n  }}\n}}\n"


def _scala(setting: str, query: str) -> str:
    return f"class A {{\n  def f(c: Connection, id: String) = {{\n    {setting}\n    c.createStatement().executeQuery({query})\n  }}\n}}\n"


def _csharp(setting: str, query: str) -> str:
    return f"class A {{\n  void F(SqlConnection c, string id) {{\n    {setting}\n    new SqlCommand({query}, c).ExecuteReader();\n  }}\n}}\n"


STATEMENTS = {
    "java": Kind(
        "A.java", "CWE-89", _java("", f'"{TEXT}" + id'), _java("", f'"{TEXT}?"'),
        (
            _java(f'String s = "{TEXT}" + id;', "s"),
            _java(f'String s = "{TEXT}";\n    s += id;', "s"),
            _java("", f'String.format("{TEXT}%s", id)'),
            _java(f'StringBuilder s = new StringBuilder("{TEXT}");\n    s.append(id).append(";");', "s.toString()"),
            _java("", f'new StringBuilder("{TEXT}").append(id).toString()'),
        ),
        (_java("", f'"{TEXT}" + "1"'), _java("", f'"{TEXT}" + Integer.parseInt(id)'), _java("", f'"{TEXT}" + TABLE')),
    ),
    "kotlin": Kind(
        "A.kt", "CWE-89", _kotlin("", f'"{TEXT}$id"'), _kotlin("", f'"{TEXT}?"'),
        (
            _kotlin(f'val s = "{TEXT}" + id', "s"),
            _kotlin("", f'"{TEXT}${{id}}"'),
            _kotlin("", f'"{TEXT}%s".format(id)'),
            _kotlin(f'val s = StringBuilder("{TEXT}")\n    s.append(id)', "s.toString()"),
        ),
        (_kotlin("", f'"{TEXT}1"'), _kotlin("", f'"{TEXT}" + id.toInt()')),
    ),
    "scala": Kind(
        "A.scala", "CWE-89", _scala("", f'"{TEXT}" + id'), _scala("", f'"{TEXT}?"'),
        (
            _scala(f'val s = s"{TEXT}$id"', "s"),
            _scala(f'var s = "{TEXT}"\n    s += id', "s"),
            _scala("", f'"{TEXT}%s".format(id)'),
        ),
        (_scala("", f'"{TEXT}1"'), _scala("", f'"{TEXT}" + id.toInt')),
    ),
    "csharp": Kind(
        "A.cs", "CWE-89", _csharp("", f'"{TEXT}" + id'), _csharp("", f'"{TEXT}@id"'),
        (
            _csharp(f'var s = $"{TEXT}{{id}}";', "s"),
            _csharp(f'string s = "{TEXT}";\n    s += id;', "s"),
            _csharp("", f'string.Format("{TEXT}{{0}}", id)'),
            _csharp(f'var s = new StringBuilder("{TEXT}");\n    s.Append(id);', "s.ToString()"),
        ),
        (_csharp("", f'"{TEXT}1"'), _csharp("", f'"{TEXT}" + int.Parse(id)')),
    ),
}  # fmt: skip
KINDS = {
    "weak digest": Kind(
        "A.java", "CWE-327",
        'byte[] f(byte[] a) {\n  return MessageDigest.getInstance("MD5").digest(a);\n}\n',
        'byte[] f(byte[] a) {\n  return MessageDigest.getInstance("SHA-256").digest(a);\n}\n',
        ('class B { Object g() { return java.security.MessageDigest.getInstance("md5"); } }\n',),
        ('class B { Object g() { return MessageDigest.getInstance("SHA-512"); } }\n',),
    ),
    "cookie without a limit": Kind(
        "A.cs", "CWE-614",
        "void F(string a) {\n  var c = new HttpCookie(a);\n  Save(c);\n}\n",
        "void F(string a) {\n  var c = new HttpCookie(a);\n  c.Secure = true;\n  Save(c);\n}\n",
        ('class B { void G() { HttpCookie d = new HttpCookie("b"); Keep(d); } }\n',),
        ('class B { void G() { HttpCookie d = new HttpCookie("b"); d.Secure = true; Keep(d); } }\n',),
    ),
    "a mode beside the one that is off": Kind(
        "A.cs", "CWE-502",
        "void F(S s) {\n  s.Handling = Handling.All;\n}\n",
        "void F(S s) {\n  s.Handling = Handling.None;\n}\n",
        ("class B { object G() { return new S { Handling = Handling.Auto }; } }\n",),
        ("class B { object G() { return new S { Handling = Handling.None }; } }\n",),
    ),
    "marked parameter": Kind(
        "A.java", "CWE-22",
        "@GetMapping\npublic Object f(@RequestParam String n) {\n  return new FileInputStream(n);\n}\n",
        "@GetMapping\npublic Object f(@RequestParam String n) {\n  return new FileInputStream(FilenameUtils.getName(n));\n}\n",
        ('class B { Object g(@PathVariable("a") String a) { String p = "/a/" + a; return Files.readAllBytes(Paths.get(p)); } }\n',),
        ("class B { Object g(String a) { return new FileReader(a); } }\n",),
    ),
    "command in a shell": Kind(
        "A.scala", "CWE-78",
        'def f(a: String) = {\n  s"ls $a".!\n}\n',
        'def f(a: String) = {\n  Seq("ls", a).!\n}\n',
        ('object B { def g(b: String) = { ("rm " + b).!! } }\n',),
        ('object B { def g(b: String) = { Seq("rm", b).!! } }\n',),
    ),
    "constructor alone": Kind(
        "A.java", "CWE-78",
        'public Shop(String a) {\n  Runtime.getRuntime().exec("ls " + a);\n}\n',
        'public Shop(String a) {\n  Runtime.getRuntime().exec(new String[] {"ls", a});\n}\n',
        ('class B { B(String b) { String c = "rm " + b; runtime.exec(c); } }\n',),
        ('class B { B(String b) { runtime.exec("rm"); } }\n',),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("kind", [*STATEMENTS.values(), *KINDS.values()], ids=[*STATEMENTS, *KINDS])
def test_a_fix_finds_its_likes_by_another_hand_and_spares_what_is_right(engine: Engine, kind: Kind) -> None:
    change = {"path": kind.path, "before": kind.before, "after": kind.after}
    fix = Fix.model_validate({"changes": [change], "cwe": [kind.cwe]})
    rules = [rule.definition for rule in learn(engine, fix, now=NOW).rules]
    texts = [SourceText(kind.path, fix.changes[0].language, code) for code in (*kind.siblings, *kind.spared)]
    found = {match.target for match in engine.run_texts(rules, texts).matches}
    assert found == set(range(len(kind.siblings)))
