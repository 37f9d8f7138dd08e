"""What is read of Go, and which candidates come of it."""

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.code.building import built_values
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.forms.features import Side
from rsolv_ray.synthesis.languages.go import imports


def _call(code: str, name: str) -> Call:
    tree = parse(code, "go")
    assert tree.error_line is None
    return next(one for one in calls_in([tree.root]) if one.name == name)


def _forms(before: str, after: str, *cwes: str) -> list[str]:
    fix = Fix.model_validate({"changes": [{"path": "a.go", "before": before, "after": after}], "cwe": cwes})
    return [one.form for one in propose(fix).candidates]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('"crypto/md5"', {"md5": "md5"}),
        ('md "crypto/md5"', {"md": "md5"}),
        ('"github.com/a/go-jwt/v4"', {"jwt": "jwt"}),
        ('"gopkg.in/yaml.v3"', {"yaml": "yaml"}),
        ('_ "net/http/pprof"', {}),
        ('. "fmt"', {}),
    ],
)
def test_a_package_goes_by_the_last_word_of_its_path_or_by_its_new_name(line: str, names: dict[str, str]) -> None:
    assert imports(line) == names


def test_a_function_of_a_renamed_package_is_called_by_the_name_of_the_package() -> None:
    code = 'package a\nimport md "crypto/md5"\nfunc f() {\n\tmd.New()\n}\n'
    assert full_name(_call(code, "New"), parse(code, "go")) == "md5.New"


def test_the_first_of_several_names_is_given_what_a_call_gives() -> None:
    code = 'package a\nfunc f(x string) {\n\tq, err := fmt.Sprintf("a %s", x), nil\n\trun(q)\n}\n'
    assert built_values(_call(code, "run").positional[0])


@pytest.mark.parametrize("text", ['"a" + x', 'fmt.Sprintf("a %s", x)', "fmt.Sprintf(`a %s`, x)"])
def test_a_text_with_a_value_in_it_is_built(text: str) -> None:
    code = f"package a\nfunc f(x string) {{\n\trun({text})\n}}\n"
    assert built_values(_call(code, "run").positional[0])


def test_fields_of_a_literal_are_settings() -> None:
    tree = parse("package a\nvar c = &tls.Config{InsecureSkipVerify: true}\n", "go")
    side = Side(((tree, (tree.root,)),))
    assert ("InsecureSkipVerify", "true") in [(one.name, one.value.text) for one in side.settings]


def test_declaring_a_name_is_no_change_of_what_it_is_given() -> None:
    before, after = (f"package a\nfunc f() {{\n\tx {sign} g()\n\trun(x)\n}}\n" for sign in (":=", "="))
    assert _forms(before, after) == []


def test_a_literal_that_lacks_a_field_is_asked_for_it() -> None:
    before = "package a\nfunc f() {\n\tuse(http.Cookie{Name: n})\n}\n"
    assert "literal:lacks" in _forms(before, before.replace("n}", "n, Secure: true}"), "CWE-614")


def test_a_weak_function_brings_those_that_are_as_weak() -> None:
    before = 'package a\nimport "crypto/md5"\nfunc f() {\n\tuse(md5.New())\n}\n'
    fix = Fix.model_validate(
        {"changes": [{"path": "a.go", "before": before, "after": before.replace("md5", "sha256")}], "cwe": ["CWE-328"]}
    )
    group = next(one for one in propose(fix).candidates if one.form == "weak:group")
    assert "'sha1.New(...)'" in str(group.definition)
