"""What is read of Java, Kotlin, Scala and C#, and which candidates come of it."""

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import built_values
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import hunks
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import parse, whole
from rsolv_ray.synthesis.code.values import Kind, told_apart, value_of
from rsolv_ray.synthesis.forms.sinks import family_of, uses_in

PATHS = {"java": "A.java", "kotlin": "A.kt", "scala": "A.scala", "csharp": "A.cs"}
FUNCTIONS = {
    "java": "void f(String x) {{\n  {}\n}}\n",
    "kotlin": "fun f(x: String) {{\n  {}\n}}\n",
    "scala": "def f(x: String) = {{\n  {}\n}}\n",
    "csharp": "void F(string x) {{\n  {}\n}}\n",
}


def _call(language: str, code: str, name: str = "run") -> Call:
    tree = parse(FUNCTIONS[language].format(code), language)
    return next(one for one in calls_in([tree.root]) if one.name == name)


def _forms(language: str, before: str, after: str, *cwes: str) -> list[str]:
    change = {"path": PATHS[language], "before": before, "after": after}
    return [one.form for one in propose(Fix.model_validate({"changes": [change], "cwe": cwes})).candidates]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("java", 'run("a" + x);'),
        ("java", 'String s = "a";\n  s += x;\n  run(s);'),
        ("java", 'run(String.format("a %s", x));'),
        ("java", 'run("a".concat(x));'),
        ("java", 'run(new StringBuilder("a").append(x).toString());'),
        ("java", 'StringBuilder s = new StringBuilder();\n  s.append("a").append(x);\n  run(s.toString());'),
        ("kotlin", 'run("a $x")'),
        ("kotlin", 'run("a ${x.y}")'),
        ("kotlin", 'val s = "a" + x\n  run(s)'),
        ("kotlin", 'run("a %s".format(x))'),
        ("kotlin", 'val s = StringBuilder("a")\n  s.append(x)\n  run(s.toString())'),
        ("scala", 'run(s"a $x")'),
        ("scala", 'run("a" + x)'),
        ("scala", 'run("a %s".format(x))'),
        ("csharp", 'run($"a {x}");'),
        ("csharp", 'run("a" + x);'),
        ("csharp", 'run(string.Format("a {0}", x));'),
        ("csharp", 'var s = new StringBuilder("a");\n  s.Append(x);\n  run(s.ToString());'),
    ],
)
def test_a_text_with_a_value_in_it_is_built(language: str, code: str) -> None:
    assert built_values(_call(language, code).positional[0])


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("java", 'run("a" + "b");'),
        ("java", "run(x);"),
        ("java", "list.append(x);\n  run(list);"),
        ("kotlin", 'run("a")'),
        ("scala", 'run(sql"a $x")'),
        ("csharp", 'run(@"a\\b");'),
    ],
)
def test_other_texts_and_values_are_not_built(language: str, code: str) -> None:
    assert not built_values(_call(language, code).positional[0])


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("java", "Cipher.run(x);", "Cipher.run"),
        ("java", "javax.crypto.Cipher.run(x);", "Cipher.run"),
        ("java", "cipher.run(x);", "$O.run"),
        ("java", "this.cipher.run(x);", "$O.run"),
        ("java", "a().b().run(x);", "$O.run"),
        ("java", "run(x);", "run"),
        ("java", "new run(x);", "new run"),
        ("java", "new java.net.run<String>(x);", "new run"),
        ("kotlin", "Cipher.run(x)", "Cipher.run"),
        ("kotlin", "cipher?.run(x)", "$O.run"),
        ("scala", "Cipher.run(x)", "Cipher.run"),
        ("scala", "new run(x)", "new run"),
        ("scala", "cipher.run[Int](x)", "$O.run"),
        ("csharp", "Cipher.run(x);", "Cipher.run"),
        ("csharp", "System.Security.Cipher.run(x);", "Cipher.run"),
        ("csharp", "db.Users.run(x);", "$O.run"),
        ("csharp", "cipher.run<int>(x);", "$O.run"),
    ],
)
def test_a_class_is_called_by_its_own_name(language: str, code: str, name: str) -> None:
    tree = parse(FUNCTIONS[language].format(code), language)
    call = next(one for one in calls_in([tree.root]) if one.name == "run")
    assert full_name(call, tree) == name


@pytest.mark.parametrize("code", ["cmd.!", "cmd !", '"ls".!!', "Seq(a, b).!"])
def test_a_command_that_an_operator_runs_is_given_to_it(code: str) -> None:
    tree = parse(f"def f(cmd: String) = {{\n  {code}\n}}\n", "scala")
    call = next(one for one in calls_in([tree.root]) if str(one.name).startswith("!"))
    assert len(call.positional) == 1


@pytest.mark.parametrize(
    ("language", "code", "keywords"),
    [
        ("kotlin", "run(x, verify = false)", {"verify": "false"}),
        ("scala", "run(x, verify = false)", {"verify": "false"}),
        ("csharp", "run(x, verify: false);", {"verify": "false"}),
    ],
)
def test_options_are_given_by_their_names(language: str, code: str, keywords: dict[str, str]) -> None:
    assert {name: value.text for name, value in _call(language, code).keywords.items()} == keywords


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("java", "void f() { int a = 1; g(a); }\n", "void f()\n{\n  final int a = 1;\n  g(a); // note\n}\n"),
        ("kotlin", "fun f() { val a = 1 }\n", "fun f() {\n  var a = 1\n}\n"),
        ("scala", "def f() = { val a = 1 }\n", "def f() = {\n  var a = 1\n}\n"),
        ("csharp", "void F() { G(1); }\n", "void F()\n{\n  G(1); // note\n}\n"),
    ],
)
def test_layout_is_no_change(language: str, before: str, after: str) -> None:
    assert [hunk for hunk in hunks(parse(before, language), parse(after, language)) if "g" in hunk.before] == []


