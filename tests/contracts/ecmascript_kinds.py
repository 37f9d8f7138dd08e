"""Fixes of JavaScript code by kind, each with code of another hand that must be found and code that must be spared."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    cwe: str
    before: str
    after: str
    siblings: tuple[str, ...]
    spared: tuple[str, ...]


KINDS = {
    "exec->execFile": Kind(
        "CWE-78",
        """\
const { exec } = require('child_process');
function f(dir, done) {
  exec(`ls ${dir}`, done);
}
""",
        """\
const { execFile } = require('child_process');
function f(dir, done) {
  execFile('ls', [dir], done);
}
""",
        ("import cp from 'child_process';\nexport function g(a) { cp.execSync('rm ' + a); }\n", "import { exec } from 'node:child_process';\nconst g = (a) => { exec('rm ' + a, (e) => {}); };\n" ),
        ("import cp from 'child_process';\nexport function g(a) { cp.execFileSync('rm', [a]); cp.exec('ls'); /x/.exec('a' + a); }\n", ),
    ),
    "shell option": Kind(
        "CWE-78",
        """\
const { spawn } = require('child_process');
function f(dir) {
  return spawn('ls', [dir], { cwd: '/', shell: true });
}
""",
        """\
const { spawn } = require('child_process');
function f(dir) {
  return spawn('ls', [dir], { cwd: '/', shell: false });
}
""",
        ("import { spawn } from 'child_process';\nspawn(cmd, { shell: true });\n", ),
        ("import { spawn } from 'child_process';\nspawn(cmd, { shell: false });\nspawn(cmd);\n", ),
    ),
    "tls": Kind(
        "CWE-295",
        """\
const https = require('https');
function f(u, done) {
  https.get(u, { rejectUnauthorized: false }, done);
}
""",
        """\
const https = require('https');
function f(u, done) {
  https.get(u, { rejectUnauthorized: true }, done);
}
""",
        ("const https = require('https');\nconst agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });\n", "import tls from 'tls';\nconst o = { rejectUnauthorized: false };\n" ),
        ("const o = { rejectUnauthorized: true };\n", ),
    ),
    "innerHTML built": Kind(
        "CWE-79",
        """\
function show(el, name) {
  el.innerHTML = '<b>' + name + '</b>';
}
""",
        """\
function show(el, name) {
  el.textContent = name;
}
""",
        ("function g(node, x) { node.innerHTML = `<i>${x}</i>`; }\n", "function g(id, x) { const html = '<i>' + x; document.getElementById(id).innerHTML = html; }\n", "function g(n, x) { n.insertAdjacentHTML('beforeend', `<i>${x}</i>`); }\n" ),
        ("function g(node, x) { node.textContent = `<i>${x}</i>`; node.innerHTML = '<br>'; }\n", ),
    ),
    "innerHTML bare": Kind(
        "CWE-79",
        """\
function show(el, name) {
  el.innerHTML = name;
}
""",
        """\
function show(el, name) {
  el.textContent = name;
}
""",
        ("const g = (node, x) => { node.innerHTML = x.title; };\n", ),
        ("const g = (node, x) => { node.textContent = x; node.innerHTML = ''; };\n", ),
    ),
    "innerHTML escaped": Kind(
        "CWE-79",
        """\
function show(el, name) {
  el.innerHTML = name;
}
""",
        """\
function show(el, name) {
  el.innerHTML = DOMPurify.sanitize(name);
}
""",
        ("const g = (node, x) => { node.innerHTML = x; };\n", ),
        ("const g = (node, x) => { node.innerHTML = DOMPurify.sanitize(x); };\n", ),
    ),
    "eval->JSON": Kind(
        "CWE-95",
        """\
function f(req, res) {
  const data = eval(req.body.data);
  res.json(data);
}
""",
        """\
