"""Masking: what may not reach a disk does not, in whatever form it comes; all else stays as it was."""

from __future__ import annotations

from time import thread_time

import pytest

from gateway.capture.describing import describe
from gateway.capture.masking import Fields, Masking, fields_of, to_text
from gateway.capture.pseudonyms import Pseudonyms
from gateway.contract import load_contract
from gateway.resources import contracts_dir

NUMBER = "18907910001"
PSEUDONYMS = Pseudonyms(b"k" * 32)
OTHER = PSEUDONYMS.number(NUMBER)
FIELDS = Fields(frozenset({"ProductNo", "UserID"}), frozenset({"RQCode"}), frozenset({"SubResult"}))


@pytest.fixture
def mask():
    """Masks a text."""
    return Masking(PSEUDONYMS, FIELDS).text


def test_fields_come_from_the_contracts():
    """Numbers, codes and texts are found by the types that the contract files give them."""
    found = fields_of(load_contract(path) for path in contracts_dir().glob("*.wsdl") if "soap12" not in path.name)
    assert (found.numbers, found.codes, found.texts) == (
        {"ProductNo", "UserID", "OldProductNo", "OA", "DA", "FA"}, {"RQCode"}, {"SubResult", "RQContent"},
    )  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "<ProductNo>{}</ProductNo>", "<v:ProductNo>+86{}</v:ProductNo>", "<userID>{}</userID>", "<Unknown>{}</Unknown>",
        "<request>&lt;ProductNo&gt;{}&lt;/ProductNo&gt;</request>", "<request><![CDATA[<ProductNo>{}</ProductNo>]]></request>",
        "<x>&amp;lt;UserID&amp;gt;{}&amp;lt;</x>", "no XML at all: {}, and on", "<ProductNo>{}", 'TEL="{}"', "0086{}",
        "<OrderId>JX{}-1</OrderId>",
    ],
)  # fmt: skip
def test_number_is_exchanged_wherever_it_stands(mask, written):
    """By field, in documents within strings, in what is no XML: one number, one pseudonym, and nothing else is touched."""
    assert mask(written.format(NUMBER)) == written.format(OTHER)


@pytest.mark.parametrize(
    "hidden",
    [
        "<ProductNo>1&#56;907910001</ProductNo>", "<ProductNo>1&#x38;907910001</ProductNo>", "<ProductNo>189<!-- -->07910001</ProductNo>",
        "<ProductNo>18<![CDATA[907910001]]></ProductNo>", "<a>&lt;ProductNo&gt;1&amp;#56;907910001&lt;/ProductNo&gt;</a>",
        "<ProductNo>189 0791 0001</ProductNo>", "<ProductNo> 18907910001 </ProductNo>",
        "<ResultDesc>号码１８９０７９１０００１</ResultDesc>", "<a>1890791０００１</a>",
    ],
)  # fmt: skip
def test_hidden_number_is_found(mask, hidden):
    """What a parser would read as the number is masked, however it is written."""
    assert OTHER in mask(hidden)


@pytest.mark.parametrize(
    "kept", ["115000000000000000101", "20261123120000", "21120261123120000000000001", "2002120261123123812000000001", "0"]
)
def test_other_digits_stay(mask, kept):
    """Products, times, StreamingNos and order ids are no numbers of subscribers."""
    assert mask(f"<a>{kept}</a>") == f"<a>{kept}</a>"


def test_short_digits_in_a_number_field_are_exchanged(mask):
    """A number that breaks its form is somebody's all the same."""
    masked = mask("<ProductNo>1890791</ProductNo>")
    assert ("1890791" in masked, len(masked)) == (False, len("<ProductNo>1890791</ProductNo>"))


def test_code_of_the_user_is_exchanged(mask):
    """The code that confirms an order gets other digits, the same ones in question and answer."""
    assert mask("<RQCode>482913</RQCode>") == f"<RQCode>{PSEUDONYMS.digits('482913')}</RQCode>"


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("<SubResult>您好 bought &lt;it&gt;</SubResult>", "<SubResult>***</SubResult>"),
        ("<SubResult><![CDATA[a<b]]></SubResult>", "<SubResult>***</SubResult>"),
        ("&lt;SubResult&gt;hello&lt;/SubResult&gt;", "&lt;SubResult&gt;***&lt;/SubResult&gt;"),
        ("<SubResult>cut o", "<SubResult>***"),
        ("<SubResult />after", "<SubResult />after"),
    ],
)
def test_text_to_the_user_is_removed(mask, written, masked):
    """What the SMS said is not kept."""
    assert mask(written) == masked


