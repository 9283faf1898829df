"""What the tests read of the schemas agrees with what the gateway compiled from them."""

from __future__ import annotations

import pytest
from examples import CONTRACTS, codec_of
from message_model import Complex, Member, Operation, Simple, operations

from gateway.contract.schema import ComplexType, Field, Primitive

EVERY = [pytest.param(operation, id=str(operation)) for contract in CONTRACTS for operation in operations(contract)]
_PRIMITIVES = {Primitive.TEXT: {"string"}, Primitive.WHOLE: {"int", "long", "integer"}, Primitive.TRUTH: {"boolean"}}


def same(model: Complex, compiled: ComplexType) -> bool:
    return len(model.members) == len(compiled.fields) and all(map(same_field, model.members, compiled.fields))


def same_field(member: Member, field: Field) -> bool:
    if (member.name, member.namespace, member.minimum, member.maximum) != (field.name, field.namespace, field.minimum, field.maximum):
        return False
    if isinstance(member.kind, Simple):
        return field.primitive is not None and member.kind.base in _PRIMITIVES[field.primitive]
    return field.complex_type is not None and same(member.kind, field.complex_type)


@pytest.mark.parametrize("operation", EVERY)
def test_model_is_what_the_gateway_compiled(operation: Operation) -> None:
    """Names, namespaces, occurrences and kinds of every field, of request and answer."""
    contract = codec_of(operation.contract).contract
    compiled = [contract.schemas.element_type(f"{operation.tag}{suffix}") for suffix in ("", "Response")]
    assert [same(operation.request, compiled[0]), same(operation.response, compiled[1])] == [True, True]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_model_has_every_operation(contract: str) -> None:
    """None is missing, none is too many."""
    assert [operation.name for operation in operations(contract)] == list(codec_of(contract).contract.operations)
