"""Tables of placement."""

import sqlalchemy as sa

metadata = sa.MetaData()
