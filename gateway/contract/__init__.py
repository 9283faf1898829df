"""Contracts: WSDL and XSD files read, checked, compiled and published; the only description of an interface."""

from gateway.contract.codec import Codec, EncodeError, MessageCodec
from gateway.contract.document import Contract, ContractError, Operation, load_contract, operation_names

__all__ = [
    "Codec",
    "Contract",
    "ContractError",
    "EncodeError",
    "MessageCodec",
    "Operation",
    "load_contract",
    "operation_names",
]
