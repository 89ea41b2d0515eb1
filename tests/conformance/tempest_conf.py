"""Writes an honest tempest.conf for an OpenStack cloud, discovered over its public API.

What the API tells (services, versions, images, flavors, networks, hosts) is discovered; what it cannot tell (feature
flags) is set as in the ordinary reference cloud: DevStack with libvirt/QEMU, as upstream's gate runs it. A feature is
never switched off because it "might" not work: that would turn failures into skips. ``--set`` deviates; every
deviation is printed and noted in the file.
"""

import argparse
import configparser
import io
import os
import sys
from pathlib import Path

# What the newest tested reference (tempest 47.0.0 / nova 34) goes up to.
REFERENCE_MAX = {"compute": (2, 104), "volume": (3, 71), "placement": (1, 39)}

# [group][option] as in devstack + libvirt + LVM (lib/tempest), tempest-full-py3.
REFERENCE_FEATURES = {
    "identity-feature-enabled": {
        "trust": True,
        "access_rules": True,
        "api_v3": True,
        "api_v2": False,
        "security_compliance": True,
        "domain_specific_drivers": False,
        "federation": False,
        "external_idp": False,
    },
    "compute-feature-enabled": {
        "resize": True,
        "pause": True,
        "suspend": True,
        "shelve": True,
        "shelve_migrate": True,
        "snapshot": True,
        "rescue": True,
        "stable_rescue": True,
        "console_output": True,
        "vnc_console": True,
        "spice_console": False,
        "serial_console": False,
        "interface_attach": True,
        "config_drive": True,
        "metadata_service": True,
        "disk_config": True,
        "enable_instance_password": True,
        "change_password": False,
        "personality": False,
        "swap_volume": True,
        "volume_multiattach": True,
        "attach_encrypted_volume": True,
        "hostname_fqdn_sanitization": True,
        "ide_bus": True,
        "unified_limits": False,
        "cold_migration": True,
        "nova_policy_roles": "admin,manager,member,reader,service",
        "scheduler_enabled_filters": "ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,"
        "ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,"
        "SameHostFilter,DifferentHostFilter",
    },
    "image-feature-enabled": {
        "import_image": True,
        "os_glance_reserved": True,
        "do_secure_hash": True,
        "image_format_enforcement": True,
        "manage_locations": False,
        "image_conversion": False,
    },
    "network-feature-enabled": {
        "ipv6": True,
        "ipv6_subnet_attributes": True,
        "floating_ips": True,
        "port_admin_state_change": True,
        "api_extensions": "all",
        "available_features": "all",
    },
    "volume-feature-enabled": {
        "backup": True,
        "snapshot": True,
        "clone": True,
        "manage_snapshot": True,
        "manage_volume": True,
        "extend_attached_volume": True,
        "extend_volume_with_snapshot": True,
        "volume_revert": True,
        "consistency_group": False,
        "replication": False,
        "enable_volume_image_dep_tests": True,
        "api_extensions": "all",
    },
    "object-storage-feature-enabled": {
        "discoverability": True,
        "object_versioning": True,
        "container_sync": True,
        "discoverable_apis": "all",
    },
}

# catalogue type (official name first, then aliases) -> [service_available] key
SERVICES = {
    "nova": ("compute",),
    "glance": ("image",),
    "neutron": ("network",),
    "cinder": ("block-storage", "block-store", "volumev3", "volume"),
    "swift": ("object-store",),
    # plugins
    "heat": ("orchestration",),
    "barbican": ("key-manager",),
    "designate": ("dns",),
    "load_balancer": ("load-balancer",),
    "manila": ("shared-file-system", "sharev2", "share"),
    "magnum": ("container-infrastructure-management", "container-infra"),
    "zun": ("application-container", "container"),
    "gnocchi": ("metric",),
    "aodh": ("alarm", "alarming"),
    "ceilometer": ("metering", "telemetry"),
}
GROUP_OF = {
    "nova": "compute",
    "glance": "image",
    "neutron": "network",
    "cinder": "volume",
    "swift": "object-storage",
    "heat": "heat_plugin",
    "barbican": "key_manager",
    "designate": "dns",
    "load_balancer": "load_balancer",
    "manila": "share",
    "magnum": "magnum",
    "zun": "container_service",
}


