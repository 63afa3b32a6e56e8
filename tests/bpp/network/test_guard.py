from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.network.guard import AddressGuard, ForbiddenAddress, ForbiddenUrl

PUBLIC = AddressGuard(require_https=False)
STRICT = AddressGuard()
LOOPBACK = AddressGuard(allowed=(ip_network("127.0.0.0/8"),), require_https=False)

FORBIDDEN = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_an_address_inside_somebodys_network_is_forbidden(address):
    assert not PUBLIC.permits(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "34.180.45.0", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_public_address_is_permitted(address):
    assert PUBLIC.permits(ip_address(address))


@given(st.ip_addresses(v=4))
def test_wrapping_an_ipv4_address_into_ipv6_changes_nothing(address):
    permitted = PUBLIC.permits(address)

    assert PUBLIC.permits(ip_address(f"::ffff:{address}")) is permitted
    assert PUBLIC.permits(ip_address(f"64:ff9b::{address}")) is permitted
    assert permitted <= address.is_global


@pytest.mark.parametrize(
    ("address", "permitted"),
    [("127.0.0.1", True), ("::ffff:127.0.0.1", True), ("::1", False), ("10.0.0.1", False), ("8.8.8.8", True)],
)
def test_allowed_networks_come_on_top_of_public_addresses(address, permitted):
    assert LOOPBACK.permits(ip_address(address)) is permitted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/on_search",
        "buyer.example.in/on_search",
        "ftp://buyer.example.in/",
        "file:///etc/passwd",
        "gopher://buyer.example.in/",
        "unix:///run/x.sock",
        "http+unix://%2Frun%2Fx.sock/",
        "http://",
        "http:///on_search",
        "http://user@buyer.example.in/",
        "http://user:password@buyer.example.in/",
        "http://@buyer.example.in/",
        "http://buyer.example.in@127.0.0.1/",
        "http://127.0.0.1\\@buyer.example.in/",
        "http://buyer.example.in:99999/",
        "http://buyer.example.in:x/",
        "http://buyer.example.in:0/",
        "http://[::1",
        "http://buyer.example.in/ on_search",
        "http://buyer.example.in/\r\nX: y",
        "http://buyer.example.in/" + "x" * 2048,
        "http://127.0.0.1./",
        "http://１２７.０.０.１/",
        "http://[fe80::1%25eth0]/",
        *[f"http://[{address}]/" if ":" in address else f"http://{address}/" for address in FORBIDDEN],
    ],
)
def test_a_url_that_we_do_not_call_is_refused_before_anything_is_resolved(url):
    with pytest.raises(ForbiddenUrl):
        PUBLIC.check_url(url)


@pytest.mark.parametrize(
    "url", ["https://buyer.example.in/ondc/on_search", "https://buyer.example.in:8443/?a=b", "https://8.8.8.8/"]
)
def test_a_plain_https_url_passes(url):
    assert str(STRICT.check_url(url)) == url


def test_https_is_required_unless_it_is_waived():
    assert PUBLIC.check_url("http://buyer.example.in/")
    with pytest.raises(ForbiddenUrl, match="https"):
        STRICT.check_url("http://buyer.example.in/")


@given(st.text())
def test_any_text_is_a_url_or_forbidden(text):
    try:
        url = PUBLIC.check_url(text)
    except ForbiddenUrl:
        return
    assert url.host


@pytest.mark.parametrize("address", ["169.254.169.254", "::1", "not an address"])
def test_no_socket_is_made_for_a_forbidden_address(address):
    with pytest.raises(ForbiddenAddress):
        PUBLIC.make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80)))


def test_a_socket_is_made_for_a_permitted_address():
    with LOOPBACK.make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))) as made:
        assert made.family == socket.AF_INET
