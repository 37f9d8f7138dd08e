"""Fixes of Go, C, C++ and Rust code by kind, each with code of another hand that must be found and code that must be spared."""

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
    "an allocation that nobody checks": Kind(
        "c",
        "CWE-690",
        """\
void f(int n) {
  char *p = malloc(n);
  p[0] = 1;
}
""",
        """\
void f(int n) {
  char *p = malloc(n);
  if (p == NULL) {
    return;
  }
  p[0] = 1;
}
""",
        (
            """\
int g(void) {
  struct q *z;
  z = (struct q *)calloc(1, 20);
  z->a = 1;
  return 1;
}
""",
            """\
void h(void) {
  int *k = malloc(4);
  *k = 2;
}
""",
        ),
        (
            """\
int g(void) {
  struct q *z;
  z = calloc(1, 20);
  if (!z) return 0;
  z->a = 1;
  return 1;
}
""",
            """\
void h(void) {
  int *k;
  if ((k = malloc(4)) == NULL) { return; }
  *k = 2;
}
""",
        ),
    ),
    "privileges dropped unchecked": Kind(
        "c",
        "CWE-273",
        """\
void f(int u) {
  setuid(u);
  run();
}
""",
        """\
void f(int u) {
  if (setuid(u) != 0) {
    exit(1);
  }
  run();
}
""",
        (
            """\
void g(void) {
  setgid(10);
  go();
}
""",
        ),
        (
            """\
void g(void) {
  if (setgid(10) < 0) abort();
  go();
}
""",
        ),
    ),
    "a new root without going there": Kind(
        "c",
        "CWE-243",
        """\
void f(void) {
  chroot("/srv");
  serve();
}
""",
        """\
void f(void) {
  chroot("/srv");
  chdir("/");
  serve();
}
""",
        (
            """\
int g(char *d) {
  if (chroot(d) < 0) return 1;
  start();
  return 0;
}
""",
        ),
        (
            """\
int g(char *d) {
  if (chroot(d) < 0) return 1;
  if (chdir("/") < 0) return 1;
  start();
  return 0;
}
""",
        ),
    ),
    "a copy that is not ended": Kind(
        "c",
        "CWE-170",
        """\
void f(char *s) {
  char d[10];
  strncpy(d, s, sizeof(d));
  puts(d);
}
""",
        """\
void f(char *s) {
  char d[10];
  strncpy(d, s, sizeof(d) - 1);
  d[sizeof(d) - 1] = 0;
  puts(d);
}
""",
        (
            """\
void g(struct t *z, char *n) {
  strncpy(z->name, n, 20);
  show(z);
}
""",
        ),
        (
            """\
void g(struct t *z, char *n) {
  strncpy(z->name, n, 20);
  z->name[19] = 0;
  show(z);
}
""",
        ),
    ),
    "a local's address returned": Kind(
        "c",
        "CWE-562",
        """\
char *f(int n) {
  char b[20];
  sprintf(b, "%d", n);
  return b;
}
""",
        """\
char *f(int n) {
  char *b = malloc(20);
  sprintf(b, "%d", n);
  return b;
}
""",
        (
            """\
int *g(void) {
  int v[3] = {1, 2, 3};
  return v;
}
""",
            """\
int *h(void) {
  int v = 3;
  return &v;
}
""",
        ),
        (
            """\
int h(void) {
  int v = 3;
  return v;
}
""",
        ),
    ),
    "a format that is no literal": Kind(
        "c",
        "CWE-134",
        """\
void f(char *s) {
  printf(s);
}
""",
        """\
void f(char *s) {
  printf("%s", s);
}
""",
        (
            """\
void g(char *m) {
  syslog(LOG_ERR, m);
  fprintf(stderr, m);
}
""",
        ),
        (
            """\
void g(char *m) {
  syslog(LOG_ERR, "%s", m);
  fprintf(stderr, "x");
}
""",
        ),
    ),
    "a command printed into a buffer": Kind(
        "c",
        "CWE-78",
        """\
void f(char *a) {
  char b[99];
  snprintf(b, 99, "ls %s", a);
  system(b);
}
""",
        """\
void f(char *a) {
  execl("/bin/ls", "ls", a, (char *)0);
}
""",
        (
            """\
int g(char *n) {
  char cmd[200];
  sprintf(cmd, "rm %s", n);
  popen(cmd, "r");
}
""",
        ),
        (
            """\
int g(char *n) {
  system("ls");
}
""",
        ),
    ),
    "a command built of strings": Kind(
        "cpp",
        "CWE-78",
        """\
void f(const std::string& a) {
  std::string c = "ls " + a;
  system(c.c_str());
}
""",
        """\
void f(const std::string& a) {
  execl("/bin/ls", "ls", a.c_str(), (char *)0);
}
""",
        (
            """\
int g(std::string n) {
  std::system(("rm " + n).c_str());
}
""",
        ),
        (
            """\
int g(std::string n) {
  system("ls");
}
""",
        ),
    ),
    "a switch in a literal": Kind(
        "go",
        "CWE-295",
        """\
package a
import "crypto/tls"
func f() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true}
}
""",
        """\
package a
import "crypto/tls"
func f() *tls.Config {
	return &tls.Config{InsecureSkipVerify: false}
}
""",
        (
            """\
package b
import "crypto/tls"
func g() {
	c := tls.Config{ServerName: "x", InsecureSkipVerify: true}
	use(c)
}
""",
            """\
package b
func g() {
	cfg.InsecureSkipVerify = true
}
""",
        ),
        (
            """\
package b
import "crypto/tls"
func g() {
	c := tls.Config{ServerName: "x"}
	use(c)
}
""",
        ),
    ),
    "a literal without a field": Kind(
        "go",
        "CWE-327",
        """\
package a
import "crypto/tls"
func f() *tls.Config {
	return &tls.Config{ServerName: "x"}
}
""",
        """\
package a
import "crypto/tls"
func f() *tls.Config {
	return &tls.Config{ServerName: "x", MinVersion: tls.VersionTLS12}
}
""",
        (
            """\
package b
import "crypto/tls"
func g() {
	c := tls.Config{}
	use(c)
}
""",
        ),
        (
            """\
package b
import "crypto/tls"
func g() {
	c := tls.Config{MinVersion: tls.VersionTLS13}
	use(c)
}
""",
        ),
    ),
    "a literal without a switch": Kind(
        "go",
        "CWE-614",
        """\
package a
import "net/http"
func f(w http.ResponseWriter) {
	c := http.Cookie{Name: "s", Value: "v"}
	http.SetCookie(w, &c)
}
""",
        """\
package a
import "net/http"
func f(w http.ResponseWriter) {
	c := http.Cookie{Name: "s", Value: "v", Secure: true}
	http.SetCookie(w, &c)
}
""",
        (
            """\
package b
import "net/http"
func g(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: n})
}
""",
            """\
package b
import "net/http"
func g(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: n, Secure: false})
}
""",
        ),
        (
            """\
package b
import "net/http"
func g(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: n, Secure: true})
}
""",
        ),
    ),
    "a weak hash": Kind(
        "go",
        "CWE-328",
        """\
package a
import (
	"crypto/md5"
	"crypto/sha256"
)
func f(b []byte) {
	h := md5.Sum(b)
	use(h)
}
""",
        """\
package a
import (
	"crypto/md5"
	"crypto/sha256"
)
func f(b []byte) {
	h := sha256.Sum256(b)
	use(h)
}
""",
        (
            """\
package b
import "crypto/sha1"
func g() {
	sha1.New()
}
""",
        ),
        (
            """\
package b
import "crypto/sha256"
func g() {
	sha256.New()
}
""",
        ),
    ),
    "numbers that can be foreseen": Kind(
        "go",
        "CWE-338",
        """\
package a
import "math/rand"
func f() int {
	return rand.Intn(9)
}
""",
        """\
package a
import "crypto/rand"
func f() int {
	n, _ := rand.Int(rand.Reader, big.NewInt(9))
	return n
}
""",
        (
            """\
package b
import "math/rand"
func g() {
	rand.Int63()
}
""",
        ),
        (
            """\
package b
import "crypto/rand"
func g(b []byte) {
	rand.Read(b)
}
""",
        ),
    ),
    "a shell command": Kind(
        "go",
        "CWE-78",
        """\
package a
import "os/exec"
func f(a string) {
	exec.Command("sh", "-c", "ls "+a).Run()
}
""",
        """\
package a
import "os/exec"
func f(a string) {
	exec.Command("ls", a).Run()
}
""",
        (
            """\
package b
import "os/exec"
func g(x string) error {
	c := fmt.Sprintf("rm %s", x)
	return exec.Command("bash", "-c", c).Run()
}
""",
        ),
        (
            """\
package b
import "os/exec"
func g() {
	exec.Command("bash", "-c", "ls").Run()
}
""",
        ),
    ),
    "a query built by format": Kind(
        "rust",
        "CWE-89",
        """\
fn f(c: &Connection, n: &str) {
    c.execute(&format!("select {}", n), []);
}
""",
        """\
fn f(c: &Connection, n: &str) {
    c.execute("select ?", [n]);
}
""",
        (
            """\
fn g(db: &Db, v: String) {
    let q = "delete ".to_string() + &v;
    db.query(&q);
}
""",
        ),
        (
            """\
fn g(db: &Db, v: String) {
    db.query("delete ?", &v);
}
""",
        ),
    ),
    "certificates not verified": Kind(
        "rust",
        "CWE-295",
        """\
fn f() {
    let c = reqwest::Client::builder().danger_accept_invalid_certs(true).build();
}
""",
        """\
fn f() {
    let c = reqwest::Client::builder().build();
}
""",
        (
            """\
fn g() {
    let c = reqwest::Client::builder().user_agent("u").danger_accept_invalid_hostnames(true).build();
}
""",
        ),
        (
            """\
fn g() {
    let c = reqwest::Client::builder().user_agent("u").danger_accept_invalid_certs(false).build();
}
""",
        ),
    ),
    "a weak hash in Rust": Kind(
        "rust",
        "CWE-328",
        """\
use md5::{Md5, Digest};
use sha2::Sha256;
fn f() {
    let h = Md5::new();
}
""",
        """\
use md5::{Md5, Digest};
use sha2::Sha256;
fn f() {
    let h = Sha256::new();
}
""",
        (
            """\
use sha1::Sha1;
fn g() {
    let mut x = Sha1::new();
}
""",
        ),
        (
            """\
use sha2::Sha512;
fn g() {
    let mut x = Sha512::new();
}
""",
        ),
    ),
    "an unsafe block": Kind(
        "rust",
        "CWE-242",
        """\
fn f(p: *const u8) -> u8 {
    unsafe { *p }
}
""",
        """\
fn f(p: &u8) -> u8 {
    *p
}
""",
        (
            """\
fn g() {
    unsafe { go() };
}
""",
        ),
        (
            """\
fn g() {
    go();
}
""",
        ),
    ),
    "a program that is no literal": Kind(
        "go",
        "CWE-94",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func run1(in string) {
	cmd := exec.Command(in, "x")
	cmd.Stdout = os.Stdout
	if err := cmd.Run(); err != nil {
		fmt.Println(err)
	}
}
""",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func okay(in string) {
	cmd := exec.Command("ls", "x")
	if err := cmd.Run(); err != nil {
		fmt.Println(err)
	}
}
""",
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	exec.Command("bash", "-c", x)
}
""",
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string, ctx context.Context) {
	exec.CommandContext(ctx, x, "a")
}
""",
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	c := &exec.Cmd{Path: x, Stdout: s}
	c.Run()
}
""",
        ),
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	exec.Command("bash", "-c", "ls")
}
""",
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	c := &exec.Cmd{Path: "/bin/ls"}
	c.Run()
}
""",
        ),
    ),
    "a program in a literal": Kind(
        "go",
        "CWE-94",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func run1(in string) {
	cmd := &exec.Cmd{
		Path: in,
		Args: []string{in, "x"},
	}
	cmd.Start()
}
""",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func okay(in string) {
	cmd := &exec.Cmd{
		Path: "/bin/ls",
		Args: []string{"ls", "x"},
	}
	cmd.Start()
}
""",
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	c := exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", x}}
	c.Run()
}
""",
        ),
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	c := exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "ls"}}
	c.Run()
}
""",
        ),
    ),
    "a program among values": Kind(
        "go",
        "CWE-94",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func run1(in string) {
	bin, _ := exec.LookPath(in)
	err := syscall.Exec(bin, []string{in, "-a"}, os.Environ())
	use(err)
}
""",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func okay(in string) {
	bin, _ := exec.LookPath("ls")
	err := syscall.Exec(bin, []string{"ls", "-a"}, os.Environ())
	use(err)
}
""",
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	syscall.Exec("/bin/sh", []string{"sh", "-c", x}, env)
}
""",
        ),
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func g(x string) {
	syscall.Exec("/bin/sh", []string{"sh"}, env)
}
""",
        ),
    ),
    "part of a request in a query builder": Kind(
        "go",
        "CWE-89",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Query().Get("p")
	db.Order(p).Find(&users)
}
""",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func k(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Query().Get("p")
	db.Where("name = ?", p).Find(&users)
}
""",
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, req *http.Request) {
	v := req.FormValue("p")
	db.Raw(v).Scan(&x)
}
""",
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, req *http.Request) {
	v := fmt.Sprintf("a %s", req.FormValue("p"))
	db.Group(v)
}
""",
        ),
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, req *http.Request) {
	v := req.FormValue("p")
	db.Raw("x = ?", v).Scan(&x)
}
""",
        ),
    ),
    "part of a request in a text": Kind(
        "go",
        "CWE-89",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, r *http.Request) {
	q := fmt.Sprintf("select %s", r.FormValue("a"))
	db.Query(q)
}
""",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func k(w http.ResponseWriter, r *http.Request) {
	db.Query("select ?", r.FormValue("a"))
}
""",
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, r *http.Request) {
	db.Exec(r.FormValue("p"))
}
""",
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(x string) {
	var b strings.Builder
	b.WriteString("select ")
	b.WriteString(x)
	db.Query(b.String())
}
""",
        ),
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(x string) {
	db.Query("select " + "a")
}
""",
        ),
    ),
    "a redirect to part of a request": Kind(
        "go",
        "CWE-601",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, r *http.Request) {
	u := r.URL.Query().Get("u")
	http.Redirect(w, r, u, 302)
}
""",
        """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func k(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/home", 302)
}
""",
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, req *http.Request) {
	http.Redirect(w, req, req.FormValue("next"), 301)
}
""",
        ),
        (
            """\
