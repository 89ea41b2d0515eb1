"""What the API has beyond its core, by alias: only what wholly works is announced here."""

from collections.abc import Mapping
from typing import NamedTuple


class Extension(NamedTuple):
    alias: str
    name: str
    description: str
    updated: str


_ALL = (
    Extension(
        "address-group",
        "Address group",
        "Lists of addresses that security group rules refer to.",
        "2020-07-15T10:00:00-00:00",
    ),
    Extension(
        "address-scope", "Address scope", "Subnet pools whose addresses do not overlap.", "2015-07-26T10:00:00-00:00"
    ),
    Extension("agent", "agent", "The hosts' parts of the networks.", "2013-02-03T10:00:00-00:00"),
    Extension(
        "allowed-address-pairs",
        "Allowed Address Pairs",
        "Further addresses that a port may send from.",
        "2013-07-23T10:00:00-00:00",
    ),
    Extension(
        "auto-allocated-topology",
        "Auto Allocated Topology Services",
        "A network, a subnet and a router for a project that has none.",
        "2016-01-01T00:00:00-00:00",
    ),
    Extension("availability_zone", "Availability Zone", "Where networks and routers are.", "2015-01-01T10:00:00-00:00"),
    Extension(
        "availability_zone_filter",
        "Availability Zone Filter Extension",
        "Lists of availability zones can be filtered.",
        "2018-06-22T10:00:00-00:00",
    ),
    Extension("binding", "Port Binding", "Where a port is plugged, and how.", "2014-02-03T10:00:00-00:00"),
    Extension(
        "binding-extended",
        "Port Bindings Extended",
        "Bindings of a port to several hosts, for migrations.",
        "2017-07-17T10:00:00-00:00",
    ),
    Extension(
        "default-subnetpools", "Default Subnetpools", "Subnets of the default subnet pool.", "2016-02-18T18:00:00-00:00"
    ),
    Extension("dns-domain-ports", "dns_domain for ports", "A DNS domain of each port.", "2017-04-24T10:00:00-00:00"),
    Extension(
        "dns-integration", "DNS Integration", "Names of ports, floating IPs and networks.", "2015-08-15T18:00:00-00:00"
    ),
    Extension(
        "empty-string-filtering",
        "Empty String Filtering Extension",
        "Lists can be filtered by empty values.",
        "2018-05-01T10:00:00-00:00",
    ),
    Extension(
        "ext-gw-mode",
        "Neutron L3 Configurable external gateway mode",
        "Routers with and without source NAT.",
        "2013-03-28T10:00:00-00:00",
    ),
    Extension(
        "external-net", "Neutron external network", "Networks that lead out of the cloud.", "2013-01-14T10:00:00-00:00"
    ),
    Extension(
        "extra_dhcp_opt", "Neutron Extra DHCP options", "DHCP options of single ports.", "2013-03-17T12:00:00-00:00"
    ),
    Extension("extraroute", "Neutron Extra Route", "Static routes of routers.", "2013-02-01T10:00:00-00:00"),
    Extension(
        "extraroute-atomic",
        "Atomically add/remove extra routes",
        "Static routes added to and removed from a router one by one.",
        "2019-07-10T00:00:00+00:00",
    ),
    Extension(
        "filter-validation",
        "Filter parameters validation",
        "Lists refuse filters that they do not know.",
        "2018-07-04T10:00:00-00:00",
    ),
    Extension(
        "fip-port-details",
        "Floating IP Port Details Extension",
        "Floating IPs show the ports they lead to.",
        "2018-04-09T10:00:00-00:00",
    ),
    Extension(
        "floatingip-pools",
        "Floating IP Pools Extension",
        "The subnets that floating IPs are of.",
        "2018-03-21T10:00:00-00:00",
    ),
    Extension(
        "ip-substring-filtering",
        "IP address substring filtering",
        "Ports can be found by a part of an address.",
        "2017-11-28T09:00:00-00:00",
    ),
    Extension(
        "ip_allocation", "IP Allocation", "Ports show when they get their addresses.", "2016-06-10T23:00:00-00:00"
    ),
    Extension("net-mtu", "Network MTU", "Networks show their MTU.", "2015-03-25T10:00:00-00:00"),
    Extension(
        "net-mtu-writable", "Network MTU (writable)", "The MTU of networks can be set.", "2017-07-12T00:00:00-00:00"
    ),
    Extension(
        "network-ip-availability",
        "Network IP Availability",
        "How many addresses of networks are used.",
        "2015-09-24T00:00:00-00:00",
    ),
    Extension(
        "network_availability_zone",
        "Network Availability Zone",
        "Availability zones of networks.",
        "2015-01-01T10:00:00-00:00",
    ),
    Extension("pagination", "Pagination support", "Lists in pages.", "2016-06-12T00:00:00-00:00"),
    Extension(
        "port-mac-address-regenerate",
        "Neutron Port MAC address regenerate",
        "A port can be given a new MAC address.",
        "2018-05-03T10:00:00-00:00",
    ),
    Extension("port-security", "Port Security", "Ports that may send from any address.", "2012-07-23T10:00:00-00:00"),
    Extension(
        "port-security-groups-filtering",
        "Port filtering on security groups",
        "Ports can be found by their security groups.",
        "2018-01-09T09:00:00-00:00",
    ),
    Extension("project-id", "project_id field enabled", "Resources have a project_id.", "2016-09-09T09:09:09-09:09"),
    Extension("provider", "Provider Network", "How networks are carried.", "2012-09-07T10:00:00-00:00"),
    Extension("qos", "Quality of Service", "Quality of service policies.", "2015-06-08T10:00:00-00:00"),
    Extension(
        "qos-bw-limit-direction",
        "Direction for QoS bandwidth limit rule",
        "Bandwidth limits of both directions.",
        "2017-04-10T10:00:00-00:00",
    ),
    Extension(
        "qos-bw-minimum-ingress",
        "Ingress direction for QoS minimum bandwidth rule",
        "Minimum bandwidths of both directions.",
        "2018-07-09T10:00:00-00:00",
    ),
    Extension(
        "qos-default", "QoS default policy", "A default QoS policy of each project.", "2017-041-06T10:00:00-00:00"
    ),
    Extension(
        "quota-check-limit",
        "Quota engine limit check",
        "Quotas that are set below what is used are refused on request.",
        "2021-09-08T16:00:00-00:00",
    ),
    Extension(
        "quota_details",
        "Quota details management support",
        "How much of its quotas a project uses.",
        "2017-02-10T10:00:00-00:00",
    ),
    Extension("quotas", "Quota management support", "How much each project may have.", "2012-07-29T10:00:00-00:00"),
    Extension(
        "rbac-address-group",
        "Add address_group type to RBAC",
        "Address groups shared with single projects.",
        "2021-01-20T00:00:00-00:00",
    ),
    Extension(
        "rbac-address-scope",
        "Add address_scope type to RBAC",
        "Address scopes shared with single projects.",
        "2020-02-12T00:00:00-00:00",
    ),
    Extension("rbac-policies", "RBAC Policies", "Resources shared with single projects.", "2015-06-17T12:15:12-00:00"),
    Extension(
        "rbac-security-groups",
        "Add security_group type to network RBAC",
        "Security groups shared with single projects.",
        "2019-02-14T00:00:00-00:00",
    ),
    Extension(
        "rbac-subnetpool",
        "Add subnetpool type to RBAC",
        "Subnet pools shared with single projects.",
        "2020-02-05T00:00:00-00:00",
    ),
    Extension(
        "revision-if-match",
        "If-Match constraints based on revision_number",
        "Changes on condition that a resource is still as it was seen.",
        "2016-12-11T00:00:00-00:00",
    ),
    Extension(
        "router", "Neutron L3 Router", "Routers between networks, and floating IPs.", "2012-07-20T10:00:00-00:00"
    ),
    Extension(
        "router_availability_zone",
        "Router Availability Zone",
        "Availability zones of routers.",
        "2015-01-01T10:00:00-00:00",
    ),
    Extension("security-group", "security-group", "Who may talk to a port.", "2012-10-05T10:00:00-00:00"),
    Extension(
        "security-groups-default-rules",
        "Default rules for security groups",
        "The rules that new security groups begin with.",
        "2022-12-19T10:00:00-00:00",
    ),
    Extension(
        "security-groups-normalized-cidr",
        "Normalized CIDR field for security group rules",
        "Rules show their prefix as a network.",
        "2020-07-28T10:00:00-00:00",
    ),
    Extension(
        "security-groups-remote-address-group",
        "Remote address group id field for security group rules",
        "Rules that refer to address groups.",
        "2020-08-25T10:00:00-00:00",
    ),
    Extension(
        "security-groups-rules-belongs-to-default-sg",
        "Security group rule belongs to the project's default security group",
        "Rules show whether their group is the default one.",
        "2023-05-23T10:00:00-00:00",
    ),
    Extension(
        "security-groups-shared-filtering",
        "Security group filtering on the shared field",
        "Security groups can be found by being shared.",
        "2021-10-05T09:00:00-00:00",
    ),
    Extension(
        "sort-key-validation",
        "Sort keys validation",
        "Lists refuse to be sorted by what they cannot.",
        "2018-07-04T10:00:00-00:00",
    ),
    Extension("sorting", "Sorting support", "Lists in any order.", "2016-06-12T00:00:00-00:00"),
    Extension(
        "standard-attr-description",
        "standard-attr-description",
        "Descriptions of resources.",
        "2016-02-10T10:00:00-00:00",
    ),
    Extension(
        "standard-attr-revisions",
        "Resource revision numbers",
        "Resources count their changes.",
        "2016-04-11T10:00:00-00:00",
    ),
    Extension(
        "standard-attr-tag",
        "Tag support for resources with standard attribute",
        "Tags of resources.",
        "2017-01-01T00:00:00-00:00",
    ),
    Extension(
        "standard-attr-timestamp",
        "Resource timestamps",
        "Resources show when they were made and changed.",
        "2016-09-12T10:00:00-00:00",
    ),
    Extension(
        "stateful-security-group",
        "Stateful security group",
        "Security groups that follow connections, or do not.",
        "2019-11-26T09:00:00-00:00",
    ),
    Extension(
        "subnet-dns-publish-fixed-ip",
        "Subnet DNS publish fixed IP",
        "Subnets whose addresses are to be published.",
        "2019-05-24T10:00:00-00:00",
    ),
    Extension(
        "subnet-external-network",
        "Subnet belongs to an external network",
        "Subnets show whether their network is external.",
        "2024-02-05T18:00:00-00:00",
    ),
    Extension(
        "subnet-service-types",
        "Subnet service types",
        "Subnets for ports of one kind only.",
        "2016-03-15T18:00:00-00:00",
    ),
    Extension("subnet_allocation", "Subnet Allocation", "Subnets of subnet pools.", "2015-03-30T10:00:00-00:00"),
    Extension(
        "subnetpool-prefix-ops",
        "Subnet Pool Prefix Operations",
        "Prefixes added to and removed from a subnet pool.",
        "2019-02-08T10:00:00-00:00",
    ),
    Extension(
        "tag-creation", "Tag creation extension", "Resources are created with their tags.", "2024-23-07T10:00:00-00:00"
    ),
    Extension(
        "tag-ports-during-bulk-creation",
        "Tag Ports During Bulk Creation",
        "Ports created together each have their tags.",
        "2019-12-29T19:00:00-00:00",
    ),
    Extension("trunk", "Trunk Extension", "Ports that carry several networks.", "2016-01-01T10:00:00-00:00"),
    Extension("trunk-details", "Trunk port details", "Ports show their trunks.", "2016-01-01T10:00:00-00:00"),
    Extension(
        "uplink-status-propagation",
        "Uplink status propagation extension",
        "Ports that show the state of their uplink.",
        "2018-05-31T18:00:00-00:00",
    ),
    Extension(
        "uplink-status-propagation-updatable",
        "Uplink status propagation updatable extension",
        "The uplink state of a port can be switched.",
        "2024-09-03T18:00:00-00:00",
    ),
)

EXTENSIONS: Mapping[str, Extension] = {extension.alias: extension for extension in _ALL}
