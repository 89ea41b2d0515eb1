"""The image API, line by line."""

from pileus.image.handlers import (
    actions,
    cache,
    data,
    discovery,
    images,
    imports,
    information,
    locations,
    members,
    tasks,
)
from pileus.image.handlers.common import find_image, find_shared_image
from pileus.image.metadef_routes import METADEFS
from pileus.kernel.http.routes import Route

IMAGE = "/v2/images/{image_id}"

DISCOVERY = [
    Route(method="GET", path="", handler=discovery.choices, public=True),
    Route(method="GET", path="/versions", handler=discovery.versions, public=True),
    Route(method="GET", path="/{number}", handler=discovery.version, public=True),
    Route(method="GET", path="/v2/schemas/image", handler=information.image_schema),
    Route(method="GET", path="/v2/schemas/images", handler=information.images_schema),
    Route(method="GET", path="/v2/schemas/member", handler=information.member_schema),
    Route(method="GET", path="/v2/schemas/members", handler=information.members_schema),
    Route(method="GET", path="/v2/schemas/task", handler=information.task_schema),
    Route(method="GET", path="/v2/schemas/tasks", handler=information.tasks_schema),
    Route(method="GET", path="/v2/info/import", handler=information.import_methods),
    Route(method="GET", path="/v2/info/stores", handler=information.stores),
    Route(method="GET", path="/v2/info/stores/detail", handler=information.stores_detail, policy="stores_info_detail"),
    Route(method="GET", path="/v2/info/usage", handler=information.usage),
]

IMAGES = [
    Route(method="GET", path="/v2/images", handler=images.list_images, policy="get_images"),
    Route(method="POST", path="/v2/images", handler=images.create, raw_body=True),
    Route(method="DELETE", path="/v2/images", handler=images.delete_all),
    Route(method="GET", path=IMAGE, handler=images.show, load=find_image, policy="get_image"),
    Route(method="PATCH", path=IMAGE, handler=images.update, load=find_image, raw_body=True),
    Route(method="DELETE", path=IMAGE, handler=images.delete, load=find_image, policy="delete_image", status=204),
    Route(
        method="PUT",
        path=f"{IMAGE}/file",
        handler=data.upload,
        query=data.octets_only,
        load=find_image,
        policy="upload_image",
        streams=True,
        rerun=False,
        status=204,
    ),
    Route(
        method="GET",
        path=f"{IMAGE}/file",
        handler=data.download,
        load=data.find_downloadable,
        policy="download_image",
        streams=True,
    ),
    Route(
        method="PUT",
        path=f"{IMAGE}/stage",
        handler=data.stage,
        query=data.staging_only,
        load=find_image,
        policy="modify_image",
        streams=True,
        rerun=False,
        status=204,
    ),
    Route(
        method="POST",
        path=f"{IMAGE}/actions/deactivate",
        handler=actions.deactivate,
        load=find_image,
        policy="deactivate",
        status=204,
    ),
    Route(
        method="POST",
        path=f"{IMAGE}/actions/reactivate",
        handler=actions.reactivate,
        load=find_image,
        policy="reactivate",
        status=204,
    ),
    Route(method="PUT", path=f"{IMAGE}/tags/{{tag}}", handler=actions.add_tag, load=find_image, status=204),
    Route(method="DELETE", path=f"{IMAGE}/tags/{{tag}}", handler=actions.delete_tag, load=find_image, status=204),
]

MEMBER = f"{IMAGE}/members/{{member_id}}"
MEMBERS = [
    Route(method="GET", path=f"{IMAGE}/members", handler=members.list_members, load=find_shared_image),
    Route(method="POST", path=f"{IMAGE}/members", handler=members.create, load=find_shared_image, raw_body=True),
    Route(method="GET", path=MEMBER, handler=members.show, load=find_shared_image),
    Route(method="PUT", path=MEMBER, handler=members.update, load=find_shared_image, raw_body=True),
    Route(method="DELETE", path=MEMBER, handler=members.delete, load=find_shared_image, status=204),
]

IMPORTS = [
    Route(
        method="POST",
        path=f"{IMAGE}/import",
        handler=imports.import_image,
        load=find_image,
        policy="get_image",
        raw_body=True,
        status=202,
    ),
    Route(method="GET", path=f"{IMAGE}/tasks", handler=imports.list_tasks, load=find_image, policy="get_image"),
    Route(
        method="DELETE",
        path="/v2/stores/{store_id}/{image_id}",
        handler=imports.delete_from_store,
        load=find_image,
        status=204,
    ),
    Route(
        method="POST",
        path=f"{IMAGE}/locations",
        handler=locations.add_location,
        load=find_image,
        raw_body=True,
        status=202,
    ),
    Route(
        method="GET",
        path=f"{IMAGE}/locations",
        handler=locations.list_locations,
        load=find_image,
        policy="fetch_image_location",
    ),
    Route(method="GET", path="/v2/tasks", handler=tasks.list_tasks, policy="tasks_api_access"),
    Route(
        method="POST",
        path="/v2/tasks",
        handler=tasks.create,
        policy="tasks_api_access",
        raw_body=True,
        status=201,
    ),
    Route(
        method="GET", path="/v2/tasks/{task_id}", handler=tasks.show, load=tasks.find_task, policy="tasks_api_access"
    ),
    Route(method="DELETE", path="/v2/tasks/{task_id}", handler=tasks.delete, policy="tasks_api_access"),
]

CACHE = [
    Route(method="GET", path="/v2/cache", handler=cache.show, policy="cache_list"),
    Route(method="DELETE", path="/v2/cache", handler=cache.clear, policy="cache_delete", status=204),
    Route(method="POST", path="/v2/cache/clean", handler=cache.clean, policy="cache_clean"),
    Route(method="POST", path="/v2/cache/prune", handler=cache.prune, policy="cache_prune"),
    Route(method="GET", path="/v2/cache/nodes/{image_id}", handler=cache.nodes, policy="list_cached_nodes"),
    Route(method="PUT", path="/v2/cache/{image_id}", handler=cache.queue, status=202),
    Route(method="DELETE", path="/v2/cache/{image_id}", handler=cache.delete, status=204),
]

ROUTES = [*DISCOVERY, *IMAGES, *MEMBERS, *IMPORTS, *METADEFS, *CACHE]
