"""Configuration: one TOML file, overridden by VSOPGW_SECTION__KEY in the environment, then by the caller's settings.

Every mistake is reported at once with its file and line; an unknown section or key is a mistake. Keys that end in
`_ms`, `_s`, `_seconds` or `_days` are numbers in the file and a `timedelta`, without that ending, in the code. Must not know
what is done with a setting.
"""

from gateway.config.capturing import CaptureConfig
from gateway.config.dialects import DialectName, LegacyConfig
from gateway.config.limits import LimitsConfig
from gateway.config.loading import load_config
from gateway.config.reference import config_reference
from gateway.config.sections import (
    AccessConfig,
    AdminConfig,
    ArchiveConfig,
    Audit,
    BreakerConfig,
    CallConfig,
    Config,
    ConfirmationConfig,
    FailpointConfig,
    GatewayConfig,
    LogConfig,
    LogFormat,
    LogLevel,
    PartnerConfig,
    PolicyConfig,
    PpmConfig,
    RetryConfig,
    StoreConfig,
    StoreKind,
)
from gateway.config.security import Credential, TlsConfig
from gateway.config.sources import ConfigMistakes, Mistake

__all__ = [
    "AccessConfig",
    "AdminConfig",
    "ArchiveConfig",
    "Audit",
    "BreakerConfig",
    "CallConfig",
    "CaptureConfig",
    "Config",
    "ConfigMistakes",
    "ConfirmationConfig",
    "Credential",
    "DialectName",
    "FailpointConfig",
    "GatewayConfig",
    "LegacyConfig",
    "LimitsConfig",
    "LogConfig",
    "LogFormat",
    "LogLevel",
    "Mistake",
    "PartnerConfig",
    "PolicyConfig",
    "PpmConfig",
    "RetryConfig",
    "StoreConfig",
    "StoreKind",
    "TlsConfig",
    "config_reference",
    "load_config",
]
