import json
from pathlib import Path

import pytest

from catalog.codes import domain_of, ondc_codes
from catalog.model import SubService
from catalog.services import SERVICES, SUB_SERVICES, published_category, search_words, with_code

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "service_map.json"


def sub_service(match, code="SRV11-1022", domain="ONDC:SRV11"):
    return SubService(id="SM-X-Y", service_id="SM-X", domain=domain, name_en="x", name_hi="x", code=code, match=match)


def test_every_ondc_code_is_reached_by_a_sub_service():
    assert [code for code in ondc_codes() if not with_code(code)] == []


@pytest.mark.skipif(not REFERENCE.exists(), reason="the service map is not at hand")
def test_every_service_of_the_service_map_is_there_with_its_exact_codes():
    for service in json.loads(REFERENCE.read_text(encoding="utf-8"))["services"]:
        ours = {sub.code for sub in SERVICES[service["id"]].sub_services}

        assert {row["decimal"] for row in service["codes"]} <= ours, service["id"]


def test_the_taxonomy_is_whole():
    assert len(SERVICES) >= 32
    for sub in SUB_SERVICES.values():
        assert sub.service_id in SERVICES
        assert sub.id.startswith(f"{sub.service_id}-")
        assert sub.name_en
        assert sub.name_hi
        assert sub.match in {"exact", "nearest", "none"}
        assert (sub.code is None) is (sub.match == "none")
        assert sub.code is None or (sub.code in ondc_codes() and domain_of(sub.code) == sub.domain)
    for service in SERVICES.values():
        assert service.policy in {"exact", "wildcard", "off"}
        assert service.sub_services


@pytest.mark.parametrize(
    ("match", "policy", "category"),
    [
        ("exact", "exact", "SRV11-1022"),
        ("exact", "wildcard", "SRV11-1022"),
        ("exact", "off", None),
        ("nearest", "exact", None),
        ("nearest", "wildcard", "SRV11-*"),
        ("nearest", "off", None),
        ("none", "exact", None),
        ("none", "wildcard", "SRV11-*"),
        ("none", "off", None),
    ],
)
def test_a_nearest_code_is_never_published_and_a_wildcard_only_by_policy(match, policy, category):
    code = None if match == "none" else "SRV11-1022"

    assert published_category(sub_service(match, code), policy) == category


def test_the_cook_is_published_under_the_wildcard():
    cook = SUB_SERVICES["SM-COK-MEA"]

    assert published_category(cook, SERVICES["SM-COK"].policy) == "SRV11-*"


@pytest.mark.parametrize("service", ["SM-TAX", "SM-DOC", "SM-NRS", "SM-EVP", "SM-CAT"])
def test_other_domains_and_project_work_stay_off_the_network(service):
    assert all(published_category(sub, SERVICES[service].policy) is None for sub in SERVICES[service].sub_services)


def test_a_sub_service_is_searched_by_its_own_words_and_those_of_its_trade():
    words = search_words(SUB_SERVICES["SM-PLB-TAP"])

    assert {"nal", "plumber", "प्लम्बर"} <= set(words)
