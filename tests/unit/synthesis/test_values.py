"""Is a bad value told from the good ones by what makes it bad?"""

from __future__ import annotations

import re

import pytest

from rsolv_ray.synthesis.catalogue.weak_words import weak_in
from rsolv_ray.synthesis.code.syntax import Node, parse
from rsolv_ray.synthesis.code.values import Kind, told_apart, value_of


def _argument(code: str) -> Node:
    """The first argument of the last call."""
    calls = [node for node in parse(code, "python").root.walk() if node.kind == "call"]
    arguments = calls[-1].field("arguments")
    assert arguments is not None
    return arguments.parts[0]


def _telling(bad: str, *good: str) -> str | None:
    told = told_apart(value_of(_argument(f"f({bad})")), [value_of(_argument(f"f({one})")) for one in good])
    return None if told is None else told.comparison or told.regex


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ('f("a")', Kind.TEXT),
        ('x = "a"\nf(x)', Kind.TEXT),
        ("f(-1)", Kind.NUMBER),
        ("f(False)", Kind.SWITCH),
        ("f(ssl.PROTOCOL_TLS)", Kind.CONSTANT),
        ('f(["a", "b"])', Kind.LIST),
        ('f(["a", x])', Kind.OTHER),
        ('f("a" + x)', Kind.OTHER),
        ('x = "a"\nx = y\nf(x)', Kind.OTHER),
        ("def g(x):\n    x = 1\n    f(x)", Kind.OTHER),
    ],
)
def test_a_value_is_fixed_where_the_code_says_what_it_is(code: str, kind: Kind) -> None:
    assert value_of(_argument(code)).kind is kind


def test_an_address_is_told_by_its_scheme() -> None:
    regex = _telling('"http://a.example"', '"https://a.example"')
    assert regex is not None
    assert re.match(regex, '"http://b.example/c"')
    assert not re.match(regex, '"https://b.example/c"')


def test_letters_before_a_scheme_are_of_another_scheme() -> None:
    regex = _telling('"ftp://a"', '"sftp://a"')
    assert regex is not None
    assert not re.match(regex, '"sftp://b"')


def test_a_weak_word_stands_for_its_group() -> None:
    regex = _telling('"MD5"', '"SHA-256"')
    assert regex is not None
    assert re.match(regex, '"sha1"')
    assert not re.match(regex, '"SHA-512"')


def test_what_a_good_text_holds_is_not_weak() -> None:
    assert _telling('"AES/ECB/x y"', '"RSA/ECB/x y"') is None


def test_a_small_number_is_told_by_the_good_bound() -> None:
    assert _telling("1024", "2048", "4096") == "< 2048"


def test_permissions_are_no_bound() -> None:
    assert _telling("0o777", "0o600") == "^0o777$"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("PROTOCOL_SSLv2", "SSLv2"),
        ("HmacSHA1", "SHA1"),
        ("SHA1withRSA", "SHA1"),
        ("VersionTLS10", "TLS10"),
        ("AES/ECB/PKCS5Padding", "ECB"),
    ],
)
def test_a_weak_word_is_found_in_a_name(text: str, word: str) -> None:
    found = weak_in(text)
    assert found is not None
    assert found.word == word


@pytest.mark.parametrize("text", ["TLSv1_2", "SHA-256", "DESIGN", "description", "sha512", "VersionTLS12"])
def test_what_only_looks_like_a_weak_word_is_none(text: str) -> None:
    assert weak_in(text) is None


def test_a_constant_is_as_weak_with_another_word_of_the_group() -> None:
    regex = _telling("ssl.PROTOCOL_SSLv2", "ssl.PROTOCOL_TLSv1_2")
    assert regex is not None
    assert re.match(regex, "ssl.PROTOCOL_SSLv3")
    assert not re.match(regex, "ssl.PROTOCOL_TLSv1_2")
