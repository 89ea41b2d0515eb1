"""Policy on images: who may not see an image is told that there is none."""

from typing import Any

from pileus.image.metadefs import Namespace
from pileus.image.model import Image
from pileus.kernel.context import Context
from pileus.kernel.errors import Forbidden, NotFound
from pileus.kernel.policy import Enforcer

ABSENT = "The resource could not be found."


class HidingEnforcer(Enforcer):
    """Refuses with NotFound where the caller may not even see the target.

    ``sees``: the rule that decides who may see a target, by its type.
    """

    sees: dict[type, str] = {Image: "get_image", Namespace: "get_metadef_namespace"}

    def enforce(self, context: Context, name: str, target: Any) -> None:
        """Raises Forbidden, or NotFound for a target that is hidden from the caller."""
        if self.allows(context, name, target):
            return
        seeing = self.sees.get(type(target))
        if seeing is not None and (name == seeing or not self.allows(context, seeing, target)):
            raise NotFound(ABSENT)
        raise Forbidden(self._refusal.format(rule=name))