class Conf:
    def __init__(self):
        self.cp = configparser.RawConfigParser()
        self.cp.optionxform = str
        self.notes = []

    def set(self, group, key, value):
        if value is None:
            return
        if isinstance(value, bool):
            value = str(value).lower()
        if group != "DEFAULT" and not self.cp.has_section(group):
            self.cp.add_section(group)
        self.cp.set(group, key, str(value))

    def get(self, group, key):
        try:
            return self.cp.get(group, key)
        except (configparser.NoSectionError, configparser.NoOptionError):
            return None

    def note(self, text):
        self.notes.append(text)
        print("NOTE: " + text, file=sys.stderr)

    def render(self):
        out = io.StringIO()
        out.write("# Written by make-tempest-conf.py\n")
        for n in self.notes:
            out.write("# NOTE: {}\n".format(n.replace("\n", " ")))
        out.write("\n")
        self.cp.write(out)
        return out.getvalue()


class Cloud:
    """Thin reader over the public API; every failure becomes a note."""

    def __init__(self, conf, conn):
        self.conf = conf
        self.conn = conn
        self.types = {}
        catalog = conn.session.auth.get_access(conn.session).service_catalog
        for entry in catalog.catalog:
            self.types.setdefault(entry["type"], entry)

    def stype(self, key):
        for t in SERVICES[key]:
            if t in self.types:
                return t
        return None

    def get(self, stype, path, **kw):
        """GET path below the catalogue endpoint of stype; parsed JSON or None."""
        try:
            r = self.conn.session.get(
                path,
                endpoint_filter={
                    "service_type": stype,
                    "interface": "public",
                    "region_name": self.conn.config.get_region_name(),
                },
                raise_exc=False,
                **kw,
            )
        except Exception as e:  # noqa: BLE001 - whatever it is, it becomes a note
            self.conf.note(f"{stype} GET {path} failed: {e}")
            return None
        if r.status_code >= 300:
            self.conf.note(f"{stype} GET {path} -> {r.status_code}")
            return None
        try:
            return r.json()
        except ValueError:
            return None

    def max_microversion(self, stype):
        try:
            data = self.conn.session.get_endpoint_data(
                service_type=stype, interface="public", region_name=self.conn.config.get_region_name()
            )
            if data and data.max_microversion:
                return tuple(data.max_microversion)
        except Exception as e:  # noqa: BLE001 - whatever it is, it becomes a note
            self.conf.note(f"{stype}: no version document ({e})")
        return None


def listing(body, key):
    return (body or {}).get(key) or []


def credentials(conf, args, auth):
    """[auth] and [identity] from what the SDK was given."""
    conf.set("auth", "use_dynamic_credentials", True)
    conf.set("auth", "create_isolated_networks", True)
    conf.set("auth", "tempest_roles", args.tempest_roles)
    conf.set("auth", "default_credentials_domain_name", "Default")
    conf.set("auth", "admin_username", auth.get("username", "admin"))
    conf.set("auth", "admin_password", auth.get("password", ""))
    conf.set("auth", "admin_project_name", auth.get("project_name", "admin"))
    for opt, key in (
        ("admin_user_domain_name", "user_domain_name"),
        ("admin_project_domain_name", "project_domain_name"),
    ):
        conf.set("auth", opt, auth.get(key) or auth.get("domain_name") or "Default")
    conf.set("auth", "admin_domain_name", auth.get("user_domain_name") or auth.get("domain_name") or "Default")
    if args.admin_system:
        conf.set("auth", "admin_system", "all")
    url = (auth.get("auth_url") or "").rstrip("/")
    if not url.endswith("/v3"):
        url += "/v3"
    conf.set("identity", "uri_v3", url)
    conf.set("identity", "auth_version", "v3")
    conf.set("identity", "v3_endpoint_type", "public")
    conf.set("identity", "disable_ssl_certificate_validation", args.insecure)
    # devstack's keystone security compliance settings
    conf.set("identity", "user_lockout_failure_attempts", 2)
    conf.set("identity", "user_lockout_duration", 10)
    conf.set("identity", "user_unique_last_password_count", 2)


