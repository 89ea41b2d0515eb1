"""What data really is, found out while it flows past, and whether an image may have it.

The parsing is oslo_utils'; it is imported with the first upload, since most processes never see one.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from pileus.kernel.errors import UnsupportedMediaType

log = logging.getLogger(__name__)


class Inspection:
    """Watches pieces of data go by (``watch``), then judges them (``virtual_size``)."""

    def __init__(self) -> None:
        self._wrapper: Any = None

    def watch(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces."""
        from oslo_utils.imageutils import format_inspector

        self._wrapper = format_inspector.InspectWrapper(iter(pieces))  # type: ignore[arg-type]
        yield from self._wrapper

    def virtual_size(self, disk_format: str, *, must_match: bool) -> int | None:
        """The size of the disk inside, bytes, where it can be told.

        Raises UnsupportedMediaType when the data is of another format than claimed, or is not safe to be opened:
        it refers to other files, or hides one format inside another.
        """
        from oslo_utils.imageutils import format_inspector

        self._wrapper.close()
        try:
            inspector = self._chosen()
            size = self._claimed(inspector, disk_format, set(format_inspector.ALL_FORMATS))
            inspector.safety_check()
        except format_inspector.ImageFormatError as error:
            if must_match:
                raise UnsupportedMediaType(str(error)) from None
            log.warning("data of an image that claims %s: %s", disk_format, error)
            return None
        except format_inspector.SafetyCheckFailed as error:
            log.warning("refused unsafe image data: %s", error)
            raise UnsupportedMediaType("Image failed safety checks") from None
        except UnsupportedMediaType:
            if must_match:
                raise
            return None
        except Exception as error:
            log.exception("image data could not be inspected")
            if must_match:
                raise UnsupportedMediaType("Image format inspection failed") from error
            return None
        return size

    def _chosen(self) -> Any:
        """The one format of the data; an ISO that boots as a disk has a partition table too."""
        matches = {str(inspector): inspector for inspector in self._wrapper.formats or ()}
        return matches["iso"] if matches.keys() == {"iso", "gpt"} else self._wrapper.format

    @staticmethod
    def _claimed(inspector: Any, disk_format: str, known: set[str]) -> int | None:
        found = str(inspector)
        if found == disk_format:
            return int(inspector.virtual_size)
        if found == "raw" and disk_format not in known:
            return None  # Such a format cannot be recognised, but nothing else was recognised either.
        if disk_format == "raw":
            return int(inspector.actual_size)
        raise UnsupportedMediaType(f"Image disk_format {disk_format} does not match stream data {found}")


def format_of(path: str) -> str:
    """The format of a file that passed the safety checks; a partitioned disk is raw.

    Raises UnsupportedMediaType for one that did not, or cannot be told.
    """
    from oslo_utils.imageutils import format_inspector

    try:
        inspector = format_inspector.detect_file_format(path)
        if inspector is None:
            raise UnsupportedMediaType("Image format detection failed")
        inspector.safety_check()
    except format_inspector.SafetyCheckFailed:
        raise UnsupportedMediaType("Image has disallowed configuration") from None
    except format_inspector.ImageFormatError:
        raise UnsupportedMediaType("Image format detection failed") from None
    found = str(inspector)
    return "raw" if found == "gpt" else found
