"""Fixes of Python code by kind, each with code of another hand that must be found and code that must be spared."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    cwe: str
    before: str
    after: str
    siblings: tuple[str, ...]
    spared: tuple[str, ...]


KINDS = {
    "sql constant template": Kind(
        "CWE-89",
        """\
    def get_user(self, login):
        cur = self.conn.cursor()
        cur.execute(SELECT_USER % login)
        return cur.fetchone()
""",
        """\
    def get_user(self, login):
        cur = self.conn.cursor()
        cur.execute(SELECT_USER, (login,))
        return cur.fetchone()
""",
        (
            """\
def drop(db, token):
    c = db.cursor()
    c.execute(queries.DELETE_TOKEN % (token,))
    db.commit()
""",
            """\
    def count(self, kind):
        with self.pool.connection() as connection:
            stmt = self.COUNT_SQL.format(kind)
            connection.execute(stmt)
""",
        ),
        (
            """\
def drop(db, token):
    c = db.cursor()
    c.execute(queries.DELETE_TOKEN, (token,))
""",
            """\
def rest(self, a, b):
    self.worker.execute(a % b)
""",
        ),
    ),
    "sql growing conditions": Kind(
        "CWE-89",
        """\
def search(self, name=None, kind=None):
    query = "SELECT id, name FROM items WHERE 1 = 1"
    if name:
        query += " AND name LIKE '%" + name + "%'"
    if kind:
        query += " AND kind = '%s'" % kind
    return self.db.query(query)
""",
        """\
def search(self, name=None, kind=None):
    query = "SELECT id, name FROM items WHERE 1 = 1"
    params = []
    if name:
        query += " AND name LIKE %s"
        params.append("%" + name + "%")
    if kind:
        query += " AND kind = %s"
        params.append(kind)
    return self.db.query(query, params)
""",
        (
            """\
def find_orders(conn, customer, state):
    sql = "select * from orders where customer = " + customer
    if state is not None:
        sql = sql + " and state = '" + state + "'"
    sql = sql + " order by created"
    cursor = conn.cursor()
    cursor.execute(sql)
    return cursor.fetchall()
""",
            """\
def listing(self, filters):
    q = 'SELECT * FROM asset'
    for key in filters:
        q += " AND {} = '{}'".format(key, filters[key])
    q += ';'
    rows = self.session.execute(q)
    return [dict(r) for r in rows]
""",
        ),
        (
            """\
def find_orders(conn, customer, state):
    sql = "select * from orders where customer = %s"
    args = [customer]
    if state is not None:
        sql = sql + " and state = %s"
        args.append(state)
    cursor = conn.cursor()
    cursor.execute(sql, args)
""",
            """\
def stats(conn):
    sql = "select count(*) from orders"
    sql += " where state = 'open'"
    conn.cursor().execute(sql)
""",
        ),
    ),
    "sql list of conditions joined": Kind(
        "CWE-89",
        """\
def find(self, author, title):
    where = []
    if author:
        where.append("author = '%s'" % author)
    if title:
        where.append("title = '%s'" % title)
    self.cursor.execute("SELECT * FROM books WHERE " + " AND ".join(where))
    return self.cursor.fetchall()
""",
        """\
def find(self, author, title):
    where = []
    values = []
    if author:
        where.append("author = %s")
        values.append(author)
    if title:
        where.append("title = %s")
        values.append(title)
    self.cursor.execute("SELECT * FROM books WHERE " + " AND ".join(where), values)
    return self.cursor.fetchall()
""",
        (
            """\
def report(db, ids, since):
    parts = ["active = 1"]
    for one in ids:
        parts.append(f"id = {one}")
    if since:
        parts.append("changed > '{}'".format(since))
    clause = ' OR '.join(parts)
    db.execute('select * from report where ' + clause)
""",
            """\
def users(self, names):
    conditions = ["name='" + n + "'" for n in names]
    sql = "SELECT * FROM users WHERE %s" % " OR ".join(conditions)
    self.cur.execute(sql)
""",
        ),
        (
            """\
def report(db, ids):
    marks = ", ".join(["%s"] * len(ids))
    db.execute("select * from report where id in (" + marks + ")", ids)
""",
        ),
    ),
    "sql own wrapper": Kind(
        "CWE-89",
        """\
    def remove_host(self, name):
        sql = "DELETE FROM hosts WHERE name = '%s'" % name
        self._do_sql(sql)
        return True
