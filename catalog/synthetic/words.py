"""The words that synthetic names are made of: flowers, rivers and virtues, each marked as a demonstration."""

from __future__ import annotations

FIRMS = (
    ("Kamal", "कमल"),
    ("Gulab", "गुलाब"),
    ("Champa", "चंपा"),
    ("Chameli", "चमेली"),
    ("Kesar", "केसर"),
    ("Palash", "पलाश"),
    ("Ashok", "अशोक"),
    ("Neem", "नीम"),
    ("Peepal", "पीपल"),
    ("Ganga", "गंगा"),
    ("Yamuna", "यमुना"),
    ("Saryu", "सरयू"),
    ("Betwa", "बेतवा"),
    ("Rapti", "राप्ती"),
    ("Himgiri", "हिमगिरि"),
    ("Suraj", "सूरज"),
    ("Chandrama", "चंद्रमा"),
    ("Tara", "तारा"),
    ("Deepak", "दीपक"),
    ("Sagar", "सागर"),
    ("Vasant", "वसंत"),
    ("Hariyali", "हरियाली"),
    ("Vishwas", "विश्वास"),
    ("Shubh", "शुभ"),
)
"""English and Hindi."""

WOMEN = ("Asha", "Usha", "Kiran", "Lata", "Jyoti", "Prabha", "Sandhya", "Varsha", "Megha", "Roshni", "Chhaya", "Urmi")
MEN = ("Bharat", "Chandan", "Prakash", "Pawan", "Akash", "Badal", "Himanshu", "Shikhar", "Tarun", "Umang", "Utkarsh")
OTHERS = ("Kiran", "Jyoti", "Roshan", "Noor")

TIERS = (
    ("", "", "Done as usual"),
    (", same day", ", उसी दिन", "Done on the day of the booking"),
    (", with 30 days' assurance", ", 30 दिन के भरोसे के साथ", "Done again free of charge within 30 days if it fails"),
    (", by a senior worker", ", वरिष्ठ कारीगर द्वारा", "Done by a worker of five years' standing"),
)
"""How one sub-service is sold dearer: added to its name in English and Hindi, and said in a line."""
