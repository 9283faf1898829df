"""The user's document (the seed) as data: its sections and numbered steps, word for word, in its order, with its irregularities.

What `vsopgw flows check` holds the flows against. Knows nothing of the flows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeedStep:
    """One numbered step."""

    number: str
    zh: str
    """As it stands in the document."""
    en: str
    """What it says, in short."""
    letters: str = ""
    """Where the document gives one number twice: the letters of ours that stand under this one. Empty: all of the number."""
    completed: str = ""
    """Where the text breaks off: how it goes on, by analogy."""

    def covers(self, number: str) -> bool:
        """Whether a number of ours, such as 2b, stands under this step."""
        digit, letter = number[:1], number[1:2]
        return self.number[:1] == digit and (not self.letters or letter in self.letters)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said of a section, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SeedSection:
    """One section; `chapter` is its number in the document, `id` the one that tells doubled chapters apart."""

    id: str
    chapter: str
    title_zh: str
    title_en: str
    steps: tuple[SeedStep, ...]
    notes: tuple[Remark, ...] = ()
    """Irregularities of the text, and how they are read."""
    remarks: tuple[Remark, ...] = ()
    """The document's own remarks (注意)."""


_TWO_22 = Remark("文中有两个2.2: 第二个在此称2.2b。", "There are two chapters 2.2; the second one is called 2.2b here.")
_TWO_31 = Remark("文中有两个3.1: 第二个在此称3.1b。", "There are two chapters 3.1; the second one is called 3.1b here.")
_LETTERS = Remark("一步含多条消息: 用字母区分。", "A step holds many messages: letters tell them apart.")
_ORDER = Remark(
    "第1步先写“第二次确认订购请求”, 后写网厅的二次确认: 用户实际是在网厅询问之后才确认。",
    "Step 1 names the confirming request before the portal has asked for it; the user confirms after that.",
)
_REMARK_SMS = Remark(
    "注意:用户所订购的产品只要有属于X业务平台的产品,无论是网厅发起的全网还是省级的都要由省级VSOP把订购信息发送到短信营业厅。",
    "Orders with any product of an X platform, national or provincial, are told to the SMS hall by the provincial VSOP.",
)
_REMARK_CRM = Remark(
    "注意:对于传统+增值的捆绑类套餐,订购退定的处理均要求从CRM 入口。",
    "Bundles of traditional and VAS products are ordered and cancelled through CRM only.",
)

_PPM_STEPS = (
    SeedStep("1", "通过CRM系统提供的集成界面,向PPM提交产品申请信息。",
        "CRM files the application with PPM, on a page that is built into CRM."),
    SeedStep("2",
        "PPM系统对提交的产品申请信息进行产品申请审核和产品配置,完成后,同步测试产品信息到VSOP平台和X平台(对于X平台来说,如果该增"
        "值产品属于X业务平台,则发布信息到X平台)。",
        "PPM audits and configures; then it syncs the object, in test state, to VSOP and, if it belongs to an X platform, to "
        "that platform."),
    SeedStep("3", "PPM系统测试通知VSOP和X平台(对于X平台来说,如果该增值产品属于X业务平台,则发布信息到X平台)。",
        "PPM tells VSOP, and X under the same condition, to test it."),
    SeedStep("4", "PPM系统将产品发布到VSOP、X、OCS计费系统、CRM平台。", "PPM publishes to VSOP, X, OCS and CRM."),
    SeedStep("5", "CRM系统平台提交产品状态变更申请到PPM系统,PPM系统对产品变更申请进行审核。",
        "CRM files a change of state with PPM, which audits it."),
    SeedStep("6", "审核通过,则将产品状态同步到VSOP平台、X业务平台、OCS计费系统、CRM系统。",
        "If it is approved, the state is synced to VSOP, X, OCS and CRM."),
)  # fmt: skip
"""Of 2.1 and of the first 3.1, which repeats it."""