""",
        """\
    def remove_host(self, name):
        sql = "DELETE FROM hosts WHERE name = %s"
        self._do_sql(sql, (name,))
        return True
""",
        (
            """\
    def add_host(self, name, address):
        return self._do_sql("INSERT INTO hosts VALUES ('{0}', '{1}')".format(name, address))
""",
            """\
    def hosts_of(self, owner):
        rows = self._do_sql_query("select name from hosts where owner='" + owner + "'")
        return [r[0] for r in rows]
""",
        ),
        (
            """\
    def add_host(self, name, address):
        return self._do_sql("INSERT INTO hosts VALUES (%s, %s)", (name, address))
""",
            """\
    def run(self, name):
        self._sqlog("host %s" % name)
""",
        ),
    ),
    "sql table kept": Kind(
        "CWE-89",
        """\
    def fetch_row(self, table, key):
        query = "SELECT * FROM %s WHERE key = '%s'" % (table, key)
        self._run_query(query)
        return self._result()
""",
        """\
    def fetch_row(self, table, key):
        query = "SELECT * FROM %s WHERE key = %%s" % table
        self._run_query(query, (key,))
        return self._result()
""",
        (
            """\
    def delete_row(self, table, key):
        query = "DELETE FROM {} WHERE key = '{}'".format(table, key)
        self._run_query(query)
""",
            """\
    def touch(self, key, when):
        self._run_query(f"UPDATE {self.table} SET seen = {when} WHERE key = '{key}'")
""",
        ),
        (
            """\
    def delete_row(self, table, key):
        query = "DELETE FROM %s WHERE key = %%s" % (table,)
        self._run_query(query, (key,))
""",
            """\
    def drop(self, name):
        self._run_query("DROP TABLE " + name)
""",
            """\
    def all(self, table):
        return self._run_query(f"SELECT * FROM {table}")
""",
        ),
    ),
    "sql django raw": Kind(
        "CWE-89",
        """\
from django.db import connection

def totals(request):
    shop = request.GET.get("shop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(price) FROM sale WHERE shop = '%s'" % shop)
        row = cursor.fetchone()
    return JsonResponse({"total": row[0]})
""",
        """\
from django.db import connection

def totals(request):
    shop = request.GET.get("shop")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(price) FROM sale WHERE shop = %s", [shop])
        row = cursor.fetchone()
    return JsonResponse({"total": row[0]})
""",
        (
            """\
def people(request):
    name = request.POST['name']
    found = Person.objects.raw("SELECT * FROM app_person WHERE name = '" + name + "'")
    return render(request, "people.html", {"found": found})
""",
            """\
def queryset(self):
    return super().get_queryset().extra(where=["owner = '%s'" % self.request.GET['owner']])
""",
        ),
        (
            """\
def people(request):
    found = Person.objects.raw("SELECT * FROM app_person WHERE name = %s", [request.POST['name']])
""",
        ),
    ),
    "sql sqlalchemy text": Kind(
        "CWE-89",
        """\
from sqlalchemy import text

def by_city(session, city):
    stmt = text("SELECT * FROM station WHERE city = '" + city + "'")
    return session.execute(stmt).fetchall()
""",
        """\
from sqlalchemy import text

def by_city(session, city):
    stmt = text("SELECT * FROM station WHERE city = :city")
    return session.execute(stmt, {"city": city}).fetchall()
""",
        (
            """\
import sqlalchemy as sa

def by_code(engine, code):
    with engine.connect() as con:
        return con.execute(sa.text(f"select * from station where code = {code}")).all()
""",
            """\
from sqlalchemy.sql import text

def filtered(session, value):
    return session.query(Station).filter(text("name = '%s'" % value)).all()
""",
        ),
        (
            """\
from sqlalchemy import text

def by_code(engine, code):
    with engine.connect() as con:
        return con.execute(text("select * from station where code = :code"), {"code": code}).all()
""",
        ),
    ),
    "sql escape function": Kind(
        "CWE-89",
        """\
    def set_title(self, ident, title):
        self.db.query("UPDATE page SET title = '%s' WHERE id = %d" % (title, ident))
""",
        """\
    def set_title(self, ident, title):
        self.db.query("UPDATE page SET title = '%s' WHERE id = %d" % (self.db.escape_string(title), ident))
