"""The `github` block of an EventSource: where GitHub delivers to, whose hooks are registered, and with which credentials."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from pydantic import Field

from config.eventsource import EventSourceFilter
from config.model import Int64, Model, SecretKeySelector
from eventsources.http.route import WebhookContext, check_context

PUBLIC_API: Final = "https://api.github.com/"

Fault = tuple[str, str, str]
"""(field path, what, fix)."""


class OwnedRepositories(Model):
    """Repositories of one owner."""

    owner: str = ""
    names: list[str] | None = None


class GithubAppCreds(Model):
    """Credentials of a GitHub App."""

    private_key: SecretKeySelector | None = None
    app_id: Int64 = Field(default=0, alias="appID")
    installation_id: Int64 = Field(default=0, alias="installationID")


class Place(NamedTuple):
    """What a hook belongs to: its path in the API (`repos/acme/shop`, `orgs/acme`) and its name for a reader."""

    path: str
    name: str


APP: Final = Place("app", "the App")
"""The one hook that a GitHub App has for all its installations."""


class GitHubSettings(Model):
    """`spec.github.<event>`.

    `webhook` says where to listen and `webhookSecret` what GitHub signs with. With `webhook.url` and a token or an App, hooks
    are registered for the repositories or organizations; what else there is describes these.
    """

    webhook: WebhookContext | None = None
    webhook_secret: SecretKeySelector | None = None
    metadata: dict[str, str] | None = None
    filter: EventSourceFilter | None = None
    id: Int64 = 0
    owner: str = ""
    repository: str = ""
    repositories: list[OwnedRepositories] | None = None
    organizations: list[str] | None = None
    events: list[str] | None = None
    api_token: SecretKeySelector | None = None
    github_app: GithubAppCreds | None = None
    insecure: bool = False
    active: bool = False
    content_type: str = ""
    github_base_url: str = Field(default="", alias="githubBaseURL")
    github_upload_url: str = Field(default="", alias="githubUploadURL")
    delete_hook_on_finish: bool = False

    @property
    def owned(self) -> list[OwnedRepositories]:
        """The repositories, also those named the old way."""
        if self.repositories:
            return self.repositories
        if self.owner and self.repository:
            return [OwnedRepositories(owner=self.owner, names=[self.repository])]
        return []

    @property
    def credentials(self) -> SecretKeySelector | None:
        """The Secret that GitHub knows this source by. A token wins over an App."""
        return self.api_token or (self.github_app.private_key if self.github_app is not None else None)

    @property
    def wants_hooks(self) -> bool:
        """Whether hooks are registered."""
        return self.credentials is not None and self.webhook is not None and bool(self.webhook.url)

    @property
    def has_app_hook(self) -> bool:
        """Whether it is the App's own hook that delivers: there is an App, and no hook is to be registered."""
        return self.api_token is None and self.credentials is not None and not self.wants_hooks

    @property
    def places(self) -> list[Place]:
        """Where hooks are, each once; none if GitHub cannot be asked."""
        if self.has_app_hook:
            return [APP]
        if not self.wants_hooks:
            return []
        repositories = [(each.owner, name) for each in self.owned for name in each.names or ()]
        places = [Place(f"repos/{_step(owner)}/{_step(name)}", f"{owner}/{name}") for owner, name in repositories]
        places += [Place(f"orgs/{_step(name)}", f"organization {name}") for name in self.organizations or ()]
        return list(dict.fromkeys(places))

    @property
    def api(self) -> str:
        """The address of the REST API, with a slash at its end. An Enterprise Server's is completed as go-github does it."""
        if not self.github_base_url:
            return PUBLIC_API
        base = self.github_base_url.rstrip("/") + "/"
        host = urlsplit(base).hostname or ""
        if base.endswith("/api/v3/") or host.startswith("api.") or ".api." in host:
            return base
        return base + "api/v3/"


def check_settings(settings: GitHubSettings) -> list[Fault]:
    """What is wrong with the block."""
    faults: list[Fault] = []
    if not settings.owned and settings.organizations is None:
        faults.append(("", "either repositories or organizations is required", "name those that send events"))
    if settings.owned and settings.organizations is not None:
        faults.append(
            ("organizations", "only one of repositories and organizations is allowed", "leave one of them out")
        )
    if settings.content_type not in ("", "json", "form"):
        faults.append(("contentType", 'content type must be "json" or "form"', "say json"))
    if bool(settings.github_base_url) != bool(settings.github_upload_url):
        there, missing = ("githubBaseURL", "githubUploadURL")[:: 1 if settings.github_base_url else -1]
        faults.append((missing, f"{missing} is required when {there} is set", "give both or neither"))
    if settings.webhook is None:
        faults.append(("", "webhook is required", "say where to listen: webhook.endpoint, webhook.port"))
        return faults
    faults += check_context(settings.webhook, "webhook.")
    if settings.webhook_secret is None and settings.webhook.auth_secret is None:
        faults.append(("", "warning: whoever reaches the endpoint can send events", "set webhookSecret"))
    if settings.wants_hooks:
        faults += _check_hooks(settings)
    return faults


def _check_hooks(settings: GitHubSettings) -> list[Fault]:
    faults: list[Fault] = []
    if not settings.events:
        faults.append(("events", "events must be defined to create a github webhook", "name them, or '*' for all"))
    if not settings.active:
        what = "warning: hooks are registered inactive, and GitHub delivers nothing to them"
        faults.append(("active", what, "write active: true"))
    if settings.api_token is None and settings.github_app is not None:
        for field, value in (
            ("appID", settings.github_app.app_id),
            ("installationID", settings.github_app.installation_id),
        ):
            if not value:
                what = "warning: without it GitHub does not know the App"
                faults.append((f"githubApp.{field}", what, "the settings of the App at GitHub show it"))
    return faults


def _step(name: str) -> str:
    return quote(name, safe="")
