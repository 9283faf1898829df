"""Proves a partner by an X.509 signature over Body and Timestamp (Web Services Security: X.509 Certificate Token Profile 1.1).

One narrow form is taken: exclusive canonicalisation, RSA with SHA-256, 384 or 512 or ECDSA with SHA-256, certificates that the partner's
section pins. A reference counts only where it leads to the very element that is used: the Body in its Envelope, the Timestamp in the
Security block; so a signed element that was moved proves nothing (wrapping). The order bounds the work: nothing but a small SignedInfo
is looked at before its signature is right. Must not know how partners are found or what they may do.
"""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64
from datetime import datetime
from hashlib import new
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from lxml import etree

from gateway.access.kinds import Freshness, refused
from gateway.access.partner import Partner, Partners
from gateway.access.replay import Mark, mark_of
from gateway.access.signature_key import Claim, Pinned, claim_of, pinned
from gateway.access.token import SECURITY, SIGNATURE, TIMESTAMP, bad_token, zulu
from gateway.access.username_token import expired
from gateway.contract.document import ROUTING
from gateway.errors import BAD_SIGNATURE
from gateway.soap.faults import WSU, Security, SoapFault

if TYPE_CHECKING:
    from gateway.soap.endpoint import Exchange
    from gateway.soap.envelope import Envelope

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ID: Final = f"{{{WSU}}}Id"
DIGESTS: Final = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
METHODS: Final = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": "rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": "ecdsa-sha256",
}
MOST_REFERENCES: Final = 5
_MOST_PREFIXES: Final = 300
"""Characters of a PrefixList."""
_MOST_ATTRIBUTES: Final = 64
"""Of one element that is canonicalised: libxml2 sorts them in quadratic time."""
_MOST_NAMESPACES: Final = 64
"""In force at one element: to canonicalise it costs their square as well."""
_IDS: Final = etree.XPath("//@wsu:Id", namespaces={"wsu": WSU})
_MANY_ATTRIBUTES: Final = etree.XPath(f"boolean(descendant-or-self::*[count(@*) > {_MOST_ATTRIBUTES}])")


class SignatureProof:
    """Proves signatures; one for a process. Is the `Prove` of its kind."""

    def __init__(self, fresh: Freshness) -> None:
        self._fresh = fresh

    def __call__(
        self, envelope: Envelope, root: etree._Element, exchange: Exchange, partner: Partner, now: datetime
    ) -> Mark | None:
        """Give the mark of a message that the partner has signed, now; raises SoapFault."""
        body = envelope.body.getparent()
        signature, timestamp = _parts(envelope)
        if body is None or signature is None or timestamp is None:
            raise refused()
        if _is_costly(signature):
            raise bad_token()
        signed = _Signed(signature)
        key = _key(partner, claim_of(signature), now)
        if not key.verifies(signed.method, signed.value, signed.canonical):
            raise refused()
        _judge_references(signed, root, body, timestamp)
        until = self._judge_time(timestamp, now)
        # What is marked is what was signed: the value of an ECDSA signature can be altered and stay right.
        return mark_of(partner.name, signed.canonical), until

    def signers(self, security: etree._Element, partners: Partners) -> list[str]:
        """Name the partners whose certificate a Security block says that it was signed with; raises SoapFault for a form not taken."""
        signature = security.find(SIGNATURE)
        if signature is None:
            return []
        claim = claim_of(signature)
        who = {p.name: p for p in partners.by_signer.values()}
        return [name for name, p in who.items() if any(claim.fits(pinned(der)) for der in p.certificate_der)]

    def _judge_time(self, timestamp: etree._Element, now: datetime) -> float:
        """Judge a Timestamp that is proved; gives when it ends for good, in seconds since 1970."""
        created, ends = _times(timestamp)
        seconds, fresh = now.timestamp(), self._fresh
        if not seconds - fresh.ttl <= created <= seconds + fresh.skew or (ends is not None and ends < seconds):
            raise expired()
        return created + fresh.ttl + fresh.skew


class _Signed:
    """A Signature in the form that is taken; raises SoapFault for any other."""

    def __init__(self, signature: etree._Element) -> None:
        children = list(signature)
        if [child.tag for child in children[:2]] != [f"{{{DS}}}SignedInfo", f"{{{DS}}}SignatureValue"]:
            raise bad_token()
        if [child.tag for child in children[2:]] not in ([f"{{{DS}}}KeyInfo"], []):
            raise bad_token()
        info = children[0]
        if not 3 <= len(info) <= 2 + MOST_REFERENCES:
            raise bad_token()
        canonicalisation, method, *references = info
        if canonicalisation.tag != f"{{{DS}}}CanonicalizationMethod" or method.tag != f"{{{DS}}}SignatureMethod" or len(method):
            raise bad_token()
        named = METHODS.get(method.get("Algorithm", ""))
        if named is None:
            raise bad_signature()
        self.method = named
        self.value = _decoded(children[1], 1024)
        self.references = [_Reference(reference) for reference in references]
        self.canonical = _canonical(info, _prefixes(canonicalisation))


