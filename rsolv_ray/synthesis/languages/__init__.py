"""In which languages can rules be learned, and how is each of them read and written?

One module a language, or a kinship of languages; `model.languages.SYNTHESIS_LANGUAGES` names the same.
"""

from __future__ import annotations

from typing import NamedTuple

from rsolv_ray.synthesis.languages import (
    bash,
    c,
    csharp,
    dockerfile,
    ecmascript,
    go,
    html,
    java,
    kotlin,
    php,
    python,
    ruby,
    rust,
    scala,
    solidity,
    terraform,
    yaml,
)
from rsolv_ray.synthesis.languages.grammar import Grammar
from rsolv_ray.synthesis.languages.notation import Notation

__all__ = ["GRAMMARS", "LANGUAGES", "NOTATIONS", "Language"]


class Language(NamedTuple):
    """How a language is read, and how its patterns are written."""

    grammar: Grammar
    notation: Notation


LANGUAGES: dict[str, Language] = {
    "python": Language(python.GRAMMAR, python.NOTATION),
    "javascript": Language(ecmascript.JAVASCRIPT, ecmascript.NOTATION),
    "typescript": Language(ecmascript.TYPESCRIPT, ecmascript.NOTATION),
    "java": Language(java.GRAMMAR, java.NOTATION),
    "kotlin": Language(kotlin.GRAMMAR, kotlin.NOTATION),
    "scala": Language(scala.GRAMMAR, scala.NOTATION),
    "csharp": Language(csharp.GRAMMAR, csharp.NOTATION),
    "ruby": Language(ruby.GRAMMAR, ruby.NOTATION),
    "php": Language(php.GRAMMAR, php.NOTATION),
    "go": Language(go.GRAMMAR, go.NOTATION),
    "c": Language(c.C, c.C_NOTATION),
    "cpp": Language(c.CPP, c.CPP_NOTATION),
    "rust": Language(rust.GRAMMAR, rust.NOTATION),
    "dockerfile": Language(dockerfile.GRAMMAR, dockerfile.NOTATION),
    "html": Language(html.GRAMMAR, html.NOTATION),
    "terraform": Language(terraform.GRAMMAR, terraform.NOTATION),
    "yaml": Language(yaml.GRAMMAR, yaml.NOTATION),
    "solidity": Language(solidity.GRAMMAR, solidity.NOTATION),
    "bash": Language(bash.GRAMMAR, bash.NOTATION),
}
GRAMMARS = {name: language.grammar for name, language in LANGUAGES.items()}
NOTATIONS = {name: language.notation for name, language in LANGUAGES.items()}
