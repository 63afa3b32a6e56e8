"""Search by words. The queries were written by one person: a floor, not a benchmark.

The first 88 gave 85 right before anything was changed for them, the next 30 gave 25; both were then used to improve
the synonyms. The unseen 30 were not: they gave 24.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.services import SUB_SERVICES, word_entries
from catalog.words import WordIndex, considered

QUERIES = (
    # English
    ("tap repair", "SM-PLB-TAP"),
    ("leaking tap", "SM-PLB-TAP"),
    ("fan repair", "SM-ELC-FAN"),
    ("ceiling fan installation", "SM-ELC-FIN"),
    ("bathroom cleaning", "SM-HCL-BTH"),
    ("Sofa Cleaning", "SM-HCL-SOF"),
    ("carpet cleaning", "SM-HCL-CPT"),
    ("kitchen deep cleaning", "SM-HCL-KIT"),
    ("AC service", "SM-ACT-CLN"),
    ("air conditioner repair", "SM-ACT-REP"),
    ("AC gas refill", "SM-ACT-OTH"),
    ("wall painting", "SM-PNT-WAL"),
    ("Haircut", "SM-BTY-CUT"),
    ("hair spa", "SM-BTY-HCR"),
    ("full body massage", "SM-BTY-SPA"),
    ("need a carpenter near me", "SM-CRP"),
    ("I need an electrician urgently", "SM-ELC"),
    ("cook for a party", "SM-COK-PTY"),
    ("door bell not working", "SM-ELC-BEL"),
    ("washing machine repair", "SM-WMR-REP"),
    ("fridge not cooling", "SM-RFG-CHK"),
    ("water purifier service", "SM-RO-SVC"),
    ("tv wall mounting", "SM-API-TVI"),
    ("laptop repair", "SM-LAP-REP"),
    ("cockroach treatment", "SM-PST-CKR"),
    ("packers and movers", "SM-PCK-PAK"),
    ("old furniture polish", "SM-CRP-POL"),
    ("plumber in lucknow", "SM-PLB"),
    ("puncture", "SM-MEC-PUN"),
    ("dry cleaning clothes", "SM-LDY-DRY"),
    # Hindi
    ("नल ठीक करवाना है", "SM-PLB-TAP"),
    ("प्लंबर", "SM-PLB"),
    ("बिजली मिस्त्री", "SM-ELC"),
    ("पंखा खराब है", "SM-ELC-FAN"),
    ("बाथरूम की सफाई", "SM-HCL-BTH"),
    ("सोफा साफ करना", "SM-HCL-SOF"),
    ("घर की सफाई", "SM-HCL-HOM"),
    ("एसी रिपेयर", "SM-ACT-REP"),
    ("फ्रिज ठीक करने वाला", "SM-RFG"),
    ("गीजर मरम्मत", "SM-GYR-SVC"),
    ("घर की पुताई", "SM-PNT-WAL"),
    ("बढ़ई चाहिए", "SM-CRP"),
    ("खाना बनाने वाली", "SM-COK"),
    ("बाल कटवाना", "SM-BTY-CUT"),
    ("मेहंदी लगवानी है", "SM-MHD"),
    ("दीमक का इलाज", "SM-PST-TRM"),
    ("पानी की टंकी", "SM-PLB-TNK"),
    ("बुजुर्ग की देखभाल", "SM-CRG"),
    ("कपड़े प्रेस", "SM-LDY-IRN"),
    ("टीवी लगवाना", "SM-API-TVI"),
    # Roman Hindi
    ("nal", "SM-PLB-TAP"),
    ("nal theek", "SM-PLB-TAP"),
    ("nal tapak raha hai", "SM-PLB-TAP"),
    ("pankha theek karna hai", "SM-ELC-FAN"),
    ("bijli mistri", "SM-ELC"),
    ("bathroom safai", "SM-HCL-BTH"),
    ("ghar ki safai karwani hai", "SM-HCL-HOM"),
    ("kapde dhone ki machine kharab", "SM-WMR"),
    ("fridge", "SM-RFG"),
    ("geyser lagwana", "SM-API-GYI"),
    ("badhai", "SM-CRP"),
    ("darwaza theek karna", "SM-CRP-REP"),
    ("deewar ki putai", "SM-PNT-WAL"),
    ("rasoiya chahiye", "SM-COK"),
    ("kutta ghumane wala", "SM-DOG"),
    ("bachche ke liye aaya", "SM-BBY"),
    ("nali jam hai", "SM-PLB-DRN"),
    ("baal katna", "SM-BTY-CUT"),
    ("khatmal ki dawai", "SM-PST-BBG"),
    ("malish", "SM-BTY-SPA"),
    # misspelt
    ("plumbar", "SM-PLB"),
    ("elecrician", "SM-ELC"),
    ("elektrishan", "SM-ELC"),
    ("carpanter", "SM-CRP"),
    ("bathrom clening", "SM-HCL-BTH"),
    ("geezer", "SM-GYR"),
    ("refrigirator repare", "SM-RFG-CHK"),
    ("washin machin repair", "SM-WMR-REP"),
    ("beutician", "SM-BTY"),
    ("hare cut", "SM-BTY-CUT"),
    ("acservice", "SM-ACT-CLN"),
    ("water purifer repair", "SM-RO-REP"),
    ("manicur", "SM-BTY-MAN"),
    ("mehendi", "SM-MHD"),
    ("termyte", "SM-PST-TRM"),
    ("chimni safai", "SM-CHM-CLN"),
    ("pankah", "SM-ELC-FAN"),
    ("invertar theek", "SM-ELC-INV"),
    # people's own words
    ("tap is dripping", "SM-PLB-TAP"),
    ("paani ka pipe phat gaya", "SM-PLB-PIP"),
    ("sofe dhulwane hain", "SM-HCL-SOF"),
    ("AC thanda nahi kar raha", "SM-ACT"),
    ("पंखे की मरम्मत", "SM-ELC-FAN"),
    ("रसोई साफ", "SM-HCL-KIT"),
    ("eyebrow threading at home", "SM-BTY-THR"),
    ("gyser repair", "SM-GYR-SVC"),
    ("wall putty and paint", "SM-PNT"),
    ("tube light fitting", "SM-ELC-LIN"),
    ("chair repair", "SM-CRP-REP"),
    ("almirah theek karni", "SM-CRP"),
    ("bridal make-up", "SM-BTY-MKP"),
    ("mens haircut", "SM-BTY-CUT"),
    ("dadhi", "SM-BTY-SHV"),
    ("cockroch", "SM-PST-CKR"),
    ("aquaguard", "SM-RO"),
    ("computor slow", "SM-LAP"),
    ("TV not working", "SM-TVR-REP"),
    ("led tv installation", "SM-API-TVI"),
    ("inverter", "SM-ELC-INV"),
    ("badroom cleaning", "SM-HCL-BED"),
    ("nanny", "SM-BBY"),
    ("दरवाजे की घंटी", "SM-ELC-BEL"),
    ("कूलर ठीक करना", "SM-CLR-COO"),
    ("मालिश वाला", "SM-BTY-SPA"),
    ("safai wali", "SM-HCL"),
    ("electrision", "SM-ELC"),
    ("wiering", "SM-ELC-WIR"),
    ("kutte ko ghumana", "SM-DOG"),
)
FLOOR = 0.95

UNSEEN = (
    # written after the last change of the synonyms; every miss finds nothing, none finds something else
    ("shower head leaking", "SM-PLB-BTH"),
    ("flush tank overflow", "SM-PLB-TLT"),
    ("fan making noise", "SM-ELC-FAN"),
    ("mcb trip ho raha hai", "SM-ELC-MCB"),
    ("बल्ब लगवाना है", "SM-ELC-BUL"),
    ("डेस्कटॉप मरम्मत", "SM-LAP-REP"),
    ("new bed assembly", "SM-CRP-ASM"),
    ("parda rod lagana", "SM-CRP-HNG"),
    ("room ki putai", "SM-PNT-WAL"),
    ("window ac cleaning", "SM-ACT-CLN"),
    ("air condishner gas", "SM-ACT-OTH"),
    ("full house deep clean", "SM-HCL-HOM"),
    ("किचन की चिमनी साफ", "SM-CHM-CLN"),
    ("sofa shampooing", "SM-HCL-SOF"),
    ("machhar bhagana", "SM-PST-MSQ"),
    ("दीमक", "SM-PST-TRM"),
    ("cook needed for 10 people", "SM-COK"),
    ("bridal mehandi", "SM-MHD-BRD"),
    ("body massage for men", "SM-BTY-SPA"),
    ("पेडीक्योर", "SM-BTY-PED"),
    ("haircutt", "SM-BTY-CUT"),
    ("fridge ka gas khatam", "SM-RFG-OTH"),
    ("washing machine not spinning", "SM-WMR"),
    ("ro lagwana hai", "SM-RO-INS"),
    ("chair ki kursi theek", "SM-CRP-REP"),
    ("laptop hang ho raha", "SM-LAP"),
    ("plumbr", "SM-PLB"),
    ("drainage blokage", "SM-PLB-DRN"),
    ("doctor at home", "SM-DOC-VIS"),
    ("pet walker", "SM-DOG"),
)
UNSEEN_FLOOR = 0.8

NOTHING = (
    "",
    "   ",
    "!?",
    "helicopter",
    "helicopter repair",
    "pizza",
    "pizza delivery",
    "insurance",
    "car insurance",
    "movie ticket",
    "home loan",
    "mobile recharge",
    "gas cylinder",
    "hotel room booking",
    "english tuition",
    "yoga teacher",
    "passport",
    "flight to delhi",
    "dog food",
    "sofa set price in shop",
    "grocery",
    "xyzzy",
    "बीमा",
    "हवाई जहाज",
    "sabzi",
    "ka ki ke",
)


@pytest.fixture(scope="module")
def index():
    return WordIndex.build(word_entries())


def answers(found, expected):
    """The expected sub-service is on top (alone or beside others as good), or any of the expected service."""
    best = max(found.values(), default=0)
    return any(key == expected or key.startswith(expected + "-") for key, score in found.items() if score == best)


def test_most_queries_in_english_hindi_roman_hindi_and_misspelt_find_what_they_mean(index):
    missed = [query for query, expected in QUERIES if not answers(index.match(query), expected)]

    assert len(QUERIES) >= 100
    assert 1 - len(missed) / len(QUERIES) >= FLOOR, missed


def test_queries_that_the_synonyms_were_not_made_for_mostly_find_what_they_mean_and_else_nothing(index):
    missed = [query for query, expected in UNSEEN if not answers(index.match(query), expected)]

    assert 1 - len(missed) / len(UNSEEN) >= UNSEEN_FLOOR, missed
    assert [query for query in missed if index.match(query)] == []


@pytest.mark.parametrize("query", NOTHING)
def test_what_is_not_sold_finds_nothing(index, query):
    assert index.match(query) == {}


@pytest.mark.parametrize(
    ("query", "only"),
    [
        ("fan repair", {"SM-ELC-FAN"}),
        ("sofa cleaning", {"SM-HCL-SOF"}),
        ("tap", {"SM-PLB-TAP", "SM-PLB-BTH"}),
        ("ac repair", {"SM-ACT-REP"}),
        ("light repair", {"SM-ELC-LGT"}),
        ("door repair", {"SM-CRP-REP"}),
        ("fan cleaning", {"SM-HCL-CFN", "SM-HCL-EXH"}),
        ("wall painting", {"SM-PNT-WAL"}),
        ("haircut", {"SM-BTY-CUT"}),
        ("bathroom cleaning", {"SM-HCL-BTH"}),
        ("water tank cleaning", set()),
    ],
)
def test_a_particular_query_finds_nothing_unrelated(index, query, only):
    assert set(index.match(query)) <= only
    assert bool(index.match(query)) is bool(only)


@pytest.mark.parametrize(
    ("query", "service"),
    [
        ("plumber", "SM-PLB"),
        ("electrician", "SM-ELC"),
        ("carpenter", "SM-CRP"),
        ("रसोइया", "SM-COK"),
        ("beautician", "SM-BTY"),
    ],
)
def test_the_name_of_a_trade_finds_all_of_that_trade_and_nothing_else(index, query, service):
    assert set(index.match(query)) == {sub.id for sub in SUB_SERVICES.values() if sub.service_id == service}


def test_results_come_best_first_with_scores_up_to_one(index):
    scores = list(index.match("pankha").values())

    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert all(0 < score <= 1 for score in scores)


@pytest.mark.parametrize(
    ("one", "other"), [("TAP REPAIR", "tap repair"), ("गीज़र", "गीजर"), ("a.c. repair", "ac repair")]
)
def test_case_nukta_and_dots_make_no_difference(index, one, other):
    assert index.match(one) == index.match(other) != {}


def test_every_sub_service_is_found_by_its_own_names(index):
    lost = [
        (sub.id, name)
        for sub in SUB_SERVICES.values()
        for name in (sub.name_en, sub.name_hi)
        if sub.id not in index.match(name)
    ]

    assert lost == []


def test_an_index_takes_any_keys_and_phrases():
    index = WordIndex.build([(1, ["Kite mending", "पतंग"]), (2, ["Kite flying"])])

    assert list(index.match("patang")) == [1]
    assert set(index.match("kite")) == {1, 2}


def test_an_empty_index_finds_nothing():
    assert WordIndex.build([]).match("tap") == {}


@given(st.text(max_size=40))
def test_any_text_is_answered_without_an_error(text):
    found = WordIndex.build([("tap", ["tap repair", "नल"])]).match(text)

    assert all(0 < score <= 1 for score in found.values())


@pytest.mark.parametrize(
    ("query", "looked_at"),
    [
        ("tap repair", ["tap", "repair"]),
        ("tap " * 100, ["tap"] * 12),
        ("a" * 30 + " tap", ["a" * 30, "tap"]),
        ("a" * 31 + " tap", ["tap"]),
        ("a" * 200_000, []),
    ],
)
def test_of_a_long_query_a_dozen_words_are_looked_at_and_none_that_cannot_be_one(query, looked_at):
    assert considered(query) == looked_at
