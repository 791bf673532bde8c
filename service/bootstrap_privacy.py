"""What finds and masks personal data, as the settings have it."""

from __future__ import annotations

from service.privacy.detect import Detector
from service.privacy.masked import Masking
from service.privacy.seals import load, read_key
from service.privacy.vaults import Vaults
from service.settings_privacy import PrivacySettings
from service.store.store import Store


def open_privacy(settings: PrivacySettings, store: Store) -> Masking:
    """Return what masks; what stands for whom is kept in `store`, if the settings name a key."""
    key = None if settings.key is None else read_key(settings.key.get_secret_value())
    if key is not None:
        load()
    return Masking(Detector(settings.patterns), Vaults(store, key))
