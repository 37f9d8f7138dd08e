"""What belongs together in a weakness of JavaScript or TypeScript code?"""

from __future__ import annotations

from rsolv_ray.synthesis.families import Catalogue, Family

_NUMBERS = frozenset({"Number", "parseInt", "parseFloat", "Boolean", "Number.parseInt", "Number.parseFloat"})
_ESCAPES = frozenset({
    "encodeURIComponent", "encodeURI", "DOMPurify.sanitize", "sanitizeHtml", "escapeHtml", "escapeHTML", "validator.escape",
    "lodash.escape", "he.encode", "he.escape", "xss", "JSON.stringify",
})  # fmt: skip

_FAMILIES: tuple[Family, ...] = (
    Family(
        "sql", ("CWE-89", "CWE-564"),
        frozenset({"query", "execute", "raw", "all", "each", "run", "prepare", "exec", "unsafe", "simpleQuery", "queryRaw",
                   "$queryRawUnsafe", "$executeRawUnsafe", "whereRaw", "havingRaw", "orderByRaw", "joinRaw", "any", "one", "none", "many",
                   "oneOrNone", "manyOrNone"}),
        frozenset(), _NUMBERS | {"mysql.escape", "mysql.escapeId", "mysql2.escape", "mysql2.escapeId", "sqlstring.escape"},
        "A database statement is built by putting values into its text",
        "a value that holds SQL of its own changes what the statement does",
        "leave placeholders in the statement and pass the values as parameters",
        alike="exec|query|sql|fetch|select",
        options=("text", "sql"), spared=("$O.$METHOD({...}, ...)",),
    ),
    Family(
        "document", ("CWE-943",),
        frozenset({"find", "findOne", "findOneAndUpdate", "findOneAndDelete", "findOneAndRemove", "update", "updateOne", "updateMany", "deleteOne",
                   "deleteMany", "remove", "count", "countDocuments", "where", "aggregate", "distinct"}),
        frozenset(), _NUMBERS | {"String", "sanitize", "mongoSanitize", "JSON.stringify", "ObjectId", "new ObjectId", "mongoose.Types.ObjectId"},
        "A database query is made from a value as it is",
        "an object, or code, in place of a plain value changes what the query does",
        "make the value a string or a number before, and leave `$where` out",
        sinks=("{$where: $SINK}",),
    ),
    Family(
        "command", ("CWE-78", "CWE-77", "CWE-88"),
        frozenset({"execSync", "execCommand"}),
        frozenset({"child_process.exec", "child_process.execSync", "child_process.spawn", "child_process.spawnSync",
                   "child_process.execFile", "child_process.execFileSync", "shelljs.exec", "execa.command", "execa.commandSync"}),
        _NUMBERS,
        "A command line is built by putting values into its text",
        "a value that holds shell syntax runs commands of its own",
        "call `execFile` or `spawn` with the program and its arguments as a list, without a shell",
        alike="exec|run|cmd|command|shell|spawn|system",
    ),
    Family(
        "code", ("CWE-94", "CWE-95", "CWE-96", "CWE-74"),
        frozenset({"runInThisContext", "runInNewContext", "runInContext"}),
        frozenset({"eval", "new Function", "Function", "setTimeout", "setInterval", "new vm.Script", "vm.runInThisContext", "vm.runInNewContext", "vm.runInContext"}),
        _NUMBERS | {"JSON.parse", "JSON.stringify"},
        "Code is made from values and run",
        "a value decides what is executed",
        "parse the value as data, or choose among known actions",
    ),
    Family(
        "html", ("CWE-79", "CWE-80", "CWE-116"),
        frozenset({"send", "write", "writeln", "html", "append", "prepend", "after", "before", "end", "bypassSecurityTrustHtml", "setContent"}),
        frozenset(), _NUMBERS | _ESCAPES,
        "A value goes into a page as it is",
        "markup or script in the value runs in the reader's browser",
        "escape the value, or set it as text",
        alike="html|render",
        sinks=("$O.innerHTML = $SINK", "$O.outerHTML = $SINK", "$O.insertAdjacentHTML($POSITION, $SINK)", "{__html: $SINK}", "$O.srcdoc = $SINK"),
        spared=("$O.$METHOD({...}, ...)", "process.$STREAM.write(...)"),
    ),
    Family(
        "path", ("CWE-22", "CWE-23", "CWE-36", "CWE-73"),
        frozenset({"sendFile", "sendfile", "download"}),
        frozenset({"fs.readFile", "fs.readFileSync", "fs.createReadStream", "fs.writeFile", "fs.writeFileSync", "fs.createWriteStream",
                   "fs.unlink", "fs.unlinkSync", "fs.readdir", "fs.readdirSync", "fs.rm", "fs.rmSync", "fs.open", "fs.openSync",
                   "fs.appendFile", "fs.stat", "fs.statSync", "fs.mkdir", "fs.mkdirSync", "fs.existsSync", "require"}),
        _NUMBERS | {"path.basename", "sanitize", "sanitizeFilename", "encodeURIComponent"},
        "A file name is made from a value that may come from outside",
        "`..` or an absolute path in the value leads out of the intended folder",
        "reduce the value to a plain name, or check the resolved path against the folder",
    ),
    Family(
        "deserialisation", ("CWE-502",), frozenset({"unserialize"}),
        frozenset({"serialize.unserialize", "yaml.load", "jsyaml.load", "v8.deserialize", "eval"}),
        frozenset(),
        "Data is turned into objects by a loader that runs what the data say",
        "whoever writes the data decides what is executed",
        "read plain data with a safe loader",
    ),
    Family(
        "request", ("CWE-918",), frozenset(),
        frozenset({"fetch", "request", "axios", "axios.get", "axios.post", "axios.request", "http.get", "https.get", "http.request", "https.request",
                   "got", "got.get", "needle.get", "request.get", "request.post", "superagent.get"}),
        _NUMBERS | {"encodeURIComponent"},
        "An address is made from a value that may come from outside",
        "the value leads the server to hosts it should not talk to",
        "choose among known hosts and check the address before the call",
    ),
    Family(
        "redirect", ("CWE-601",), frozenset({"redirect"}), frozenset({"location.assign", "location.replace", "window.location.assign", "window.location.replace", "window.open"}),
        _NUMBERS,
        "A redirect follows a value that may come from outside",
        "the value leads people to foreign sites under this one's name",
        "redirect to known local addresses alone",
        sinks=("$O.location = $SINK", "location = $SINK", "$O.location.href = $SINK", "location.href = $SINK"),
    ),
    Family(
        "crypto", ("CWE-327", "CWE-328", "CWE-326", "CWE-330", "CWE-338", "CWE-916"), frozenset(),
        frozenset({"crypto.createHash", "crypto.createCipher", "crypto.createCipheriv", "crypto.createHmac", "Math.random", "crypto.pseudoRandomBytes"}), frozenset(),
        "A weak cryptographic primitive is used",
        "it can be broken or predicted with ordinary means",
        "use a current primitive made for the purpose",
    ),
    Family(
        "transport", ("CWE-295", "CWE-297", "CWE-319"), frozenset(),
        frozenset({"https.request", "https.get", "tls.connect", "new https.Agent", "request", "axios.create"}), frozenset(),
        "The other side of a connection is not verified",
        "anyone on the way can read and change what is sent",
        "leave verification of certificates and names on",
    ),
    Family(
        "prototype", ("CWE-1321", "CWE-915", "CWE-471"), frozenset(), frozenset({"lodash.merge", "lodash.defaultsDeep", "lodash.set", "jQuery.extend", "$.extend"}),
        frozenset(),
        "Properties are set by names that may come from outside",
        "`__proto__` or `constructor` in a name changes every object of the program",
        "refuse these names, or use a Map or an object without a prototype",
    ),
    Family(
        "regex", ("CWE-1333", "CWE-400", "CWE-730", "CWE-185"), frozenset(), frozenset({"new RegExp", "RegExp"}), _NUMBERS | {"lodash.escapeRegExp", "escapeRegExp", "escapeStringRegexp"},
        "A regular expression can be made to take very long",
        "one long value keeps the program busy and everybody else waiting",
        "write it without repetitions inside repetitions, and escape values",
    ),
    Family(
        "xml", ("CWE-611", "CWE-776", "CWE-827"), frozenset({"parseXml", "parseXmlString"}), frozenset({"libxmljs.parseXml", "libxmljs.parseXmlString", "new DOMParser"}),
        frozenset(),
        "XML is parsed with external entities allowed",
        "a document can read local files or exhaust memory",
        "parse with entities and DTDs switched off",
    ),
)  # fmt: skip