_AUTHORISED = (
    SeedStep("1", "CRM系统对相应的套餐进行业务受理,受理后向省级VSOP发送订购鉴权请求。",
        "CRM takes the order of a bundle and asks the provincial VSOP to authorise it."),
    SeedStep("2", "VSOP对鉴权请求进行判断,返回鉴权结果到CRM系统(鉴权通过,需要用户确认订购信息,否则返回订购鉴权失败)",
        "VSOP decides and answers CRM: pass, pass when the user confirms, or refused."),
    SeedStep("3", "CRM系统将客户订单发送到服务开通该系统,服务开通系统判断是否有增值业务开通,并将服务开通工单发送给省级VSOP。",
        "CRM sends the customer order to provisioning, which sends the provincial VSOP a work order if VAS is inside."),
)  # fmt: skip
"""Steps 1 to 3 of 3.2.1 and 3.2.2."""

_CRM_ENDS = SeedStep(
    "6",
    "CRM系统做竣工处理后将订单归档透传给计费系统。",
    "CRM completes and passes the archive of the order on to billing.",
)
_USER = SeedStep(
    "1",
    "用户发送第一次订购请求和第二次确认订购请求到网厅,网厅做二次确认处理,同时发送确认信息到用户界面。",
    "The user orders at the portal and confirms; the portal handles the second confirmation.",
)
"""Step 1 of 4.1.1 to 4.1.4."""

