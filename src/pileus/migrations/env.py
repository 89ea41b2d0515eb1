"""What Alembic runs: on the connection that ``upgrade`` (or a test that compares schemas) hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Our own column types are written as what they are stored as: history must not change with the code."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=True,
    render_item=_render,
)
context.run_migrations()
