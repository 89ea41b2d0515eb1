"""Network: networks, subnets, ports, routers, security (Neutron's v2.0 API). routes.py is where to begin."""
