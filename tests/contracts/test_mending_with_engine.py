"""One site of a file is fixed: are the others found, and mended as this one was?"""

from datetime import UTC, datetime

import pytest

from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.languages import extension_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)

COOKIES = """\
def index(resp, token):
    resp.set_cookie("session", token)
    return resp

def other(request):
    answer = make_answer(request)
    answer.set_cookie("a", read(request), secure=True)
    return answer
"""
SETTINGS = """\
app.config['CSRF_ENABLED'] = False
app.config["CSRF_ENABLED"] = False
settings.CSRF_ENABLED = False
class Testing:
    CSRF_ENABLED = False
"""
CALLS = """\
import sys

def first(text):
    leave_now(3)

def second(text, code):
    tell(text)
    leave_now(code)
"""
COOKIES_OF_JAVA = """\
class Shop {
  void first(HttpServletResponse answer) {
    Cookie cookie = new Cookie("a", "b");
    answer.addCookie(cookie);
  }
  void second(HttpServletResponse response, String value) {
    Cookie other = new Cookie("name", value);
    response.addCookie(other);
  }
}
"""
PARSERS = """\
class Reader {
  void first(String text) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.newDocumentBuilder().parse(text);
  }
  void second(String text) throws Exception {
    DocumentBuilderFactory made = DocumentBuilderFactory.newInstance();
    DocumentBuilder builder = made.newDocumentBuilder();
    builder.parse(text);
  }
}
"""
MODES = """\
package shop

func first(path string) {
	err := os.Chmod(path, 0777)
	tell(err)
}

func second(path string, data []byte) {
	err := os.WriteFile(path, data, 0644)
	tell(err)
}
"""
SITES = {
    "an option added": ("python", "CWE-1004", COOKIES, [('"session", token)', '"session", token, httponly=True)'), ("secure=True)", "secure=True, httponly=True)")]),
    "a setting in all its spellings": ("python", "CWE-352", SETTINGS, [("False", "True")] * 4),
    "another callee": ("python", "CWE-705", CALLS, [("leave_now(3)", "sys.leave_now(3)"), ("leave_now(code)", "sys.leave_now(code)")]),
    "a statement before": (
        "java", "CWE-614", COOKIES_OF_JAVA,
        [("answer.addCookie", "cookie.setSecure(true);\n    answer.addCookie"), ("response.addCookie", "other.setSecure(true);\n    response.addCookie")],
    ),
    "a statement behind": (
        "java", "CWE-611", PARSERS,
        [
            ("factory = DocumentBuilderFactory.newInstance();", "factory = DocumentBuilderFactory.newInstance();\n    factory.setFeature(SAFE, true);"),
            ("made = DocumentBuilderFactory.newInstance();", "made = DocumentBuilderFactory.newInstance();\n    made.setFeature(SAFE, true);"),
        ],
    ),
    "a mode of a file": ("go", "CWE-276", MODES, [("0777", "0600"), ("0644", "0600")]),
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine("core")


@pytest.mark.parametrize("name", SITES)
def test_the_other_sites_are_mended_as_the_first_one_was(engine: Engine, name: str) -> None:
    language, cwe, before, edits = SITES[name]
    wanted = before
    for old, new in edits:
        wanted = wanted.replace(old, new, 1)
    first = before.replace(*edits[0], 1)
    path = f"shop{extension_of(language)}"
    fix = Fix.model_validate({"changes": [{"path": path, "before": before, "after": first}], "cwe": [cwe]})
    rules = [dict(rule.definition) for rule in learn(engine, fix, now=NOW).rules]
    assert _mended(engine, rules, path, language, before) == wanted


def _mended(engine: Engine, rules: list[dict], path: str, language: str, code: str) -> str:  # type: ignore[type-arg]
    found = [one for one in engine.run_texts(rules, [SourceText(path, language, code)]).matches if one.rendered_fix]
    end = len(code)
    for match in sorted(found, key=lambda one: -one.start):
        if match.end <= end:
            code, end = code[: match.start] + str(match.rendered_fix) + code[match.end :], match.start
    return code
