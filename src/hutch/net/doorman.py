"""Who may be told what, and what to do and to say after a refusal.

The client asks here before each request, and after a 401. The system's keyring is asked for the password of
an index that is configured, or of a log-in that it keeps for ``hutch auth login``: never for a host that a
page or a redirect names.
"""

from __future__ import annotations

from hutch.net.credentials import Credential, Wallet
from hutch.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hutch.net.keyring import KeyringAnswer, KeyringProgram
    from hutch.net.options import NetOptions
    from hutch.net.urls import Address

__all__ = ["Doorman", "Refusal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is known of the credentials for a place that refused.

    ``source`` says where the credential comes from that was told; empty if none was. ``withheld``: there is
    one, and it is not told to a host that only a project trusts without a certificate. ``keyring`` says why
    that gave none. ``tool`` and ``name``: that tool knows an index of that name, but not by this address.
    """

    source: str = ""
    withheld: bool = False
    keyring: str = ""
    tool: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What the keyring is asked: the services, one after the other, and for whom (None: whoever it has)."""

    services: tuple[str, ...]
    username: str | None
    origin: str
    path: str

    @property
    def key(self) -> tuple[object, ...]:
        """What two questions have in common that have one answer."""
        return (self.services, self.username)


class Doorman:
    """The credentials of a client, and the keyring behind them."""

    def __init__(self, wallet: Wallet, options: NetOptions) -> None:
        self._wallet = wallet
        self._options = options
        self._program: KeyringProgram | None = None
        self._answers: dict[tuple[object, ...], KeyringAnswer] = {}
        self._waiting: dict[tuple[object, ...], list[Callable[[], None]]] = {}

    def credential(self, address: Address) -> Credential | None:
        """What a request to ``address`` may carry."""
        return None if self._is_unproven(address) else self._find(address)

    def _find(self, address: Address) -> Credential | None:
        found = self._wallet.find(address.origin, address.host, address.target)
        # A user name whose password lies in the keyring is no credential yet; one in a URL may be a token.
        return found if found is None or found.password or not found.service else None

    def _is_unproven(self, address: Address) -> bool:
        unproven = self._options.unproven_hosts
        return bool(unproven) and (address.netloc in unproven or address.host in unproven)

    def source(self, address: Address) -> str:
        """Where the credential for ``address`` comes from; empty if none is known."""
        found = self._wallet.find(address.origin, address.host, address.target)
        if found is None:
            return ""
        return found.source if found.password or not found.service else f"{found.source}, in the keyring"

    def refusal(self, address: Address) -> Refusal:
        """What there is to say where ``address`` refused."""
        found = self._find(address)
        withheld = self._is_unproven(address) and found is not None
        source = found.source if found is not None and not withheld else ""
        missing = ""
        if found is None or not found.password:
            for question in self._questions(address, found):
                answer = self._answers.get(question.key)
                missing = answer.missing if answer is not None else ""
        tool = next(
            (
                login
                for url, login in self._wallet.by_name.items()
                if url.lower().startswith(("http://", "https://"))
                and (address.url.rstrip("/") + "/").startswith(url.rstrip("/") + "/")
            ),
            None,
        )
        return Refusal(
            source=source,
            withheld=withheld,
            keyring=missing,
            tool=tool.tool if tool is not None and not source else "",
            name=tool.name if tool is not None and not source else "",
        )

    def log_in(self, address: Address) -> tuple[str, str] | None:
        """What ``hutch auth login`` keeps for a place, out of the keyring if need be (which takes time)."""
        found = self._wallet.saved_for(address.origin, address.target)
        if found is None or self._is_unproven(address):
            return None
        if found.password:
            return found.username, found.password
        answer = self._open().get((found.service,), found.username)
        return (answer.username, answer.password) if answer.password else None

    # -- the keyring ------------------------------------------------------------------------------

    def look_further(
        self,
        address: Address,
        told: Credential | None,
        background: Callable[[Callable[[], KeyringAnswer], Callable[[object], None]], None],
        go_on: Callable[[], None],
    ) -> bool:
        """After a 401: whether the keyring is asked, in a thread. Once it has answered ``go_on`` is called.

        Requests for one index that are refused meanwhile wait for the same answer.
        """
        if self._is_unproven(address) or (told is not None and told.password):
            return False
        new = [each for each in self._questions(address, told) if each.key not in self._answers]
        if not new:
            return False
        question = new[0]
        waiting = self._waiting.setdefault(question.key, [])
        waiting.append(go_on)
        if len(waiting) == 1:

            def answered(answer: object) -> None:
                self._learn(question, answer)
                for each in self._waiting.pop(question.key):
                    each()

            background(lambda: self._open().get(question.services, question.username), answered)
        return True

    def _questions(self, address: Address, told: Credential | None) -> list[_Question]:
        known = self._wallet.find(address.origin, address.host, address.target) or told
        if known is not None and known.service:
            services: tuple[str, ...] = (known.service,)
            return [
                _Question(services=services, username=known.username, origin=address.origin, path=known.path)
            ]
        from hutch.net.urls import parse_url

        places = [(each.url, parse_url(each.url)) for each in self._options.indexes]
        near = [
            (url, place)
            for url, place in places
            if place.origin == address.origin
            and (address.target.rstrip("/") + "/").startswith(
                place.target.partition("?")[0].rstrip("/") + "/"
            )
        ] or [(url, place) for url, place in places if place.origin == address.origin]
        if not near:
            return []
        url, place = max(near, key=lambda each: len(each[1].target))
        bare = place.url.rstrip("/")
        written = bare + "/" if url.endswith("/") else bare
        return [
            _Question(
                services=(written, bare if written != bare else bare + "/", place.netloc),
                username=known.username if known is not None and known.username else None,
                origin=address.origin,
                path=place.target.partition("?")[0],
            )
        ]

    def _open(self) -> KeyringProgram:
        if self._program is None:
            from hutch.net.keyring import KeyringProgram

            self._program = KeyringProgram(self._options.keyring)
        return self._program

    def _learn(self, question: _Question, answer: object) -> None:
        """Keep what the keyring said."""
        from hutch.net.keyring import KeyringAnswer

        if not isinstance(answer, KeyringAnswer):  # the thread ended badly
            answer = KeyringAnswer(missing="the keyring could not be asked")
        self._answers[question.key] = replace(answer, password="")
        if answer.password:
            self._wallet.add(
                Credential(
                    origin=question.origin,
                    path=question.path,
                    username=answer.username,
                    password=answer.password,
                    source="the keyring",
                )
            )
