"""Which language is a file in, and what is that language called here?

Names are Semgrep's. `SYNTHESIS_LANGUAGES` are those for which rules can be derived from a fix.
"""

from __future__ import annotations

_EXTENSIONS: dict[str, tuple[str, ...]] = {
    "python": (".py", ".pyi"),
    "javascript": (".js", ".jsx", ".cjs", ".mjs"),
    "typescript": (".ts", ".tsx", ".mts", ".cts"),
    "java": (".java",),
    "go": (".go",),
    "ruby": (".rb",),
    "php": (".php",),
    "c": (".c", ".h"),
    "cpp": (".cpp", ".cc", ".cxx", ".hpp"),
    "csharp": (".cs",),
    "kotlin": (".kt", ".kts"),
    "scala": (".scala",),
    "rust": (".rs",),
    "swift": (".swift",),
    "solidity": (".sol",),
    "terraform": (".tf", ".hcl", ".tfvars", ".tofu"),
    "yaml": (".yaml", ".yml"),
    "bash": (".sh", ".bash"),
    "html": (".html", ".htm"),
    "elixir": (".ex", ".exs"),
    "dockerfile": (".dockerfile",),
    "ocaml": (".ml", ".mli"),
    "json": (".json",),
    "clojure": (".clj", ".cljs", ".cljc"),
    "dart": (".dart",),
}
_ALIASES = {
    "py": "python", "python2": "python", "python3": "python", "js": "javascript", "jsx": "javascript",
    "ts": "typescript", "tsx": "typescript", "golang": "go", "c#": "csharp", "c++": "cpp", "kt": "kotlin",
    "tf": "terraform", "hcl": "terraform", "sh": "bash", "docker": "dockerfile", "ex": "elixir", "sol": "solidity", "rb": "ruby",
}  # fmt: skip
LANGUAGES = frozenset(_EXTENSIONS)
_BY_EXTENSION = {extension: language for language, known in reversed(_EXTENSIONS.items()) for extension in known}
_KIN = (("javascript", "typescript"),)
SYNTHESIS_LANGUAGES = frozenset({
    "go", "c", "cpp", "rust", "ruby", "php", "java", "kotlin", "scala", "csharp", "python", "javascript", "typescript",
    "dockerfile", "html", "terraform", "yaml", "solidity", "bash",
})  # fmt: skip


def kin(language: str) -> tuple[str, ...]:
    """The languages that one pattern can be read in, the first the one that they are called after: code of one is, types
    apart, code of the others. A language without kin stands alone."""
    return next((family for family in _KIN if language in family), (language,))


def canonical_language(name: str) -> str | None:
    """The name used here for a language, or None for one that is not known."""
    lowered = name.strip().lower()
    lowered = _ALIASES.get(lowered, lowered)
    return lowered if lowered in LANGUAGES else None


def language_of(path: str) -> str | None:
    """The language of a file by its name, or None."""
    name = path.rstrip("/").rpartition("/")[2].lower()
    stem, dot, ending = name.rpartition(".")
    by_extension = _BY_EXTENSION.get(dot + ending) if stem else None
    if by_extension is None and name.partition(".")[0] in ("dockerfile", "containerfile"):
        return "dockerfile"
    return by_extension


def extension_of(language: str) -> str:
    """The usual file extension of a known language, with its dot."""
    return _EXTENSIONS[language][0]
