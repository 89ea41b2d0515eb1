"""Tokens that open consoles."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compute_console_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("address_json", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_compute_console_tokens_expires_at", "compute_console_tokens", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_compute_console_tokens_expires_at", "compute_console_tokens")
    op.drop_table("compute_console_tokens")
