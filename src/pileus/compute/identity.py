"""What compute asks of identity."""

from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest
from pileus.kernel.service import Runtime
from pileus.kernel.services import fault_message


def check_project(runtime: Runtime, context: Context, project_id: str) -> None:
    """Raises BadRequest when identity knows no such project.

    Asked with the caller's rights, as the reference does: whoever may not see the project is believed.
    """
    if "identity" not in runtime.services:
        return
    answer = runtime.services["identity"].request(context, "GET", f"/v3/projects/{project_id}")
    # A 404 that does not name the project is about the path: an identity service that cannot tell.
    if answer.status == 404 and project_id in fault_message(answer.body):
        raise BadRequest(f"Project ID {project_id} is not a valid project.")
