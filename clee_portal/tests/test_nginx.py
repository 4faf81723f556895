"""The proxy as it is delivered (`deploy/nginx.conf`): a real nginx, with TLS, before two web processes of the portal.

Only ports, the certificate and the place of the files are put in. Left out where nginx is not installed (in Debian:
nginx-light).
"""

import datetime as dt
import http.client
import re
import shutil
import signal
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clee_portal.tests.scratch import ROOT, Answer, Browser
from notifications.tests.sink import free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
HOST = "clee.example.gov"
RELEASES = ("before", "after")  # each web process has the static files of one
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/clee.conf;
}}
"""

pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


class OverTls(Browser):
    """A browser before the proxy."""

    def __init__(self, scratch, port: int):
        super().__init__(scratch)
        self.port = port

    def _connection(self):
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trusting)

    def _send(self, method: str, path: str, body: str | None, headers: dict) -> Answer:
        return super()._send(method, path, body, {"Host": HOST, "Referer": f"https://{HOST}/", **headers})


def certificate(folder) -> None:
    """A key and a certificate signed with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "clee.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "clee.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))


def configuration(folder, port: int, ports: list[int]) -> None:
    """The delivered file, with what is this machine's put in; each of them must be there once."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for theirs, ours in (
        ("127.0.0.1:8000", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8001", f"127.0.0.1:{ports[1]}"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/clee.pem", f"{folder}/clee.pem"),
        ("/etc/ssl/clee.key", f"{folder}/clee.key"),
        ("root /opt/clee/deploy;", f"root {ROOT}/deploy;"),
    ):
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    (folder / "clee.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))


@pytest.fixture(scope="module")
def proxied(scratch, tmp_path_factory):
    """The port of the proxy, and the two web processes behind it."""
    folder = tmp_path_factory.mktemp("nginx")
    port, ports = free_port(), [free_port(), free_port()]
    certificate(folder)
    configuration(folder, port, ports)
    behind = {"BEHIND_PROXY": "1", "ALLOWED_HOSTS": HOST, "CSRF_TRUSTED_ORIGINS": f"https://{HOST}"}
    behind |= {"SECURE_SSL_REDIRECT": "1", "SECURE_HSTS_SECONDS": "31536000"}
    command = ("gunicorn", "-c", "deploy/gunicorn.conf.py", "--preload", "-w", "1", "clee_portal.wsgi", "-b")
    webs = []
    for one, name in zip(ports, RELEASES, strict=True):
        (folder / name).mkdir()
        (folder / name / f"{name}.css").write_text("p {}")
        webs.append(scratch.start(*command, f"127.0.0.1:{one}", STATIC_ROOT=str(folder / name), **behind))
    with (folder / "said").open("w") as said:
        proxy = subprocess.Popen([NGINX, "-c", f"{folder}/nginx.conf", "-p", folder], stdout=said, stderr=said)
    try:
        yield port, webs
    finally:
        proxy.send_signal(signal.SIGQUIT)
        for web in webs:
            if web in scratch.others:
                scratch.end(web)
        proxy.wait(10)


@pytest.fixture
def browser(scratch, proxied) -> OverTls:
    """A browser, once both web processes answer."""
    one = OverTls(scratch, proxied[0])
    scratch.until(lambda: one.get("/readyz/web").status == 200)
    return one


def test_files_of_either_release_are_there_while_both_run(browser):
    """A page made by one process may ask the other for its files."""
    asked = [f"/static/{name}.css" for name in RELEASES for _ in range(4)]
    assert [browser.get(path).status for path in asked] == [200] * 8
    assert browser.get("/static/of-neither.css").status == 404


def test_a_journey_goes_on_when_a_web_process_is_gone(scratch, proxied, browser):
    """Signed in over TLS; who is behind the proxy is told apart from it; then one process after the other is away."""
    browser.sign_in()
    page = browser.get("/agencies/alderbrook/")
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert re.fullmatch("[0-9a-f]{32}", page.headers["X-Request-ID"])
    assert browser.get("/metrics", Authorization="Bearer the-token").status == 404

    scratch.end(proxied[1][0], signal.SIGKILL)
    assert [browser.get("/agencies/alderbrook/").status for _ in range(4)] == [200] * 4

    scratch.end(proxied[1][1], signal.SIGKILL)
    away = browser.get("/agencies/alderbrook/")
    assert (away.status, away.headers["Retry-After"]) == (503, "30")
    assert "The portal is away for a moment." in away.text
    assert re.search(r"Reference: [0-9a-f]{32}", away.text)