package main
import (
	"os/exec"
	"net/http"
	"fmt"
	"syscall"
)
func h(w http.ResponseWriter, req *http.Request) {
	http.Redirect(w, req, "/a", 301)
}
""",
        ),
    ),
    "a server without credentials": Kind(
        "go",
        "CWE-300",
        """\
func bad() {
	s := grpc.NewServer()
	use(s)
}
""",
        """\
func good() {
	s := grpc.NewServer(grpc.Creds(c))
	use(s)
}
""",
        (
            """\
func g() {
	srv := grpc.NewServer()
	srv.Serve(l)
}
""",
        ),
        (
            """\
func g() {
	srv := grpc.NewServer(grpc.Creds(x))
	srv.Serve(l)
}
""",
        ),
    ),
    "a token that is not verified": Kind(
        "go",
        "CWE-347",
        """\
func bad(t string) {
	p := new(jwt.Parser)
	tok, _, err := p.ParseUnverified(t, c)
}
""",
        """\
func good(t string) {
	tok, err := jwt.Parse(t, key)
}
""",
        (
            """\
func g(s string) {
	x.ParseUnverified(s, &jwt.StandardClaims{})
}
""",
        ),
        (
            """\
func g(s string) {
	jwt.ParseWithClaims(s, a, b)
}
""",
        ),
    ),
    "privileges dropped in the wrong order": Kind(
        "c",
        "CWE-696",
        """\
