"""A contract of one operation, written to a directory; a test changes one thing and sees it refused."""

from __future__ import annotations

from pathlib import Path

NAMESPACE = "urn:test:v1"
WSDL = """<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="Small" targetNamespace="urn:test:v1" xmlns:tns="urn:test:v1"
    xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <wsdl:types>
    <xs:schema>
      <xs:import namespace="urn:test:v1" schemaLocation="small.xsd"/>
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="pingRequest">
    <wsdl:part name="parameters" element="tns:ping"/>
  </wsdl:message>
  <wsdl:message name="pingResponse">
    <wsdl:part name="parameters" element="tns:pingResponse"/>
  </wsdl:message>
  <wsdl:portType name="SmallPortType">
    <wsdl:operation name="ping">
      <wsdl:input message="tns:pingRequest"/>
      <wsdl:output message="tns:pingResponse"/>
    </wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="SmallSoap11" type="tns:SmallPortType">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="ping">
      <soap:operation soapAction="urn:test:v1/ping"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="SmallService">
    <wsdl:port name="SmallPort" binding="tns:SmallSoap11">
      <soap:address location="http://127.0.0.1:1/services/small"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""
XSD = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:test:v1" elementFormDefault="qualified" xmlns="urn:test:v1">
  <xs:element name="ping">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="Name" type="Short"/>
        <xs:element name="Count" type="xs:int"/>
        <xs:element name="Sure" type="xs:boolean"/>
        <xs:element name="Tag" type="xs:string" maxOccurs="3"/>
        <xs:element name="Limit" type="xs:long" minOccurs="0"/>
        <xs:element name="Part" type="PartType" minOccurs="0" maxOccurs="2"/>
        <xs:element name="Last" type="PartType" minOccurs="0"/>
        <xs:element name="End" type="xs:string"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
  <xs:element name="pingResponse" type="PartType"/>
  <xs:complexType name="PartType">
    <xs:annotation><xs:documentation>documentation is read by people</xs:documentation></xs:annotation>
    <xs:sequence>
      <xs:element name="Id" type="xs:string"/>
      <xs:element name="Note" type="xs:string" minOccurs="0"/>
    </xs:sequence>
  </xs:complexType>
  <xs:simpleType name="Short">
    <xs:restriction base="xs:string"><xs:maxLength value="9"/></xs:restriction>
  </xs:simpleType>
</xs:schema>
"""


def write(directory: Path, *, wsdl: tuple[str, str] = ("", ""), xsd: tuple[str, str] = ("", "")) -> Path:
    """Write the contract, with one text replaced by another (its first occurrence); give the path of the WSDL."""
    assert wsdl[0] in WSDL
    assert xsd[0] in XSD
    path = directory / "small.wsdl"
    path.write_text(WSDL.replace(*wsdl, 1), encoding="utf-8")
    (directory / "small.xsd").write_text(XSD.replace(*xsd, 1), encoding="utf-8")
    return path


def line_of(text: str, part: str) -> int:
    """Give the number of the first line that holds a part."""
    return text[: text.index(part)].count("\n") + 1
