"""An issuer of tokens, for tests: its keys are made on the spot."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER: Final = "https://login.example/tenants/1/v2.0"
AUDIENCE: Final = "api://vaiven"


def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key, the same for the same name."""
    return _rsa_key(name, bits)


@cache
def _rsa_key(_name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """Return a key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def public_rsa(name: str, *, bits: int = 2048, **fields: Any) -> dict[str, Any]:
    """Return the public half of the key `one` as a JSON Web Key of any name, as Entra ID has it: without `alg`."""
    key = rsa_key("one", bits)
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig", **fields}


def public_ec(kid: str) -> dict[str, Any]:
    """Return the public half of the key on P-256."""
    return {**ECAlgorithm.to_jwk(ec_key().public_key(), as_dict=True), "kid": kid, "use": "sig"}


def key_set(*keys: Any) -> bytes:
    """Return a set of keys."""
    return json.dumps({"keys": keys}).encode()


@dataclass
class Issued:
    """What a token says; `token` signs it."""

    kid: str = "one"
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    key: Any = None

    def token(self) -> str:
        """Return the signed token."""
        now = time.time()
        said: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "caller-1",
            "tid": "shop",
            "roles": ["use"],
            "iat": now,
            "nbf": now - 1,
            "exp": now + 600,
            **self.claims,
        }
        for name in self.without:
            del said[name]
        key = self.key if self.key is not None else rsa_key("one")
        return jwt.encode(said, key, algorithm=self.algorithm, headers={"kid": self.kid, **self.headers})
