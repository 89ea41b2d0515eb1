"""Projects, domains, users, groups, roles and the catalogue behave as clients of the reference expect."""

import pytest

from tests.unit.identity.conftest import Identity

URL = "http://cloud.test:8780/identity/v3"


def test_a_project_lives_from_creation_to_deletion(identity: Identity) -> None:
    project = identity.make("project", name=" blue ", description="sky", colour="azure", tags=["b", "a"])
    assert project["name"] == "blue"
    assert project["colour"] == "azure"
    assert project["parent_id"] == project["domain_id"] == "default"
    assert project["tags"] == ["a", "b"]
    assert project["links"] == {"self": f"{URL}/projects/{project['id']}"}
    path = f"/projects/{project['id']}"
    changed = identity.ok("PATCH", path, {"project": {"name": "green", "colour": "grass"}})["project"]
    assert (changed["name"], changed["description"], changed["colour"]) == ("green", "sky", "grass")
    identity.ok("DELETE", path, status=204)
    assert identity.call("GET", path).json["error"]["message"] == f"Could not find project: {project['id']}."


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"name": ""},
        {"name": "x" * 65},
        {"name": 7},
        {"name": "x", "enabled": "perhaps"},
        {"name": "x", "domain_id": "nowhere"},
        {"name": "x", "parent_id": "nowhere"},
        {"name": "x", "tags": ["a,b"]},
        {"name": "x", "tags": ["a", "a"]},
        {"name": "x", "options": {"unheard": True}},
    ],
)
def test_a_project_that_makes_no_sense_is_refused(identity: Identity, values: dict[str, object]) -> None:
    assert identity.call("POST", "/projects", {"project": values}).status == 400


def test_names_of_any_script_are_kept_and_found(identity: Identity) -> None:
    name = "雲と☁️ Ωμέγα"
    project = identity.make("project", name=name)
    assert [p["id"] for p in identity.ok("GET", f"/projects?name={name}")["projects"]] == [project["id"]]


def test_deep_json_is_a_400(identity: Identity) -> None:
    body = b'{"project": {"name": "x", "deep": ' + b"[" * 40_000 + b"]" * 40_000 + b"}}"
    assert identity.call("POST", "/projects", body).status == 400


def test_two_projects_of_a_domain_do_not_share_a_name(identity: Identity) -> None:
    identity.make("project", name="same")
    assert identity.call("POST", "/projects", {"project": {"name": "same"}}).status == 409
    domain = identity.make("domain", name="other")
    identity.make("project", name="same", domain_id=domain["id"])


def test_a_hierarchy_has_a_depth_and_is_switched_as_a_whole(identity: Identity) -> None:
    chain = [identity.make("project", name="p0")]
    for level in range(1, 5):
        chain.append(identity.make("project", name=f"p{level}", parent_id=chain[-1]["id"]))
    too_deep = {"project": {"name": "p5", "parent_id": chain[-1]["id"]}}
    assert identity.call("POST", "/projects", too_deep).status == 403
    top, below = f"/projects/{chain[0]['id']}", f"/projects/{chain[4]['id']}"
    assert identity.call("PATCH", top, {"project": {"enabled": False}}).status == 403
    assert identity.call("DELETE", top).status == 403
    identity.ok("PATCH", below, {"project": {"enabled": False}})
    shown = identity.ok("GET", below + "?parents_as_ids")["project"]
    expected: object = None
    for one in ("default", *(project["id"] for project in chain[:4])):
        expected = {one: expected}
    assert shown["parents"] == expected
    tree = identity.ok("GET", top + "?subtree_as_ids")["project"]["subtree"]
    assert list(tree) == [chain[1]["id"]]


def test_tags_filter_projects(identity: Identity) -> None:
    both = identity.make("project", name="both", tags=["red", "blue"])
    red = identity.make("project", name="red", tags=["red"])

    def names(query: str) -> set[str]:
        return {p["name"] for p in identity.ok("GET", f"/projects?{query}")["projects"]} & {"both", "red", "none"}

    identity.make("project", name="none")
    assert names("tags=red,blue") == {"both"}
    assert names("tags-any=red,blue") == {"both", "red"}
    assert names("not-tags=red,blue") == {"red", "none"}
    assert names("not-tags-any=red,blue") == {"none"}
    identity.ok("PUT", f"/projects/{red['id']}/tags/green", status=201)
    assert identity.ok("GET", f"/projects/{red['id']}/tags")["tags"] == ["green", "red"]
    identity.ok("DELETE", f"/projects/{both['id']}/tags/red", status=204)
    assert identity.call("HEAD", f"/projects/{both['id']}/tags/red").status == 404


def test_filters_compare_as_they_say(identity: Identity) -> None:
    for name in ("Alpha", "alphabet", "beta"):
        identity.make("project", name=name)

    def names(query: str) -> list[str]:
        return sorted(p["name"] for p in identity.ok("GET", f"/projects?{query}")["projects"])

    assert names("name__contains=lpha") == ["Alpha", "alphabet"]
    assert names("name__startswith=alpha") == ["alphabet"]
    assert names("name__istartswith=alpha") == ["Alpha", "alphabet"]
    assert names("name__endswith=bet") == ["alphabet"]
    assert names("name__contains=%25") == []


