"""Certificates made for a test, on loopback: an authority of our own, and what it signs for a host."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

Key = ec.EllipticCurvePrivateKey
OCSP = "http://ocsp.example.in"


@dataclass(frozen=True)
class Authority:
    """Signs certificates; whoever has ``trust`` believes them."""

    name: x509.Name
    key: Key
    certificate: x509.Certificate

    def trust(self) -> ssl.SSLContext:
        pem = self.certificate.public_bytes(Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(
        self,
        folder: Path,
        host: str = "localhost",
        *,
        days: float = 90,
        ocsp: bool = True,
        self_made: bool = False,
    ) -> ssl.SSLContext:
        """What a server for a host has: its certificate lasts so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(host)
        issuer, signs = (name, key) if self_made else (self.name, self.key)
        builder = _builder(name, issuer, key, until=datetime.now(UTC) + timedelta(days=days)).add_extension(
            x509.SubjectAlternativeName([_general(host)]), critical=False
        )
        if ocsp:
            place = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(OCSP))
            builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        pem = folder / f"{host}.pem"
        certificate = builder.sign(signs, hashes.SHA256())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
        return context


def an_authority(called: str = "Artificial Authority") -> Authority:
    """A new one."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name(called)
    builder = _builder(name, name, key, until=datetime.now(UTC) + timedelta(days=3650))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Authority(name, key, builder.sign(key, hashes.SHA256()))


def _builder(name: x509.Name, issuer: x509.Name, key: Key, *, until: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=4000))
        .not_valid_after(until)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