void f(int u, int g) {
  if (setuid(u) != 0) {
    exit(1);
  }
  if (setgid(g) != 0) {
    exit(1);
  }
}
""",
        """\
void f(int u, int g) {
  if (setgid(g) != 0) {
    exit(1);
  }
  if (setuid(u) != 0) {
    exit(1);
  }
}
""",
        (
            """\
int g(void) {
  setuid(1);
  setgid(2);
  return 0;
}
""",
        ),
        (
            """\
int g(void) {
  setgid(1);
  setuid(2);
  return 0;
}
""",
        ),
    ),
    "use after release": Kind(
        "c",
        "CWE-416",
        """\
void f(struct s *p) {
  free(p);
  run(p->name);
}
""",
        """\
void f(struct s *p) {
  run(p->name);
  free(p);
}
""",
        (
            """\
int g(char *b, int e) {
  if (e) {
    free(b);
  }
  return b[0];
}
""",
            """\
void g(struct s *q) {
  kfree(q->list);
  use(q->list);
}
""",
        ),
        (
            """\
void g(char *b) {
  free(b);
  b = strdup("x");
  use(b);
}
""",
            """\
void g(struct s *q) {
  free(q->list);
  free(q);
}
""",
            """\
void g(char *b, int e) {
  if (e) {
    free(b);
    return;
  }
  use(b);
}
""",
        ),
    ),
    "released again": Kind(
        "c",
        "CWE-415",
        """\
