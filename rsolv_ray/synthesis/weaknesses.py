"""What belongs together in a weakness?

For each family of weaknesses: the calls that are its sinks, where its values come from, what makes them harmless, and
how to tell people of it. The catalogue steers generalisation (which siblings a sink has, which receivers are modules); a rule
is made only where a fix gives evidence for it. CWE names: https://cwe.mitre.org, list 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """A kind of weakness in one language. `methods` are called on any receiver, `functions` by their full names;
    `sanitizers` are full names of calls whose result is harmless; `alike` are words (`a|b`) that occur in the names which
    organisations give to their own wrappers of such calls."""

    name: str
    cwes: tuple[str, ...]
    methods: frozenset[str]
    functions: frozenset[str]
    sanitizers: frozenset[str]
    what: str
    why: str
    instead: str
    alike: str = ""


_NUMBERS = frozenset({"int", "float", "len", "bool"})

PYTHON: tuple[Family, ...] = (
    Family(
        "sql", ("CWE-89", "CWE-564", "CWE-943"),
        frozenset({"execute", "executemany", "executescript", "exec", "query", "raw", "mogrify", "execute_sql", "exec_driver_sql", "fetch", "fetchrow", "fetchval"}),
        frozenset({"sqlalchemy.text", "pandas.read_sql", "pandas.read_sql_query"}),
        _NUMBERS,
        "A database statement is built by putting values into its text",
        "a value that holds SQL of its own changes what the statement does",
        "leave placeholders in the statement and pass the values as parameters",
        alike="exec|query|sql|fetch|select",
    ),
    Family(
        "command", ("CWE-78", "CWE-77", "CWE-88"),
        frozenset({"exec_command"}),
        frozenset({"os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
                   "subprocess.Popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput", "commands.getstatusoutput"}),
        _NUMBERS | {"shlex.quote", "pipes.quote"},
        "A command line is built by putting values into its text",
        "a value that holds shell syntax runs commands of its own",
        "pass the program and its arguments as a list, without a shell",
        alike="exec|run|cmd|command|shell|popen|spawn|system",
    ),
    Family(
        "code", ("CWE-94", "CWE-95", "CWE-96"),
        frozenset(), frozenset({"eval", "exec", "compile", "builtins.eval", "builtins.exec"}), _NUMBERS | {"ast.literal_eval"},
        "Code is made from values and run",
        "a value decides what is executed",
        "parse the value as data, or choose among known actions",
    ),
    Family(
        "html", ("CWE-79", "CWE-80", "CWE-116"),
        frozenset(), frozenset({"flask.Markup", "markupsafe.Markup", "django.utils.safestring.mark_safe", "flask.make_response", "flask.render_template_string",
                   "django.http.HttpResponse", "format_html"}),
        _NUMBERS | {"html.escape", "cgi.escape", "markupsafe.escape", "flask.escape", "django.utils.html.escape", "bleach.clean", "urllib.parse.quote"},
        "A value goes into a page as it is",
        "markup or script in the value runs in the reader's browser",
        "escape the value, or let an auto-escaping template put it in",
    ),
    Family(
        "path", ("CWE-22", "CWE-23", "CWE-36", "CWE-73"),
        frozenset(), frozenset({"open", "io.open", "os.open", "os.remove", "os.unlink", "shutil.rmtree", "flask.send_file", "flask.send_from_directory"}),
        _NUMBERS | {"os.path.basename", "werkzeug.utils.secure_filename", "werkzeug.utils.safe_join"},
        "A file name is made from a value that may come from outside",
        "`..` or an absolute path in the value leads out of the intended folder",
        "reduce the value to a plain name, or check the resolved path against the folder",
    ),
    Family(
        "deserialisation", ("CWE-502",), frozenset(),
        frozenset({"pickle.loads", "pickle.load", "cPickle.loads", "yaml.load", "marshal.loads", "shelve.open", "dill.loads", "jsonpickle.decode"}),
        frozenset(),
        "Data is turned into objects by a loader that runs what the data say",
        "whoever writes the data decides what is executed",
        "read plain data with a safe loader",
    ),
    Family(
        "request", ("CWE-918",), frozenset(),
        frozenset({"requests.get", "requests.post", "requests.request", "urllib.request.urlopen", "urllib2.urlopen", "httpx.get"}), _NUMBERS,
        "An address is made from a value that may come from outside",
        "the value leads the server to hosts it should not talk to",
        "choose among known hosts and check the address before the call",
    ),
    Family(
        "redirect", ("CWE-601",), frozenset(), frozenset({"flask.redirect", "django.shortcuts.redirect", "django.http.HttpResponseRedirect"}),
        frozenset({"url_for"}),
        "A redirect follows a value that may come from outside",
        "the value leads people to foreign sites under this one's name",
        "redirect to known local addresses alone",
    ),
    Family(
        "crypto", ("CWE-327", "CWE-328", "CWE-326", "CWE-330", "CWE-338", "CWE-916"), frozenset(),
        frozenset({"hashlib.md5", "hashlib.sha1", "hashlib.new", "random.random", "random.randint", "random.choice"}), frozenset(),
        "A weak cryptographic primitive is used",
        "it can be broken or predicted with ordinary means",
        "use a current primitive made for the purpose",
    ),
    Family(
        "transport", ("CWE-295", "CWE-297", "CWE-319"), frozenset(),
        frozenset({"requests.get", "requests.post", "requests.request", "ssl.create_default_context"}), frozenset(),
        "The other side of a connection is not verified",
        "anyone on the way can read and change what is sent",
        "leave verification of certificates and names on",
    ),
    Family(
        "xml", ("CWE-611", "CWE-776", "CWE-827"), frozenset(),
        frozenset({"xml.etree.ElementTree.parse", "xml.etree.ElementTree.fromstring", "lxml.etree.parse", "lxml.etree.fromstring", "lxml.etree.XMLParser"}),
        frozenset(),
        "XML is parsed with external entities allowed",
        "a document can read local files or exhaust memory",
        "parse with entities and DTDs switched off",
    ),
)  # fmt: skip

FAMILIES: dict[str, tuple[Family, ...]] = {"python": PYTHON}

WEAK_EVIDENCE = (
    "os.path.",
    "re.",
    "json.",
    "logging.",
    "typing.",
    "datetime.",
    "time.",
    "sys.",
    "collections.",
    "functools.",
    "itertools.",
    "builtins.",
)
"""Beginnings of full names that are no weakness by being called: a rule needs more than one of them."""

MODULES = frozenset({
    "os", "subprocess", "commands", "shutil", "io", "requests", "urllib", "urllib2", "httpx", "pickle", "cPickle", "yaml", "marshal",
    "hashlib", "random", "ssl", "xml", "lxml", "flask", "django", "html", "cgi", "bleach", "markupsafe", "shlex", "pipes", "tempfile",
    "logging", "json", "re", "sqlalchemy", "pandas", "werkzeug", "jinja2", "tarfile", "zipfile", "hmac", "secrets", "ast", "builtins",
})  # fmt: skip
"""Names that stand for modules even where the import is not in sight."""

QUIET = frozenset({
    "print", "len", "str", "repr", "format", "join", "append", "extend", "isinstance", "debug", "info", "warning", "error", "exception",
    "critical", "log", "warn", "write", "add", "get", "set", "update", "split", "replace", "strip", "encode", "decode", "lower", "upper",
    "int", "float", "list", "dict", "tuple", "sorted", "range", "zip", "map", "filter", "flash", "Exception", "ValueError", "TypeError",
    "RuntimeError", "KeyError", "super", "getattr", "hasattr", "setattr", "startswith", "endswith", "find", "items", "keys", "values",
})  # fmt: skip
"""Calls that are no sink by themselves: a built string may reach them anywhere."""

NAMES: dict[str, str] = {
    "CWE-20": "Improper Input Validation",
    "CWE-22": "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')",
    "CWE-77": "Improper Neutralization of Special Elements used in a Command ('Command Injection')",
    "CWE-78": "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')",
    "CWE-79": "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
    "CWE-89": "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')",
    "CWE-94": "Improper Control of Generation of Code ('Code Injection')",
    "CWE-95": "Improper Neutralization of Directives in Dynamically Evaluated Code ('Eval Injection')",
    "CWE-200": "Exposure of Sensitive Information to an Unauthorized Actor",
    "CWE-287": "Improper Authentication",
    "CWE-295": "Improper Certificate Validation",
    "CWE-319": "Cleartext Transmission of Sensitive Information",
    "CWE-326": "Inadequate Encryption Strength",
    "CWE-327": "Use of a Broken or Risky Cryptographic Algorithm",
    "CWE-328": "Use of Weak Hash",
    "CWE-330": "Use of Insufficiently Random Values",
    "CWE-338": "Use of Cryptographically Weak Pseudo-Random Number Generator (PRNG)",
    "CWE-352": "Cross-Site Request Forgery (CSRF)",
    "CWE-377": "Insecure Temporary File",
    "CWE-400": "Uncontrolled Resource Consumption",
    "CWE-434": "Unrestricted Upload of File with Dangerous Type",
    "CWE-489": "Active Debug Code",
    "CWE-502": "Deserialization of Untrusted Data",
    "CWE-522": "Insufficiently Protected Credentials",
    "CWE-601": "URL Redirection to Untrusted Site ('Open Redirect')",
    "CWE-611": "Improper Restriction of XML External Entity Reference",
    "CWE-614": "Sensitive Cookie in HTTPS Session Without 'Secure' Attribute",
    "CWE-732": "Incorrect Permission Assignment for Critical Resource",
    "CWE-798": "Use of Hard-coded Credentials",
    "CWE-862": "Missing Authorization",
    "CWE-863": "Incorrect Authorization",
    "CWE-916": "Use of Password Hash With Insufficient Computational Effort",
    "CWE-918": "Server-Side Request Forgery (SSRF)",
}


def families_of(language: str, cwes: Sequence[str]) -> tuple[Family, ...]:
    """The families that a fix's weaknesses belong to; without any weakness named, all of the language."""
    known = FAMILIES.get(language, ())
    return tuple(family for family in known if set(family.cwes) & set(cwes)) if cwes else known


def full_title(cwe: str) -> str:
    """`CWE-89: Improper Neutralization ...`, or the number alone where the name is not known here."""
    return f"{cwe}: {NAMES[cwe]}" if cwe in NAMES else cwe
