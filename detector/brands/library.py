"""The library of all brands, by id, owner and host."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from detector.brands.brand_loader import load_brand
from detector.brands.domains import parents
from detector.errors import BrandFileError, ConfigError, UsageError
from detector.hosters import account_of, whole_account
from detector.hosts import ascii_host, host_of
from detector.model import Brand


class BrandLibrary:
    """Brands in the order of their ids; immutable."""

    def __init__(self, brands: Iterable[Brand]) -> None:
        """Index the brands.

        Raises:
            ConfigError: two brands share an id.
        """
        self._brands: dict[str, Brand] = {}
        for brand in sorted(brands, key=lambda brand: brand.id):
            other = self._brands.get(brand.id)
            if other is not None:
                raise ConfigError(
                    f"brand {brand.id!r} is defined twice: in {other.folder} and in {brand.folder}; "
                    "rename or remove one"
                )
            self._brands[brand.id] = brand
        self._families = self._group()
        self._owners = self._index_domains()
        self._fingerprint: str | None = None

    def __iter__(self) -> Iterator[Brand]:
        return iter(self._brands.values())

    def __len__(self) -> int:
        return len(self._brands)

    def __contains__(self, brand_id: object) -> bool:
        return brand_id in self._brands

    def __getitem__(self, brand_id: str) -> Brand:
        return self._brands[brand_id]

    def get(self, brand_id: str) -> Brand | None:
        """Return the brand of that id, or None."""
        return self._brands.get(brand_id)

    def owner_of(self, host: str) -> Brand | None:
        """Return the brand that owns a host (without port) or a domain above it; the most specific domain wins.

        Case, a trailing dot and Unicode or ``xn--`` spelling make no difference.  Where brands of one family list the
        same domain, the family's head is named.
        """
        return self._owner(host)[0]

    def owner_of_page(self, url: str) -> Brand | None:
        """Return the brand whose own page is at an address: the owner of the host, unless others publish there.

        On a shared host (``telegra.ph``, ``x.blogspot.com``) the brand owns its own account's pages only: those below a domain that
        it lists itself, and those beside its sign-in page.
        """
        owner, domain = self._owner(host_of(url))
        account = account_of(url) if owner is not None else None
        if owner is None or account is None or whole_account(account, domain):
            return owner
        return owner if account in map(account_of, owner.signin_urls) else None

    def framing_family(self, url: str) -> frozenset[str]:
        """Ids of the brands whose mark frames what somebody else publishes at an address (``www.dropbox.com/s/...``)."""
        account = account_of(url)
        owner = self.owner_of(host_of(url)) if account is not None and account.framed else None
        return self.family(owner.id) if owner is not None else frozenset()

    def _owner(self, host: str) -> tuple[Brand | None, str]:
        """Return the brand that owns a host, and which of its domains the host belongs to."""
        for domain in parents(ascii_host(host.strip()).rstrip(".")):
            owner = self._owners.get(domain)
            if owner is not None:
                return owner, domain
        return None, ""

    def family(self, brand_id: str) -> frozenset[str]:
        """Ids of all brands of the same owner, including this one; only the id where it is unknown."""
        return self._families.get(brand_id, frozenset((brand_id,)))

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over names and contents of all brands' files: a key for caches of what was computed from them."""
        if self._fingerprint is None:
            digest = hashlib.sha256()
            for brand in self:
                if not brand.folder:  # made in memory: the current folder is not its own
                    digest.update(f"{brand!r}\n".encode())
                    continue
                for path in brand_files(Path(brand.folder)):
                    content = hashlib.sha256(path.read_bytes()).hexdigest()
                    digest.update(f"{brand.id}/{path.relative_to(brand.folder).as_posix()}\0{content}\n".encode())
            self._fingerprint = digest.hexdigest()
        return self._fingerprint

    def _head(self, brand: Brand) -> str:
        """Id of the owner: ``family`` followed to its end, stopping at loops."""
        seen = [brand.id]
        while True:
            above = brand.family or brand.answers_as
            if not above or above in seen:
                return min(seen) if above in seen else seen[-1]
            seen.append(above)
            following = self._brands.get(above)
            if following is None:
                return above
            brand = following

    def _group(self) -> dict[str, frozenset[str]]:
        groups: dict[str, set[str]] = {}
        for brand in self:
            groups.setdefault(self._head(brand), set()).add(brand.id)
        return {member: frozenset(group) for group in groups.values() for member in group}

    def _index_domains(self) -> dict[str, Brand]:
        owners: dict[str, Brand] = {}
        heads_first = sorted(self, key=lambda brand: (bool(brand.family or brand.answers_as), brand.id))
        for brand in heads_first:
            for domain in brand.domains:
                owners.setdefault(domain, brand)
        return owners


def known_ids(library: BrandLibrary, ids: Iterable[str]) -> tuple[str, ...]:
    """Return ``ids`` if every one is a brand of the library.

    Raises:
        UsageError: one is not; names ids that are spelled alike.
    """
    wanted = tuple(ids)
    for name in wanted:
        if name not in library:
            close = get_close_matches(name, [brand.id for brand in library], n=3)
            hint = f"did you mean {', '.join(close)}?" if close else "`clonewatch brands list` shows all of them"
            raise UsageError(f"there is no brand {name!r}; {hint}")
    return wanted


def brand_files(folder: Path) -> list[Path]:
    """List all files of a brand but hidden ones, in a stable order."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".") and path.name != "NOTICE"
    )


def brand_folders(folders: Sequence[Path]) -> list[Path]:
    """List the brands' folders under ``folders``; hidden ones and plain files are left out.

    Raises:
        ConfigError: a folder is missing or cannot be listed.
    """
    found = []
    for folder in folders:
        try:
            found += sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._")
        except OSError as error:
            raise ConfigError(
                f"{folder}: brands cannot be read from there ({error.strerror}); "
                "name a folder that has one folder for each brand"
            ) from error
    return found


def uppermost(folders: Iterable[Path]) -> list[Path]:
    """Return the brands' folders that count: of those of one name, and hence one id, the last."""
    return list({folder.name: folder for folder in folders}.values())


def load_library(folders: Sequence[Path]) -> BrandLibrary:
    """Load every brand under ``folders``; a brand of a later one takes the place of the brand of the same id in an earlier one.

    Raises:
        ConfigError: a folder is missing.
        BrandFileError: a brand is malformed; the first one found is named.
    """
    try:
        return BrandLibrary(load_brand(folder) for folder in uppermost(brand_folders(folders)))
    except OSError as error:
        path = Path(error.filename or "?")
        raise BrandFileError(path, None, f"cannot be read ({error.strerror})", "a readable file") from error