def pick_images(conf, args, images):
    ok = [
        i
        for i in images
        if i.get("status") == "active"
        and i.get("disk_format") not in ("aki", "ari", "iso")
        and i.get("container_format") in ("bare", "ovf", None)
        and i.get("image_type") != "snapshot"
        and i.get("visibility") in ("public", "community", None)
    ]
    ok.sort(key=lambda i: (not (i.get("name") or "").startswith("cirros"), i.get("size") or 0, i["id"]))
    by = {i["id"]: i for i in ok}
    by.update({i.get("name"): i for i in reversed(ok)})
    first = by.get(args.image) if args.image else (ok[0] if ok else None)
    if not first:
        conf.note("no usable public image found: upload one (cirros 0.6.x) first")
        return None
    alt = by.get(args.alt_image) if args.alt_image else next((i for i in ok if i["id"] != first["id"]), None)
    if not alt:
        conf.note("only one image: image_ref_alt = image_ref, so the tests that need two different images are skipped")
        alt = first
    conf.set("compute", "image_ref", first["id"])
    conf.set("compute", "image_ref_alt", alt["id"])
    return first


def pick_flavors(conf, args, cloud, flavors, image):
    need = max((image or {}).get("min_ram") or 0, 1)
    flavors = [f for f in flavors if f["ram"] >= need]
    flavors.sort(key=lambda f: (f["ram"], f["disk"], f["vcpus"], f["id"]))
    by = {f["id"]: f for f in flavors}
    by.update({f["name"]: f for f in flavors})
    first = by.get(args.flavor or "m1.nano")
    alt = by.get(args.alt_flavor or "m1.micro")
    if cloud and args.create and not (first and alt):
        disk = 1
        for name, fid, ram in (("m1.nano", "42", args.flavor_ram), ("m1.micro", "84", args.flavor_alt_ram)):
            if name not in by:
                by[name] = cloud.conn.session.post(
                    "/flavors",
                    endpoint_filter={"service_type": "compute"},
                    json={"flavor": {"name": name, "id": fid, "ram": ram, "vcpus": 1, "disk": disk}},
                ).json()["flavor"]
        first, alt = by["m1.nano"], by["m1.micro"]
    if not first and flavors:
        first = flavors[0]
    if first and not alt:
        alt = next(
            (f for f in flavors if f["id"] != first["id"] and f["disk"] >= first["disk"] and f["ram"] >= first["ram"]),
            None,
        )
    if not first:
        conf.note("no flavor found: use --create")
        return
    if not alt:
        conf.note("only one usable flavor: the resize tests need a second one")
        alt = first
    conf.set("compute", "flavor_ref", first["id"])
    conf.set("compute", "flavor_ref_alt", alt["id"])


def microversions(conf, group, ref, found):
    """max = what the cloud says; tests above it are skipped by tempest."""
    if not found:
        conf.note(f"[{group}] the cloud announces no microversions: every microversion test will be skipped")
        return
    conf.set(group, "max_microversion", "{}.{}".format(*found))
    want = REFERENCE_MAX[ref]
    if found < want:
        conf.note(
            "[{}] the cloud stops at {}.{}, the reference is at {}.{}: tests above are skipped".format(
                group, *found, *want
            )
        )


def features(conf, hosts):
    for group, opts in REFERENCE_FEATURES.items():
        for k, v in opts.items():
            conf.set(group, k, v)
    multi = hosts >= 2
    conf.set("compute", "min_compute_nodes", max(hosts, 1))
    g = "compute-feature-enabled"
    conf.set(g, "live_migration", multi)
    conf.set(g, "block_migration_for_live_migration", multi)
    conf.set(g, "live_migrate_back_and_forth", multi)
    conf.set(g, "volume_backed_live_migration", multi)
    conf.set(g, "can_migrate_between_any_hosts", multi)
    if not multi:
        conf.note("one compute host: the migration and multi-node tests are skipped")