void f(char *p) {
  free(p);
  log_it();
  free(p);
}
""",
        """\
void f(char *p) {
  free(p);
  log_it();
}
""",
        (
            """\
int g(struct s *q) {
  free(q->name);
  q->n = 0;
  free(q->name);
  return 0;
}
""",
        ),
        (
            """\
void g(char *b) {
  free(b);
  b = next();
  free(b);
}
""",
            """\
void g(char *b, char *c) {
  free(b);
  free(c);
}
""",
        ),
    ),
    "asked about by name and used": Kind(
        "c",
        "CWE-367",
        """\
int f(const char *p) {
  if (access(p, R_OK) != 0) {
    return 1;
  }
  return open(p, O_RDONLY);
}
""",
        """\
int f(const char *p) {
  int fd = open(p, O_RDONLY);
  return fstat(fd, &st);
}
""",
        (
            """\
void g(char *n) {
  struct stat b;
  if (stat(n, &b) == 0) {
    unlink(n);
  }
}
""",
        ),
        (
            """\
void g(char *n) {
  struct stat b;
  if (stat(n, &b) == 0) {
    show(b.st_size);
  }
}
""",
            """\
void g(char *n, char *m) {
  struct stat b;
  if (lstat(n, &b) == 0) {
    unlink(m);
  }
}
""",
        ),
    ),
    "a size taken from what is copied": Kind(
        "c",
        "CWE-806",
        """\
