"""All commands in one group; each module adds its own."""

from __future__ import annotations

import click

from gateway.cli import (
    audit_verify,
    caller,
    capture,
    configuration,
    data,
    demo,
    docs,
    docs_pages,
    fallout,
    flows,
    kit,
    order,
    partner,
    ppm,
    recon,
    route,
    samples,
    serve,
    sim,
    soapui,
    store,
    stub,
    wsdl,
    wsdl_diff,
    wsdl_lint,
    wsdl_usage,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="vsop-gateway")
def main() -> None:
    """VSOP gateway: value-added service orders between portals, charging and service platforms, in two tiers."""


for command in (
    demo.demo, serve.serve, stub.stub, order.order, order.ladder, configuration.config, wsdl.wsdl, data.catalogue, data.subscribers,
    docs.docs, ppm.ppm, recon.recon, route.route, flows.flows, sim.sim, fallout.fallout, fallout.audit, store.store, partner.partner,
    capture.capture, kit.kit, samples.samples, soapui.soapui,
):  # fmt: skip
    main.add_command(command)
fallout.audit.add_command(audit_verify.verify)
wsdl.wsdl.add_command(wsdl_lint.lint)
wsdl.wsdl.add_command(wsdl_diff.diff)
wsdl.wsdl.add_command(wsdl_usage.usage)
for page in (docs_pages.build, docs_pages.serve):
    docs.docs.add_command(page)
for act in caller.ACTS:
    partner.partner.add_command(act)
