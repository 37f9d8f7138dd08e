"""What is read of C and C++, and which candidates come of it."""

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.code.building import assigned, built_values, parameters
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import units
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.places import places
from rsolv_ray.synthesis.code.syntax import Node, parse
from rsolv_ray.synthesis.variants import near_misses


def _function(code: str, language: str = "c") -> Node:
    tree = parse(code, language)
    assert tree.error_line is None
    return next(node for node in tree.root.walk() if node.kind == "function_definition")


def _call(code: str, name: str, language: str = "c") -> Call:
    return next(one for one in calls_in([_function(code, language)]) if one.name == name)


def _fix(before: str, after: str, *cwes: str) -> Fix:
    return Fix.model_validate({"changes": [{"path": "a.c", "before": before, "after": after}], "cwe": cwes})


def _forms(before: str, after: str, *cwes: str) -> list[str]:
    return [one.form for one in propose(_fix(before, after, *cwes)).candidates]


def test_names_stand_in_declarations_whatever_their_types() -> None:
    function = _function("static char *f(const char *a, int b[3], struct s **c) { return a; }")
    assert set(parameters(function)) == {"a", "b", "c"}
    name = function.field("name")
    assert name is not None
    assert name.text == "f"


def test_a_pointer_is_given_what_it_is_declared_with() -> None:
    call = _call("void f(void) { char *p = g(1); run(p); }", "run")
    assert [value.text for value in assigned(call.positional[0])] == ["g(1)"]


@pytest.mark.parametrize("sign", [".", "->"])
def test_a_member_is_called_on_its_object_however_it_is_written(sign: str) -> None:
    code = f"void f(void) {{ p{sign}run(1); }}"
    assert full_name(_call(code, "run"), parse(code, "c")) == "$O.run"


def test_sizeof_is_called_as_a_function_is() -> None:
    assert _call("void f(void) { g(sizeof(p)); }", "sizeof").positional[0].text == "p"


@pytest.mark.parametrize("printed", ['sprintf(b, "ls %s", a)', 'snprintf(b, sizeof(b), "ls %s", a)'])
def test_a_text_that_is_printed_into_a_buffer_is_built(printed: str) -> None:
    assert built_values(_call(f"void f(char *a) {{ char b[9]; {printed}; run(b); }}", "run").positional[0])


def test_a_constant_printed_into_a_buffer_is_not_built() -> None:
    assert not built_values(_call('void f(void) { char b[9]; sprintf(b, "ls"); run(b); }', "run").positional[0])


def test_statements_between_conditions_of_the_preprocessor_are_units() -> None:
    tree = parse("void f(void) {\n#ifdef A\n  g();\n#else\n  h();\n#endif\n}\n", "c")
    assert {"g();", "h();"} <= {unit.text for unit in units(tree.root)}


def test_functions_of_std_are_called_by_their_names_in_cpp() -> None:
    code = "void f(char *a) { std::system(a); }"
    assert full_name(_call(code, "system", "cpp"), parse(code, "cpp")) == "system"


def test_an_answer_that_a_put_in_condition_looks_at_is_a_place() -> None:
    before = "void f(int n) {\n  char *p = malloc(n);\n  run(n);\n  p[0] = 1;\n}\n"
    fix = _fix(before, before.replace("  run", "  if (!p) return;\n  run"), "CWE-690")
    assert 2 in {line for one in places(fix.changes[0]).before for line in range(one.first, one.last + 1)}


@pytest.mark.parametrize(
    ("before", "after", "cwe", "form"),
    [
        ("free(p); use(p);", "free(p); p = 0; use(p);", "CWE-416", "sequence:used"),
        ("free(p); g(); free(p);", "free(p); g();", "CWE-415", "sequence:again"),
        ("free(p); use(p);", "use(p); free(p);", "CWE-416", "sequence:used"),
        ("if (access(n, 1)) unlink(n);", "unlink(n);", "CWE-367", "sequence:raced"),
        ("chroot(d); go();", 'chroot(d); chdir("/"); go();', "CWE-243", "sequence:lacks"),
        ("setuid(u); setgid(u);", "setgid(u); setuid(u);", "CWE-696", "sequence:order"),
        ("setuid(u); go();", "if (setuid(u)) abort(); go();", "CWE-273", "weak:unchecked"),
        ("p = malloc(n); *p = 1;", "p = malloc(n); if (!p) return; *p = 1;", "CWE-690", "weak:unasked"),
        ("strncpy(d, s, strlen(s));", "strncpy(d, s, sizeof(d));", "CWE-806", "weak:size"),
        ("strncat(d, s, sizeof(d));", "strncat(d, s, sizeof(d) - strlen(d) - 1);", "CWE-787", "weak:size"),
        ("int *q = malloc(sizeof(q));", "int *q = malloc(sizeof(*q));", "CWE-467", "weak:pointer"),
        ("printf(s);", 'printf("%s", s);', "CWE-134", "weak:computed"),
        ("gets(b);", "fgets(b, 9, stdin);", "CWE-242", "weak:group"),
    ],
)
def test_a_kind_of_fix_gives_its_form(before: str, after: str, cwe: str, form: str) -> None:
    old, new = (f"void f(char *p, char *n, char *s, char *d, int u) {{ {code} }}\n" for code in (before, after))
    assert form in _forms(old, new, cwe)


def test_the_size_of_an_array_is_not_that_of_a_pointer() -> None:
    before = "void f(void) { int q[3]; memset(q, 0, sizeof(q)); }\n"
    assert "weak:pointer" not in _forms(before, before.replace("sizeof(q)", "12"), "CWE-467")


def test_a_copy_that_is_bounded_by_where_it_goes_is_no_size_from_its_source() -> None:
    before = "void f(char *s) { char d[9]; strncpy(d, s, sizeof(d)); }\n"
    assert "weak:size" not in _forms(before, before.replace("sizeof(d)", "8"), "CWE-806")


def test_a_constant_in_place_of_a_text_is_no_look_alike_where_texts_are_not_what_is_weak() -> None:
    before = 'void f(char *a) { char b[9]; sprintf(b, "ls %s", a); system(b); }\n'
    change = _fix(before, before.replace("system", "run")).changes[0]
    assert "constant" in {one.how for one in near_misses(change)}
    assert "constant" not in {one.how for one in near_misses(change, texts=False)}
