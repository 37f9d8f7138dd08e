"""What is read of PHP, and which candidates come of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.code.building import built_values
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import hunks, units
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import parse, whole
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.php import GRAMMAR
from rsolv_ray.synthesis.variants import variants
from rsolv_ray.validation.cases import cases_for


def _fix(before: str, after: str, *cwes: str) -> Fix:
    return Fix.model_validate({"changes": [{"path": "a.php", "before": before, "after": after}], "cwe": cwes})


def _patterns(before: str, after: str, form: str, *cwes: str) -> str:
    return next(str(one.definition) for one in propose(_fix(before, after, *cwes)).candidates if one.form == form)


def _call(code: str) -> Call:
    return calls_in([parse(code, "php").root])[0]


@pytest.mark.parametrize(
    ("code", "name", "given"),
    [
        ("md5($a);\n", "md5", 1),
        ("$db->query($a);\n", "$O.query", 1),
        ("$this->db->query($a, $b);\n", "$O.query", 2),
        ("DB::raw($a);\n", "DB::raw", 1),
        ("new Process($a);\n", "new Process", 1),
        ("echo $a, $b;\n", "echo", 2),
        ("print($a);\n", "print", 1),
        ("include $a . '.php';\n", "include", 1),
        ("$a = `ls $b`;\n", "`", 1),
        ("exit($a);\n", "exit", 1),
    ],
)
def test_calls_and_words_that_call_are_told_alike(code: str, name: str, given: int) -> None:
    call = _call(code)
    assert full_name(call, parse(code, "php")) == name
    assert len(call.arguments) == given


@pytest.mark.parametrize(
    "text",
    ['"a $x"', '"a {$x->b}"', "'a' . $x", "$x . 'a'", "'a' . $x . 'b'", "sprintf('a %s', $x)", "<<<A\na $x\nA"],
)
def test_a_text_with_a_value_in_it_is_built(text: str) -> None:
    assert built_values(_call(f"run({text});\n").positional[0])


@pytest.mark.parametrize("text", ["'a $x'", '"a"', "'a' . 'b'", "$x", "1 + $x", "<<<'A'\na $x\nA"])
def test_what_has_no_value_in_a_text_is_not_built(text: str) -> None:
    assert not built_values(_call(f"run({text});\n").positional[0])


def test_a_text_that_grows_is_built() -> None:
    code = "function f($x) {\n  $q = 'a';\n  $q .= $x;\n  run($q);\n}\n"
    run = next(one for one in calls_in([parse(code, "php").root]) if one.name == "run")
    assert built_values(run.positional[0])


def test_a_piece_without_a_tag_is_read_and_given_one() -> None:
    assert parse("md5($a);\n", "php").errors == ()
    case = cases_for(_fix("md5($a);\n", "sha1($a);\n"))[0]
    assert case.code == "<?php md5($a);\n"
    assert case.lines[0].first == 1


def test_a_method_without_its_class_is_put_into_one() -> None:
    code = whole("public function f($x)\n{\n  return $x;\n}\n", "php")
    assert code.splitlines()[1:] == ["{", "  return $x;", "}}"]
    assert parse(code, "php").errors == ()


def test_of_a_page_the_code_is_read_on_its_lines() -> None:
    page = "<h1>\n<?php foo($a); ?>\n<b>it's <?= $x ?></b>\n<?php bar(); ?>\n"
    found = {(call.name, call.node.line) for call in calls_in([parse(page, "php").root])}
    assert found == {("foo", 2), ("echo", 3), ("bar", 4)}


@pytest.mark.parametrize("text", ["$a = '?> <b>';\nf();\n", '$a = "<?php /*|?>";\nf();\n', "/* ?> */\nf();\n"])
def test_tags_in_texts_and_comments_end_no_code(text: str) -> None:
    assert [call.name for call in calls_in([parse(f"<?php\n{text}", "php").root])] == ["f"]


@given(st.text(alphabet="<?php=>'\"/*# \na$;", max_size=60))
def test_what_is_masked_keeps_its_length_and_its_lines(code: str) -> None:
    assert GRAMMAR.masked is not None
    masked = GRAMMAR.masked(code)
    assert len(masked) == len(code)
    assert masked.count("\n") == code.count("\n")


def test_the_members_of_an_array_with_keys_are_options() -> None:
    assert list(_call("f($a, ['verify' => false, 'x' => 1]);\n").keywords) == ["verify", "x"]


def test_quotes_change_nothing() -> None:
    assert hunks(parse("f('a');\n", "php"), parse('f("a");\n', "php")) == ()


def test_fields_are_written_with_an_arrow_in_patterns() -> None:
    spelt = NOTATIONS["php"].spelt
    assert spelt is not None
    assert (
        spelt('$O.query($X . "...", $REQUEST.$PART.$MORE(...))') == '$O->query($X . "...", $REQUEST->$PART->$MORE(...))'
    )
    assert spelt("$V1.$V2") == "$V1.$V2"


def test_a_built_statement_reaches_the_family_of_statements_with_arrows() -> None:
    before = "function f($db, $n) {\n  $db->query(\"select * from a where b = '$n'\");\n}\n"
    after = "function f($db, $n) {\n  $db->execute('select * from a where b = ?', [$n]);\n}\n"
    text = _patterns(before, after, "taint:family", "CWE-89")
    assert "$O->$METHOD($SINK, ...)" in text
    assert "mysqli_query($POSITION, $SINK)" in text
    assert "$O.$METHOD" not in text


def test_a_request_that_is_written_into_a_page_reaches_all_words_that_write() -> None:
    before = "function f() {\n  $n = $_GET['n'];\n  echo 'a ' . $n;\n}\n"
    after = "function f() {\n  $n = $_GET['n'];\n  echo 'a ' . htmlentities($n);\n}\n"
    text = _patterns(before, after, "taint:request", "CWE-79")
    assert "echo ..., $SINK, ...;" in text
    assert "print($SINK)" in text
    assert "'htmlentities(...)'" in text
    assert "(int)$CAST" in text


def test_a_setting_of_an_array_is_found_by_its_key() -> None:
    text = _patterns("return ['secure' => false];\n", "return ['secure' => true];\n", "setting:changed", "CWE-614")
    assert "[..., 'secure' => $VALUE, ...]" in text


def test_rewritings_of_a_built_text_are_made_in_all_spellings() -> None:
    before = "function f($db, $n) {\n  $db->query('a ' . $n);\n}\n"
    after = "function f($db, $n) {\n  $db->query('a ?', $n);\n}\n"
    found = {one.how: one.code for one in variants(_fix(before, after).changes[0])}
    assert '{$n}")' in found["by interpolation"]
    assert {"by . of three", "by sprintf", "names", "value in a variable"} <= found.keys()
    assert "$n_given" in found["names"]


def test_conditions_of_a_function_are_units() -> None:
    found = [
        unit.text for unit in units(parse("if (!is_admin()) { exit; }\n", "php").root) if unit.field_name == "condition"
    ]
    assert found == ["(!is_admin())"]