SEED: tuple[SeedSection, ...] = (
    SeedSection(
        "2.1", "2.1", "PPM管理的增值产品同步", "product managed by PPM",
        _PPM_STEPS,
    ),
    SeedSection(
        "2.2", "2.2", "ISMP管理的增值产品同步", "product managed by ISMP",
        (
            SeedStep("1", "ISMP平台进行产品信息、产品和内容关系的配置后,将产品同步到PPM系统。",
                "ISMP configures product, and product and content; then it syncs the product to PPM."),
            SeedStep("2", "PPM系统将产品同步到VSOP、CRM、计费系统。", "PPM syncs it to VSOP, CRM and billing."),
        ),
        notes=(_TWO_22,),
    ),
    SeedSection(
        "3.1", "3.1", "PPM管理的纯增值销售品同步", "pure VAS offer managed by PPM",
        _PPM_STEPS,
        notes=(
            _TWO_31,
            Remark("与2.1逐字相同, 写“产品”处应为“销售品”。",
                "Repeats 2.1 word for word and says product where it means offer."),
            Remark("功能描述只列VSOP和CRM, 步骤还有X和OCS: 以步骤为准。",
                "The description names VSOP and CRM alone, the steps X and OCS as well: the steps count."),
        ),
    ),
    SeedSection(
        "2.2b", "2.2", "PPM管理捆绑销售品同步", "bundle managed by PPM",
        (
            SeedStep("1",
                "CRM系统提交捆绑套餐申请到PPM系统,PPM系统进行捆绑套餐申请审核以及捆绑套餐配置,完成配置后,PPM系统将套餐信息同步到CRM、VS"
                "OP、计费系统。",
                "CRM files a bundle with PPM, which audits and configures it, and syncs it to CRM, VSOP and billing."),
            SeedStep("2",
                "CRM提交捆绑套餐状态变更申请到PPM系统,PPM系统对捆绑套餐变更状态进行申请审核,审核通过后,将捆绑套餐状态同步到VSOP、CRM、"
                "计费系统。", "CRM files a change of its state; PPM audits it and syncs the state to VSOP, CRM and billing."),
        ),
        notes=(
            _TWO_22,
            Remark("介绍标题误写为“纯增值销售品”。", "The heading of its introduction says pure offer."),
            Remark("没有测试阶段, 也不发X平台。", "There is no test phase, and X platforms are not told."),
        ),
    ),
    SeedSection(
        "2.3", "2.3", "ISMP管理增值销售品同步", "offer managed by ISMP",
        (
            SeedStep("1", "ISMP平台进行完成销售品配置后,将销售品同步到PPM系统。",
                "ISMP configures the offer, then it syncs it to PPM."),
            SeedStep("2", "PPM系统将销售品同步到VSOP、CRM、计费系统。", "PPM syncs it to VSOP, CRM and billing."),
        ),
    ),
    SeedSection(
        "3.1b", "3.1", "CRM发起(新装、拆停复等)", "started by CRM: new install, stop, resume and the like",
        (
            SeedStep("1", "CRM进行一系列的新装、拆机等业务,并向服务开通系统发送相应的业务订单。",
                "CRM takes new installs, tear-downs and the like, and sends the order to provisioning."),
            SeedStep("2", "服务开通系统进行订单竣工并对CRM系统返回客户订单回单,同时将用户信息同步到VSOP平台。",
                "Provisioning completes it, sends CRM its receipt, and syncs the user to VSOP."),
            SeedStep("3", "VSOP平台进行用户信息处理、订购关系处理然后对服务系统回复用户同步信息,同时将用户信息同步到ISMP/X业务平台。",
                "VSOP looks after user and relations, answers provisioning, and syncs the user to the ISMP and X platforms."),
            SeedStep("4", "ISMP/X业务平台对用户信息进行处理并对订购关系进行相应的处理。",
                "The platforms look after the user and their own relations."),
        ),
        notes=(_TWO_31,),
    ),
    SeedSection(
        "3.2.1", "3.2.1", "订购鉴权通过流程(省级业务)", "order with authorisation, provincial",
        (*_AUTHORISED,
            SeedStep("4",
                "省级VSOP对订单进行处理,同时将服务激活请求发送给ISMP/X平台,ISMP/X平台进行服务激活并将激活后的处理结果发送给VSOP。",
                "VSOP asks the ISMP or X platform to activate; the platform does, and sends the result back."),
            SeedStep("5",
                "VSOP进行订单竣工处理,处理完成,将服务开通回单发送到服务开通系统,服务系统竣工完成后,将客户订单回单传达给CRM系统。",
                "VSOP completes the order and sends provisioning the receipt; provisioning completes and sends CRM its receipt."),
            _CRM_ENDS),
        notes=(
            Remark("第2步的三种结果写在一个括号里: 通过、需用户确认、失败。",
                "Step 2 has three outcomes in one pair of brackets: pass, pass when the user confirms, refused."),
        ),
        remarks=(_REMARK_CRM,),
    ),
    SeedSection(
        "3.2.2", "3.2.2", "订购鉴权(通过/需用户确认)的流程(全网业务)", "order with authorisation, passed or to be confirmed, national",
        (*_AUTHORISED,
            SeedStep("4", "省级VSOP将服务激活请求发送到集团VSOP,集团VSOP对订单进行处理并将服务激活请求透传给全网X平台。",
                "The provincial VSOP sends the activation to the group VSOP, which takes the order over and passes it on to the "
                "national X platform."),
            SeedStep("5", "全网X业务平台对服务进行激活后,把激活信息发送到集团VSOP,集团VSOP又把信息发送到省级VSOP。",
                "The platform activates and tells the group VSOP, which tells the provincial one.", letters="ab"),
            SeedStep("5 (second)",
                "VSOP进行订单竣工处理,处理完成,将服务开通回单发送到服务开通系统,服务系统竣工完成后,将客户订单回单传达给CRM系统。",
                "VSOP completes the order and sends provisioning the receipt; provisioning completes and sends CRM its receipt.",
                letters="cde"),
            _CRM_ENDS),
        notes=(
            Remark("第5步出现两次: 第二个在此称“5 (second)”。",
                "There are two steps 5; the second one is called 5 (second) here."),
        ),
        remarks=(_REMARK_CRM,),
    ),
    SeedSection(
        "3.2.3", "3.2.3", "退订业务的流程(省级业务)", "cancellation, provincial",
        (
            SeedStep("1", "CRM对退订业务进行受理,把订单发送到服务开通系统。",
                "CRM takes the cancellation and sends the order to provisioning."),
            SeedStep("2",
                "服务开通系统将服务开通请求发送到省级VSOP,省级VSOP把请求发送到省级ISMP/X业务平台,ISMP/X业务平台进行退订激活。",
                "Provisioning asks the provincial VSOP, which asks the ISMP or X platform of the province, which ends the service."),
            SeedStep("3", "省级VSOP收到激活结果后做竣工处理,把处理信心发送到服务开通系统。",
                "VSOP completes the order when it has the result, and tells provisioning."),
            SeedStep("4", "服务系统把客户定订单回单发送到CRM系统,CRM完成订单竣工后把订单归档透传给计费系统。",
                "Provisioning sends CRM its receipt; CRM completes and passes the archive on to billing."),
        ),
        notes=(
            Remark("“处理信心”应为“处理信息”。", "One word is misspelt: 处理信心 stands for 处理信息."),
        ),
        remarks=(_REMARK_CRM,),
    ),
    SeedSection(
        "3.2.4", "3.2.4", "退订业务的流程(全网业务)", "cancellation, national",
        (
            SeedStep("1", "CRM对退订业务进行受理,把订单发送到服务开通系统。",
                "CRM takes the cancellation and sends the order to provisioning."),
            SeedStep("2",
                "服务开通系统将服务开通请求发送到省级VSOP,省级VSOP把请求发送到集团VSOP,集团VSOP把请求结果发送到全网的X平台,X业务平台进"
                "行退订激活,把结果返回给集团VSOP。",
                "Provisioning asks the provincial VSOP, which asks the group VSOP, which asks the national X platform; it ends the "
                "service and tells the group."),
            SeedStep("3", "集团VSOP把处理的回单信息给省级VSOP,省级VSOP收到激活结果后做竣工处理,把处理信心发送到服务开通系统。",
                "The group VSOP passes the result on to the provincial one, which completes the order and tells provisioning."),
            SeedStep("4", "服务系统把客户定订单回单发送到CRM系统,CRM完成订单竣工后把订单归档透传给计费系统。",
                "Provisioning sends CRM its receipt; CRM completes and passes the archive on to billing."),
        ),
        notes=(
            Remark("介绍标题写“省级业务”, 内容为全网业务。",
                "The heading of its introduction says provincial; the steps are those of national business."),
            Remark("“处理信心”应为“处理信息”, “请求结果”应为“请求”。",
                "Two words are misspelt: 处理信心 stands for 处理信息, 请求结果 for 请求."),
        ),
        remarks=(_REMARK_CRM,),
    ),
    SeedSection(
        "4.1.1", "4.1.1", "网厅发起的省级纯增值业务的订购流程(X平台产品)", "portal order of a provincial product of an X platform",
        (_USER,
            SeedStep("2",
                "用户发送确认信息回复到网厅,网厅发送订购请求到省级VSOP,省级VSOP处理订单接收和订单生成,(如果是预付费用则采用费用鉴权到计"
                "费系统查询余额是否大于零,若大于零继续业务)省级VSOP进行订购关系处理,把服务激活请求发送到X平台,X平台进行激活处理,把处理"
                "结果返回给省级VSOP,省级VSOP竣工完成后把订购关系归档发送到计费系统,同时把订购结果通知给短信营业厅、网厅,用户,短信营业厅"
                "把订购结果短信通知用户。",
                "The portal sends the order to the provincial VSOP, which takes it, asks OCS for the balance of a prepaid user, has "
                "the X platform activate, completes the order, archives the relation to billing, and tells SMS hall and portal; the "
                "SMS hall tells the user."),
        ),
        notes=(_ORDER, _LETTERS),
    ),
    SeedSection(
        "4.1.2", "4.1.2", "网厅发起的省级纯增值业务的订购流程(ISMP平台产品)", "portal order of a provincial product of ISMP",
        (_USER,
            SeedStep("2",
                "用户发送确认信息回复到网厅,网厅发送订购请求到省级VSOP,省级VSOP处理订购请求的产品,把订单透传给ISMP系统,ISMP系统进行费用"
                "鉴权(如果是预付费用则采用费用鉴权到计费系统查询余额是否大于零,若大于零继续业务)订购激活.",
                "The portal sends the order to the provincial VSOP, which passes it through to ISMP; ISMP asks OCS for the balance of "
                "a prepaid user and activates."),
            SeedStep("3", "ISMP系统把处理结果反馈省级VSOP,ISMP把订购关系同步给省级VSOP,省级VSOP把订购关系归档到计费系统。",
                "ISMP returns the result and syncs the relation to the provincial VSOP, which archives it to billing."),
        ),
        notes=(_ORDER,),
    ),
    SeedSection(
        "4.1.3", "4.1.3", "网厅发起全网纯增值业务的订购流程(X平台产品)", "portal order of a national product of an X platform",
        (_USER,
            SeedStep("2",
                "用户发送确认信息回复到网厅,网厅发送订购请求到省级VSOP,省级VSOP处理订单接收和订单生成,(如果是预付费用则采用费用鉴权到计"
                "费系统查询余额是否大于零,若大于零继续业务)省级VSOP进行订购处理,把激活请求发送给集团VSOP,集团VSOP继续订单处理以及订单激"
                "活的请求发送到全网X平台。",
                "The portal sends the order to the provincial VSOP, which takes it, asks OCS for the balance of a prepaid user, and "
                "sends the activation to the group VSOP, which takes the order over and sends it to the national X platform."),
            SeedStep("3",
                "全网X平台进行订单处理,把订单激活结果回复到集团VSOP, 集团VSOP又把订单激活回复发送到省级VSOP,省级VSOP竣工完成后把订购关"
                "系归档发送到计费系统,同时把订购结果通知给短信营业厅、网厅,用户,短信营业厅把订购结果短信通知用户。",
                "The platform answers the group VSOP, which answers the provincial one; that completes the order, archives the "
                "relation to billing, and tells SMS hall and portal; the SMS hall tells the user."),
        ),
        notes=(_ORDER, _LETTERS),
        remarks=(_REMARK_SMS,),
    ),
    SeedSection(
        "4.1.4", "4.1.4", "网厅发起的全网纯增值业务的订购流程(ISMP平台)", "portal order of a national product of ISMP",
        (_USER,
            SeedStep("2",
                "用户发送确认信息回复到网厅,网厅发送订购请求到省级VSOP,省级VSOP处理订购请求的产品,把订单透传给ISMP系统,ISMP系统进行费用"
                "鉴权(如果是预付费用则采用费用鉴权到计费系统查询余额是否大于零,若大于零继续业务)订购激活。",
                "The portal sends the order to the provincial VSOP, which passes it through to ISMP; ISMP asks OCS for the balance of "
                "a prepaid user and activates."),
            SeedStep("3", "IS",
                "Cut off in the text; completed as in 4.1.2: ISMP returns the result and syncs the relation, VSOP archives it to "
                "billing.",
                completed="ISMP系统把处理结果反馈省级VSOP,ISMP把订购关系同步给省级VSOP,省级VSOP把订购关系归档到计费系统。"),
        ),
        notes=(
            _ORDER,
            Remark("文本在“(3)IS”处中断: 按4.1.2补全, 并向集团VSOP上报订购关系。",
                "The text breaks off after “(3)IS”; completed as 4.1.2 has it, with the report of the relation to the group VSOP."),
        ),
    ),
)  # fmt: skip
"""In the document's order."""

SEED_SECTIONS = {section.id: section for section in SEED}