def test_pages_link_to_the_next_and_cover_everything_once(identity: Identity) -> None:
    for number in range(5):
        identity.make("project", name=f"page{number}")
    seen, path = [], "/projects?limit=2&name__startswith=page"
    while path:
        page = identity.ok("GET", path)
        assert page["links"]["self"] == URL + path
        seen += [project["name"] for project in page["projects"]]
        following = page["links"]["next"]
        assert ("truncated" in page) == (following is not None)
        path = following.removeprefix(URL) if following else ""
    assert sorted(seen) == [f"page{number}" for number in range(5)]
    assert identity.call("GET", "/projects?marker=nowhere").status == 404
    assert identity.call("GET", "/projects?limit=many").status == 400


def test_a_domain_is_disabled_before_it_goes_and_takes_all_with_it(identity: Identity) -> None:
    domain = identity.make("domain", name="shire")
    user = identity.make("user", name="frodo", domain_id=domain["id"], password="ring")
    project = identity.make("project", name="bag-end", domain_id=domain["id"])
    identity.grant(f"projects/{project['id']}", user["id"], "member")
    path = f"/domains/{domain['id']}"
    assert identity.call("DELETE", path).status == 403
    identity.ok("PATCH", path, {"domain": {"enabled": False}})
    identity.ok("DELETE", path, status=204)
    for gone in (path, f"/users/{user['id']}", f"/projects/{project['id']}"):
        assert identity.call("GET", gone).status == 404
    assert identity.ok("GET", f"/role_assignments?user.id={user['id']}")["role_assignments"] == []


def test_what_is_immutable_changes_only_to_be_mutable(identity: Identity) -> None:
    role = identity.make("role", name="frozen", options={"immutable": True})
    path = f"/roles/{role['id']}"
    assert identity.call("PATCH", path, {"role": {"name": "thawed"}}).status == 403
    assert identity.call("DELETE", path).status == 403
    identity.ok("PATCH", path, {"role": {"options": {"immutable": False}}})
    identity.ok("DELETE", path, status=204)


def test_a_user_keeps_what_it_does_not_know(identity: Identity) -> None:
    user = identity.make("user", name="ada", email="ada@example.org", password="x", enabled=False)
    assert "password" not in user
    assert (user["email"], user["enabled"], user["domain_id"]) == ("ada@example.org", False, "default")
    path = f"/users/{user['id']}"
    changed = identity.ok("PATCH", path, {"user": {"email": "a@b.c", "enabled": True}})["user"]
    assert (changed["email"], changed["name"]) == ("a@b.c", "ada")
    assert identity.call("PATCH", path, {"user": {"domain_id": "elsewhere"}}).status == 400
    assert identity.call("PATCH", path, {"user": {}}).status == 400
    assert identity.call("PATCH", path, {"user": {"id": "other"}}).status == 400


def test_groups_give_roles_to_their_users(identity: Identity) -> None:
    user = identity.make("user", name="bob", password="bob")
    group = identity.make("group", name="builders")
    project = identity.make("project", name="house")
    identity.ok("PUT", f"/groups/{group['id']}/users/{user['id']}", status=204)
    identity.ok("PUT", f"/projects/{project['id']}/groups/{group['id']}/roles/{identity.role('member')}", status=204)
    token = identity.token(user["id"], "bob", project={"id": project["id"]})
    assert [p["name"] for p in identity.ok("GET", "/auth/projects", token=token)["projects"]] == ["house"]
    assert [p["name"] for p in identity.ok("GET", f"/users/{user['id']}/projects", token=token)["projects"]] == [
        "house"
    ]
    identity.ok("DELETE", f"/groups/{group['id']}/users/{user['id']}", status=204)
    assert identity.call("GET", "/auth/projects", token=token).status == 401


def test_inherited_roles_reach_what_is_below(identity: Identity) -> None:
    user = identity.make("user", name="carol", password="carol")
    parent = identity.make("project", name="parent")
    child = identity.make("project", name="child", parent_id=parent["id"])
    role = identity.role("member")
    path = f"/OS-INHERIT/projects/{parent['id']}/users/{user['id']}/roles/{role}/inherited_to_projects"
    identity.ok("PUT", path, status=204)
    identity.ok("HEAD", path, status=204)
    assert identity.log_in(user["id"], "carol", project={"id": parent["id"]}).status == 401
    identity.token(user["id"], "carol", project={"id": child["id"]})
    query = f"/role_assignments?effective&user.id={user['id']}&include_names"
    found = identity.ok("GET", query)["role_assignments"]
    assert {(one["role"]["name"], one["scope"]["project"]["name"]) for one in found} == {
        ("member", "child"),
        ("reader", "child"),
    }
    assert all(one["scope"]["OS-INHERIT:inherited_to"] == "projects" for one in found)
    implied = next(one for one in found if one["role"]["name"] == "reader")
    assert implied["links"]["prior_role"].endswith(f"/prior_role/{role}/implies/{implied['role']['id']}")
    direct = identity.ok("GET", f"/role_assignments?user.id={user['id']}")["role_assignments"]
    assert [one["scope"]["project"]["id"] for one in direct] == [parent["id"]]
    identity.ok("DELETE", path, status=204)
    assert identity.call("DELETE", path).status == 404


