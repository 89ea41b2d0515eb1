"""Tables of network."""

import sqlalchemy as sa

metadata = sa.MetaData()
