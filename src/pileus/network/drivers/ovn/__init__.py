"""Networks on OVN.

driver.py      the driver: what the engine calls
names.py       how things are named in the databases, and what is read of them
networks.py    networks, subnets          dhcp.py       the DHCP options of a port
ports.py       ports                      security.py   security groups
routers.py     routers, floating IPs      chassis.py    hosts
connection.py  a connection to a database, and view.py, what a transaction sees of it
"""

from pileus.network.drivers.ovn.driver import OvnDriver

__all__ = ["OvnDriver"]