def test_texts_between_values_are_a_difference() -> None:
    one, other = (parse(f'def f(x: Int) = {{ run(s"{text} $x") }}\n', "scala") for text in "ab")
    assert hunks(one, other)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("java", "import a.B;\n    public Shop(String x) {\n        run(x);\n    }\n"),
        ("java", "    static {\n        run(1);\n    }\n"),
        ("csharp", "    public Shop(string x) {\n        run(x);\n    }\n"),
        ("kotlin", "    constructor(x: String) {\n        run(x)\n    }\n"),
    ],
)
def test_members_of_a_class_are_read_without_it(language: str, code: str) -> None:
    tree = parse(code, language)
    assert tree.error_line is None
    assert tree.code.count("\n") == code.count("\n")


def test_a_method_that_can_be_read_alone_is_left_as_it_is() -> None:
    code = "@Override\npublic void f(String x) throws E {\n  run(x);\n}\n"
    assert whole(code, "java") == code


def test_a_member_of_a_type_is_a_constant() -> None:
    tree = parse("void F() { s.Mode = Mode.All; }\n", "csharp")
    node = next(one for one in tree.root.walk() if one.text == "Mode.All")
    assert value_of(node).kind is Kind.CONSTANT


def test_all_members_but_the_one_that_switches_off_are_told() -> None:
    tree = parse("void F() { s.Mode = Mode.All; s.Mode = Mode.None; }\n", "csharp")
    bad, good = (
        value_of(next(one for one in tree.root.walk() if one.text == f"Mode.{last}")) for last in ("All", "None")
    )
    telling = told_apart(bad, [good])
    assert telling is not None
    assert telling.regex == r"^Mode\.(?!(?i:none|off|disabled?|prohibit|deny|never|no)$)\w+$"


def _family(language: str, code: str) -> Family | None:
    tree = parse(FUNCTIONS[language].format(code), language)
    used = [one for one in uses_in([tree.root]) if one.value.text == "x"]
    found = [family_of(one, full_name(one.call, tree) or "", CATALOGUES[language].families) for one in used if one.call]
    return next(iter(found), None)


def test_a_sink_may_ask_for_what_stands_before_the_value() -> None:
    found = _family("java", 'query.put("$where", x);')
    assert found is not None
    assert found.name == "document"
    assert _family("java", 'query.put("name", x);') is None


def test_kotlin_shares_what_java_has_without_new() -> None:
    functions = {one.name: one.functions for one in CATALOGUES["kotlin"].families}
    assert "ProcessBuilder" in functions["command"]
    assert not any(one.startswith("new ") for one in functions["command"])


def test_a_parameter_that_reaches_a_statement_is_told() -> None:
    before = "public void f(Statement s, String q) {\n  s.executeQuery(q);\n}\n"
    after = 'public void f(Statement s) {\n  s.executeQuery("select 1");\n}\n'
    assert "taint:given" in _forms("java", before, after, "CWE-89")


def test_a_bare_parameter_is_no_source_of_file_names() -> None:
    before = "public void f(String q) {\n  new File(q);\n}\n"
    assert "taint:given" not in _forms("java", before, before.replace("(q);", '("a");'), "CWE-22")


def test_a_marked_parameter_is_a_source_of_file_names() -> None:
    before = "public void f(@RequestParam String q) {\n  new File(q);\n}\n"
    assert "taint:given" in _forms("java", before, before.replace("(q);", '("a");'), "CWE-22")


def test_a_field_that_only_the_good_side_sets_is_asked_for() -> None:
    before = "void F(string a) {\n  var c = new HttpCookie(a);\n  Save(c);\n}\n"
    after = before.replace("  Save", "  c.Secure = true;\n  Save")
    assert "contrast:missing" in _forms("csharp", before, after, "CWE-614")


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("java", "class A {\n  void f() {\n    run(1);\n  }\n"),
        ("scala", "def f = Action { r =>\n  run(1)\n"),
    ],
)
def test_a_piece_that_ends_too_early_is_closed(language: str, code: str) -> None:
    assert parse(code, language).error_line is None


def test_a_method_is_told_by_the_type_that_it_is_called_on() -> None:
    before = "String f(HttpServletResponse r, String u) {\n  return r.encodeURL(u);\n}\n"
    after = "String g(Shop r, String u) {\n  return r.encodeURL(u);\n}\n"
    change = {"path": "A.java", "before": before, "after": after}
    found = [
        one for one in propose(Fix.model_validate({"changes": [change]})).candidates if one.form == "contrast:type"
    ]
    assert [one.definition["patterns"] for one in found] == [[{"pattern": "(HttpServletResponse $O).encodeURL(...)"}]]


def test_a_text_that_grows_thousands_of_times_is_read() -> None:
    code = "void f(StringBuilder s) {\n  s" + '.append("a")' * 2000 + ";\n}\n"
    assert parse(code.replace(".append", "\n.append"), "java").error_line is None