function f(req, res) {
  const data = JSON.parse(req.body.data);
  res.json(data);
}
""",
        ("app.post('/x', (req, res) => { const q = eval('(' + req.body.q + ')'); res.end(q); });\n", ),
        ("function g(req) { return JSON.parse(req.query.code); }\n", ),
    ),
    "new Function": Kind(
        "CWE-94",
        """\
function f(expr) {
  return new Function('x', 'return ' + expr);
}
""",
        """\
function f(expr) {
  return parseExpression(expr);
}
""",
        ("const g = (e) => new Function('return ' + e)();\n", ),
        ("const g = (e) => parseExpression(e);\n", ),
    ),
    "send escaped": Kind(
        "CWE-79",
        """\
app.get('/hi', function (req, res) {
  res.send('Hello ' + req.query.name);
});
""",
        """\
app.get('/hi', function (req, res) {
  res.send('Hello ' + escapeHtml(req.query.name));
});
""",
        ("app.get('/yo', (req, res) => { res.send(`<p>${req.params.id}</p>`); });\n", ),
        ("app.get('/yo', (req, res) => { res.send(`<p>${escapeHtml(req.params.id)}</p>`); res.send('ok'); });\n", "app.get('/yo', (req, res) => { res.send({ id: `<p>${req.params.id}` }); process.stdout.write(`${req.params.id}\\n`); });\n" ),
    ),
    "redirect": Kind(
        "CWE-601",
        """\
app.get('/go', (req, res) => {
  res.redirect(req.query.to);
});
""",
        """\
app.get('/go', (req, res) => {
  res.redirect(safeUrl(req.query.to));
});
""",
        ("router.get('/x', function (req, res) { const u = req.query.next; return res.redirect(u); });\n", ),
        ("router.get('/x', function (req, res) { return res.redirect(safeUrl(req.query.u)); });\nfunction z(r, res) { res.redirect('/login'); }\n", ),
    ),
    "redirect allow-list": Kind(
        "CWE-601",
        """\
app.get('/go', (req, res) => {
  const to = req.query.to;
  res.redirect(to);
});
""",
        """\
app.get('/go', (req, res) => {
  const to = req.query.to;
  if (!ALLOWED.includes(to)) {
    return res.status(400).end();
  }
  res.redirect(to);
});
""",
        ("router.get('/x', function (req, res) { const u = req.query.next; return res.redirect(u); });\n", ),
        ("router.get('/x', function (req, res) { const u = req.query.u; if (!LIST.includes(u)) return; return res.redirect(u); });\n", ),
    ),
    "path startsWith": Kind(
        "CWE-22",
        """\
const fs = require('fs');
const path = require('path');
app.get('/f', (req, res) => {
  const file = path.join(ROOT, req.query.name);
  fs.readFile(file, (e, d) => res.end(d));
});
""",
        """\
const fs = require('fs');
const path = require('path');
app.get('/f', (req, res) => {
  const file = path.resolve(ROOT, req.query.name);
  if (!file.startsWith(ROOT)) {
    return res.status(403).end();
  }
  fs.readFile(file, (e, d) => res.end(d));
});
""",
        ("const fs = require('fs');\nfunction h(req, res) { const p = require('path').join(__dirname, req.params.p); fs.createReadStream(p).pipe(res); }\n", ),
        ("const fs = require('fs');\nfunction h(req, res) { const p = path.resolve(R, req.params.p); if (!p.startsWith(R)) return; fs.createReadStream(p).pipe(res); }\n", ),
    ),
    "basename": Kind(
        "CWE-22",
        """\
const fs = require('fs');
const path = require('path');
function f(req, res) {
  fs.readFile(path.join('/up', req.params.name), cb);
}
""",
        """\
const fs = require('fs');
const path = require('path');
function f(req, res) {
  fs.readFile(path.join('/up', path.basename(req.params.name)), cb);
}
""",
        ("import fs from 'fs';\nconst g = async (req) => fs.readFileSync(`/x/${req.query.f}`);\n", ),
        ("import fs from 'fs';\nimport path from 'path';\nconst g = async (req) => fs.readFileSync(`/x/${path.basename(req.query.f)}`);\n", ),
    ),
    "proto guard": Kind(
        "CWE-1321",
        """\
