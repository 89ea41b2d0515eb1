"""Requests that are right: the world begins with them, and what is sent later is often one of them, changed.

``$kind`` stands for the id of something of that kind, ``$kind:name`` for the one of that name.
"""

from typing import Any

Sample = tuple[str, str, str, dict[str, Any] | bytes]

_PASSWORD = {"user": {"name": "demo", "password": "demo-secret", "domain": {"id": "default"}}}
_SCOPE = {"project": {"name": "demo", "domain": {"id": "default"}}}

IDENTITY: list[Sample] = [
    ("POST", "identity", "/v3/projects", {"project": {"name": "fuzz-project", "domain_id": "default", "tags": ["a"]}}),
    (
        "POST",
        "identity",
        "/v3/users",
        {
            "user": {
                "name": "fuzz-user",
                "password": "a-password",
                "domain_id": "default",
                "default_project_id": "$project",
                "options": {"ignore_password_expiry": True, "multi_factor_auth_rules": [["password", "totp"]]},
            }
        },
    ),
    ("POST", "identity", "/v3/groups", {"group": {"name": "fuzz-group", "domain_id": "default", "description": ""}}),
    ("POST", "identity", "/v3/domains", {"domain": {"name": "fuzz-domain", "enabled": True, "options": {}}}),
    (
        "POST",
        "identity",
        "/v3/roles",
        {"role": {"name": "fuzz-role", "description": "", "options": {"immutable": False}}},
    ),
    ("POST", "identity", "/v3/regions", {"region": {"id": "fuzz-region", "parent_region_id": "RegionOne"}}),
    ("POST", "identity", "/v3/services", {"service": {"type": "fuzz", "name": "fuzz", "enabled": True}}),
    (
        "POST",
        "identity",
        "/v3/endpoints",
        {
            "endpoint": {
                "service_id": "$service",
                "interface": "public",
                "url": "http://a/%(tenant_id)s",
                "region_id": "RegionOne",
            }
        },
    ),
    (
        "POST",
        "identity",
        "/v3/credentials",
        {
            "credential": {
                "type": "ec2",
                "blob": '{"access": "fuzz-a", "secret": "b"}',
                "project_id": "$project:admin",
                "user_id": "$user:admin",
            }
        },
    ),
    ("POST", "identity", "/v3/policies", {"policy": {"blob": "{}", "type": "application/json"}}),
    (
        "POST",
        "identity",
        "/v3/registered_limits",
        {
            "registered_limits": [
                {"service_id": "$service:fuzz", "region_id": "RegionOne", "resource_name": "fuzz", "default_limit": 10}
            ]
        },
    ),
    (
        "POST",
        "identity",
        "/v3/limits",
        {
            "limits": [
                {
                    "service_id": "$service:fuzz",
                    "project_id": "$project:fuzz-project",
                    "region_id": "RegionOne",
                    "resource_name": "fuzz",
                    "resource_limit": 5,
                }
            ]
        },
    ),
    (
        "POST",
        "identity",
        "/v3/OS-TRUST/trusts",
        {
            "trust": {
                "trustor_user_id": "$user:admin",
                "trustee_user_id": "$user:demo",
                "project_id": "$project:admin",
                "impersonation": True,
                "roles": [{"name": "admin"}],
                "expires_at": "2030-01-01T00:00:00.000000Z",
                "remaining_uses": 3,
            }
        },
    ),
    (
        "POST",
        "identity",
        "/v3/users/$user:admin/application_credentials",
        {
            "application_credential": {
                "name": "fuzz",
                "roles": [{"name": "admin"}],
                "secret": "s",
                "expires_at": "2030-01-01T00:00:00Z",
                "access_rules": [{"path": "/v2.1/servers", "method": "GET", "service": "compute"}],
            }
        },
    ),
    (
        "POST",
        "identity",
        "/v3/auth/tokens",
        {"auth": {"identity": {"methods": ["password"], "password": _PASSWORD}, "scope": _SCOPE}},
    ),
    (
        "POST",
        "identity",
        "/v3/auth/tokens",
        {
            "auth": {
                "identity": {"methods": ["token"], "token": {"id": "$token"}},
                "scope": {"project": {"id": "$project:demo"}},
            }
        },
    ),
    (
        "POST",
        "identity",
        "/v3/auth/tokens",
        {
            "auth": {
                "identity": {
                    "methods": ["application_credential"],
                    "application_credential": {"id": "$application_credential", "secret": "s"},
                }
            }
        },
    ),
    (
        "POST",
        "identity",
        "/v3/auth/tokens",
        {
            "auth": {
                "identity": {
                    "methods": ["totp", "password"],
                    "totp": {"user": {"id": "$user", "passcode": "123456"}},
                    "password": _PASSWORD,
                },
                "scope": {"system": {"all": True}},
            }
        },
    ),
    (
        "POST",
        "identity",
        "/v3/auth/tokens",
        {
            "auth": {
                "identity": {"methods": ["password"], "password": _PASSWORD},
                "scope": {"OS-TRUST:trust": {"id": "$trust"}},
            }
        },
    ),
    (
        "PUT",
        "identity",
        "/v3/domains/default/config",
        {"config": {"identity": {"driver": "ldap"}, "ldap": {"url": "ldap://x", "user_tree_dn": "ou=x"}}},
    ),
    (
        "POST",
        "identity",
        "/v3/ec2tokens",
        {
            "credentials": {
                "access": "fuzz-a",
                "signature": "x",
                "host": "h",
                "verb": "GET",
                "path": "/",
                "headers": {},
                "body_hash": "x",
                "params": {"SignatureVersion": "2", "Timestamp": "2020-01-01T00:00:00Z", "AWSAccessKeyId": "fuzz-a"},
            }
        },
    ),
]
IMAGE: list[Sample] = [
    (
        "POST",
        "image",
        "/v2/images",
        {
            "name": "fuzz",
            "disk_format": "raw",
            "container_format": "bare",
            "visibility": "shared",
            "tags": ["a", "b"],
            "min_disk": 1,
            "min_ram": 1,
            "protected": False,
            "os_distro": "x",
            "hw_rng": "true",
        },
    ),
    ("POST", "image", "/v2/images", {"name": "fuzz2", "disk_format": "qcow2", "container_format": "bare"}),
    ("PUT", "image", "/v2/images/$image:fuzz/file", b"x" * 5000),
    ("PUT", "image", "/v2/images/$image:fuzz2/stage", b"x" * 5000),
    ("POST", "image", "/v2/images/$image/import", {"method": {"name": "web-download", "uri": "http://127.0.0.1:1/"}}),
    (
        "POST",
        "image",
        "/v2/images/$image/import",
        {
            "method": {"name": "glance-direct"},
            "all_stores": False,
            "stores": ["file"],
            "all_stores_must_succeed": False,
        },
    ),
    ("POST", "image", "/v2/images/$image:fuzz/members", {"member": "$project:demo"}),
    ("PUT", "image", "/v2/images/$image:fuzz/members/$project:demo", {"status": "accepted"}),
    (
        "POST",
        "image",
        "/v2/metadefs/namespaces",
        {
            "namespace": "Fuzz",
            "display_name": "x",
            "visibility": "public",
            "owner": "$project",
            "resource_type_associations": [{"name": "OS::Nova::Flavor", "prefix": "x:"}],
            "properties": {"a": {"title": "A", "type": "string", "enum": ["a"], "minLength": 1}},
            "objects": [{"name": "o", "properties": {"p": {"title": "P", "type": "integer", "minimum": 0}}}],
            "tags": [{"name": "t"}],
        },
    ),
    ("POST", "image", "/v2/metadefs/namespaces/Fuzz/properties", {"name": "p", "title": "P", "type": "string"}),
    ("POST", "image", "/v2/metadefs/namespaces/Fuzz/objects", {"name": "o2", "required": ["x"], "properties": {}}),
    ("POST", "image", "/v2/metadefs/namespaces/Fuzz/tags", {"tags": [{"name": "x"}]}),
    ("POST", "image", "/v2/metadefs/namespaces/Fuzz/resource_types", {"name": "OS::Glance::Image", "prefix": "hw_"}),
    ("PUT", "image", "/v2/metadefs/namespaces/Fuzz", {"namespace": "Fuzz", "description": "x", "protected": False}),
]
PLACEMENT: list[Sample] = [
    ("POST", "placement", "/resource_providers", {"name": "fuzz", "parent_provider_uuid": None}),
    ("PUT", "placement", "/traits/CUSTOM_FUZZ", {}),
    ("POST", "placement", "/resource_classes", {"name": "CUSTOM_FUZZ"}),
    (
        "PUT",
        "placement",
        "/resource_providers/$resource_provider:fuzz/inventories",
        {
            "resource_provider_generation": 0,
            "inventories": {
                "VCPU": {
                    "total": 8,
                    "reserved": 0,
                    "min_unit": 1,
                    "max_unit": 8,
                    "step_size": 1,
                    "allocation_ratio": 4.0,
                },
                "CUSTOM_FUZZ": {"total": 4},
            },
        },
    ),
    (
        "PUT",
        "placement",
        "/resource_providers/$resource_provider:fuzz/traits",
        {"traits": ["CUSTOM_FUZZ"], "resource_provider_generation": 1},
    ),
    (
        "PUT",
        "placement",
        "/resource_providers/$resource_provider:fuzz/aggregates",
        {"aggregates": ["42896e0d-205d-4fe3-bd1e-100924931787"], "resource_provider_generation": 2},
    ),
    (
        "PUT",
        "placement",
        "/allocations/42896e0d-205d-4fe3-bd1e-100924931788",
        {
            "allocations": {"$resource_provider:fuzz": {"resources": {"VCPU": 1}}},
            "project_id": "$project",
            "user_id": "$user",
            "consumer_generation": None,
            "consumer_type": "INSTANCE",
            "mappings": {"": ["$resource_provider:fuzz"]},
        },
    ),
    (
        "POST",
        "placement",
        "/allocations",
        {
            "42896e0d-205d-4fe3-bd1e-100924931789": {
                "allocations": {"$resource_provider:fuzz": {"resources": {"VCPU": 1}}},
                "project_id": "p",
                "user_id": "u",
                "consumer_generation": None,
                "consumer_type": "INSTANCE",
            }
        },
    ),
    (
        "POST",
        "placement",
        "/reshaper",
        {
            "inventories": {
                "$resource_provider:fuzz": {"resource_provider_generation": 3, "inventories": {"VCPU": {"total": 8}}}
            },
            "allocations": {
                "42896e0d-205d-4fe3-bd1e-100924931788": {
                    "allocations": {"$resource_provider:fuzz": {"resources": {"VCPU": 1}}},
                    "project_id": "p",
                    "user_id": "u",
                    "consumer_generation": 1,
                    "consumer_type": "INSTANCE",
                }
            },
        },
    ),
]
NETWORK: list[Sample] = [
    (
        "POST",
        "network",
        "/v2.0/networks",
        {
            "network": {
                "name": "fuzz",
                "shared": True,
                "admin_state_up": True,
                "mtu": 1400,
                "port_security_enabled": True,
                "router:external": False,
                "is_default": False,
                "dns_domain": "a.b.",
                "availability_zone_hints": [],
            }
        },
    ),
    ("POST", "network", "/v2.0/networks", {"network": {"name": "fuzz-ext", "router:external": True}}),
    (
        "POST",
        "network",
        "/v2.0/networks",
        {
            "network": {
                "name": "fuzz-vlan",
                "provider:network_type": "vlan",
                "provider:segmentation_id": 7,
                "provider:physical_network": "physnet1",
            }
        },
    ),
    ("POST", "network", "/v2.0/address-scopes", {"address_scope": {"name": "a", "ip_version": 4, "shared": False}}),
    (
        "POST",
        "network",
        "/v2.0/subnetpools",
        {
            "subnetpool": {
                "name": "p",
                "prefixes": ["10.128.0.0/16"],
                "default_prefixlen": 24,
                "min_prefixlen": 20,
                "max_prefixlen": 28,
                "default_quota": 100,
                "is_default": False,
                "address_scope_id": "$address_scope",
            }
        },
    ),
    (
        "POST",
        "network",
        "/v2.0/subnets",
        {"subnet": {"name": "fuzz-ext", "network_id": "$network:fuzz-ext", "ip_version": 4, "cidr": "203.0.113.0/24"}},
    ),
    (
        "POST",
        "network",
        "/v2.0/subnets",
        {
            "subnet": {
                "name": "fuzz",
                "network_id": "$network:fuzz",
                "ip_version": 4,
                "cidr": "10.77.0.0/24",
                "gateway_ip": "10.77.0.1",
                "allocation_pools": [{"start": "10.77.0.10", "end": "10.77.0.100"}],
                "dns_nameservers": ["8.8.8.8"],
                "host_routes": [{"destination": "10.9.0.0/24", "nexthop": "10.77.0.2"}],
                "enable_dhcp": True,
            }
        },
    ),
    (
        "POST",
        "network",
        "/v2.0/subnets",
        {
            "subnet": {
                "network_id": "$network:fuzz",
                "ip_version": 6,
                "cidr": "2001:db8:77::/64",
                "ipv6_address_mode": "slaac",
                "ipv6_ra_mode": "slaac",
            }
        },
    ),
    (
        "POST",
        "network",
        "/v2.0/subnets",
        {"subnet": {"network_id": "$network", "ip_version": 4, "subnetpool_id": "$subnetpool", "prefixlen": 26}},
    ),
    (
        "POST",
        "network",
        "/v2.0/ports",
        {
            "port": {
                "network_id": "$network:fuzz",
                "name": "p",
                "mac_address": "fa:16:3e:00:00:01",
                "device_id": "x",
                "device_owner": "compute:nova",
                "fixed_ips": [{"subnet_id": "$subnet:fuzz", "ip_address": "10.77.0.50"}],
                "allowed_address_pairs": [{"ip_address": "10.77.0.60", "mac_address": "fa:16:3e:00:00:02"}],
                "extra_dhcp_opts": [{"opt_name": "bootfile-name", "opt_value": "x", "ip_version": 4}],
                "security_groups": ["$security_group"],
                "binding:host_id": "host1",
                "binding:vnic_type": "normal",
                "binding:profile": {},
                "port_security_enabled": True,
                "qos_policy_id": "$policy:q",
                "dns_name": "x",
                "tags": ["a"],
            }
        },
    ),
    ("POST", "network", "/v2.0/ports", {"ports": [{"network_id": "$network"}, {"network_id": "$network"}]}),
    ("POST", "network", "/v2.0/security-groups", {"security_group": {"name": "g", "stateful": True}}),
    (
        "POST",
        "network",
        "/v2.0/security-group-rules",
        {
            "security_group_rule": {
                "security_group_id": "$security_group",
                "direction": "ingress",
                "ethertype": "IPv4",
                "protocol": "tcp",
                "port_range_min": 22,
                "port_range_max": 23,
                "remote_ip_prefix": "10.0.0.0/8",
            }
        },
    ),
    (
        "POST",
        "network",
        "/v2.0/default-security-group-rules",
        {
            "default_security_group_rule": {
                "direction": "ingress",
                "ethertype": "IPv4",
                "protocol": "icmp",
                "used_in_default_sg": True,
            }
        },
    ),
    (
        "POST",
        "network",
        "/v2.0/routers",
        {
            "router": {
                "name": "r",
                "admin_state_up": True,
                "external_gateway_info": {
                    "network_id": "$network:fuzz-ext",
                    "enable_snat": True,
                    "external_fixed_ips": [{"subnet_id": "$subnet:fuzz-ext"}],
                },
            }
        },
    ),
    ("POST", "network", "/v2.0/routers", {"router": {"name": "r2"}}),
    ("PUT", "network", "/v2.0/routers/$router:r/add_router_interface", {"subnet_id": "$subnet:fuzz"}),
    (
        "PUT",
        "network",
        "/v2.0/routers/$router:r/add_extraroutes",
        {"router": {"routes": [{"destination": "10.11.0.0/24", "nexthop": "10.77.0.3"}]}},
    ),
    ("PUT", "network", "/v2.0/routers/$router:r/remove_router_interface", {"port_id": "$port"}),
    (
        "POST",
        "network",
        "/v2.0/floatingips",
        {
            "floatingip": {
                "floating_network_id": "$network:fuzz-ext",
                "port_id": "$port:p",
                "fixed_ip_address": "10.77.0.50",
                "floating_ip_address": "203.0.113.99",
                "dns_name": "",
                "dns_domain": "",
            }
        },
    ),
    ("POST", "network", "/v2.0/floatingips", {"floatingip": {"floating_network_id": "$network:fuzz-ext"}}),
    (
        "POST",
        "network",
        "/v2.0/floatingips/$floatingip/port_forwardings",
        {
            "port_forwarding": {
                "protocol": "tcp",
                "internal_ip_address": "10.77.0.50",
                "internal_port": 80,
                "internal_port_id": "$port",
                "external_port": 8080,
            }
        },
    ),
    (
        "POST",
        "network",
        "/v2.0/rbac-policies",
        {
            "rbac_policy": {
                "object_type": "network",
                "object_id": "$network",
                "target_tenant": "$project:demo",
                "action": "access_as_shared",
            }
        },
    ),
    ("POST", "network", "/v2.0/address-groups", {"address_group": {"name": "a", "addresses": ["10.0.0.0/24"]}}),
    ("PUT", "network", "/v2.0/address-groups/$address_group/add_addresses", {"addresses": ["10.1.0.0/24"]}),
    ("POST", "network", "/v2.0/qos/policies", {"policy": {"name": "q", "shared": False, "is_default": False}}),
    (
        "POST",
        "network",
        "/v2.0/qos/policies/$policy:q/bandwidth_limit_rules",
        {"bandwidth_limit_rule": {"max_kbps": 1000, "max_burst_kbps": 100, "direction": "egress"}},
    ),
    ("POST", "network", "/v2.0/qos/policies/$policy:q/dscp_marking_rules", {"dscp_marking_rule": {"dscp_mark": 10}}),
    (
        "POST",
        "network",
        "/v2.0/qos/policies/$policy:q/minimum_bandwidth_rules",
        {"minimum_bandwidth_rule": {"min_kbps": 1000, "direction": "egress"}},
    ),
    (
        "POST",
        "network",
        "/v2.0/trunks",
        {
            "trunk": {
                "port_id": "$port",
                "sub_ports": [{"port_id": "$port", "segmentation_type": "vlan", "segmentation_id": 5}],
            }
        },
    ),
    (
        "PUT",
        "network",
        "/v2.0/trunks/$trunk/add_subports",
        {"sub_ports": [{"port_id": "$port", "segmentation_type": "vlan", "segmentation_id": 6}]},
    ),
    ("PUT", "network", "/v2.0/quotas/$project", {"quota": {"network": 100, "port": -1}}),
    ("PUT", "network", "/v2.0/networks/$network/tags", {"tags": ["a", "b"]}),
    ("PUT", "network", "/v2.0/networks/$network", {"network": {"name": "n", "mtu": 1300}}),
    (
        "PUT",
        "network",
        "/v2.0/subnets/$subnet",
        {"subnet": {"gateway_ip": None, "allocation_pools": [{"start": "10.77.0.20", "end": "10.77.0.30"}]}},
    ),
    ("PUT", "network", "/v2.0/ports/$port", {"port": {"fixed_ips": [{"subnet_id": "$subnet"}], "device_owner": ""}}),
    (
        "POST",
        "network",
        "/v2.0/ports/$port/bindings",
        {"binding": {"host": "host1", "vnic_type": "normal", "profile": {}}},
    ),
]
_NETWORKS = [{"uuid": "$network:fuzz", "fixed_ip": "10.77.0.51", "tag": "t"}]
COMPUTE: list[Sample] = [
    ("POST", "compute", "/v2.1/flavors", {"flavor": {
        "name": "fuzz", "ram": 512, "vcpus": 1, "disk": 1, "id": "fuzz", "swap": 0,
        "os-flavor-access:is_public": True, "OS-FLV-EXT-DATA:ephemeral": 0, "description": "x"}}),
    ("POST", "compute", "/v2.1/flavors/fuzz/os-extra_specs", {"extra_specs": {"hw:cpu_policy": "shared"}}),
    ("POST", "compute", "/v2.1/os-keypairs", {"keypair": {
        "name": "fuzz", "type": "ssh", "user_id": "$user:admin",
        "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF0e6NJnNFN8sFzK8dUJ1mJTLXnZyCJ4R7xIoQkKJpJY fuzz"}}),
    ("POST", "compute", "/v2.1/os-server-groups", {"server_group": {
        "name": "g", "policy": "anti-affinity", "rules": {"max_server_per_host": 3}}}),
    ("POST", "compute", "/v2.1/os-aggregates", {"aggregate": {"name": "agg", "availability_zone": "nova"}}),
    ("POST", "compute", "/v2.1/os-aggregates/1/action", {"add_host": {"host": "host1"}}),
    ("POST", "compute", "/v2.1/os-aggregates/1/action", {"set_metadata": {"metadata": {"k": "v"}}}),
    ("POST", "compute", "/v2.1/servers", {"server": {
        "name": "fuzz", "flavorRef": "fuzz", "imageRef": "$image:fuzz", "networks": "none", "metadata": {"a": "b"}}}),
    ("POST", "compute", "/v2.1/servers", {
        "server": {
            "name": "fuzz2", "flavorRef": "fuzz", "imageRef": "$image:fuzz", "networks": _NETWORKS, "key_name": "fuzz",
            "adminPass": "x", "user_data": "YQ==", "config_drive": True, "security_groups": [{"name": "default"}],
            "availability_zone": "nova", "min_count": 1, "max_count": 1, "accessIPv4": "1.2.3.4", "tags": ["a"],
            "description": "d", "hostname": "h", "host": "host1",
            "block_device_mapping_v2": [
                {"boot_index": 0, "uuid": "$image:fuzz", "source_type": "image", "destination_type": "local",
                 "delete_on_termination": True, "tag": "t", "volume_size": 1},
                {"source_type": "blank", "destination_type": "local", "guest_format": "swap", "boot_index": -1}],
            "OS-DCF:diskConfig": "AUTO"},
        "os:scheduler_hints": {"group": "$server_group", "query": "[\"=\",1,1]", "build_near_host_ip": "1.2.3.4"}}),
    ("PUT", "compute", "/v2.1/servers/$server", {"server": {"name": "n", "description": "d", "accessIPv6": "::1"}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"reboot": {"type": "SOFT"}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"os-stop": None}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"os-start": None}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"resize": {"flavorRef": "$flavor"}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"confirmResize": None}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"rebuild": {
        "imageRef": "$image", "name": "r", "metadata": {}, "preserve_ephemeral": False, "key_name": None}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"createImage": {"name": "snap", "metadata": {}}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"createBackup": {
        "name": "b", "backup_type": "daily", "rotation": 1, "metadata": {}}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"os-migrateLive": {"host": None, "block_migration": "auto"}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"shelve": None}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"unshelve": {"availability_zone": "nova"}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"os-getConsoleOutput": {"length": 5}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"os-resetState": {"state": "active"}}),
    ("POST", "compute", "/v2.1/servers/$server/action", {"addFloatingIp": {"address": "10.0.0.1"}}),
    ("POST", "compute", "/v2.1/servers/$server/remote-consoles", {"remote_console": {"protocol": "vnc", "type": "novnc"}}),
    ("POST", "compute", "/v2.1/servers/$server/metadata", {"metadata": {"k": "v"}}),
    ("PUT", "compute", "/v2.1/servers/$server/tags", {"tags": ["a", "b"]}),
    ("POST", "compute", "/v2.1/servers/$server/os-interface", {"interfaceAttachment": {
        "net_id": "$network", "fixed_ips": [{"ip_address": "10.77.0.52"}], "tag": "x"}}),
    ("POST", "compute", "/v2.1/servers/$server/os-volume_attachments", {"volumeAttachment": {
        "volumeId": "$project", "device": "/dev/vdb", "tag": "x", "delete_on_termination": False}}),
    ("PUT", "compute", "/v2.1/os-quota-sets/$project", {"quota_set": {"cores": 100, "force": True}}),
    ("PUT", "compute", "/v2.1/os-quota-class-sets/default", {"quota_class_set": {"cores": 20}}),
    ("POST", "compute", "/v2.1/os-server-external-events", {"events": [
        {"name": "network-changed", "server_uuid": "$server", "tag": "x", "status": "completed"}]}),
    ("PUT", "compute", "/v2.1/os-services/$service", {"status": "disabled", "disabled_reason": "x"}),
]  # fmt: skip
SAMPLES: dict[str, list[Sample]] = {
    "identity": IDENTITY,
    "image": IMAGE,
    "placement": PLACEMENT,
    "network": NETWORK,
    "compute": COMPUTE,
}
# The names of parameters of lists, besides the fields of what is listed.
QUERIES = (
    "limit", "marker", "sort_key", "sort_dir", "sort", "page_reverse", "offset", "name", "fields", "status", "id",
    "all_tenants", "changes-since", "changes-before", "deleted", "user_id", "project_id", "tenant_id", "domain_id",
    "enabled", "tags", "tags-any", "not-tags", "not-tags-any", "visibility", "member_status", "owner", "size_min",
    "size_max", "created_at", "updated_at", "os_hidden", "protected", "tag", "checksum", "is_public", "minDisk",
    "minRam", "host", "binary", "flavor", "image", "ip", "ip6", "vm_state", "task_state", "reservation_id", "detailed",
    "start", "end", "resources", "resources1", "resources_A", "required", "required1", "member_of", "in_tree",
    "in_tree1", "group_policy", "root_required", "same_subtree", "consumer_type", "uuid", "associated", "effective",
    "include_names", "include_subtree", "include_limits", "user.id", "group.id", "role.id", "scope.project.id",
    "scope.domain.id", "scope.system", "scope.OS-INHERIT:inherited_to", "parents_as_list", "subtree_as_ids", "parent_id",
    "is_domain", "password_expires_at", "unique_id", "nocatalog", "allow_expired", "resource_types", "fixed_ips",
    "network_id", "device_id", "mac_address", "cidr", "ip_version", "security_group_id", "shared", "router:external",
    "provider:network_type", "locked", "node", "instance_name", "with_servers", "hypervisor_hostname_pattern", "reserved",
    "source_type", "migration_type", "type", "interface", "service_id", "region_id", "name__contains", "name__startswith",
    "delete_info", "force",
)  # fmt: skip
