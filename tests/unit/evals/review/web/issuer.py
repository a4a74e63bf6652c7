"""An OpenID Connect issuer for tests: discovery, authorization, token and keys over HTTP, with a real RSA key.

It checks what a client owes it (PKCE, redirect address, secret), and can be told to send what it should not.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from matria.asgi_server import serving

CLIENT, SECRET = "review-page", "s3cr3t-of-the-page"


@dataclass
class Issuer:
    """What it says, and what came to it."""

    now: Callable[[], float]
    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over those of a right token; None takes one away."""
    sign: str = "RS256"
    """`none`, `HS256` with the public key as its secret, or `stranger` for a key that is not its own."""
    names: str = ""
    """What it calls itself in discovery; its address where empty."""
    kid: str = "key-1"
    metadata: dict[str, Any] = field(default_factory=dict)
    """Put over that of its discovery."""
    says: dict[str, Callable[[], Response]] = field(default_factory=dict)
    """What is answered instead, by path."""
    asked: list[dict[str, str]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))

    def authorize(self, address: str) -> str:
        """Where the browser is sent back to after she agreed, given the address it was sent to."""
        import httpx

        return httpx.get(address).headers["location"]

    def token(self, nonce: str) -> str:
        """The ID token."""
        now = int(self.now())
        claims: dict[str, Any] = {
            "iss": self.url, "sub": "subject-1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
            "email": "nurse-a@example.org", "email_verified": True,
        }  # fmt: skip
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        if self.sign == "none":
            return f"{_base64({'alg': 'none', 'typ': 'JWT'})}.{_base64(claims)}."
        if self.sign == "HS256":
            public = OctKey.import_key(self.key.as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": self.kid}, claims, public, algorithms=["HS256"])
        key = RSAKey.generate_key(2048) if self.sign == "stranger" else self.key
        return jwt.encode({"alg": "RS256", "kid": self.kid}, claims, key)


@contextmanager
def issuer(now: Callable[[], float]) -> Iterator[Issuer]:
    """One that listens while the block lasts."""
    here = Issuer(now)
    with serving(_app(here), "127.0.0.1") as url:
        here.url = url
        yield here


def _app(here: Issuer) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def instead(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        said = here.says.get(request.url.path)
        if said is None:
            return await call_next(request)
        here.read.append(request.url.path)
        return said()

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        here.read.append("discovery")
        return {
            "issuer": here.names or here.url,
            "authorization_endpoint": f"{here.url}/authorize",
            "token_endpoint": f"{here.url}/token",
            "jwks_uri": f"{here.url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | here.metadata

    @app.get("/jwks")
    def keys() -> dict[str, Any]:
        here.read.append("keys")
        return {"keys": [here.key.as_dict(private=False) | {"kid": here.kid, "use": "sig", "alg": "RS256"}]}

    @app.get("/authorize")
    def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        here.asked.append(asked)
        code = secrets.token_urlsafe(16)
        here.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    @app.post("/token")
    def token(
        request: Request, code: str = Form(), code_verifier: str = Form(), redirect_uri: str = Form()
    ) -> Response:
        asked = here.codes.pop(code, None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        is_right = (
            asked is not None
            and asked["code_challenge_method"] == "S256"
            and asked["code_challenge"] == proof
            and asked["redirect_uri"] == redirect_uri
            and request.headers.get("authorization") == f"Basic {login}"
        )
        if not is_right or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": here.token(asked["nonce"])})

    return app


def _base64(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
