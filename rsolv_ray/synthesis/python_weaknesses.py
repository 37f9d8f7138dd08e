"""What belongs together in a weakness of Python code?"""

from __future__ import annotations

import builtins
import keyword
import sys

from rsolv_ray.synthesis.families import Catalogue, Family

_NUMBERS = frozenset({"int", "float", "len", "bool"})

_FAMILIES: tuple[Family, ...] = (
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

_WEAK_EVIDENCE = (
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

_MODULES = frozenset({
    "os", "subprocess", "commands", "shutil", "io", "requests", "urllib", "urllib2", "httpx", "pickle", "cPickle", "yaml", "marshal",
    "hashlib", "random", "ssl", "xml", "lxml", "flask", "django", "html", "cgi", "bleach", "markupsafe", "shlex", "pipes", "tempfile",
    "logging", "json", "re", "sqlalchemy", "pandas", "werkzeug", "jinja2", "tarfile", "zipfile", "hmac", "secrets", "ast", "builtins",
})  # fmt: skip

_QUIET = frozenset({
    "print", "len", "str", "repr", "format", "join", "append", "extend", "isinstance", "debug", "info", "warning", "error", "exception",
    "critical", "log", "warn", "write", "add", "get", "set", "update", "split", "replace", "strip", "encode", "decode", "lower", "upper",
    "int", "float", "list", "dict", "tuple", "sorted", "range", "zip", "map", "filter", "flash", "Exception", "ValueError", "TypeError",
    "RuntimeError", "KeyError", "super", "getattr", "hasattr", "setattr", "startswith", "endswith", "find", "items", "keys", "values",
})  # fmt: skip

PYTHON = Catalogue(
    families=_FAMILIES,
    modules=_MODULES,
    standard=sys.stdlib_module_names | frozenset(dir(builtins)),
    weak_evidence=_WEAK_EVIDENCE,
    quiet=_QUIET,
    requests=frozenset({"request", "req", "flask"}),
    keywords=frozenset(keyword.kwlist),
)