class _Reference:
    """One Reference: which element, how it is written, and its digest."""

    def __init__(self, element: etree._Element) -> None:
        uri = element.get("URI", "")
        if element.tag != f"{{{DS}}}Reference" or len(uri) < 2 or uri[0] != "#":
            raise bad_signature()  # also an empty URI: the whole message, which no signature of this profile covers
        children = list(element)
        if [child.tag for child in children] != [f"{{{DS}}}{name}" for name in ("Transforms", "DigestMethod", "DigestValue")]:
            raise bad_signature()
        transforms, method, value = children
        if len(transforms) != 1 or transforms[0].tag != f"{{{DS}}}Transform" or len(method):
            raise bad_signature()
        algorithm = DIGESTS.get(method.get("Algorithm", ""))
        if algorithm is None:
            raise bad_signature()
        self.id = uri[1:]
        self.prefixes = _prefixes(transforms[0])
        self._algorithm = algorithm
        self._value = _decoded(value, 64)

    def fits(self, element: etree._Element) -> bool:
        """Whether an element is, canonicalised, what was signed."""
        digest = new(self._algorithm, _canonical(element, self.prefixes), usedforsecurity=True).digest()
        return compare_digest(digest, self._value)


def bad_signature() -> SoapFault:
    """Make the refusal of a signature by algorithms, transforms or references that are not taken, whoever made it."""
    return SoapFault(BAD_SIGNATURE, security=Security.FAILED_CHECK)


def _parts(envelope: Envelope) -> tuple[etree._Element | None, etree._Element | None]:
    """Give Signature and Timestamp of the Security block that is for us; raises SoapFault for a second of either."""
    found: dict[str, etree._Element] = {}
    for child in envelope.headers.get(SECURITY, ()):
        tag = str(child.tag)
        if tag in (SIGNATURE, TIMESTAMP):
            if tag in found:
                raise bad_token()
            found[tag] = child
    return found.get(SIGNATURE), found.get(TIMESTAMP)


def _key(partner: Partner, claim: Claim, now: datetime) -> Pinned:
    for der in partner.certificate_der:
        key = pinned(der)
        if claim.fits(key):
            if not key.begins <= now <= key.ends:
                raise refused()
            return key
    raise refused()


def _judge_references(signed: _Signed, root: etree._Element, body: etree._Element, timestamp: etree._Element) -> None:
    """Every reference leads to one element, in its place, and fits; Body, Timestamp and a Routing block are among them.

    Raises SoapFault.
    """
    by_id: dict[str, etree._Element] = {}
    for value in _IDS(root):  # attributes, each with its element
        if value in by_id:
            raise bad_signature()  # which of the two was meant cannot be known
        by_id[str(value)] = value.getparent()
    found = []
    for reference in signed.references:
        element = by_id.get(reference.id)
        if element is None or not (element is body or _in_header(element, root)):
            raise bad_signature()
        if _is_costly(element) or not reference.fits(element):
            raise bad_signature()
        found.append(element)
    for needed in (body, timestamp, *root[0].iterchildren(ROUTING)):
        if not any(each is needed for each in found):
            raise bad_signature()


def _is_costly(element: etree._Element) -> bool:
    """Whether no honest message would make an element like this."""
    return len(element.nsmap) > _MOST_NAMESPACES or bool(_MANY_ATTRIBUTES(element))


def _in_header(element: etree._Element, root: etree._Element) -> bool:
    """Whether an element is a header block, or in the Security block: what else a signature of this profile covers."""
    parent = element.getparent()
    return parent is not None and (parent is root[0] or (parent.getparent() is root[0] and parent.tag == SECURITY))


def _times(timestamp: etree._Element) -> tuple[float, float | None]:
    """Give Created and Expires of a Timestamp in seconds since 1970; raises SoapFault."""
    children = [(child.tag, child.text or "") for child in timestamp]
    if [tag for tag, _ in children] not in ([f"{{{WSU}}}Created"], [f"{{{WSU}}}Created", f"{{{WSU}}}Expires"]):
        raise bad_token()
    created, *ends = (zulu(text) for _, text in children)
    return created, ends[0] if ends else None


def _prefixes(method: etree._Element) -> list[str] | None:
    """Give the InclusiveNamespaces of an exclusive canonicalisation; raises SoapFault for any other one."""
    if method.get("Algorithm") != EXCLUSIVE or len(method) > 1:
        raise bad_signature()
    if not len(method):
        return None
    prefixes = method[0].get("PrefixList", "")
    if method[0].tag != f"{{{EXCLUSIVE}}}InclusiveNamespaces" or len(method[0]) or len(prefixes) > _MOST_PREFIXES:
        raise bad_signature()
    return prefixes.split()


def _canonical(element: etree._Element, prefixes: list[str] | None) -> bytes:
    try:
        return etree.tostring(element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes)
    except etree.C14NError:  # relative names of namespaces have no canonical form
        raise bad_signature() from None


def _decoded(element: etree._Element, most: int) -> bytes:
    """Give the bytes of an element of base64, blanks in it left out; raises SoapFault, also for more than `most`."""
    text = "".join((element.text or "").split())
    if len(element) or not 0 < len(text) <= 2 * most:
        raise bad_token()
    try:
        return a2b_base64(text, strict_mode=True)
    except (NotBase64, ValueError):
        raise bad_token() from None
