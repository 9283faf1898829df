"""短信营业厅: brings texts to the user's phone. What it must do beyond answering by the contract."""

from __future__ import annotations

from stubs.partnerkit.case import CaseList, Role, Severity
from stubs.partnerkit.probe import Probe
from stubs.partnerkit.texts import Text

CASES = CaseList()
TELL, QUESTION = "subResultToUser", "sendRQMessage"
LONGEST = 500
"""Characters of a text."""


@CASES.case(
    101, "短信里的特殊字符", "characters that XML treats as its own",
    rule=Text(
        "SubResult和RQContent可以含 < > & 引号和中文: 解码后原样发给用户",
        "SubResult and RQContent may hold < > & quotes and Chinese: they are decoded and go to the user as they are",
    ),
    source="smshall.xsd SmsText; XML 1.0 section 2.4",
    severity=Severity.CRITICAL,
    hint=Text("用XML解析器取值, 不要用字符串截取", "take values with an XML parser, not by cutting strings"),
)  # fmt: skip
async def special_characters(probe: Probe) -> None:
    """Send a text with all of them, escaped and as CDATA."""
    words = "您已订购<彩铃>&\"来电\"'助手', 5元/月"
    probe.expect_result(await probe.ask(TELL, SubResult=words), "0")
    probe.expect_result(await probe.ask(QUESTION, RQContent=words), "0")
    marked = probe.text(TELL, SubResult="KIT-CDATA").replace("KIT-CDATA", "<![CDATA[回复<是>&确认]]>")
    probe.expect_result(await probe.raw(TELL, marked), "0")


@CASES.case(
    102, "最长的短信", "the longest text",
    rule=Text(
        f"{LONGEST}个汉字可以接收(拆成多条是短厅的事)",
        f"{LONGEST} Chinese characters are taken; splitting them is the SMS hall's matter",
    ),
    source="smshall.xsd SmsText maxLength 500",
    severity=Severity.MAJOR,
    hint=Text("长度按字符计: 500个汉字在UTF-8中是1500字节", "the length is in characters: 500 Chinese ones are 1500 bytes in UTF-8"),
)  # fmt: skip
async def longest_text(probe: Probe) -> None:
    """Send it in both operations."""
    probe.expect_result(await probe.ask(TELL, SubResult="短" * LONGEST), "0")
    probe.expect_result(await probe.ask(QUESTION, RQContent="确" * LONGEST), "0")


@CASES.case(
    103, "超长的短信被拒绝", "a text above the limit is refused",
    rule=Text(f"超过{LONGEST}个字符: 拒绝, 不要悄悄截断", f"above {LONGEST} characters: refused, not cut in silence"),
    source="smshall.xsd SmsText maxLength 500",
    severity=Severity.MINOR,
    hint=Text("按契约校验收到的报文", "validate what you receive by the contract"),
)  # fmt: skip
async def text_above_the_limit(probe: Probe) -> None:
    """Send one character more."""
    body = probe.text(TELL, SubResult="KIT-LONG").replace("KIT-LONG", "短" * (LONGEST + 1))
    probe.expect_refused(await probe.raw(TELL, body), "超长的SubResult", "a SubResult that is too long")


@CASES.case(
    104, "换行和空格", "line breaks and blanks",
    rule=Text("短信内容可以换行, 可以有空格和制表符", "a text may hold line breaks, blanks and tabs"),
    source="smshall.xsd SmsText: xs:string, which keeps blanks",
    severity=Severity.MINOR,
    hint=Text("不要对内容做trim以外的改写", "do not rewrite the text"),
)  # fmt: skip
async def line_breaks(probe: Probe) -> None:
    """Send a text of three lines."""
    probe.expect_result(await probe.ask(TELL, SubResult="第一行\n 第二行\t制表\n第三行"), "0")


@CASES.case(
    105, "确认码的长度", "codes of four to eight digits",
    rule=Text("RQCode是4至8位数字, 可以以0开头", "RQCode has four to eight digits and may begin with 0"),
    source="vas-types.xsd RQCode",
    severity=Severity.MAJOR,
    hint=Text("确认码是文字不是数字: 0012 不等于 12", "a code is text, not a number: 0012 is not 12"),
)  # fmt: skip
async def codes(probe: Probe) -> None:
    """Ask with codes of each kind."""
    for code in ("0012", "12345678", "000000"):
        probe.expect_result(await probe.ask(QUESTION, RQCode=code), "0")


@CASES.case(
    106, "同一用户的两个确认", "two questions to one user",
    rule=Text(
        "同一用户可以同时有两个待确认的订单, 由RQCode区分", "a user may have two questions open at once; RQCode tells them apart",
    ),
    source="vsop.wsdl recvRQMessage; smshall.wsdl sendRQMessage",
    severity=Severity.MAJOR,
    hint=Text("待确认记录的主键是(号码, RQCode)", "the key of an open question is (number, RQCode)"),
)  # fmt: skip
async def two_questions(probe: Probe) -> None:
    """Ask twice with different codes, at once."""
    answers = await probe.together((QUESTION, probe.text(QUESTION, RQCode="1111")), (QUESTION, probe.text(QUESTION, RQCode="2222")))
    for answer in answers:
        probe.expect_result(answer, "0")


@CASES.case(
    107, "同样的内容再发一条", "the same words again are another text",
    rule=Text(
        "流水号不同就是另一条短信, 即使内容和号码相同", "another StreamingNo is another text, even with the same words to the same number",
    ),
    source="vas-types.xsd StreamingNo: unique for one sender",
    severity=Severity.MINOR,
    hint=Text("只按(SystemId, StreamingNo)去重, 不按内容", "look for duplicates by (SystemId, StreamingNo), not by content"),
)  # fmt: skip
async def same_words_again(probe: Probe) -> None:
    """Send the same text under two numbers."""
    for _ in range(2):
        probe.expect_result(await probe.ask(TELL, SubResult="您的订购已成功"), "0")


@CASES.case(
    108, "各种写法的用户号码", "numbers as they may be written",
    rule=Text(
        "ProductNo前面可以有86或+86; 固定电话用户也会收到通知",
        "ProductNo may have 86 or +86 before it; users of a fixed line are told too",
    ),
    source="vas-types.xsd ProductNo",
    severity=Severity.MAJOR,
    hint=Text(
        "去掉开头的86再下发; 无法下发短信的号码答业务结果编码, 不是fault",
        "strip a leading 86; a number that cannot get a text is refused by ResultCode, not by a fault",
    ),
)  # fmt: skip
async def numbers(probe: Probe) -> None:
    """Send to a number in each form; one of a fixed line may be refused, but by a ResultCode."""
    for number in (f"86{probe.data.number}", f"+86{probe.data.number}"):
        probe.expect_result(await probe.ask(TELL, ProductNo=number), "0")
    probe.expect_answer(await probe.ask(TELL, ProductNo="07916660001", ProdSpecCode="001"))


SMSHALL = Role(
    name="smshall",
    prefix="SMS",
    title=Text("短信营业厅", "SMS hall"),
    contract="smshall",
    cases=tuple(CASES),
)
