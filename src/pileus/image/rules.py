"""Policy defaults of image, under the reference's names (glance.policies)."""

from pileus.kernel.policy import Rule

ADMIN = "rule:context_is_admin"
SERVICE = "rule:service_api"
OWNER = "project_id:%(project_id)s"
SHARED = "project_id:%(member_id)s"
OPEN = "'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s"
MEMBER = f"{ADMIN} or (role:member and {OWNER})"
READER = f"{ADMIN} or (role:reader and {OWNER})"
MEMBER_OR_SHARED = f"{ADMIN} or (role:member and ({OWNER} or {SHARED} or {OPEN}))"
READER_OR_SHARED = f"{ADMIN} or (role:reader and ({OWNER} or {SHARED} or {OPEN}))"
READER_OR_MEMBER_PROJECT = f"{ADMIN} or role:reader and ({OWNER} or {SHARED})"
NAMESPACE_READER = f"{ADMIN} or (role:reader and ({OWNER} or 'public':%(visibility)s))"
METADEF_ADMIN = "rule:metadef_admin"
OWN = ("project",)


def _rule(name: str, check: str, description: str) -> Rule:
    return Rule(name, check, description, OWN)


RULES = [
    Rule("default", "", "What a rule that is not defined allows."),
    Rule("context_is_admin", "role:admin", "Who counts as an administrator."),
    Rule("service_api", "role:service or role:admin", "Calls between services."),
    _rule("add_image", f"{ADMIN} or (role:member and {OWNER} and project_id:%(owner)s)", "Create an image."),
    _rule("delete_image", MEMBER, "Delete an image."),
    _rule("get_image", READER_OR_SHARED, "Show an image."),
    _rule("get_images", READER, "List images."),
    _rule("modify_image", MEMBER, "Change an image."),
    _rule("publicize_image", ADMIN, "Make an image public."),
    _rule("communitize_image", MEMBER, "Share an image with everybody."),
    _rule("download_image", MEMBER_OR_SHARED, "Download an image's data."),
    _rule("download_from_store", MEMBER_OR_SHARED, "Choose the store that data is downloaded from."),
    _rule("upload_image", MEMBER, "Upload an image's data."),
    _rule("delete_image_location", ADMIN, "Remove a location of an image."),
    _rule("get_image_location", READER, "See the locations of an image."),
    _rule("set_image_location", MEMBER, "Set the locations of an image."),
    _rule("add_image_location", f"{SERVICE} or (role:member and {OWNER} and project_id:%(owner)s)", "Add a location."),
    _rule("fetch_image_location", SERVICE, "Fetch the locations of an image."),
    _rule("add_member", MEMBER, "Share an image with a project."),
    _rule("delete_member", MEMBER, "Stop sharing an image with a project."),
    _rule("get_member", READER_OR_MEMBER_PROJECT, "Show a member of an image."),
    _rule("get_members", READER_OR_MEMBER_PROJECT, "List the members of an image."),
    _rule("modify_member", f"{ADMIN} or (role:member and {SHARED})", "Accept or reject an image."),
    _rule("manage_image_cache", ADMIN, "Manage the cache."),
    _rule("deactivate", MEMBER, "Deactivate an image."),
    _rule("reactivate", MEMBER, "Reactivate an image."),
    _rule("copy_image", ADMIN, "Copy an image into more stores."),
    _rule("list_cached_nodes", ADMIN, "List the hosts that have an image in their cache."),
    _rule("cache_image", ADMIN, "Queue an image for the cache."),
    _rule("cache_list", ADMIN, "List the cache."),
    _rule("cache_delete", ADMIN, "Remove images from the cache."),
    _rule("cache_clean", ADMIN, "Remove invalid and stalled images from the cache."),
    _rule("cache_prune", ADMIN, "Make the cache smaller."),
    _rule("stores_info_detail", f"{ADMIN} or {SERVICE}", "See the details of the stores."),
    _rule("get_task", "rule:default", "Show a task."),
    _rule("get_tasks", "rule:default", "List tasks."),
    _rule("add_task", "rule:default", "Create a task."),
    _rule("modify_task", "rule:default", "Change a task."),
    _rule("tasks_api_access", ADMIN, "Use the tasks API."),
    Rule("metadef_default", "", "What everybody may do with metadata definitions."),
    Rule("metadef_admin", ADMIN, "Who may change metadata definitions."),
    _rule("get_metadef_namespaces", READER, "List namespaces."),
    _rule("get_metadef_namespace", NAMESPACE_READER, "Show a namespace."),
    *(
        _rule(f"get_metadef_{name}", NAMESPACE_READER, f"See the {name} of a namespace.")
        for name in ("object", "objects", "property", "properties", "tag", "tags", "resource_type")
    ),
    _rule("list_metadef_resource_types", NAMESPACE_READER, "List resource types."),
    *(
        _rule(f"{verb}_metadef_{name}", METADEF_ADMIN, f"{verb} {name}".capitalize())
        for name, verbs in {
            "namespace": ("add", "modify", "delete"),
            "object": ("add", "modify", "delete"),
            "property": ("add", "modify", "remove"),
            "tag": ("add", "modify", "delete"),
            "tags": ("add", "delete"),
            "resource_type_association": ("add", "remove"),
        }.items()
        for verb in verbs
    ),
]
