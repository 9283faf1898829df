"""Cases E: who calls. Stolen, stale, repeated, wrapped and forged credentials."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hostile_build import Builder
from hostile_case import BAD, LEAKS, OK, UNKNOWN_CALLER, Case, fault, plain
from hostile_token import PROFILE, WSSE

DSIG = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
FORGED = UNKNOWN_CALLER + BAD + fault("MustUnderstand", "FailedCheck")


def _at(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def tokens(b: Builder) -> Iterator[Case]:
    """Passwords, and what belongs to them."""
    header = b.caller.header

    def case(id: str, name: str, about: str, block: str) -> Case:
        return b.case(id, name, about, UNKNOWN_CALLER, b.message(header=block))

    yield case("E01", "no-credentials", "No Security block.", " ")
    yield case("E02", "wrong-password", "The digest of a wrong password.", header(password="guess"))
    yield case("E03", "unknown-user", "An unknown user: the same answer as E02.", header(user="nobody")).but(
        absent=(*LEAKS, "nobody", "unknown user", "no such user")
    )
    yield case("E04", "no-password", "No Password (CVE-2013-0239).", header(drop=("Password",)))
    yield case("E05", "empty-token", "An empty token (CVE-2012-0803).", header(drop=("Username", "Password", "Nonce", "Created")))
    yield case("E06", "empty-password", "An empty Password as text.", header(password="", digest=False))
    yield case("E07", "digest-no-nonce", "A digest without Nonce.", header(drop=("Nonce",)))
    yield case("E08", "digest-no-created", "A digest without Created.", header(drop=("Created",)))
    late = UNKNOWN_CALLER + fault("MessageExpired")
    yield case("E09", "stale", "Created an hour ago.", header(created=_at(-3600))).but(accept=late)
    yield case("E10", "from-future", "Created in an hour.", header(created=_at(3600))).but(accept=late)
    yield case("E11", "created-bad", "Created is no time.", header(created="yesterday"))
    yield case("E12", "created-no-zone", "Created without zone: never local time.", header(created=_at(0)[:-1]))
    once = b.case("E13", "replay", "The same bytes twice.", OK, b.message(header=header()), repeat=2, accept_last=UNKNOWN_CALLER,
                  executed="yes")
    yield once
    ahead = b.message(header=header(created=_at(50)))
    yield once.but(id="E14", name="replay-future-dated", about="The same, dated 50 s ahead.", body=ahead)


def forms(b: Builder) -> Iterator[Case]:
    """What the parts of a token may be."""
    caller = b.caller
    header = caller.header
    either = UNKNOWN_CALLER + BAD

    def case(id: str, name: str, about: str, block: str) -> Case:
        return b.case(id, name, about, UNKNOWN_CALLER, b.message(header=block))

    yield case("E15", "nonce-64k", "A Nonce of 64 KB.", header(nonce=b"n" * 49152)).but(accept=either)
    yield case("E16", "nonce-not-base64", "A Nonce that is no base64.", header().replace('Base64Binary">', 'Base64Binary">@@@@')).but(
        accept=either
    )
    yield case("E17", "nonce-empty", "An empty Nonce.", header(nonce=b""))
    second = "<wsse:UsernameToken><wsse:Username>root</wsse:Username></wsse:UsernameToken>"
    yield case("E18", "two-tokens", "Two tokens, one good.", header(extra=second)).but(accept=either)
    yield case("E19", "two-security", "Two Security blocks (WSS 1.1, 5).", header() + header(user="root")).but(accept=either)
    yield b.case("E20", "token-in-body", "The block in the Body.", either,
                 b.message(b.payload(inject=header(demanded=False)), header=" "))
    yield case("E21", "token-in-wrapper", "The block within an unknown one.", f'<x:W xmlns:x="urn:x">{header()}</x:W>')
    yield case("E22", "type-unknown", "An unknown Type.", header(kind="urn:md5"))
    yield case("E23", "type-missing-digest", "A digest without Type, which means text.",
               header().replace(f' Type="{PROFILE}#PasswordDigest"', ""))
    yield case("E24", "sql-user", "' OR '1'='1", header(user="' OR '1'='1"))
    yield case("E25", "crlf-user", "A user with a line end and a forged line of a log.",
               header(user="x@").replace("x@", "x&#13;&#10;2024-01-01 LOGIN OK user=root"))
    yield case("E26", "long-user", "A user of 10,000 characters.", header(user="u" * 10000)).but(accept=either)
    yield case("E27", "case-user", "The user in capitals, with a blank.", header(user=caller.user.upper() + " "))
    yield b.case("E28", "not-allowed", "Good credentials of one who may not.",
                 fault("Client", "FailedAuthentication", "Forbidden") + plain(403), b.message(header=b.other.header()))
    yield b.case("E33", "plain-text", "The right password as text, without TLS.", UNKNOWN_CALLER, b.message(header=header(digest=False)))
    yield b.case("E34", "foreign-system", "Good credentials, and another's SystemId.", fault("Client"),
                 b.message(b.payload(SystemId="299"), header=header()))


def signatures(b: Builder) -> Iterator[Case]:
    """Signatures from one who is not known by any."""

    def case(id: str, name: str, about: str, inside: str) -> Case:
        block = f'<wsse:Security xmlns:wsse="{WSSE}" s:mustUnderstand="1">{inside}</wsse:Security>'
        return b.case(id, name, about, FORGED, b.message(header=block))

    def signature(inside: str) -> str:
        return f'<ds:Signature xmlns:ds="{DSIG}">{inside}</ds:Signature>'

    wrapped = (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod '
        f'Algorithm="{DSIG}rsa-sha1"/><ds:Reference URI="#b"><ds:DigestMethod Algorithm="{DSIG}sha1"/><ds:DigestValue>AAAA</ds:DigestValue>'
        f"</ds:Reference></ds:SignedInfo><ds:SignatureValue>AAAA</ds:SignatureValue>"
    )
    moved = f'<x:W xmlns:x="urn:x"><s:Body Id="b">{b.payload()}</s:Body></x:W>'
    yield b.case("E29", "xsw", "The signed Body stands in a header, a new one in its place.", FORGED, b.message(
        header=f'<wsse:Security xmlns:wsse="{WSSE}" s:mustUnderstand="1">{signature(wrapped)}</wsse:Security>{moved}'))
    key = "<ds:RSAKeyValue><ds:Modulus>AQ==</ds:Modulus><ds:Exponent>AQ==</ds:Exponent></ds:RSAKeyValue>"
    yield case("E30", "signature-key-swap", "A key that the message brings along.",
               signature(f"<ds:KeyInfo><ds:KeyValue>{key}</ds:KeyValue></ds:KeyInfo>"))
    short = f'<ds:SignatureMethod Algorithm="{DSIG}hmac-sha1"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>'
    yield case("E31", "hmac-truncated", "HMACOutputLength of one bit (CVE-2009-0217).",
               signature(f"<ds:SignedInfo>{short}</ds:SignedInfo>"))
    yield case("E32", "encrypted-garbage", "An EncryptedKey: one fixed answer.",
               f'<e:EncryptedKey xmlns:e="{XENC}"><e:EncryptionMethod Algorithm="{XENC}rsa-1_5"/><e:CipherData><e:CipherValue>AAAA'
               "</e:CipherValue></e:CipherData></e:EncryptedKey>")

