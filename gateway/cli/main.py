"""All commands in one group: each is a row here, and its module is read when it is asked for.

A short command starts in a fraction of a second by that: the whole program takes more than one to read.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "audit": "fallout:audit", "capture": "capture:capture", "catalogue": "data:catalogue",
    "config": "configuration:config", "console": "console:console", "demo": "demo:demo", "docs": "docs:docs",
    "fallout": "fallout:fallout", "find": "order:find", "flows": "flows:flows", "health": "health:health",
    "kit": "kit:kit", "ladder": "order:ladder", "order": "order:order", "partner": "partner:partner", "ppm": "ppm:ppm",
    "recon": "recon:recon", "replay": "replay:replay", "route": "route:route", "samples": "samples:samples",
    "serve": "serve:serve", "sim": "sim:sim", "soapui": "soapui:soapui", "store": "store:store", "stub": "stub:stub",
    "subscribers": "data:subscribers", "wsdl": "wsdl:wsdl",
}  # fmt: skip
"""Name to module and command in it."""

FURTHER = {
    "audit": ("audit_verify:verify",),
    "docs": ("docs_pages:build", "docs_pages:serve"),
    "partner": ("caller:ACTS",),
    "stub": ("stub_admin:COMMANDS", "stub_mappings:COMMANDS", "stub_record:COMMANDS", "stub_snapshot:COMMANDS"),
    "wsdl": ("wsdl_lint:lint", "wsdl_diff:diff", "wsdl_usage:usage"),
}
"""Commands of a group that stand in modules of their own: each a command, or several."""


class Commands(click.Group):
    """A group whose commands are read when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give all names, for --help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give a command with all that belongs to it."""
        if cmd_name not in COMMANDS:
            return None
        found = _read(COMMANDS[cmd_name])[0]
        if isinstance(found, click.Group):
            for further in FURTHER.get(cmd_name, ()):
                for command in _read(further):
                    found.add_command(command)
        return found


def _read(place: str) -> tuple[click.Command, ...]:
    module, _, name = place.partition(":")
    read = getattr(import_module(f"gateway.cli.{module}"), name)
    return (read,) if isinstance(read, click.Command) else tuple(read)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="vsop-gateway")
def main() -> None:
    """VSOP gateway: value-added service orders between portals, charging and service platforms, in two tiers."""