_STANDARD = frozenset({
    "JSON", "Math", "Object", "Array", "String", "Number", "Date", "Promise", "Reflect", "Symbol", "RegExp", "Error", "Map", "Set", "Buffer",
    "fs", "path", "http", "https", "crypto", "util", "url", "os", "vm", "tls", "net", "querystring", "zlib", "stream", "events", "process",
    "console", "document", "window", "location", "parseInt", "parseFloat", "eval", "require", "setTimeout", "setInterval", "fetch",
})  # fmt: skip

ECMASCRIPT = Catalogue(
    families=_FAMILIES,
    modules=_STANDARD | {
        "child_process", "express", "lodash", "jQuery", "$", "_", "mysql", "mysql2", "pg", "sequelize", "mongoose", "axios", "jsonwebtoken", "jwt",
        "bcrypt", "yaml", "shelljs", "DOMPurify", "validator", "module", "exports", "angular", "React", "navigator", "sessionStorage", "localStorage",
    },
    standard=_STANDARD,
    weak_evidence=(
        "path.", "util.", "JSON.", "console.", "Object.", "Array.", "String.", "Number.", "Date.", "Promise.", "Symbol.", "url.", "process.",
        "Math.floor", "Math.max", "Math.min", "Math.round", "Math.abs", "Reflect.", "new Error", "new Date", "new Promise", "new Map", "new Set",
        "new URL", "new Array", "Buffer.", "os.", "querystring.", "events.", "$.", "_.",
    ),
    quiet=frozenset({
        "log", "warn", "error", "info", "debug", "trace", "push", "pop", "shift", "unshift", "slice", "splice", "concat", "join", "map", "filter",
        "reduce", "forEach", "some", "every", "find", "findIndex", "indexOf", "includes", "startsWith", "endsWith", "split", "replace", "trim",
        "toString", "toLowerCase", "toUpperCase", "substr", "substring", "charAt", "match", "test", "keys", "values", "entries", "assign", "get", "set",
        "has", "add", "delete", "then", "catch", "finally", "resolve", "reject", "next", "done", "callback", "cb", "require", "String", "Number",
        "parseInt", "parseFloat", "Boolean", "Array", "Object", "Error", "TypeError", "RangeError", "Date", "Promise", "Map", "Set", "isArray",
        "stringify", "parse", "apply", "call", "bind", "on", "once", "emit", "use", "status", "json", "setHeader", "addEventListener",
        "getElementById", "querySelector", "hasOwnProperty", "describe", "it", "expect", "assert", "equal", "max", "min", "floor", "round", "format",
    }),
    requests=frozenset({"request", "req", "ctx"}),
)  # fmt: skip
