"""Signing in with the account of an institution: OpenID Connect, authorization code with PKCE, state and nonce.

Where its endpoints and keys are is read by `discovery.py`. An ID token counts where its signature is by one of those
keys and by an algorithm that is not symmetric, and where issuer, audience, nonce and time are right (OpenID Connect
Core 1.0, 3.1.3.7). Nobody is made a reviewer by it: the address has to be known here already.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fastapi.concurrency import run_in_threadpool

from evals.review.web.discovery import DEADLINE_S, REFETCH, Discovery, Issuer, NotIdentified, deadline, is_safe
from evals.review.web.mail import plain_address
from evals.review.web.options import PageOptions
from evals.review.web.sessions import hash_of, new_token
from matria.errors import SettingsError

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    from evals.review.store.keys import SqlKeys

STATE = "oidc_state"
CALLBACK = "/sign-in/oidc/callback"
FLOW = timedelta(minutes=10)
"""Within which she has to come back from the issuer."""
PROMPT = "login"
"""The issuer asks who she is though it knows this browser: on a ward's phone that may be the nurse before her, whom
signing out here does not sign out there (OpenID Connect Core 1.0, 3.1.2.1)."""
LEEWAY_S = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Those with a public key: `none` proves nothing, and HS256 could be made with what is public."""


@dataclass(frozen=True)
class Identified:
    """Who came back from the issuer."""

    address: str = field(repr=False)
    """Confirmed by the issuer; in lower case."""
    wanted: str
    """Where she was going."""


class _UnknownKey(NotIdentified):
    """The token names a key that is not among those that were read."""


class OpenIdConnect:
    """Sends her to the issuer and hears who came back."""

    def __init__(
        self,
        options: PageOptions,
        keys: "SqlKeys",
        clock: Callable[[], datetime],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """Raises `SettingsError` where issuer or client id are missing, or the issuer is not reached encrypted."""
        if not options.oidc_issuer or not options.oidc_client_id:
            raise SettingsError("Sign-in by oidc needs MATRIA_REVIEW__OIDC_ISSUER and MATRIA_REVIEW__OIDC_CLIENT_ID.")
        if not is_safe(options.oidc_issuer):
            raise SettingsError("MATRIA_REVIEW__OIDC_ISSUER must be an https address.")
        self._issuer = options.oidc_issuer
        self._client_id = options.oidc_client_id
        self._secret = options.oidc_client_secret.get_secret_value() if options.oidc_client_secret else None
        self._redirect = options.origin + CALLBACK
        self._keys = keys
        self._clock = clock
        self._deadline_s = deadline_s
        self._discovery = Discovery(options.oidc_issuer, clock, deadline_s)

    async def begin(self, visit: str, wanted: str) -> str:
        """The issuer's address to send her to; only the browser of this visit can come back from it."""
        state, nonce, verifier = new_token(), new_token(), new_token() + new_token()
        address = (await self._discovery.known()).endpoint("authorization_endpoint")
        data = {"nonce": nonce, "verifier": verifier, "visit": hash_of(visit), "wanted": wanted}
        await run_in_threadpool(self._keep, state, data)
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                address, state=state, nonce=nonce, code_verifier=verifier, response_type="code", prompt=PROMPT
            )
        return str(url)

    async def finish(self, visit: str, given: Mapping[str, str]) -> Identified:
        """Who she is by what came back with her. Raises `NotIdentified`."""
        kept = await run_in_threadpool(self._keys.take, STATE, hash_of(given.get("state", "")), self._clock())
        if kept is None or not hmac.compare_digest(str(kept.data["visit"]), hash_of(visit)):
            raise NotIdentified("failed", "the state is not one that this browser was given")
        if "iss" in given and given["iss"] != self._issuer:
            raise NotIdentified("failed", "another issuer answered")  # RFC 9207
        if given.get("error") or not given.get("code"):
            raise NotIdentified("failed", "the issuer gave no code")
        token = await self._id_token(given["code"], str(kept.data["verifier"]))
        claims = await self._claims(token, str(kept.data["nonce"]))
        if claims.get("email_verified") is not True:
            raise NotIdentified("unverified", "the issuer has not verified the address")
        address = plain_address(str(claims.get("email", "")))
        if address is None:
            raise NotIdentified("unknown", "the account has no plain address")
        return Identified(address, str(kept.data["wanted"]))

    def _keep(self, state: str, data: Mapping[str, str]) -> None:
        """The state is known for as long as she may take; those of others who never came back are gone."""
        now = self._clock()
        self._keys.prune(now)
        self._keys.put(STATE, hash_of(state), "", now + FLOW, data)

    async def _id_token(self, code: str, verifier: str) -> str:
        import httpx2
        from authlib.integrations.base_client import OAuthError

        given = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        address = (await self._discovery.known()).endpoint("token_endpoint")
        try:
            async with deadline(self._deadline_s), self._client() as client:
                answer = await client.fetch_token(address, **given)
        except (OAuthError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError, RecursionError) as error:
            raise NotIdentified("failed", f"the code was not exchanged ({type(error).__name__})") from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotIdentified("failed", "the issuer gave no ID token")
        return token

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        known = await self._discovery.known()
        try:
            return await run_in_threadpool(self._checked, token, nonce, known)
        except _UnknownKey:
            if self._clock() - known.read_at < REFETCH:
                raise
        again = await self._discovery.known(newer_than=known.read_at)
        return await run_in_threadpool(self._checked, token, nonce, again)

    def _checked(self, token: str, nonce: str, issuer: Issuer) -> dict[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            decoded = jwt.decode(token, issuer.keys, registry=registry)
            claims = CodeIDToken(
                decoded.claims, decoded.header, self._wanted, {"nonce": nonce, "client_id": self._client_id}
            )
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY_S)
        except InvalidKeyIdError:
            raise _UnknownKey("failed", "the ID token is by a key that the issuer does not have") from None
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotIdentified("failed", f"the ID token does not hold ({type(error).__name__})") from None
        return dict(claims)

    @property
    def _wanted(self) -> dict[str, Any]:
        """What a token has to say (OpenID Connect Core 1.0, 3.1.3.7)."""
        return {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client_id},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True},
        }

    def _client(self) -> "AsyncOAuth2Client":
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        from evals.review.web.issuer_wire import BoundedWire

        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._secret,
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            scope="openid email",
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            transport=BoundedWire(),
            timeout=self._deadline_s,
            trust_env=False,
            follow_redirects=False,
        )