""",
        (
            """\
    def set_owner(self, ident, owner):
        sql = "UPDATE page SET owner = '{}' WHERE id = {}".format(owner, int(ident))
        self.db.query(sql)
""",
        ),
        (
            """\
    def set_owner(self, ident, owner):
        sql = "UPDATE page SET owner = '{}' WHERE id = {}".format(self.db.escape_string(owner), int(ident))
        self.db.query(sql)
""",
        ),
    ),
    "sql order whitelist": Kind(
        "CWE-89",
        """\
def listing(db, order):
    cur = db.cursor()
    cur.execute("SELECT * FROM track ORDER BY " + order)
    return cur.fetchall()
""",
        """\
def listing(db, order):
    if order not in ("title", "length"):
        order = "title"
    cur = db.cursor()
    cur.execute("SELECT * FROM track ORDER BY " + order)
    return cur.fetchall()
""",
        (
            """\
def albums(db, column):
    cur = db.cursor()
    cur.execute(f"SELECT * FROM album ORDER BY {column} DESC")
    return cur.fetchall()
""",
        ),
        (
            """\
COLUMNS = ("year", "name")
def albums(db, column):
    if column not in COLUMNS:
        raise ValueError(column)
    cur = db.cursor()
    cur.execute(f"SELECT * FROM album ORDER BY {column} DESC")
    return cur.fetchall()
""",
        ),
    ),
    "sql returned by helper": Kind(
        "CWE-89",
        """\
class Repo:
    def _by_name(self, name):
        return "SELECT * FROM repo WHERE name = '%s'" % name

    def get(self, name):
        return self.connection.execute(self._by_name(name)).fetchone()
""",
        """\
class Repo:
    def _by_name(self):
        return "SELECT * FROM repo WHERE name = ?"

    def get(self, name):
        return self.connection.execute(self._by_name(), (name,)).fetchone()
""",
        (
            """\
class Tags:
    def _statement(self, tag):
        return f"SELECT * FROM tag WHERE tag = '{tag}'"

    def all(self, tag):
        return self.connection.execute(self._statement(tag)).fetchall()
""",
        ),
        (
            """\
class Tags:
    def _statement(self):
        return "SELECT * FROM tag WHERE tag = ?"

    def all(self, tag):
        return self.connection.execute(self._statement(), (tag,)).fetchall()
""",
        ),
    ),
    "sql returned statement alone": Kind(
        "CWE-89",
        """\
    def statement_for(self, name):
        statement = "SELECT oid FROM pg_class WHERE relname = '%s'" % name
        return statement
""",
        """\
    def statement_for(self, name):
        statement = sql.SQL("SELECT oid FROM pg_class WHERE relname = {}").format(sql.Literal(name))
        return statement
""",
        (
            """\
    def drop_for(self, name):
        return "DELETE FROM pg_extra WHERE relname = '{}'".format(name)
""",
        ),
        (
            """\
    def words_for(self, name):
        return "relation '%s' is missing" % name
""",
        ),
    ),
    "cmd system to list": Kind(
        "CWE-78",
        """\
import os

def shrink(path, width):
    os.system("convert %s -resize %s out.png" % (path, width))
""",
        """\
import subprocess

def shrink(path, width):
    subprocess.call(["convert", path, "-resize", width, "out.png"])
""",
        (
            """\
import os
def unpack(archive):
    cmd = "tar xf " + archive
    os.system(cmd)
""",
            """\
from subprocess import check_output
def head(path):
    return check_output(f"head {path}", shell=True)
""",
            """\
import os
def sizes(folder):
    return os.popen("du -s {}".format(folder)).read()
""",
        ),
        (
            """\
import subprocess
def unpack(archive):
    subprocess.check_call(["tar", "xf", archive])
""",
            """\
import subprocess
def show(name):
    subprocess.check_call(["echo", "hello %s" % name])
""",
        ),
    ),
    "cmd own ssh wrapper": Kind(
        "CWE-78",
        """\
    def _delete_volume(self, name):
        ssh_cmd = 'rmvol -force %s' % name
        out, err = self._run_ssh(ssh_cmd)
        return out
""",
        """\
    def _delete_volume(self, name):
        ssh_cmd = ['rmvol', '-force', name]
        out, err = self._run_ssh(ssh_cmd)
        return out
