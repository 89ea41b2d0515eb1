"""Tables of image."""

import sqlalchemy as sa

metadata = sa.MetaData()