def discover(conf, args):
    import openstack

    conn = openstack.connect(cloud=args.os_cloud) if args.os_cloud else openstack.connect()
    credentials(conf, args, dict(conn.config.config.get("auth") or {}))
    region = conn.config.get_region_name() or "RegionOne"
    conf.set("identity", "region", region)
    cloud = Cloud(conf, conn)

    for key in SERVICES:
        stype = cloud.stype(key)
        conf.set("service_available", key, bool(stype))
        if stype and key in GROUP_OF:
            conf.set(GROUP_OF[key], "catalog_type", stype)
    conf.set("service_available", "horizon", bool(args.dashboard_url))
    if args.dashboard_url:
        conf.set("dashboard", "dashboard_url", args.dashboard_url)

    def has(key):
        return bool(cloud.stype(key))

    # identity: the roles tempest refers to by name
    idtype = "identity"
    roles = {r["name"] for r in listing(cloud.get(idtype, "/v3/roles") or cloud.get(idtype, "/roles"), "roles")}
    for wanted in ("admin", "member", "reader"):
        if roles and wanted not in roles:
            conf.note(f"role {wanted!r} does not exist")

    # compute
    hosts = 0
    image = None
    if has("glance"):
        t = cloud.stype("glance")
        body = cloud.get(t, "/v2/images?limit=200") or cloud.get(t, "/images?limit=200")
        image = pick_images(conf, args, listing(body, "images"))
    if has("nova"):
        hyp = listing(cloud.get("compute", "/os-hypervisors"), "hypervisors")
        hosts = len([h for h in hyp if h.get("state", "up") == "up" and h.get("status", "enabled") == "enabled"])
        pick_flavors(conf, args, cloud, listing(cloud.get("compute", "/flavors/detail"), "flavors"), image)
        microversions(conf, "compute", "compute", cloud.max_microversion("compute"))
    features(conf, hosts)
    if "placement" in cloud.types:
        microversions(conf, "placement", "placement", cloud.max_microversion("placement"))

    # image: is the import API there?
    if has("glance"):
        t = cloud.stype("glance")
        info = cloud.get(t, "/v2/info/import") or cloud.get(t, "/info/import")
        methods = ((info or {}).get("import-methods") or {}).get("value") or []
        if not methods:
            conf.note("glance announces no import methods")
        elif "glance-direct" not in methods:
            conf.note("glance import methods are only: {}".format(", ".join(methods)))
        stores = listing(cloud.get(t, "/v2/info/stores/detail") or cloud.get(t, "/info/stores/detail"), "stores")
        conf.set("image-feature-enabled", "http_store_enabled", any(s.get("type") == "http" for s in stores))
        conf.set("image-feature-enabled", "store_weight_enabled", len({s.get("weight", 0) for s in stores}) > 1)
        schema = cloud.get(t, "/v2/schemas/image") or cloud.get(t, "/schemas/image") or {}
        conf.set("image-feature-enabled", "manage_locations", "locations" in schema.get("properties", {}))
        cache = cloud.get(t, "/v2/cache") or cloud.get(t, "/cache")
        conf.set("image", "image_caching_enabled", cache is not None)

    # network
    if has("neutron"):
        base = "/v2.0"
        exts = {e["alias"] for e in listing(cloud.get("network", base + "/extensions"), "extensions")}
        conf.set("network-feature-enabled", "port_security", "port-security" in exts)
        conf.set("network-feature-enabled", "floating_ips", "router" in exts)
        for e in (
            "security-group",
            "router",
            "external-net",
            "quotas",
            "binding",
            "extra_dhcp_opt",
            "allowed-address-pairs",
            "extraroute",
            "port-security",
            "subnet_allocation",
            "standard-attr-tag",
            "address-scope",
            "agent",
            "provider",
            "qos",
            "trunk",
        ):
            if exts and e not in exts:
                conf.note(f"neutron extension {e!r} is not announced: with api_extensions=all its tests run and fail")
        if args.network_extensions == "discovered" and exts:
            conf.set("network-feature-enabled", "api_extensions", ",".join(sorted(exts)))
            conf.note(f"only the {len(exts)} announced neutron extensions are tested")
        nets = listing(cloud.get("network", base + "/networks?router:external=True"), "networks")
        ext = next((n for n in nets if args.public_network in (None, n["id"], n["name"])), None)
        if ext:
            conf.set("network", "public_network_id", ext["id"])
            conf.set("network", "floating_network_name", ext["name"])
            conf.set("heat_plugin", "floating_network_name", ext["name"])
            conf.set("validation", "network_for_ssh", ext["name"])
        else:
            conf.note("no external network: floating IP tests will be skipped or fail")

    # volume
    if has("cinder"):
        t = cloud.stype("cinder")
        microversions(conf, "volume", "volume", cloud.max_microversion(t))
        pools = listing(cloud.get(t, "/scheduler-stats/get_pools?detail=True"), "pools")
        caps = [p.get("capabilities") or {} for p in pools]
        names = sorted({c.get("volume_backend_name") for c in caps} - {None})
        if names:
            conf.set("volume-feature-enabled", "multi_backend", len(names) > 1)
            if len(names) > 1:
                conf.set("volume", "backend_names", ",".join(names))
            conf.set("volume", "vendor_name", caps[0].get("vendor_name"))
            conf.set("volume", "storage_protocol", caps[0].get("storage_protocol"))
        services = {s["binary"] for s in listing(cloud.get(t, "/os-services"), "services") if s.get("state") == "up"}
        if services and "cinder-backup" not in services:
            conf.note("no cinder-backup service is up; backup tests are left ON")
        if has("swift"):
            conf.set("volume", "backup_driver", "swift")
        types = listing(cloud.get(t, "/types?is_public=None"), "volume_types")
        multi = next((v for v in types if "True" in (v.get("extra_specs") or {}).get("multiattach", "")), None)
        if not multi and args.create:
            multi = conn.session.post(
                "/types",
                endpoint_filter={"service_type": t},
                json={"volume_type": {"name": "multiattach", "extra_specs": {"multiattach": "<is> True"}}},
            ).json()["volume_type"]
        if multi:
            conf.set("volume", "volume_type_multiattach", multi["name"])
        else:
            conf.note("no multiattach volume type (use --create)")

    # object storage
    if has("swift"):
        conf.set("object-storage", "operator_role", args.swift_operator_role)
        conf.set("object-storage", "reseller_admin_role", "ResellerAdmin")
        if roles and "ResellerAdmin" not in roles:
            conf.note("role 'ResellerAdmin' (account quota tests) does not exist")
        ep = conn.session.get_endpoint(service_type="object-store", interface="public")
        root = ep.split("/v1")[0].rstrip("/")
        try:
            info = conn.session.get(root + "/info").json()
        except Exception as e:  # noqa: BLE001 - whatever it is, it becomes a note
            info = {}
            conf.note(f"swift /info: {e}")
        digests = (info.get("tempurl") or {}).get("allowed_digests") or []
        if digests and "sha256" not in digests:
            conf.set("object-storage-feature-enabled", "tempurl_digest_hashlib", digests[0])
        realms = (info.get("container_sync") or {}).get("realms") or {}
        if realms:
            realm = sorted(realms)[0]
            conf.set("object-storage", "realm_name", realm)
            conf.set("object-storage", "cluster_name", sorted(realms[realm]["clusters"])[0])
        else:
            conf.note("swift announces no container-sync realm")

    # plugins
    auth = conn.config.config.get("auth") or {}
    heat(conf, auth, region)


