"""Samples: for every operation of every contract a request and an answer that can be sent as they are, in the forms that people use."""

from gateway.samples.forms import FORMS, Form
from gateway.samples.interfaces import Interface, interfaces
from gateway.samples.numbering import Numbering
from gateway.samples.sampler import NoSample, Sample, Sampler, sample_request

__all__ = [
    "FORMS",
    "Form",
    "Interface",
    "NoSample",
    "Numbering",
    "Sample",
    "Sampler",
    "interfaces",
    "sample_request",
]
