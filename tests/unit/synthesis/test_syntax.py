"""The syntax tree that synthesis reads."""

from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.synthesis.code.syntax import dedented, parse

MODULE = "def ask(db, name):\n    rows = db.fetch('a', limit=1)\n    return rows\n"


def test_a_call_knows_its_function_and_its_arguments() -> None:
    call = next(node for node in parse(MODULE, "python").root.walk() if node.kind == "call")
    function, arguments = call.field("function"), call.field("arguments")
    assert function is not None
    assert arguments is not None
    assert (function.text, arguments.text) == ("db.fetch", "('a', limit=1)")


def test_lines_count_from_one() -> None:
    call = next(node for node in parse(MODULE, "python").root.walk() if node.kind == "call")
    assert (call.line, call.end_line) == (2, 2)


def test_an_indented_function_parses_and_keeps_its_lines() -> None:
    tree = parse("    def ask(self):\n        return 1\n", "python")
    returned = next(node for node in tree.root.walk() if node.kind == "return_statement")
    assert tree.error_line is None
    assert returned.line == 2


def test_code_that_does_not_parse_names_its_line() -> None:
    assert parse("x = 1\ny = (((\n", "python").error_line is not None


def test_text_after_characters_of_several_bytes_is_cut_right() -> None:
    tree = parse("grüße = 'ü€𝄞'\nsend(grüße)\n", "python")
    call = next(node for node in tree.root.walk() if node.kind == "call")
    assert call.text == "send(grüße)"


def test_layout_and_comments_do_not_change_a_key() -> None:
    plain = parse("f(a, b)\n", "python").root
    spread = parse("f(a,   # first\n  b)\n", "python").root
    assert plain.key == spread.key


def test_another_name_changes_a_key() -> None:
    assert parse("f(a)\n", "python").root.key != parse("f(b)\n", "python").root.key


def test_windows_line_ends_become_line_feeds() -> None:
    assert dedented("  a = 1\r\n  b = 2\r\n") == "a = 1\nb = 2\n"


def test_code_nested_deeper_than_the_stack_parses() -> None:
    tree = parse("x = " + "(" * 3000 + "1" + ")" * 3000 + "\n", "python")
    assert tree.root.end_line >= 1


@given(st.text(max_size=200))
def test_any_text_gives_a_tree_whose_nodes_lie_within_it(text: str) -> None:
    tree = parse(text, "python")
    assert all(0 <= node.start <= node.end <= len(tree.code) for node in tree.root.walk())