def heat(conf, auth, region):
    g = "heat_plugin"
    conf.set(g, "auth_url", conf.get("identity", "uri_v3"))
    conf.set(g, "auth_version", "3")
    for p in ("", "admin_"):
        conf.set(g, p + "username", auth.get("username"))
        conf.set(g, p + "password", auth.get("password"))
        conf.set(g, p + "project_name", auth.get("project_name"))
    conf.set(g, "user_domain_name", auth.get("user_domain_name") or "Default")
    conf.set(g, "project_domain_name", auth.get("project_domain_name") or "Default")
    conf.set(g, "region", region)
    for k, src in (
        ("image_ref", "image_ref"),
        ("minimal_image_ref", "image_ref"),
        ("instance_type", "flavor_ref_alt"),
        ("minimal_instance_type", "flavor_ref"),
    ):
        conf.set(g, k, conf.get("compute", src))
    conf.set(g, "fixed_network_name", "heat-net")
    conf.set(g, "fixed_subnet_name", "heat-subnet")


def common(conf, args):
    state = Path(args.state_dir).resolve()
    conf.set("DEFAULT", "debug", True)
    conf.set("DEFAULT", "use_stderr", False)
    conf.set("DEFAULT", "log_file", "tempest.log")
    conf.set("DEFAULT", "log_dir", state / "logs")
    conf.set("oslo_concurrency", "lock_path", state / "tempest_lock")
    # guests
    conf.set("validation", "run_validation", not args.no_ssh)
    conf.set("validation", "connect_method", "floating")
    conf.set("validation", "auth_method", "keypair")
    conf.set("validation", "image_ssh_user", args.ssh_user)
    conf.set("validation", "image_alt_ssh_user", args.ssh_user)
    conf.set("validation", "ip_version_for_ssh", 4)
    if args.no_ssh:
        conf.note("run_validation is off: no test logs in to a guest")
    conf.set("scenario", "dhcp_client", args.dhcp_client)
    conf.set("scenario", "img_file", args.image_file)
    if not args.image_file:
        conf.note("no --image-file: the scenario tests that upload an image fail")
    # tempest's default is on the Internet: web-download import needs a URL that
    # the cloud itself can fetch
    conf.set("image", "http_image", args.http_image)
    conf.set("image", "http_qcow2_image", args.http_qcow2_image or args.http_image)
    if not args.http_image:
        conf.note("no --http-image: the web-download import tests fetch from the Internet")
    conf.set("image", "images_manifest_file", args.images_manifest)
    conf.set("network", "project_networks_reachable", False)
    conf.set("network", "project_network_cidr", "10.100.0.0/16")
    # slow hosts: stretch the waits, not the checks
    s = args.slow
    for group, opt, v in (
        ("compute", "build_timeout", 300),
        ("volume", "build_timeout", 300),
        ("image", "build_timeout", 300),
        ("network", "build_timeout", 300),
        ("validation", "ssh_timeout", 300),
        ("validation", "connect_timeout", 60),
        ("validation", "ping_timeout", 120),
        ("service-clients", "http_timeout", 60),
        ("object-storage", "build_timeout", 10),
    ):
        conf.set(group, opt, int(v * s))
    conf.set("compute", "build_interval", 1)
    conf.set("share", "suppress_errors_in_cleanup", False)


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--os-cloud", default=os.environ.get("OS_CLOUD"))
    p.add_argument("-o", "--output", default="tempest.conf")
    p.add_argument("--state-dir", default=".")
    p.add_argument("--create", action="store_true", help="create m1.nano/m1.micro and a multiattach type if missing")
    for name in ("--image", "--alt-image", "--flavor", "--alt-flavor"):
        p.add_argument(name)
    p.add_argument("--flavor-ram", type=int, default=192)
    p.add_argument("--flavor-alt-ram", type=int, default=256)
    p.add_argument("--public-network")
    p.add_argument("--ssh-user", default="cirros")
    p.add_argument("--dhcp-client", default="dhcpcd", choices=["dhcpcd", "udhcpc"])
    p.add_argument("--image-file", help="local image file for scenario uploads")
    p.add_argument("--http-image", help="URL of an image, for web-download")
    p.add_argument("--http-qcow2-image")
    p.add_argument("--images-manifest", help="manifest.yaml of os-test-images")
    p.add_argument("--tempest-roles", default="member")
    p.add_argument("--swift-operator-role", default="member")
    p.add_argument(
        "--network-extensions",
        default="all",
        choices=["all", "discovered"],
        help="'discovered' skips tests of unannounced extensions",
    )
    p.add_argument("--dashboard-url")
    p.add_argument("--admin-system", action="store_true")
    p.add_argument("--insecure", action="store_true")
    p.add_argument("--no-ssh", action="store_true")
    p.add_argument("--slow", type=float, default=1.0, help="multiply the timeouts")
    p.add_argument("--set", action="append", default=[], metavar="GROUP.KEY=VALUE")
    args = p.parse_args(argv)

    conf = Conf()
    common(conf, args)
    discover(conf, args)
    for item in args.set:
        path, _, value = item.partition("=")
        group, _, key = path.rpartition(".")
        if not group or not key:
            p.error(f"--set needs GROUP.KEY=VALUE: {item!r}")
        old = conf.get(group, key)
        conf.set(group, key, value)
        conf.note(f"DEVIATION [{group}] {key} = {value} (was {old})")
    output = Path(args.output)
    output.touch(0o600)
    output.write_text(conf.render())
    print(f"wrote {args.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
