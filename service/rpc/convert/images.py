"""Pictures of a request."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from vaiven.v1 import generation_pb2

from service.backends.base import Image
from service.errors import InvalidArgumentError, Violation

_KINDS: Final = {
    "image/png": (b"\x89PNG\r\n\x1a\n", 0),
    "image/jpeg": (b"\xff\xd8\xff", 0),
    "image/gif": (b"GIF8", 0),
    "image/webp": (b"WEBP", 8),
}
"""What a file of each kind has, and at which byte.

Source: RFC 2083, section 3.1; ITU T.81, annex B; GIF89a specification, section 17; RFC 9649, section 2.4.
"""


def images_from_proto(images: Sequence[generation_pb2.Image]) -> tuple[Image, ...]:
    """Return the pictures as models are sent them: within the request, never an address that somebody would fetch.

    Raises:
        InvalidArgumentError: A file is not of the kind that it is said to be; one violation for each.
    """
    wrong = [
        Violation(f"images[{place}].data", f"is no {image.mime_type}")
        for place, image in enumerate(images)
        if not _is_of_its_kind(image)
    ]
    if wrong:
        raise InvalidArgumentError("An image is not of the kind that it is said to be.", violations=wrong)
    return tuple(Image(f"data:{image.mime_type};base64,{b64encode(image.data).decode()}") for image in images)


def _is_of_its_kind(image: generation_pb2.Image) -> bool:
    mark, place = _KINDS[image.mime_type]
    return image.data[place : place + len(mark)] == mark
