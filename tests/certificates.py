"""Certificates made for a test: a CA and what it issues, as files in PEM."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key; `pem` and `key_file` are their files."""

    certificate: x509.Certificate
    key: Key
    pem: Path
    key_file: Path


class Authority:
    """A CA of its own, whose files are in a directory."""

    def __init__(self, directory: Path, name: str = "ca") -> None:
        self.directory = directory
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name).issuer_name(self._name).public_key(self._key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - DAY).not_valid_after(now + 365 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )  # fmt: skip
        self.pem = directory / f"{name}.pem"
        self.pem.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def issue(
        self, name: str, names: Sequence[str] = (), *, begins: timedelta = -DAY, ends: timedelta = 90 * DAY, key: Key | None = None
    ) -> Pair:
        """Issue a certificate with the common name `name`, and names such as "dns:x", "uri:x", "ip:127.0.0.1"."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])).issuer_name(self._name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + begins).not_valid_after(now + ends)
        )  # fmt: skip
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_name(n) for n in names]), critical=False)
        made = builder.sign(self._key, hashes.SHA256())
        pair = Pair(made, key, self.directory / f"{name}.pem", self.directory / f"{name}.key")
        write(pair)
        return pair


def write(pair: Pair) -> None:
    """Write both files, the key for its owner alone."""
    pair.pem.write_bytes(pair.certificate.public_bytes(Encoding.PEM))
    pair.key_file.touch(mode=0o600)
    pair.key_file.write_bytes(pair.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make an RSA key."""
    return rsa.generate_private_key(65537, bits)


def _name(described: str) -> x509.GeneralName:
    kind, _, value = described.partition(":")
    match kind:
        case "dns":
            return x509.DNSName(value)
        case "uri":
            return x509.UniformResourceIdentifier(value)
        case "ip":
            return x509.IPAddress(ipaddress.ip_address(value))
        case _:
            raise ValueError(described)
