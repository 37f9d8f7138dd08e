"""Do rules learned from a bad and a good piece of code find the next bad one, and spare the next good one?"""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from rsolv_ray.cli.batch_item import answer
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.noun import JsonObject

KINDS: dict[str, tuple[str, str, str, str, str, str]] = {
    "a computed command": (
        "python", "CWE-78",
        "import os\ndef bad(x):\n    os.system(x)\n", "import os\ndef good():\n    os.system('ls')\n",
        "import os\ndef other(y):\n    os.popen(y[0])\n", "import os\nA = 'b'\ndef other():\n    os.popen(A)\n",
    ),
    "an address without encryption": (
        "python", "CWE-319",
        "import requests\ndef bad():\n    requests.get('http://a.example')\n",
        "import requests\ndef good():\n    requests.get('https://a.example')\n",
        "import requests\ndef other():\n    url = 'http://b.example'\n    requests.put(url, timeout=1)\n",
        "import requests\ndef other(url='https://b.example'):\n    requests.put(url)\n",
    ),
    "a weak word in a text": (
        "javascript", "CWE-328",
        "function bad(x) { return made.digest_of(x, 'md5') }\n", "function good(x) { return made.digest_of(x, 'sha256') }\n",
        "function other(y) { return it.digest_of(y, 'SHA-1') }\n", "function other(y) { return it.digest_of(y, 'sha512') }\n",
    ),
    "a setting, spelt otherwise": (
        "python", "CWE-352",
        "app.config['CSRF_ENABLED'] = False\n", "app.config['CSRF_ENABLED'] = True\n",
        "app.config.update(CSRF_ENABLED=False)\n", "app.config.update(CSRF_ENABLED=True)\n",
    ),
    "a constant that is as weak": (
        "python", "CWE-326",
        "import ssl\ndef bad():\n    ssl.wrap(ssl.PROTOCOL_SSLv2)\n", "import ssl\ndef good():\n    ssl.wrap(ssl.PROTOCOL_TLS)\n",
        "import ssl\nx = ssl.PROTOCOL_SSLv3\n", "import ssl\nx = ssl.PROTOCOL_TLSv1_2\n",
    ),
    "a key that is too short": (
        "javascript", "CWE-326",
        "function bad() { make.key_pair(1024) }\n", "function good() { make.key_pair(2048) }\n",
        "function other() { it.key_pair(512) }\n", "function other() { it.key_pair(4096) }\n",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def _fix(language: str, bad: str, good: str) -> JsonObject:
    return {"path": {"python": "a.py", "javascript": "a.js"}[language], "before": bad, "after": good}


def _rules(engine: Engine, language: str, cwe: str, *pairs: tuple[str, str]) -> list[JsonObject]:
    fixes: list[JsonValue] = [_fix(language, bad, good) for bad, good in pairs]
    cwes: list[JsonValue] = [cwe]
    request: JsonObject = {"id": "1", "language": language, "cwe": cwes, "fixes": fixes}
    found = answer(engine, request)["rules"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


def _fires(engine: Engine, rules: list[JsonObject], language: str, code: str) -> bool:
    return bool(engine.run_texts(rules, [SourceText("b", language, code)]).matches)


@pytest.mark.parametrize("kind", KINDS)
def test_the_next_bad_one_is_found_and_the_next_good_one_spared(engine: Engine, kind: str) -> None:
    language, cwe, bad, good, other_bad, other_good = KINDS[kind]
    rules = _rules(engine, language, cwe, (bad, good))
    assert _fires(engine, rules, language, other_bad)
    assert not _fires(engine, rules, language, other_good)


def test_what_one_pair_shows_to_be_right_no_rule_of_another_flags(engine: Engine) -> None:
    bad, good = "def bad(v):\n    v.run_it(1, fast=True)\n", "def good(v):\n    v.stop_it(1)\n"
    alone = _rules(engine, "python", "CWE-20", (bad, good))
    both = _rules(
        engine,
        "python",
        "CWE-20",
        (bad, good),
        ("def c(v):\n    v.run_it(2, fast=True)\n", "def d(v):\n    v.run_it(3)\n"),
    )
    spared = "def other(v):\n    v.run_it(4)\n"
    assert _fires(engine, alone, "python", spared)
    assert _fires(engine, both, "python", "def other(v):\n    v.run_it(5, fast=True)\n")
    assert not _fires(engine, both, "python", spared)