@pytest.mark.parametrize(
    "secret",
    [
        '<w:Security s:mustUnderstand="1"><w:UsernameToken><w:Password Type="x">s3cret</w:Password></w:UsernameToken></w:Security>',
        "<wsse:Security><wsse:Nonce>s3cret", "<Password>s3cret</Password>", "&lt;pwd&gt;s3cret&lt;/pwd&gt;", '<login password="s3cret"/>',
        "<p:Token a='b'>s3cret</p:Token>", '<Password Type="a&amp;b">s3cret</Password>', '<w:Security a="x>y"><b>s3cret</b></w:Security>',
        "<spPassword>s3cret</spPassword>", "<w:UsernameToken>s3cret</w:UsernameToken>", '<login spPwd="s3cret"/>', '{"password": "s3cret"}',
        "https://host/?access_token=s3cret&x=1", "&lt;accessToken a=&quot;b&quot;&gt;s3cret&lt;/accessToken&gt;", "<Pwd a='>s3cret</Pwd>",
    ],
)  # fmt: skip
def test_credentials_are_removed(mask, secret):
    """No password, digest or token is kept, also where the message is cut off."""
    assert "s3cret" not in mask(f"<a>{secret}")


@pytest.mark.parametrize(
    ("body", "kind", "charset"),
    [
        ("<a>您好</a>".encode("gbk"), "text/xml; charset=GBK", "gb18030"), ("<a>您好</a>".encode(), "text/xml", "utf-8"),
        ("<a>您好</a>".encode("utf-16"), "text/xml", "utf-16-le"),
        (b"\xfe\xff" + "<a>您好</a>".encode("utf-16-be"), "text/xml", "utf-16-be"),
        ('<?xml version="1.0" encoding="gb2312"?><a>您</a>'.encode("gbk"), "text/xml", "gb18030"),
    ],
)  # fmt: skip
def test_text_keeps_its_charset(body, kind, charset):
    """A message is read as header, mark or declaration say, and can be written back byte by byte."""
    text, found = to_text(body, kind)
    assert (found, text.encode(found)) == (charset, body)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\xfa", "text/xml; charset=utf-8"), (b"\xe6", "text/xml"),
        (b"a", "text/xml; charset=klingon"), (b"a-9", "text/xml; charset=punycode"),
        ("<a/>".encode("utf-16-le"), "text/xml"),
    ],
)
def test_what_is_no_text_is_told(body, kind):
    """Bytes that are not of their charset, or of none that is known, are no text."""
    assert to_text(body, kind) is None


SIZE = 256 << 10
HOSTILE = {
    "open tags in a string": "&lt;ProductNo " * (SIZE // 14), "open secrets in a string": "&lt;Token " * (SIZE // 10),
    "open secrets": "<Token " * (SIZE // 7), "blanks": "<OrderId>" + " " * SIZE, "blanks in a tag": "<ProductNo" + " " * SIZE,
    "ampersands": "<Password>&" + "amp;" * (SIZE // 4), "references": "&#" * (SIZE // 2), "comments": "<!--" * (SIZE // 4),
    "CDATA": "<![CDATA[" * (SIZE // 9), "brackets": "<![CDATA[" + "]" * SIZE, "quotes": "password='" * (SIZE // 10), "digits": "1" * SIZE,
    "secrets in each other": "<Token>" * (SIZE // 7), "bodies": "<Body>" * (SIZE // 6), "a name": "<" + "a" * SIZE,
    "a name of secrets": "<" + "pwd" * (SIZE // 3), "names of secrets": ("<" + "pwd" * 30) * (SIZE // 91),
    "quotes in a secret": "<Pwd " + "'\"" * (SIZE // 2), "values in a secret": "<Pwd " + "a='b' " * (SIZE // 6) + "<",
    "secrets with open quotes": "<Pwd a='" * (SIZE // 8), "names of secrets in a row": "pwd" * (SIZE // 3),
    "numbers": "18907910001 " * (SIZE // 12),
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_work_grows_with_the_length_alone(mask, text):
    """Whatever a caller sends in a quarter of a megabyte: the thread that masks must not keep the gateway from running."""
    began = thread_time()
    describe(mask(text))
    assert thread_time() - began < 1.0
