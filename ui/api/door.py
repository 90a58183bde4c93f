"""Who is let in: requests that name this server, come from no other site, and carry a key where there are keys.

Every answer goes through here, those of `/healthz` and `/metrics` included. A page of another origin that tries is told
nothing but that it may not; pages of the origins in the settings get the headers that a browser asks for.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping

from ..asgi import comes_from_elsewhere, name_in, names_this_server
from .errors import ApiError
from .keys import holder_of
from .settings import ApiSettings

_EXPOSED = (
    "retry-after, x-request-id, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests"
)
_MAX_ASKED_HEADERS = 1000


class Door:
    """Lets requests in.

    Args:
        settings: of the server.
        names: by which the server may be called, without a port.
        any_address: whether it may be called by any IP address too, which no other site can rebind.
    """

    def __init__(self, settings: ApiSettings, names: Collection[str], *, any_address: bool) -> None:
        self._settings = settings
        self._names = frozenset(name.lower() for name in (*names, *settings.hosts))
        self._any_address = any_address

    def let_in(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Checks where a request comes from.

        Returns:
            The headers that a browser needs to hand the answer to an allowed page.

        Raises:
            ApiError: 421 for a name that is not this server's, 403 for another site.
        """
        host = headers.get("host", "")
        if not names_this_server(headers, self._names) and not (self._any_address and _is_address(name_in(host))):
            raise ApiError(421, "This server is not called by that name.", code="wrong_host")
        origin = headers.get("origin")
        if origin is not None and origin in self._settings.origins:
            return {"access-control-allow-origin": origin, "access-control-expose-headers": _EXPOSED, "vary": "origin"}
        # A browser sends no Origin with the simplest requests, such as that of an image, but this header.
        if comes_from_elsewhere(headers) or headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise ApiError(403, "Requests from other sites are refused.", code="foreign_origin")
        return {}

    def preflight(self, headers: Mapping[str, str]) -> dict[str, str]:
        """What a browser is told before a page of an allowed origin sends its request."""
        told = {
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-headers": headers.get("access-control-request-headers", "")[:_MAX_ASKED_HEADERS],
            "access-control-max-age": "600",
        }
        if headers.get("access-control-request-private-network") == "true":
            told["access-control-allow-private-network"] = "true"
        return told

    def holder(self, headers: Mapping[str, str]) -> str | None:
        """The name of the client; `None` where no keys are needed.

        Raises:
            ApiError: 401.
        """
        keys = self._settings.keys
        if not keys:
            return None
        name = holder_of(headers.get("authorization", ""), keys)
        if name is None:
            sent = "That API key is not known here." if "authorization" in headers else "An API key is needed."
            raise ApiError(
                401,
                f"{sent} Send it as `Authorization: Bearer KEY`.",
                code="invalid_api_key",
                headers={"www-authenticate": "Bearer"},
            )
        return name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