function merge(a, b) {
  for (const key in b) {
    if (isObject(b[key])) {
      merge(a[key], b[key]);
    } else {
      a[key] = b[key];
    }
  }
}
""",
        """\
function merge(a, b) {
  for (const key in b) {
    if (key === '__proto__' || key === 'constructor') {
      continue;
    }
    if (isObject(b[key])) {
      merge(a[key], b[key]);
    } else {
      a[key] = b[key];
    }
  }
}
""",
        ("const extend = (t, s) => { for (let k in s) { t[k] = s[k]; } return t; };\n", ),
        ("const extend = (t, s) => { for (let k in s) { if (k === '__proto__') continue; t[k] = s[k]; } return t; };\n", "function read(file) { const all = load(file); for (const k in all) { all[k] = all[k].trim(); } const names = {}; for (const k in all) { names[k] = true; } }\n", "function q(l) { for (let i = 0; i < l.length; i++) { l[i] = 0; } l[0] = 1; }\n" ),
    ),
    "hasOwn": Kind(
        "CWE-1321",
        """\
function copy(a, b) {
  for (const key in b) {
    a[key] = b[key];
  }
}
""",
        """\
function copy(a, b) {
  for (const key in b) {
    if (Object.prototype.hasOwnProperty.call(b, key)) {
      a[key] = b[key];
    }
  }
}
""",
        ("const c = (t, s) => { for (let k in s) { t[k] = s[k]; } };\n", ),
        ("const c = (t, s) => { for (let k in s) { if (Object.prototype.hasOwnProperty.call(s, k)) t[k] = s[k]; } };\n", ),
    ),
    "regex": Kind(
        "CWE-1333",
        """\
function ok(s) {
  return /^(a+)+$/.test(s);
}
""",
        """\
function ok(s) {
  return /^a+$/.test(s);
}
""",
        ("const ok2 = (x) => x.match(/^(a+)+$/);\n", ),
        ("const ok2 = (x) => x.match(/^a+$/);\n", ),
    ),
    "random": Kind(
        "CWE-338",
        """\
function token() {
  return Math.random().toString(36).slice(2);
}
""",
        """\
const crypto = require('crypto');
function token() {
  return crypto.randomBytes(16).toString('hex');
}
""",
        ("const id = () => 'x' + Math.random();\n", ),
        ("const id = () => crypto.randomUUID();\n", ),
    ),
    "md5": Kind(
        "CWE-327",
        """\
const crypto = require('crypto');
function h(x) {
  return crypto.createHash('md5').update(x).digest('hex');
}
""",
        """\
const crypto = require('crypto');
function h(x) {
  return crypto.createHash('sha256').update(x).digest('hex');
}
""",
        ("import { createHash } from 'crypto';\nconst g = (b) => createHash('md5').update(b).digest();\n", 'import crypto from \'crypto\';\nconst g = (b) => crypto.createHash("md5").update(b).digest();\n' ),
        ("import { createHash } from 'crypto';\nconst g = (b) => createHash('sha512').update(b).digest();\n", ),
    ),
    "loose": Kind(
        "CWE-697",
        """\
function check(user, token) {
  if (user.token == token) {
    login(user);
  }
}
""",
        """\
function check(user, token) {
  if (user.token === token) {
    login(user);
  }
}
""",
        ("function c2(u, t) { if (u.token == t) { go(); } }\n", ),
        ("function c2(u, t) { if (u.token === t) { go(); } }\n", ),
    ),
    "where": Kind(
        "CWE-943",
        """\
function f(req, db) {
  return db.users.find({ $where: 'this.name == "' + req.body.name + '"' });
}
""",
        """\
