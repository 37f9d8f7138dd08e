"""In which languages can rules be learned, and how is each of them read and written?

One module a language, or a kinship of languages; `model.languages.SYNTHESIS_LANGUAGES` names the same.
"""

from __future__ import annotations

from typing import NamedTuple

from rsolv_ray.synthesis.grammar import Grammar
from rsolv_ray.synthesis.languages import dockerfile, ecmascript, html, python, terraform, yaml
from rsolv_ray.synthesis.notation import Notation

__all__ = ["GRAMMARS", "LANGUAGES", "NOTATIONS", "Language"]


class Language(NamedTuple):
    """How a language is read, and how its patterns are written."""

    grammar: Grammar
    notation: Notation


LANGUAGES: dict[str, Language] = {
    "python": Language(python.GRAMMAR, python.NOTATION),
    "javascript": Language(ecmascript.JAVASCRIPT, ecmascript.NOTATION),
    "typescript": Language(ecmascript.TYPESCRIPT, ecmascript.NOTATION),
    "dockerfile": Language(dockerfile.GRAMMAR, dockerfile.NOTATION),
    "html": Language(html.GRAMMAR, html.NOTATION),
    "terraform": Language(terraform.GRAMMAR, terraform.NOTATION),
    "yaml": Language(yaml.GRAMMAR, yaml.NOTATION),
}
GRAMMARS = {name: language.grammar for name, language in LANGUAGES.items()}
NOTATIONS = {name: language.notation for name, language in LANGUAGES.items()}
