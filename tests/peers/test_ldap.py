"""slapd answers the example that searches a directory: messages in BER, cut by `packet="asn1"`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..support.programs import ON_ALL, listening, need, output, refused, run

BASE = "dc=example,dc=org"
ADMIN = f"cn=admin,{BASE}"
PASSWORD = "secret"
PEOPLE = 300
LONG = "x" * 100_000
CONFIGURATION = """
include {schema}
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
database mdb
suffix "{base}"
rootdn "{admin}"
rootpw {password}
directory {folder}
"""


def ldif() -> str:
    """A directory with three hundred people; one has a long description."""
    entries = [f"dn: {BASE}\nobjectClass: organization\nobjectClass: dcObject\ndc: example\no: Example\n"]
    entries += [
        f"dn: cn=p{number},{BASE}\nobjectClass: person\ncn: p{number}\nsn: Person {number}\n"
        for number in range(1, PEOPLE + 1)
    ]
    entries[1] += f"description: {LONG}\n"
    return "\n".join(entries)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, add, folder = need("slapd"), need("slapadd"), tmp_path_factory.mktemp("slapd")
    schema, modules = Path("/etc/ldap/schema/core.schema"), Path("/usr/lib/ldap")
    configuration, data = folder / "slapd.conf", folder / "data.ldif"
    configuration.write_text(
        CONFIGURATION.format(schema=schema, modules=modules, folder=folder, base=BASE, admin=ADMIN, password=PASSWORD)
    )
    data.write_text(ldif())
    output([add, "-q", "-f", str(configuration), "-l", str(data)])
    command = [program, "-f", str(configuration), "-d", "0", "-h"]  # -d keeps it in the foreground
    with listening(lambda port: [*command, f"ldap://127.0.0.1:{port}"], folder) as port:
        yield port


def search(backend: str, port: int, *arguments: str) -> list[str]:
    options = ["--host", "127.0.0.1", "--port", str(port), "--base", BASE, "--backend", backend]
    return run("ldap_search.py", *options, *arguments).splitlines()


@ON_ALL
def test_everybody_is_found(backend: str, slapd: int) -> None:
    found = search(backend, slapd, "--filter", "objectClass=person", "sn")
    expected = [(f"dn: cn=p{number},{BASE}", f"sn: Person {number}") for number in range(1, PEOPLE + 1)]
    assert sorted(zip(found[::2], found[1::2], strict=True)) == sorted(expected)


@ON_ALL
def test_a_long_message_arrives_whole(backend: str, slapd: int) -> None:
    assert search(backend, slapd, "--filter", "cn=p1", "description") == [f"dn: cn=p1,{BASE}", f"description: {LONG}"]


@ON_ALL
def test_a_password_is_looked_at(backend: str, slapd: int) -> None:
    known = ["--user", ADMIN, "--password", PASSWORD]
    assert search(backend, slapd, *known, "--filter", "cn=p2", "sn") == [f"dn: cn=p2,{BASE}", "sn: Person 2"]
    options = ["--host", "127.0.0.1", "--port", str(slapd), "--backend", backend]
    assert refused("ldap_search.py", *options, "--user", ADMIN, "--password", "wrong") == "ldap: result 49 \n"


def test_ldapsearch_finds_the_same(slapd: int) -> None:
    command = [need("ldapsearch"), "-x", "-LLL", "-o", "ldif-wrap=no", "-H", f"ldap://127.0.0.1:{slapd}", "-b", BASE]
    theirs = [line for line in output([*command, "(sn=*)", "sn"]).splitlines() if line]
    assert search("inet", slapd, "--filter", "sn=*", "sn") == theirs
