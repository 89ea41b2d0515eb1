"""Network's domain errors: Neutron's fault types, each with its HTTP family and its words.

``raise fault("NetworkNotFound", net_id=id)`` is how every one of them is made.
"""

from collections.abc import Mapping

from pileus.kernel.errors import BadRequest, Conflict, DomainError, Forbidden, NotFound, PreconditionFailed, Unavailable

_Entry = tuple[type[DomainError], str]

FAULTS: Mapping[str, _Entry] = {
    # anything
    "InvalidInput": (BadRequest, "Invalid input for operation: {error_message}."),
    "BadRequest": (BadRequest, "Bad {resource} request: {msg}."),
    "HTTPBadRequest": (BadRequest, "{message}"),
    "HTTPNotFound": (NotFound, "The resource could not be found."),
    "ObjectNotFound": (NotFound, "Object {id} not found."),
    "PolicyNotAuthorized": (Forbidden, "{rule} is disallowed by policy"),
    "OverQuota": (Conflict, "Quota exceeded for resources: {overs}."),
    "HTTPPreconditionFailed": (
        PreconditionFailed,
        "Constrained to {constraint}, but current revision is {current}",
    ),
    "ExtensionNotFound": (NotFound, "Extension with alias {alias} does not exist"),
    "TenantIdProjectIdFilterConflict": (BadRequest, "Both tenant_id and project_id passed as filters."),
    # networks
    "NetworkNotFound": (NotFound, "Network {net_id} could not be found."),
    "NetworkInUse": (Conflict, "Unable to complete operation on network {net_id}. {reason}."),
    "InvalidSharedSetting": (
        Conflict,
        "Unable to reconfigure sharing settings for network {network}. Multiple projects are using it.",
    ),
    "ExternalNetworkInUse": (
        Conflict,
        "External network {net_id} cannot be updated to be made non-external, since it has existing gateway ports.",
    ),
    "FlatNetworkInUse": (
        Conflict,
        "Unable to create the flat network. Physical network {physical_network} is in use.",
    ),
    "VlanIdInUse": (
        Conflict,
        "Unable to create the network. The VLAN {vlan_id} on physical network {physical_network} is in use.",
    ),
    "TunnelIdInUse": (Conflict, "Unable to create the network. The tunnel ID {tunnel_id} is in use."),
    "NoNetworkAvailable": (
        Unavailable,
        "Unable to create the network. No project network is available for allocation.",
    ),
    "NetworkMTUSubnetConflict": (Conflict, "MTU of {net_id} is not valid, subnet requires a minimum of {mtu}"),
    # subnets
    "SubnetNotFound": (NotFound, "Subnet {subnet_id} could not be found."),
    "SubnetInUse": (Conflict, "Unable to complete operation on subnet {subnet_id}: {reason}."),
    "InvalidAllocationPool": (BadRequest, "The allocation pool {pool} is not valid."),
    "OverlappingAllocationPools": (
        Conflict,
        "Found overlapping allocation pools: {pool_1} {pool_2} for subnet {subnet_cidr}.",
    ),
    "OutOfBoundsAllocationPool": (
        BadRequest,
        "The allocation pool {pool} spans beyond the subnet cidr {subnet_cidr}.",
    ),
    "GatewayConflictWithAllocationPools": (
        Conflict,
        "Gateway ip {ip_address} conflicts with allocation pool {pool}.",
    ),
    "GatewayIpInUse": (
        Conflict,
        "Current gateway ip {ip_address} already in use by port {port_id}. Unable to update.",
    ),
    "DNSNameServersExhausted": (
        BadRequest,
        "Unable to complete operation for {subnet_id}. The number of DNS nameservers exceeds the limit {quota}.",
    ),
    "HostRoutesExhausted": (
        BadRequest,
        "Unable to complete operation for {subnet_id}. The number of host routes exceeds the limit {quota}.",
    ),
    "InvalidSubnetServiceType": (
        BadRequest,
        "Subnet service type {service_type} does not correspond to a valid device owner.",
    ),
    "InvalidInputSubnetServiceType": (BadRequest, "Subnet service type {service_type} is not a string."),
    # subnet pools and address scopes
    "SubnetPoolNotFound": (NotFound, "Subnet pool {subnetpool_id} could not be found."),
    "SubnetPoolDeleteError": (BadRequest, "Unable to delete subnet pool: {reason}."),
    "SubnetPoolInUse": (Conflict, "Unable to complete operation on subnet pool {subnet_pool_id}. {reason}."),
    "EmptySubnetPoolPrefixList": (BadRequest, "Empty subnet pool prefix list."),
    "PrefixVersionMismatch": (BadRequest, "Cannot mix IPv4 and IPv6 prefixes in a subnet pool."),
    "UnsupportedMinSubnetPoolPrefix": (BadRequest, "Prefix '{prefix}' not supported in IPv{version} pool."),
    "IllegalSubnetPoolPrefixBounds": (
        BadRequest,
        "Illegal prefix bounds: {prefix_type}={prefixlen}, {base_prefix_type}={base_prefixlen}.",
    ),
    "IllegalSubnetPoolPrefixUpdate": (BadRequest, "Illegal update to prefixes: {msg}."),
    "IllegalSubnetPoolUpdate": (BadRequest, "Illegal subnetpool update : {reason}."),
    "SubnetAllocationError": (DomainError, "Failed to allocate subnet: {reason}."),
    "MinPrefixSubnetAllocationError": (
        BadRequest,
        "Unable to allocate subnet with prefix length {prefixlen}, minimum allowed prefix is {min_prefixlen}.",
    ),
    "MaxPrefixSubnetAllocationError": (
        BadRequest,
        "Unable to allocate subnet with prefix length {prefixlen}, maximum allowed prefix is {max_prefixlen}.",
    ),
    "SubnetPoolQuotaExceeded": (Conflict, "Per-project subnet pool prefix quota exceeded."),
    "NetworkSubnetPoolAffinityError": (
        BadRequest,
        "Subnets hosted on the same network must be allocated from the same subnet pool.",
    ),
    "AddressScopeNotFound": (NotFound, "Address scope {address_scope_id} could not be found."),
    "AddressScopeInUse": (
        Conflict,
        "Unable to complete operation on address scope {address_scope_id}. "
        "There are one or more subnet pools in use on the address scope.",
    ),
    "AddressScopeUpdateError": (BadRequest, "Unable to update address scope {address_scope_id} : {reason}."),
    "AddressScopePrefixConflict": (
        Conflict,
        "Failed to associate address scope: subnetpools within an address scope must have unique prefixes.",
    ),
    "IllegalSubnetPoolAssociationToAddressScope": (
        BadRequest,
        "Illegal subnetpool association: subnetpool {subnetpool_id} cannot be associated with "
        "address scope {address_scope_id}.",
    ),
    "IllegalSubnetPoolIpVersionAssociationToAddressScope": (
        BadRequest,
        "Illegal subnetpool association: subnetpool {subnetpool_id} cannot associate with address scope "
        "{address_scope_id} because subnetpool ip_version is not {ip_version}.",
    ),
    # address groups
    "AddressGroupNotFound": (NotFound, "Address group {address_group_id} could not be found."),
    "AddressGroupInUse": (Conflict, "Address group {address_group_id} is in use on one or more security group rules."),
    "AddressesNotFound": (NotFound, "Addresses {addresses} not found in the address group {address_group_id}."),
    "AddressesAlreadyExist": (
        BadRequest,
        "Addresses {addresses} already exist in the address group {address_group_id}.",
    ),
    # ports
    "PortNotFound": (NotFound, "Port {port_id} could not be found."),
    "PortInUse": (
        Conflict,
        "Unable to complete operation on port {port_id} for network {net_id}. "
        "Port already has an attached device {device_id}.",
    ),
    "ServicePortInUse": (Conflict, "Port {port_id} cannot be deleted directly via the port API: {reason}."),
    "PortBound": (
        Conflict,
        "Unable to complete operation on port {port_id}, port is already bound, port type: {vif_type}, "
        "old_mac {old_mac}, new_mac {new_mac}.",
    ),
    "MacAddressInUse": (
        Conflict,
        "Unable to complete operation for network {net_id}. The mac address {mac} is in use.",
    ),
    "InvalidIpForNetwork": (
        BadRequest,
        "IP address {ip_address} is not a valid IP for any of the subnets on the specified network.",
    ),
    "InvalidIpForSubnet": (BadRequest, "IP address {ip_address} is not a valid IP for the specified subnet."),
    "IpAddressInUse": (
        Conflict,
        "Unable to complete operation for network {net_id}. The IP address {ip_address} is in use.",
    ),
    "IpAddressAlreadyAllocated": (Conflict, "IP address {ip} already allocated in subnet {subnet_id}"),
    "IpAddressGenerationFailure": (Conflict, "No more IP addresses available on network {net_id}."),
    "DeviceIDNotOwnedByTenant": (
        Conflict,
        "The following device_id {device_id} is not owned by your project or matches another project router.",
    ),
    "UnsupportedPortDeviceOwner": (
        Conflict,
        "Operation {op} is not supported for device_owner {device_owner} on port {port_id}.",
    ),
    "PortSecurityPortHasSecurityGroup": (
        Conflict,
        "Port has security group associated. Cannot disable port security or IP address until "
        "security group is removed.",
    ),
    "PortSecurityAndIPRequiredForSecurityGroups": (
        BadRequest,
        "Port security must be enabled and port must have an IP address in order to use security groups.",
    ),
    "AddressPairAndPortSecurityRequired": (
        Conflict,
        "Port Security must be enabled in order to have allowed address pairs on a port.",
    ),
    "AllowedAddressPairsMissingIP": (BadRequest, "AllowedAddressPair must contain ip_address"),
    "DuplicateAddressPairInRequest": (
        BadRequest,
        "Request contains duplicate address pair: mac_address {mac_address} ip_address {ip_address}.",
    ),
    "AllowedAddressPairExhausted": (BadRequest, "The number of allowed address pair exceeds the maximum {quota}."),
    "PortBindingNotFound": (NotFound, "Binding for port {port_id} for host {host} could not be found."),
    "PortBindingAlreadyActive": (Conflict, "Binding for port {port_id} on host {host} is already active."),
    "PortBindingAlreadyExists": (Conflict, "Binding for port {port_id} on host {host} already exists."),
    "PortBindingError": (DomainError, "Binding for port {port_id} on host {host} could not be created or updated."),
    # security groups
    "SecurityGroupNotFound": (NotFound, "Security group {id} does not exist"),
    "SecurityGroupRuleNotFound": (NotFound, "Security group rule {id} does not exist"),
    "SecurityGroupInUse": (Conflict, "Security Group {id} {reason}."),
    "SecurityGroupCannotRemoveDefault": (Conflict, "Insufficient rights for removing default security group."),
    "SecurityGroupCannotUpdateDefault": (Conflict, "Updating default security group not allowed."),
    "SecurityGroupDefaultAlreadyExists": (Conflict, "Default security group already exists."),
    "SecurityGroupRuleExists": (Conflict, "Security group rule already exists. Rule id is {rule_id}."),
    "DuplicateSecurityGroupRuleInPost": (Conflict, "Duplicate Security Group Rule in POST."),
    "SecurityGroupNotSingleGroupRules": (
        BadRequest,
        "Only allowed to update rules for one security profile at a time",
    ),
    "SecurityGroupInvalidPortRange": (
        BadRequest,
        "For TCP/UDP protocols, port_range_min must be <= port_range_max",
    ),
    "SecurityGroupInvalidProtocolForPort": (
        BadRequest,
        "Ports cannot be specified for protocol {protocol}. Ports are only supported for {valid_port_protocols}.",
    ),
    "SecurityGroupInvalidPortValue": (BadRequest, "Invalid value for port {port}"),
    "SecurityGroupInvalidIcmpValue": (
        BadRequest,
        "Invalid value for ICMP {field} ({attr}) {value}. It must be 0 to 255.",
    ),
    "SecurityGroupMissingIcmpType": (
        BadRequest,
        "ICMP code (port-range-max) {value} is provided but ICMP type (port-range-min) is missing.",
    ),
    "SecurityGroupEthertypeConflictWithProtocol": (
        BadRequest,
        "Invalid ethertype {ethertype} for protocol {protocol}.",
    ),
    "SecurityGroupRuleInvalidProtocol": (
        BadRequest,
        "Security group rule protocol {protocol} not supported. Only protocol values {values} and integer "
        "representations [0 to 255] are supported.",
    ),
    "SecurityGroupRuleInvalidEtherType": (
        BadRequest,
        "Security group rule for ethertype '{ethertype}' not supported. Allowed values are {values}.",
    ),
    "SecurityGroupMultipleRemoteEntites": (
        BadRequest,
        "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.",
    ),
    "SecurityGroupProtocolRequiredWithPorts": (BadRequest, "Must also specify protocol if port range is given."),
    "SecurityGroupRuleParameterConflict": (
        BadRequest,
        "Conflicting value ethertype {ethertype} for CIDR {cidr}",
    ),
    "InvalidCIDR": (BadRequest, "Invalid CIDR {input} given as IP prefix."),
    "DefaultSecurityGroupRuleNotFound": (NotFound, "Default Security Group rule {id} does not exist"),
    "DefaultSecurityGroupRuleExists": (
        Conflict,
        "Default Security group rule already exists. Rule id is {rule_id}.",
    ),
    # routers and floating IPs
    "RouterNotFound": (NotFound, "Router {router_id} could not be found"),
    "RouterInUse": (Conflict, "Router {router_id} {reason}"),
    "RouterInterfaceNotFound": (NotFound, "Router {router_id} does not have an interface with id {port_id}"),
    "RouterInterfaceNotFoundForSubnet": (NotFound, "Router {router_id} has no interface on subnet {subnet_id}"),
    "RouterInterfaceInUseByFloatingIP": (
        Conflict,
        "Router interface for subnet {subnet_id} on router {router_id} cannot be deleted, as it is required by "
        "one or more floating IPs.",
    ),
    "RouterInterfaceInUseByRoute": (
        Conflict,
        "Router interface for subnet {subnet_id} on router {router_id} cannot be deleted, as it is required by "
        "one or more routes.",
    ),
    "RouterInterfaceAttachmentConflict": (Conflict, "Error {reason} while attempting the operation."),
    "RouterExternalGatewayInUseByFloatingIp": (
        Conflict,
        "Gateway cannot be updated for router {router_id}, since a gateway to external network {net_id} is "
        "required by one or more floating IPs.",
    ),
    "InvalidRoutes": (BadRequest, "Invalid format for routes: {routes}, {reason}"),
    "RoutesExhausted": (
        BadRequest,
        "Unable to complete operation for {router_id}. The number of routes exceeds the maximum {quota}.",
    ),
    "FloatingIPNotFound": (NotFound, "Floating IP {floatingip_id} could not be found"),
    "ExternalGatewayForFloatingIPNotFound": (
        NotFound,
        "External network {external_network_id} is not reachable from subnet {subnet_id}.  Therefore, cannot "
        "associate Port {port_id} with a Floating IP.",
    ),
    "FloatingIPPortAlreadyAssociated": (
        Conflict,
        "Cannot associate floating IP {floating_ip_address} ({fip_id}) with port {port_id} using fixed IP "
        "{fixed_ip}, as that fixed IP already has a floating IP on external network {net_id}.",
    ),
    "ExternalIpAddressExhausted": (BadRequest, "Unable to find any IP address on external network {net_id}."),
    # RBAC policies
    "RbacPolicyNotFound": (NotFound, "RBAC policy of type {object_type} with ID {id} not found"),
    "RbacPolicyInUse": (
        Conflict,
        "RBAC policy on object {object_id} cannot be removed because other objects depend on it.\nDetails: {details}",
    ),
    "DuplicateRbacPolicy": (Conflict, "An RBAC policy already exists with those values."),
    # quality of service
    "QosPolicyNotFound": (NotFound, "QoS policy {policy_id} could not be found."),
    "QosRuleNotFound": (NotFound, "QoS rule {rule_id} for policy {policy_id} could not be found."),
    "QosPolicyInUse": (Conflict, "QoS Policy {policy_id} is used by {object_type} {object_id}."),
    "QoSPolicyDefaultAlreadyExists": (Conflict, "A default QoS policy exists for project {project_id}."),
    "QoSRulesConflict": (
        Conflict,
        "Rule {new_rule_type} conflicts with rule {rule_id} which already exists in QoS Policy {policy_id}.",
    ),
    "QoSRuleParameterConflict": (
        Conflict,
        "Unable to add the rule with value {rule_value} to the policy {policy_id} as the existing rule of type "
        "{existing_rule} has value {existing_value}.",
    ),
    # trunks
    "TrunkNotFound": (NotFound, "Trunk {trunk_id} could not be found."),
    "TrunkInUse": (Conflict, "Trunk {trunk_id} is currently in use."),
    "TrunkDisabled": (Conflict, "Trunk {trunk_id} is currently disabled."),
    "TrunkPortNotFound": (NotFound, "Trunk for port {port_id} could not be found."),
    "SubPortNotFound": (NotFound, "SubPort on trunk {trunk_id} with parent port {port_id} could not be found."),
    "ParentPortInUse": (Conflict, "Port {port_id} is currently in use and is not eligible for use as a parent port."),
    "PortInUseAsTrunkParent": (Conflict, "Port {port_id} is currently a parent port for trunk {trunk_id}."),
    "PortInUseAsSubPort": (Conflict, "Port {port_id} is currently a subport for trunk {trunk_id}."),
    "DuplicateSubPort": (
        Conflict,
        "segmentation_type {segmentation_type} and segmentation_id {segmentation_id} already in use on trunk "
        "{trunk_id}.",
    ),
    "SubPortMtuGreaterThanTrunkPortMtu": (
        Conflict,
        "MTU {port_mtu} of subport {port_id} cannot be greater than MTU {trunk_mtu} of trunk {trunk_id}.",
    ),
    # the rest
    "AvailabilityZoneNotFound": (NotFound, "AvailabilityZone {availability_zone} could not be found."),
    "AgentNotFound": (NotFound, "Agent {id} could not be found."),
    "TagNotFound": (NotFound, "Tag {tag} could not be found."),
    "TagResourceNotFound": (NotFound, "Resource {resource} {resource_id} could not be found."),
    "AutoAllocationFailure": (Conflict, "Deployment error: {reason}."),
    "TenantQuotaNotFound": (NotFound, "Quota for project {tenant_id} could not be found."),
}


def fault(type: str, **values: object) -> DomainError:
    """The error of one of Neutron's fault types, to be raised."""
    family, template = FAULTS[type]
    return family(template.format(**values), type=type)


def invalid(message: str) -> DomainError:
    return fault("InvalidInput", error_message=message)


def bad_request(message: str) -> DomainError:
    """What the API layer itself refuses, before any resource is looked at."""
    return BadRequest(message, type="HTTPBadRequest")
