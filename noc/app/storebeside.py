"""The store of the settings, for commands beside the daemon: `noc store`, `noc grafana`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from noc.app.includes import read_merged
from noc.app.paths import state_folder
from noc.app.series import store_of
from noc.app.settings import validated
from noc.clock import Clock
from noc.model.ports import SeriesReader
from noc.model.series import SeriesAnswer, SeriesName, SeriesQuery
from noc.service import running
from noc.settings.schema import Settings
from noc.store import embedded
from noc.store._ports import Store, Surroundings
from noc.store.embedded.beside import ViewReader
from noc.store.embedded.view import opened


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What settings say of the store. folder: of noc.yaml; state_dir: of the daemon."""

    module: ModuleType
    settings: Settings
    folder: Path
    state_dir: Path

    @property
    def kind(self) -> str:
        """Return the name of the store."""
        return self.module.__name__.rpartition(".")[2]

    def build(self, clock: Clock) -> Store:
        """Return the store, not started; it does no work by itself. Raises SecretError, UsageError."""
        store: Store = self.module.build(self.settings, Surroundings(self.folder, self.state_dir, clock, serves=False))
        return store


class LazyReader:
    """Reads of a store that is opened when the first number is asked for: most commands ask for none."""

    def __init__(self, config: Path, environment: Mapping[str, str], clock: Clock) -> None:
        self._config = config
        self._environment = environment
        self._clock = clock
        self._store: SeriesReader | None = None
        self._held = AsyncExitStack()

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds, as the store does. Raises InputError, SecretError, UsageError too."""
        return await (await self._opened()).read(query)

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags, as the store does. Raises as `read` does."""
        return await (await self._opened()).names(where)

    async def close(self) -> None:
        """Close the store, where it was opened."""
        self._store = None
        await self._held.aclose()

    async def _opened(self) -> SeriesReader:
        if self._store is None:
            found = store_settings(self._config, self._environment)
            self._store = await self._held.enter_async_context(reader_beside(found, self._clock))
        return self._store


@asynccontextmanager
async def reader_beside(found: StoreSettings, clock: Clock) -> AsyncIterator[SeriesReader]:
    """Give what reads the store, whether noc runs or not.

    Raises UsageError where there is no embedded store, StoreError where it can't be read, SecretError.
    """
    if isinstance(found.settings, embedded.Settings):
        with opened(found.state_dir / found.settings.path, found.settings.retention) as view:
            yield ViewReader(view, clock)
        return
    store = found.build(clock)
    async with running([store]):
        yield store


def store_settings(config: Path, environment: Mapping[str, str]) -> StoreSettings:
    """Return what a settings file says of the store, whatever else is wrong in it.

    Raises InputError with every finding where it can't be read or the store's part is wrong.
    """
    merged, _, _ = read_merged(config, environment)
    module, settings = store_of(merged)
    folder = config.resolve().parent
    return StoreSettings(module, settings, folder, state_folder(folder, validated(merged).settings))
