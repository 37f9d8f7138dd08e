"""Does a hostile body get as far as a parser?"""

from __future__ import annotations

import json
from threading import current_thread, main_thread
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.api import limits
from rsolv_ray.api.limits import MOST_LEVELS, MOST_VALUES, check_json
from rsolv_ray.api.problems import Malformed
from rsolv_ray.model.errors import TooLarge

FIXES = "/api/v1/orgs/acme/fixes"
JSON = {"Content-Type": "application/json"}


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def test_the_deepest_accepted_body_is_accepted():
    check_json(nested(MOST_LEVELS))


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 1000, 90_000])
def test_a_body_nested_deeper_is_malformed(levels):
    with pytest.raises(Malformed, match="nested deeper than 64 levels"):
        check_json(nested(levels))


def test_a_million_brackets_that_never_close_are_malformed():
    with pytest.raises((Malformed, TooLarge)):
        check_json(b"[" * 1_000_000)


def test_brackets_inside_strings_are_no_levels():
    check_json(json.dumps({"code": "[" * 1000 + '\\"' + "{" * 1000}).encode())


@pytest.mark.parametrize("text", ['"', "\\", '\\"', '\\\\"[', '["', "\\" * 3 + '"' * 3 + "[" * 100, '",{' * 100])
def test_quotes_and_backslashes_inside_strings_end_no_string(text):
    check_json(json.dumps([text, {text: text}]).encode())


def test_objects_and_arrays_count_alike():
    levels = MOST_LEVELS // 2 + 1
    with pytest.raises(Malformed, match="nested deeper"):
        check_json(b'{"a":[' * levels + b"]}" * levels)


def test_more_values_than_accepted_are_too_large():
    with pytest.raises(TooLarge, match="more than 200000 values"):
        check_json(b"[" + b"1," * MOST_VALUES + b"1]")


@pytest.mark.parametrize(
    "body", [b"{", b"{'a': 1}", b'{"a": 1} x', b"nul", b"NaN", b'"\xff"', b'{"a": "\\ud800"}', b'"']
)
def test_what_is_no_json_is_malformed(body):
    with pytest.raises(Malformed, match="no JSON"):
        check_json(body)


@given(
    st.recursive(
        st.none() | st.text() | st.integers(-(2**53), 2**53),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_that_python_writes_is_accepted(value):
    text = json.dumps(value, ensure_ascii=True)
    try:
        value_is_text = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone surrogate is no UTF-8
        return
    check_json(text.encode())
    check_json(value_is_text)


@given(st.binary(max_size=200))
def test_bytes_are_json_or_refused(body):
    try:
        check_json(body)
    except Malformed:
        return
    json.loads(body)


async def test_a_body_announced_as_too_large_is_413_before_it_is_read(client, bearing):
    async def never_read():
        raise AssertionError("the body was read")
        yield b""

    headers = {**bearing("writer"), **JSON, "Content-Length": "10000000"}
    answer = await client.post(FIXES, headers=headers, content=never_read())
    assert answer.status_code == 413
    assert answer.json()["detail"] == "the body is larger than 100000 bytes"


async def test_a_body_that_grows_too_large_is_413_as_soon_as_it_is(client, bearing):
    sent = 0

    async def a_great_deal():
        nonlocal sent
        for _ in range(100):
            sent += 10_000
            yield b" " * 10_000

    answer = await client.post(FIXES, headers={**bearing("writer"), **JSON}, content=a_great_deal())
    assert answer.status_code == 413
    assert sent <= 120_000


async def test_malformed_json_is_400_with_its_place(client, bearing):
    answer = await client.post(FIXES, headers={**bearing("writer"), **JSON}, content=b'{"changes": [}')
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "line 1 column 14" in answer.json()["detail"]


async def test_a_body_that_is_not_utf8_is_400(client, bearing):
    answer = await client.post(FIXES, headers={**bearing("writer"), **JSON}, content=b'{"title": "\xff\xfe"}')
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-yaml", "multipart/form-data", "application/json; charset=utf-16", ""]
)
async def test_a_body_of_another_type_is_415(client, bearing, media):
    answer = await client.post(FIXES, headers={**bearing("writer"), "Content-Type": media}, content=b"{}")
    assert answer.status_code == 415
    assert "JSON" in answer.json()["detail"]


@pytest.mark.parametrize("media", ["application/json", "Application/JSON; charset=UTF-8", "application/vnd.rsolv+json"])
async def test_json_by_any_of_its_names_is_read(client, bearing, fix_body, media):
    headers = {**bearing("writer"), "Content-Type": media}
    answer = await client.post(FIXES, headers=headers, content=json.dumps(fix_body))
    assert answer.status_code == 202


async def test_no_body_where_one_is_needed_is_422(client, bearing):
    answer = await client.post(FIXES, headers=bearing("writer"))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body",
    [b"]" * 2**23, b"[" * 2**23, b"[]" * 2**22, b'"' + b'\\"' * 2**22, b'"' * 2**23, b"\\" * 2**23, b" " * 2**23],
    ids=["closers", "openers", "pairs", "a string that never ends", "quotes", "backslashes", "blanks"],
)
def test_eight_mebibytes_of_anything_are_refused_soon(body):
    began = process_time()
    with pytest.raises((Malformed, TooLarge)):
        check_json(body)
    assert process_time() - began < 0.4


async def test_a_large_body_is_measured_beside_the_loop(client, bearing, monkeypatch):
    seen = []
    monkeypatch.setattr(limits, "BESIDE_BYTES", 50)
    monkeypatch.setattr(limits, "check_json", lambda body: seen.append((len(body), current_thread() is main_thread())))
    for title in ("a", "a" * 100):
        await client.post(FIXES, headers=bearing("writer"), json={"title": title})
    assert seen == [(13, True), (112, False)]


@pytest.mark.parametrize(
    "given", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer rsk_" + "x" * 43}]
)
async def test_a_body_without_a_good_key_is_401_before_it_is_read(client, given):
    async def never_read():
        raise AssertionError("the body was read")
        yield b""

    answer = await client.post(FIXES, headers={**given, **JSON, "Content-Length": "100"}, content=never_read())
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="rsolv"'
    assert answer.json()["type"] == "/problems/unauthenticated"