void f(char *s) {
  char d[10];
  strncpy(d, s, strlen(s));
}
""",
        """\
void f(char *s) {
  char d[10];
  strncpy(d, s, sizeof(d) - 1);
}
""",
        (
            """\
void g(char *to, struct m *in) {
  memcpy(to, in->data, sizeof(in->data));
}
""",
        ),
        (
            """\
void g(char *to, size_t n) {
  char s[] = "abc";
  memcpy(to, s, sizeof(s));
}
""",
            """\
void g(char *s) {
  char d[10];
  memcpy(d, s, sizeof(d));
}
""",
        ),
    ),
    "the size of a pointer": Kind(
        "c",
        "CWE-467",
        """\
void f(void) {
  int *p = malloc(sizeof(p));
  use(p);
}
""",
        """\
void f(void) {
  int *p = malloc(sizeof(*p));
  use(p);
}
""",
        (
            """\
void g(char *b) {
  memset(b, 0, sizeof(b));
}
""",
        ),
        (
            """\
void g(void) {
  char b[10];
  memset(b, 0, sizeof(b));
}
""",
        ),
    ),
    "a copy without a bound": Kind(
        "c",
        "CWE-120",
        """\
void f(char *s) {
  char d[10];
  strcpy(d, s);
}
""",
        """\
void f(char *s) {
  char d[10];
  snprintf(d, sizeof(d), "%s", s);
}
""",
        (
            """\
void g(char *to, char *n) {
  strcat(to, n);
}
""",
        ),
        (
            """\
void g(char *to) {
  strcat(to, "/");
}
""",
            """\
void g(char *to, char *n) {
  strlcat(to, n, 9);
}
""",
        ),
    ),
}
