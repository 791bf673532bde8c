"""What may go wrong between vaiven and a model that is called over the network; the reasons are the contract's."""

from __future__ import annotations

from service.errors import Code, FailedPreconditionError, InvalidArgumentError, UnavailableError, VaivenError


class UpstreamUnavailableError(UnavailableError):
    """The upstream cannot be reached, failed, or fell silent."""

    default_reason = "UPSTREAM_UNAVAILABLE"


class UpstreamTruncatedError(UnavailableError):
    """The answer stopped before the upstream said why it ended; what came is not an answer."""

    default_reason = "UPSTREAM_TRUNCATED"


class UpstreamMalformedError(UnavailableError):
    """The upstream sent something that the protocol does not know, or more than is taken."""

    default_reason = "UPSTREAM_MALFORMED"


class UpstreamThrottledError(VaivenError):
    """The upstream's rate limit is reached, or its quota spent."""

    code = Code.RESOURCE_EXHAUSTED
    default_reason = "UPSTREAM_THROTTLED"


class UpstreamRefusedError(FailedPreconditionError):
    """The upstream will not serve this deployment as it is set up: an operator has to mend that."""

    default_reason = "UPSTREAM_REFUSED"


class UpstreamRejectedError(InvalidArgumentError):
    """The upstream found the request itself wrong."""

    default_reason = "UPSTREAM_REJECTED"


class ContentFilterError(InvalidArgumentError):
    """The upstream's content filter refused the prompt."""

    default_reason = "CONTENT_FILTERED"
