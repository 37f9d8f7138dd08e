"""What is read of Solidity and Bash, and which candidates come of it; what is known of commands and templates."""

import json

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.code.calls import calls_in
from rsolv_ray.synthesis.code.held_texts import gone
from rsolv_ray.synthesis.code.shell import Command, changed_commands, commands
from rsolv_ray.synthesis.code.syntax import parse


def _bodies(before: str, after: str, path: str, *cwes: str) -> list[tuple[str, str]]:
    """The form and the operators of each candidate, best first."""
    fix = Fix.model_validate({"changes": [{"path": path, "before": before, "after": after}], "cwe": cwes})
    return [(one.form, json.dumps(one.definition)) for one in propose(fix).candidates]


def _contract(body: str, head: str = "external") -> str:
    return f"contract A {{\n  function setFee(uint a) {head} {{\n    {body}\n  }}\n}}\n"


def test_what_a_call_is_sent_along_with_is_no_part_of_its_name() -> None:
    (call,) = calls_in([parse(_contract('to.call{value: a, gas: 2}("");'), "solidity").root])
    assert (call.callee, call.name, len(call.arguments)) == ("to.call", "call", 1)


def test_a_declaration_of_solidity_sets_its_name() -> None:
    tree = parse(_contract("uint b = a * 2;"), "solidity")
    assert [node.field("left").text for node in tree.root.walk() if node.kind == "assignment"] == ["b"]  # type: ignore[union-attr]


def test_a_modifier_that_was_added_is_missed_in_functions_of_the_same_verb() -> None:
    found = dict(_bodies(_contract("fee = a;"), _contract("fee = a;", "external onlyOwner"), "a.sol", "CWE-284"))
    assert "set|update|change" in found["guard:sender"]


def test_a_check_in_a_comment_guards_nothing() -> None:
    before = _contract("// require(msg.sender == owner);\n    fee = a;")
    found = dict(_bodies(before, _contract("require(msg.sender == owner);\n    fee = a;"), "a.sol", "CWE-284"))
    assert "guard:sender" in found


def test_a_function_that_reads_alone_is_not_open() -> None:
    found = dict(
        _bodies(_contract("return;", "internal"), _contract("return;", "internal onlyOwner"), "a.sol", "CWE-284")
    )
    assert "guard:sender" not in found


def test_a_call_before_the_books_are_written_is_told_by_its_order() -> None:
    paid, written = 'to.call{value: a}("");', "due[to] -= a;"
    found = dict(_bodies(_contract(f"{paid}\n    {written}"), _contract(f"{written}\n    {paid}"), "a.sol", "CWE-841"))
    assert r"$TARGET.call{value: $SENT}($DATA);\n...\n$BOOKS[$KEY] -= $NEW;" in found["order:call"]


def test_a_known_form_is_proposed_for_its_kind_of_weakness_alone() -> None:
    before, after = _contract("require(tx.origin == o);"), _contract("require(msg.sender == o);")
    assert "known:form" in dict(_bodies(before, after, "a.sol", "CWE-287"))
    assert "known:form" not in dict(_bodies(before, after, "a.sol", "CWE-787"))


def test_commands_are_told_apart_by_what_stands_between_them() -> None:
    assert commands("a b && c -d 'e f' | g\nh \\\n  i") == [
        Command("a", ("b",)), Command("c", ("-d", "'e f'")), Command("g", ()), Command("h", ("i",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("curl -k a", "curl a", (("-k",), (), False, False)),
        (
            "apt-get install a",
            "apt-get install --no-install-recommends a",
            ((), ("--no-install-recommends",), False, False),
        ),
        ('eval "$a"', "eval 'b'", ((), (), False, True)),
        ("sudo a", "a", ((), (), True, False)),
    ],
)
def test_of_a_command_options_and_values_are_held_against_each_other(
    before: str, after: str, told: tuple[tuple[str, ...], tuple[str, ...], bool, bool]
) -> None:
    (change,) = changed_commands(before, after)
    assert (change.gone, change.added, change.is_gone, change.loses_values) == told


def test_a_command_that_lost_its_values_is_looked_for_with_values() -> None:
    form, body = _bodies("eval ${a}\n", 'eval "b"\n', "a.sh")[0]
    assert form == "command:value"
    assert '"eval ..."' in body


def test_of_a_placeholder_the_origin_is_kept() -> None:
    (piece,) = gone("run", "echo ${{ github.event.issue.title }}", "echo $TITLE")
    assert r"github\.event\b" in piece.regex
    assert "title" not in piece.regex


def test_a_placeholder_in_no_code_says_nothing() -> None:
    assert list(gone("title", "${{ github.event.issue.title }}", "x")) == []


def test_what_allows_anything_in_a_policy_is_told() -> None:
    (piece,) = gone("policy", '{"Action": "*", "Effect": "Allow"}', '{"Action": "s3:Get", "Effect": "Allow"}')
    assert piece.regex.endswith(r'\"Action\"\s*[:=]\s*\[?\s*"\*"')


@pytest.mark.parametrize(
    ("before", "after", "form", "told"),
    [
        ("<p>{{ a|safe }}</p>", "<p>{{ a }}</p>", "markup:directive", r"\\|\\s*safe"),
        ("<a class={{ a }}>b</a>", '<a class="{{ a }}">b</a>', "markup:unquoted", r"[\\w:-]+\\s*=\\s*"),
        ('<a href="{{ a }}">b</a>', '<a href="/c/{{ a }}">b</a>', "markup:begins", "<a ... href=$VALUE ...>"),
        ("{% autoescape off %}{{ a }}", "{% autoescape on %}{{ a }}", "markup:directive", "off|false"),
    ],
)
def test_a_template_is_told_by_how_it_puts_values_in(before: str, after: str, form: str, told: str) -> None:
    assert told in dict(_bodies(f"{before}\n", f"{after}\n", "a.html", "CWE-79"))[form]
