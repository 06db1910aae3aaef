"""What the workbook is made from: one round as plain data, filled by the server from its database.

Every key is described here and nowhere else. ``None`` means "not known" and leaves an empty cell; it is never
0, never "no". Codes are text, with their leading zeros. Names of facts are those of the forms' vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Variant = Literal["identifiable", "deidentified"]
Sex = Literal["male", "female"]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One classification profile that judged the children."""

    id: str  # "VN-LC2019"
    version: str


@dataclass(frozen=True)
class WayStep:
    """One step of the report on its way up, by names; ``assumed`` when it was not read in its source."""

    sender: str
    receiver: str
    assumed: bool = False


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What sheet 00 says about the file."""

    round_id: str
    round_name: str
    created_at: datetime  # with its time zone; printed as given
    created_by: str  # the account's name
    profiles: tuple[Profile, ...] = ()
    period_from: date | None = None
    period_to: date | None = None  # codes must be valid on this day where a child has no own date
    admin_list_date: date | None = None  # the date of the list of units and of the two bodies
    issuer: str = ""  # the reporting body at that date
    recipient: str = ""
    way: tuple[WayStep, ...] = ()  # all steps at that date
    child_ministries: tuple[str, ...] = ()  # the ministries at that date
    labour_ministries: tuple[str, ...] = ()
    late: int | None = None  # interviews that arrived after the round was closed; None while it is open


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One administrative unit or sub-commune unit. Known by (code, valid_from): codes are reused."""

    code: str
    name: str
    level: Literal["province", "district", "ward", "village"]
    kind: str = ""  # wards: phuong | xa | thi_tran; villages: thon | khoi | to_dan_pho
    parent_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None  # last day in force; None = still in force
    households: int | None = None  # registered households (what coverage is counted against)


@dataclass(frozen=True, kw_only=True)
class Household:
    """One visited household (row of sheet 02)."""

    id: str
    ward: str | None  # code of the ward of record
    village: str | None  # code of the village, block or residential group
    number: int | None = None  # order number in the village
    interview_date: date | None = None
    result: str | None = None  # list ket_qua: 1 and 2 are interviewed, 4 refused, 3, 5 and 6 not met
    members: int | None = None
    children: int | None = None  # children 5–17, as answered
    poverty: str | None = None  # list dien_ho
    income: str | None = None  # list nguon_thu
    housing: str | None = None  # list loai_nha
    informed: bool | None = None  # heard about preventing child labour
    collaborator: str | None = None  # code of the collaborator's account, never a name
    latitude: float | None = None  # WGS 84 degrees; rounded here to 3 decimals
    longitude: float | None = None
    consent_position: bool | None = None  # the position is given out only when this is True
    consent_referral: bool | None = None  # False is shown as a note in the lists
    head_name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Child:
    """One child of a household, with what the law's screening found (row of sheet 03)."""

    id: str
    household_id: str
    class_: str  # the machine's class, list phan_loai
    name: str | None = None
    birth: str | None = None  # "2013-05-01" | "2013-05" | "2013", as far as known
    age_months: int | None = None  # completed months on the reference date; None when not exactly known
    age_months_min: int | None = None  # youngest and oldest possible age when the birth date is partial
    age_months_max: int | None = None
    reference_date: date | None = None  # last day of the reference week
    sex: Sex | None = None
    ethnicity: str | None = None  # list dan_toc
    personal_number: str | None = None
    lives_with: str | None = None  # list song_voi
    parents: str | None = None  # list cha_me
    disability: bool | None = None
    in_school: bool | None = None
    grade: str | None = None  # list lop
    highest_grade: int | None = None  # 0–12
    highest_grade_code: str | None = None  # list lop; wins over highest_grade
    absent_days: int | None = None  # days in the last 30
    works: bool | None = None  # at least one hour in the reference week
    hours_week: float | None = None  # hours, all jobs; when a day is not known: None, or the sum of the known
    hours_day_max: float | None = None  # hours on the longest day, all jobs
    chores_hours: float | None = None  # hours in the week
    findings: tuple[str, ...] = ()  # "U15_DAY", "BANNED_PLACE:P147d", "LOAD/FAM"
    articles: tuple[str, ...] = ()  # "LC 146(1)", one entry per article
    unlawful: bool | None = None  # trai_quy_dinh of the machine's class; None = under review
    procedural_only: bool = False
    confirmed_class: str | None = None  # an official's class, list phan_loai; None = screening only
    confirmed_at: date | None = None
    confirmed_by: str | None = None
    confirmed_reason: str | None = None  # why the official's class differs
    risk_factors: tuple[str, ...] = ()  # list yeu_to_nguy_co
    injuries: tuple[str, ...] = ()  # list thuong_tich
    support_received: tuple[str, ...] | None = None  # list ho_tro; None = not asked
    support_needed: tuple[str, ...] = ()  # list ho_tro
    in_danger: bool | None = None
    found_on: date | None = None  # day of detection
    source: str | None = None  # list nguon_phat_hien
    measure: str | None = None  # list bien_phap
    outcome: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job of a child in the reference week (row of sheet 04)."""

    child_id: str
    position: int  # 1 is the main job
    description: str | None = None
    industry: str | None = None  # list vsic
    industry_version: str | None = None  # "2018" | "2025"
    occupation: str | None = None  # list vsco
    status: str | None = None  # list vi_the
    employer: str | None = None  # list nhom_nsdld
    employer_name: str | None = None  # name and address; personal data where the employer is a household
    place: str | None = None  # list noi_lam_viec
    hours_mon: float | None = None
    hours_tue: float | None = None
    hours_wed: float | None = None
    hours_thu: float | None = None
    hours_fri: float | None = None
    hours_sat: float | None = None
    hours_sun: float | None = None
    night: bool | None = None  # between 22:00 and 06:00
    overtime: bool | None = None
    pay_thousand: int | None = None  # thousand đồng a month
    contract: str | None = None  # list thoa_thuan
    representative_signed: bool | None = None
    health: str | None = None  # list suc_khoe
    parental_consent: bool | None = None
    provincial_approval: bool | None = None
    approval_number: str | None = None
    load_kg: float | None = None
    load_regular: bool | None = None
    banned_jobs: tuple[str, ...] = ()  # list luat: J147…, III-…
    places: tuple[str, ...] = ()  # list luat: P147…, IV-…
    hazard_answers: tuple[str, ...] = ()  # answers to H5: "1" or "H5-1"


@dataclass(frozen=True, kw_only=True)
class ExtraCode:
    """A code that a published questionnaire uses and the template does not know; it is added to sheet 90."""

    system: str  # name of the template's list
    version: str
    code: str
    label: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One round at one moment."""

    meta: Meta
    units: tuple[Unit, ...] = ()
    units_on: date | None = (
        None  # the day on which households' unit codes are meant; None = each one's own day
    )
    households: tuple[Household, ...] = ()
    children: tuple[Child, ...] = ()
    jobs: tuple[Job, ...] = ()
    codes: tuple[ExtraCode, ...] = ()