function f(req, db) {
  return db.users.find({ name: req.body.name });
}
""",
        ("const g = (c, n) => c.find({ $where: `this.n == '${n}'` }).toArray();\n", ),
        ("const g = (c, n) => c.find({ n }).toArray();\n", ),
    ),
    "jwt algorithms": Kind(
        "CWE-347",
        """\
const jwt = require('jsonwebtoken');
function f(token) {
  return jwt.verify(token, KEY);
}
""",
        """\
const jwt = require('jsonwebtoken');
function f(token) {
  return jwt.verify(token, KEY, { algorithms: ['HS256'] });
}
""",
        ("import jwt from 'jsonwebtoken';\nconst u = (t) => { const x = jwt.verify(t, k); return x; };\n", ),
        ("import jwt from 'jsonwebtoken';\nconst u = (t) => jwt.verify(t, k, { issuer: 'a', algorithms: ['RS256'] });\n", ),
    ),
    "dangerously": Kind(
        "CWE-79",
        """\
function View({ text }) {
  return <div dangerouslySetInnerHTML={{ __html: text }} />;
}
""",
        """\
function View({ text }) {
  return <div>{text}</div>;
}
""",
        ("const V = (p) => <p className='a' dangerouslySetInnerHTML={{ __html: p.body }} />;\n", ),
        ("const V = (p) => <p className='a'>{p.body}</p>;\n", ),
    ),
    "dangerously clean": Kind(
        "CWE-79",
        """\
function View({ text }) {
  return <div dangerouslySetInnerHTML={{ __html: text }} />;
}
""",
        """\
function View({ text }) {
  return <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(text) }} />;
}
""",
        ("const V = (p) => <p className='a' dangerouslySetInnerHTML={{ __html: p.body }} />;\n", ),
        ("const V = (p) => <p dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(p.body) }} />;\n", ),
    ),
    "cookie flags": Kind(
        "CWE-1004",
        """\
app.get('/', (req, res) => {
  res.cookie('sid', id, { httpOnly: false, secure: true });
});
""",
        """\
app.get('/', (req, res) => {
  res.cookie('sid', id, { httpOnly: true, secure: true });
});
""",
        ("function g(r) { r.cookie('x', y, { path: '/', httpOnly: false }); }\n", ),
        ("function g(r) { r.cookie('x', y, { path: '/', httpOnly: true }); }\n", ),
    ),
    "await": Kind(
        "CWE-863",
        """\
async function f(req, res, next) {
  const ok = isAllowed(req.user);
  if (!ok) return res.status(403).end();
  next();
}
""",
        """\
async function f(req, res, next) {
  const ok = await isAllowed(req.user);
  if (!ok) return res.status(403).end();
  next();
}
""",
        ("async function g(u) { if (isAllowed(u)) { go(); } }\n", ),
        ("async function g(u) { if (await isAllowed(u)) { go(); } }\n", ),
    ),
    "ssrf": Kind(
        "CWE-918",
        """\
app.get('/p', async (req, res) => {
  const r = await axios.get(req.query.url);
  res.send(r.data);
});
""",
        """\
app.get('/p', async (req, res) => {
  if (!isAllowedHost(req.query.url)) return res.end();
  const r = await axios.get(req.query.url);
  res.send(r.data);
});
""",
        ("function h(req, res) { fetch(req.body.target).then((x) => res.end(x)); }\n", ),
        ("function h(req, res) { if (!isAllowedHost(req.body.target)) return; fetch(req.body.target).then((x) => res.end(x)); }\n", ),
    ),
    "mass assignment nosql": Kind(
        "CWE-943",
        """\
app.post('/l', (req, res) => {
  User.findOne({ name: req.body.name, pass: req.body.pass }, done);
});
""",
        """\
app.post('/l', (req, res) => {
  User.findOne({ name: String(req.body.name), pass: String(req.body.pass) }, done);
});
""",
        ("function g(req) { return Model.findOne({ email: req.body.email }); }\n", ),
        ("function g(req) { return Model.findOne({ email: String(req.body.email) }); }\n", ),
    ),
}  # fmt: skip