@pytest.mark.parametrize(
    "query",
    [
        "scope.domain.id=default&scope.project.id=x",
        "user.id=x&group.id=y",
        "effective&group.id=x",
        "include_subtree",
        "scope.system=all&scope.domain.id=default",
    ],
)
def test_filters_that_exclude_each_other(identity: Identity, query: str) -> None:
    assert identity.call("GET", f"/role_assignments?{query}").status == 400


def test_roles_imply_others_but_never_in_a_circle(identity: Identity) -> None:
    first, second, third = (identity.make("role", name=name)["id"] for name in ("one", "two", "three"))
    identity.ok("PUT", f"/roles/{first}/implies/{second}", status=201)
    identity.ok("PUT", f"/roles/{second}/implies/{third}", status=201)
    assert identity.call("PUT", f"/roles/{third}/implies/{first}").status == 403
    assert identity.call("PUT", f"/roles/{first}/implies/{first}").status == 403
    assert identity.call("PUT", f"/roles/{first}/implies/{identity.role('admin')}").status == 403
    identity.ok("HEAD", f"/roles/{first}/implies/{second}", status=204)
    rules = identity.ok("GET", "/role_inferences")["role_inferences"]
    assert {rule["prior_role"]["id"] for rule in rules} >= {first, second}
    identity.ok("DELETE", f"/roles/{first}/implies/{second}", status=204)
    assert identity.call("GET", f"/roles/{first}/implies/{second}").status == 404


def test_a_domains_role_is_given_in_its_domain_and_is_no_role_of_a_token(identity: Identity) -> None:
    domain = identity.make("domain", name="d")
    role = identity.make("role", name="local", domain_id=domain["id"])
    user = identity.make("user", name="dora", password="dora")
    inside = identity.make("project", name="inside", domain_id=domain["id"])
    outside = identity.make("project", name="outside")
    identity.ok("PUT", f"/projects/{inside['id']}/users/{user['id']}/roles/{role['id']}", status=204)
    assert identity.call("PUT", f"/projects/{outside['id']}/users/{user['id']}/roles/{role['id']}").status == 403
    assert identity.call("PUT", f"/system/users/{user['id']}/roles/{role['id']}").status == 400
    assert identity.log_in(user["id"], "dora", project={"id": inside["id"]}).status == 401
    identity.ok("PUT", f"/roles/{role['id']}/implies/{identity.role('reader')}", status=201)
    identity.token(user["id"], "dora", project={"id": inside["id"]})


def test_regions_services_and_endpoints(identity: Identity) -> None:
    region = identity.make("region", id="north", description="cold")
    below = identity.make("region", parent_region_id="north")
    assert identity.call("PATCH", "/regions/north", {"region": {"parent_region_id": below["id"]}}).status == 400
    service = identity.make("service", type="dns", name="designate")
    endpoint = identity.make(
        "endpoint", interface="public", service_id=service["id"], region_id=below["id"], url="http://dns/$(project_id)s"
    )
    assert endpoint["region"] == below["id"]
    catalogue = identity.ok("GET", "/auth/catalog")["catalog"]
    dns = next(entry for entry in catalogue if entry["type"] == "dns")
    assert dns["endpoints"][0]["url"] == f"http://dns/{identity.cloud.ids.admin_project_id}"
    assert identity.call("DELETE", "/regions/north").status == 403
    bad = {"interface": "public", "service_id": service["id"], "url": "http://dns/$(nonsense)s"}
    assert identity.call("POST", "/endpoints", {"endpoint": bad}).status == 400
    identity.ok("DELETE", f"/services/{service['id']}", status=204)
    assert identity.call("GET", f"/endpoints/{endpoint['id']}").status == 404
    identity.ok("DELETE", f"/regions/{region['id']}", status=204)
    assert identity.call("GET", f"/regions/{below['id']}").status == 404


def test_a_project_that_was_given_endpoints_sees_no_others(identity: Identity) -> None:
    service = identity.make("service", type="dns", name="designate")
    one = identity.make("endpoint", interface="public", service_id=service["id"], url="http://one")
    demo = identity.cloud.ids.demo_project_id
    identity.ok("PUT", f"/OS-EP-FILTER/projects/{demo}/endpoints/{one['id']}", status=204)
    catalogue = identity.ok("GET", "/auth/catalog", user="demo")["catalog"]
    assert [e["id"] for entry in catalogue for e in entry["endpoints"]] == [one["id"]]
    group = identity.make(
        "endpoint_group", "OS-EP-FILTER/endpoint_groups", name="all identity", filters={"interface": "internal"}
    )
    identity.ok("PUT", f"/OS-EP-FILTER/endpoint_groups/{group['id']}/projects/{demo}", status=204)
    shown = identity.ok("GET", f"/OS-EP-FILTER/projects/{demo}/endpoints")["endpoints"]
    assert {e["interface"] for e in shown} == {"public", "internal"}
