"""Who takes part: systems with their three-digit codes, provinces with their two-digit ids (domain of the field, not configuration)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Party(StrEnum):
    """A kind of system that VSOP speaks with."""

    CHANNEL = "channel"
    VSOP = "vsop"
    OCS = "ocs"
    BILLING = "billing"
    ISMP = "ismp"
    XPLATFORM = "xplatform"
    SMSHALL = "smshall"
    CRM = "crm"
    PROVISIONING = "provisioning"
    PPM = "ppm"


@dataclass(frozen=True, slots=True)
class Address:
    """One system: its kind and, where a kind has several, its code (of a platform or channel) or its province (of a VSOP)."""

    party: Party
    code: str = ""

    def __str__(self) -> str:
        return f"{self.party}:{self.code}" if self.code else str(self.party)


GROUP_SYSTEM = "100"
PROVINCE_SYSTEM = "200"
CRM_SYSTEMS = frozenset({"101", "201"})
PPM_SYSTEMS = frozenset({"102", "202"})
PROVISIONING_SYSTEM = "206"
ISMP_SYSTEMS = frozenset({"103", "104", "105", "203", "204", "205"})
CHANNEL_SYSTEMS = frozenset({"211", "212", "213", "214", "215"})
"""网厅 portal, 10000号坐席 seat, 10000号IVR, 短信营业厅 SMS hall, WAP hall."""

KNOWN_SYSTEMS = (
    CHANNEL_SYSTEMS
    | ISMP_SYSTEMS
    | {GROUP_SYSTEM, PROVINCE_SYSTEM, "101", "102", "201", "202", "206", "207", "208", "209", "210"}
)
"""Systems of the field; service platforms (3xx) are known by the catalogue."""

GROUP_VSOP = Address(Party.VSOP, "35")
OCS = Address(Party.OCS)
BILLING = Address(Party.BILLING)
SMSHALL = Address(Party.SMSHALL)
CRM = Address(Party.CRM)
PROVISIONING = Address(Party.PROVISIONING)
PPM = Address(Party.PPM)

NATIONAL = "35"
PROVINCES = {
    "01": ("北京", "Beijing"), "02": ("上海", "Shanghai"), "03": ("天津", "Tianjin"), "04": ("重庆", "Chongqing"),
    "05": ("河北", "Hebei"), "06": ("山西", "Shanxi"), "07": ("内蒙古", "Inner Mongolia"), "08": ("辽宁", "Liaoning"),
    "09": ("吉林", "Jilin"), "10": ("黑龙江", "Heilongjiang"), "11": ("江苏", "Jiangsu"), "12": ("浙江", "Zhejiang"),
    "13": ("安徽", "Anhui"), "14": ("福建", "Fujian"), "15": ("江西", "Jiangxi"), "16": ("山东", "Shandong"),
    "17": ("河南", "Henan"), "18": ("湖北", "Hubei"), "19": ("湖南", "Hunan"), "20": ("广东", "Guangdong"),
    "21": ("广西", "Guangxi"), "22": ("海南", "Hainan"), "23": ("四川", "Sichuan"), "24": ("贵州", "Guizhou"),
    "25": ("云南", "Yunnan"), "26": ("西藏", "Tibet"), "27": ("陕西", "Shaanxi"), "28": ("甘肃", "Gansu"),
    "29": ("青海", "Qinghai"), "30": ("宁夏", "Ningxia"), "31": ("新疆", "Xinjiang"), "32": ("台湾", "Taiwan"),
    "33": ("香港", "Hong Kong"), "34": ("澳门", "Macau"), "35": ("全国", "national"), "36": ("海外", "overseas"),
}  # fmt: skip


def province_name(province: str) -> str:
    """Name a province in both languages, such as 江西 Jiangxi."""
    zh, en = PROVINCES[province]
    return f"{zh} {en}"