""",
        (
            """\
    def _extend(self, volume, size):
        ssh_cmd = ('growvol -size %(size)d %(name)s' % {'size': size, 'name': volume['name']})
        return self._run_ssh(ssh_cmd)
""",
            """\
    def _map(self, volume, host):
        cmd = 'maphost '
        if self.multi:
            cmd += '-force '
        cmd += '-host ' + host + ' ' + volume
        self._run_ssh(cmd)
""",
            """\
    def _list(self, host):
        out, err = self._execute_ssh('lshost ' + host)
        return out.split()
""",
        ),
        (
            """\
    def _extend(self, volume, size):
        ssh_cmd = ['growvol', '-size', str(size), volume['name']]
        return self._run_ssh(ssh_cmd)
""",
            """\
    def _extend(self, volume, size):
        ssh_cmd = ['growvol', '-size', '%d' % size, volume['name']]
        return self._run_ssh(ssh_cmd)
""",
        ),
    ),
    "html returned markup escape": Kind(
        "CWE-79",
        """\
    def render_cell(self, record):
        return '<td class="name">%s</td>' % record.name
""",
        """\
    def render_cell(self, record):
        return '<td class="name">%s</td>' % escape(record.name)
""",
        (
            """\
    def render_title(self, page):
        return u'<h2>{}</h2>'.format(page.title)
""",
            """\
    def render_link(self, item):
        html = '<a href="' + item.url + '">more</a>'
        return html
""",
        ),
        (
            """\
    def render_title(self, page):
        return u'<h2>{}</h2>'.format(escape(page.title))
""",
            """\
    def title(self, page):
        return 'Page %s' % page.title
""",
        ),
    ),
    "html grows": Kind(
        "CWE-79",
        """\
def table(rows):
    html = "<table>"
    for row in rows:
        html += "<tr><td>" + row.label + "</td></tr>"
    html += "</table>"
    return html
""",
        """\
def table(rows):
    html = "<table>"
    for row in rows:
        html += "<tr><td>" + cgi.escape(row.label) + "</td></tr>"
    html += "</table>"
    return html
""",
        (
            """\
def menu(entries):
    out = '<ul>'
    for e in entries:
        out += '<li>%s</li>' % e.text
    return out + '</ul>'
""",
        ),
        (
            """\
def menu(entries):
    out = '<ul>'
    for e in entries:
        out += '<li>%s</li>' % cgi.escape(e.text)
    return out + '</ul>'
""",
        ),
    ),
    "path containment check": Kind(
        "CWE-22",
        """\
import os

def serve(self, name):
    path = os.path.join(self.root, name)
    return open(path).read()
""",
        """\
import os

def serve(self, name):
    path = os.path.abspath(os.path.join(self.root, name))
    if not path.startswith(self.root):
        raise PermissionError(name)
    return open(path).read()
""",
        (
            """\
import os
def image(folder, title):
    with open(os.path.join(folder, title), 'rb') as handle:
        return handle.read()
""",
            """\
import os
def delete(self, filename):
    target = os.path.join(self.store, filename)
    os.remove(target)
""",
        ),
        (
            """\
import os
def image(folder, title):
    where = os.path.realpath(os.path.join(folder, title))
    if not where.startswith(os.path.realpath(folder) + os.sep):
        raise ValueError(title)
    with open(where, 'rb') as handle:
        return handle.read()
""",
        ),
    ),
    "redirect check": Kind(
        "CWE-601",
        """\
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

def login(request):
    target = request.GET.get('next', '/')
    return HttpResponseRedirect(target)
""",
        """\
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

def login(request):
    target = request.GET.get('next', '/')
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = '/'
    return HttpResponseRedirect(target)
""",
        (
            """\
from django.shortcuts import redirect
def logout(request):
    auth.logout(request)
    return redirect(request.POST['next'])
""",
            """\
from django import http
def switch(request):
    url = request.GET['url']
    return http.HttpResponseRedirect(url)
""",
        ),
        (
            """\
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
def logout(request):
    url = request.POST['next']
    if url_has_allowed_host_and_scheme(url, None):
        return redirect(url)
    return redirect('/')
""",
            """\
from django.shortcuts import redirect
def home(request):
    return redirect('home')
""",
        ),
    ),
}
