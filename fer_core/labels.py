"""Expressions by name, their order, and the words by which people call them.

Everything outside a dataset adapter names an expression; a bare index means nothing without its scheme.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

SEVEN = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven expressions in FER2013's order (arXiv 1307.0414)."""

EIGHT = (*SEVEN, "contempt")
"""FER2013's seven and contempt: FER+ (arXiv 1608.01041), AffectNet, CK+."""

FERPLUS_VOTES = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""Vote columns of fer2013new.csv in file order; the last two are no expression."""

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "angry": {
            "English": "angry anger angered mad furious fury rage enraged",
            "German": "wütend wuetend wut zornig zorn verärgert verärgerung ärger ärgerlich aerger",
            "French": "colère colere en_colère fâché fâchée énervé énervée furieux furieuse",
            "Spanish": "enojado enojada enojo enfadado enfadada enfado ira enfurecido rabia furioso furiosa",
            "Persian": "خشم خشمگین عصبانی عصبانیت",
            "Arabic": "غضب غاضب غاضبة",
            "Hindi": "गुस्सा क्रोध क्रोधित नाराज़ नाराज",
            "Vietnamese": "tức_giận tuc_gian giận_dữ gian_du giận phẫn_nộ",
            "Chinese": "愤怒 憤怒 生气 生氣 怒 发怒",
        },
        "disgust": {
            "English": "disgust disgusted disgusting disgustful revulsion",
            "German": "ekel angeekelt angewidert ekeln abscheu",
            "French": "dégoût degout dégoûté dégoûtée écœurement",
            "Spanish": "asco disgusto asqueado asqueada repugnancia",
            "Persian": "انزجار تنفر نفرت چندش منزجر",
            "Arabic": "اشمئزاز مشمئز قرف تقزز",
            "Hindi": "घृणा घिन नफरत नफ़रत जुगुप्सा",
            "Vietnamese": "ghê_tởm ghe_tom kinh_tởm kinh_tom chán_ghét chan_ghet",
            "Chinese": "厌恶 厭惡 恶心 噁心 反感",
        },
        "fear": {
            "English": "fear feared fearful afraid scared scare frightened fright terrified terror",
            "German": "angst ängstlich aengstlich furcht verängstigt furchtsam erschrocken",
            "French": "peur effrayé effrayée apeuré apeurée crainte terrifié",
            "Spanish": "miedo temor asustado asustada temeroso temerosa",
            "Persian": "ترس ترسیده وحشت ترسان",
            "Arabic": "خوف خائف خائفة",
            "Hindi": "डर भय डरा डरा_हुआ भयभीत",
            "Vietnamese": "sợ_hãi so_hai sợ lo_sợ hoảng_sợ",
            "Chinese": "恐惧 恐懼 害怕 惊恐 驚恐 恐慌",
        },
        "happy": {
            "English": "happy happiness joy joyful joyous smile smiling smiles laughing laugh glad cheerful delighted",
            "German": "glücklich gluecklich glück freude fröhlich froehlich freudig froh lächeln lächelnd",
            "French": "heureux heureuse joie joyeux joyeuse bonheur content contente sourire",
            "Spanish": "feliz felicidad alegría alegria alegre contento contenta sonrisa",
            "Persian": "شادی شاد خوشحال خوشحالی لبخند",
            "Arabic": "سعادة سعيد سعيدة فرح فرحان ابتسامة",
            "Hindi": "खुश ख़ुश खुशी ख़ुशी प्रसन्न आनंद हर्ष",
            "Vietnamese": "vui vui_vẻ vui_ve hạnh_phúc hanh_phuc vui_mừng vui_sướng",
            "Chinese": "高兴 高興 快乐 快樂 开心 開心 喜悦 喜悅 幸福 微笑",
        },
        "sad": {
            "English": "sad sadness saddened sorrow sorrowful grief unhappiness",
            "German": "traurig traurigkeit trauer trauernd",
            "French": "triste tristesse",
            "Spanish": "triste tristeza",
            "Persian": "غم غمگین ناراحت ناراحتی اندوه غمگینی",
            "Arabic": "حزن حزين حزينة",
            "Hindi": "उदास उदासी दुखी दुख दुःख",
            "Vietnamese": "buồn buồn_bã buon_ba đau_buồn",
            "Chinese": "悲伤 悲傷 伤心 傷心 难过 難過 悲哀",
        },
        "surprise": {
            "English": "surprise surprised surprising astonished astonishment amazed amazement",
            "German": "überraschung ueberraschung überrascht ueberrascht erstaunt erstaunen staunen",
            "French": "surprise surpris étonné étonnée étonnement",
            "Spanish": "sorpresa sorprendido sorprendida asombro asombrado asombrada",
            "Persian": "تعجب متعجب شگفتی شگفت‌زده شگفتزده حیرت غافلگیری",
            "Arabic": "مفاجأة متفاجئ متفاجئة دهشة مندهش مندهشة",
            "Hindi": "आश्चर्य हैरान हैरानी अचंभा चकित आश्चर्यचकित",
            "Vietnamese": "ngạc_nhiên ngac_nhien bất_ngờ bat_ngo kinh_ngạc",
            "Chinese": "惊讶 驚訝 吃惊 吃驚 惊奇 驚奇 惊喜 驚喜",
        },
        "neutral": {
            "English": "neutral neutrality expressionless",
            "German": "neutral neutralität ausdruckslos",
            "French": "neutre neutralité",
            "Spanish": "neutral neutro neutra neutralidad",
            "Persian": "خنثی بی‌تفاوت بیتفاوت معمولی",
            "Arabic": "محايد محايدة حياد طبيعي",
            "Hindi": "तटस्थ सामान्य निष्पक्ष",
            "Vietnamese": "trung_tính trung_tinh trung_lập trung_lap bình_thường binh_thuong",
            "Chinese": "中性 中立 平静 平靜 自然 无表情 無表情",
        },
        "contempt": {
            "English": "contempt contemptuous disdain disdainful scorn scornful",
            "German": "verachtung verächtlich veraechtlich verachtend geringschätzung",
            "French": "mépris mepris méprisant méprisante dédain",
            "Spanish": "desprecio despectivo despectiva desdén",
            "Persian": "تحقیر اهانت تحقیرآمیز",
            "Arabic": "ازدراء احتقار",
            "Hindi": "तिरस्कार अवमानना अवज्ञा",
            "Vietnamese": "khinh_thường khinh_thuong khinh_bỉ khinh_bi khinh_miệt coi_thường",
            "Chinese": "轻蔑 輕蔑 蔑视 蔑視 鄙视 鄙視 不屑",
        },
    }
)
"""By expression and language, with spaces between words and `_` for a space within one."""

LONGEST_WORD = 100
"""No word for an expression has more characters."""

ABBREVIATIONS: Mapping[str, str] = MappingProxyType(
    {
        **{"ang": "angry", "dis": "disgust", "fea": "fear", "hap": "happy", "neu": "neutral", "sur": "surprise"},
        **{"con": "contempt"},
    }
)
"""Of folders and label files. Inside a longer name they mean other things ('sur la plage')."""

ALSO_OTHER_WORDS = frozenset(
    ("ira", "rabia", "content", "contente", "contento", "contenta", "vui", "سعید", "سعیده", "فرح")
)
"""First names and ordinary words: no label is taken from them where they stand in a file's name."""

ARABIC_FORMS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ـ": None, "\u200c": None}
)
"""Letters that Persian and Arabic keyboards write with other characters; the joiner of Persian words."""


def plain(word: str) -> str:
    """A word as it is looked up: small letters, one form of accents, single spaces."""
    composed = unicodedata.normalize("NFKC", word).casefold().translate(ARABIC_FORMS)
    unvowelled = "".join(char for char in composed if not "\u064b" <= char <= "\u065f")
    return unicodedata.normalize("NFC", re.sub(r"[\s_\-]+", " ", unvowelled).strip(" .,;:!?\"'()[]{}"))


def _by_word() -> dict[str, str]:
    return {
        plain(word): label
        for label, languages in WORDS.items()
        for words in languages.values()
        for word in words.split()
    }


SYNONYMS: Mapping[str, str] = MappingProxyType(_by_word())
"""Every known word in its plain form, and the expression it means."""


@lru_cache(maxsize=4096)
def canonical(name: str) -> str | None:
    """The project's name of an expression written in any usual way, or None when the word names none."""
    if len(name) > LONGEST_WORD:
        return None
    word = plain(name)
    return SYNONYMS.get(word) or ABBREVIATIONS.get(word)
