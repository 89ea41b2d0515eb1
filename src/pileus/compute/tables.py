"""Tables of compute."""

import sqlalchemy as sa

metadata = sa.MetaData()
