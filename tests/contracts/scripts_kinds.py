"""Fixes of Ruby and PHP code by kind, each with code of another hand that must be found and code that must be spared."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    language: str
    cwe: str
    before: str
    after: str
    siblings: tuple[str, ...]
    spared: tuple[str, ...]


KINDS = {
    "ruby: a value in a condition": Kind(
        "ruby",
        "CWE-89",
        "def list(name)\n  Item.where(\"name = '#{name}'\")\nend\n",
        'def list(name)\n  Item.where("name = ?", name)\nend\n',
        (
            'def a(n)\n  sql = "select " + n\n  connection.execute(sql)\nend\n',
            'def a(n)\n  User.find_by_sql("select %s" % n)\nend\n',
            'def a(n)\n  User.find(:all, :conditions => "a = #{n}")\nend\n',
        ),
        (
            'def a(n)\n  User.where("a = ?", n)\nend\n',
            'def a(n)\n  User.where("a = #{n.to_i}")\nend\n',
            'def a(n)\n  logger.info("a #{n}")\nend\n',
            "def a(n)\n  User.where(a: n)\nend\n",
        ),
    ),
    "ruby: a command": Kind(
        "ruby",
        "CWE-78",
        'def pack(name)\n  system("tar cf #{name}.tar .")\nend\n',
        'def pack(name)\n  system("tar", "cf", "#{name}.tar", ".")\nend\n',
        ("def a(n)\n  `ls #{n}`\nend\n", 'def a(n)\n  Open3.capture2("ls " + n)\nend\n'),
        ('def a(n)\n  system("ls #{Shellwords.escape(n)}")\nend\n', 'def a(n)\n  system("ls")\nend\n'),
    ),
    "ruby: a redirect by a request": Kind(
        "ruby",
        "CWE-601",
        "def go\n  redirect_to params[:to]\nend\n",
        "def go\n  redirect_to root_path\nend\n",
        ("def a\n  u = params[:u]\n  redirect_to(u)\nend\n", "def a\n  redirect_to cookies[:u], status: 302\nend\n"),
        ("def a\n  redirect_to user_path(@user)\nend\n", "def a\n  redirect_to params.merge(only_path: true)\nend\n"),
    ),
    "ruby: a class by a request": Kind(
        "ruby",
        "CWE-470",
        "def go\n  k = params[:kind]\n  k.classify.constantize\nend\n",
        'def go\n  k = "Item"\n  k.constantize\nend\n',
        ("def a\n  params[:x].constantize\nend\n", "def a\n  Object.const_get(params[:x])\nend\n"),
        ('def a\n  "Item".constantize\nend\n',),
    ),
    "ruby: a certificate that is not looked at": Kind(
        "ruby",
        "CWE-295",
        "def go(http)\n  http.verify_mode = OpenSSL::SSL::VERIFY_NONE\nend\n",
        "def go(http)\n  http.verify_mode = OpenSSL::SSL::VERIFY_PEER\nend\n",
        ("def a(c)\n  c.verify_mode = OpenSSL::SSL::VERIFY_NONE\nend\n",),
        ("def a(c)\n  c.verify_mode = OpenSSL::SSL::VERIFY_PEER\nend\n",),
    ),
    "php: a value in a statement": Kind(
        "php",
        "CWE-89",
        "function all($db, $n) {\n  return $db->query(\"select a from b where c = '$n'\");\n}\n",
        "function all($db, $n) {\n  $s = $db->prepare('select a from b where c = ?');\n  return $s->execute([$n]);\n}\n",
        (
            "<?php\nfunction a($c, $n) {\n  mysqli_query($c, 'select ' . $n);\n}\n",
            "<?php\nfunction a($n) {\n  $q = 'select a';\n  $q .= $n;\n  $this->db->query($q);\n}\n",
            '<?php\nfunction a($n) {\n  return DB::select(sprintf("select %s", $n));\n}\n',
        ),
        (
            '<?php\nfunction a($db, $n) {\n  $db->query("select " . (int)$n);\n}\n',
            '<?php\nfunction a($db, $n) {\n  $db->query("select " . intval($n));\n}\n',
            '<?php\nfunction a($db) {\n  $db->query("select " . TABLE);\n}\n',
        ),
    ),
    "php: a request in a page": Kind(
        "php",
        "CWE-79",
        "function hello() {\n  $n = $_GET['n'];\n  echo 'a ' . $n;\n}\n",
        "function hello() {\n  $n = $_GET['n'];\n  echo 'a ' . htmlspecialchars($n);\n}\n",
        (
            "<?php\nprint('a' . $_POST['b']);\n",
            "<b><?= $_GET['x'] ?></b>\n",
            '<?php\n$x = $_REQUEST["a"];\necho "<i>{$x}</i>";\n',
        ),
        ("<?php\necho (int)$_GET['a'];\n", "<?php\necho esc_html($_GET['a']);\n", "<?php\necho 'a';\n"),
    ),
    "php: a file by a request": Kind(
        "php",
        "CWE-22",
        "function show() {\n  readfile('pages/' . $_GET['page']);\n}\n",
        "function show() {\n  readfile('pages/' . basename($_GET['page']));\n}\n",
        ("<?php\ninclude $_GET['p'] . '.php';\n", "<?php\n$f = $_POST['f'];\nunlink($f);\n"),
        ("<?php\nreadfile($_FILES['a']['tmp_name']);\n", "<?php\nreadfile('a.txt');\n"),
    ),
    "php: a command": Kind(
        "php",
        "CWE-78",
        'function run($d) {\n  shell_exec("ls $d");\n}\n',
        'function run($d) {\n  shell_exec("ls " . escapeshellarg($d));\n}\n',
        ("<?php\nfunction a($x) {\n  $o = `ls $x`;\n}\n", "<?php\nfunction a($x) {\n  passthru('ls ' . $x);\n}\n"),
        ("<?php\nfunction a($x) {\n  exec('ls ' . escapeshellarg($x));\n}\n",),
    ),
    "php: a certificate that is not looked at": Kind(
        "php",
        "CWE-295",
        "function get($c) {\n  curl_setopt($c, CURLOPT_SSL_VERIFYPEER, false);\n}\n",
        "function get($c) {\n  curl_setopt($c, CURLOPT_SSL_VERIFYPEER, true);\n}\n",
        ("<?php\nfunction a($handle) {\n  curl_setopt($handle, CURLOPT_SSL_VERIFYPEER, false);\n}\n",),
        ("<?php\nfunction a($h) {\n  curl_setopt($h, CURLOPT_SSL_VERIFYPEER, true);\n}\n",),
    ),
}
