"""Which addresses may be connected to."""

import pytest
from pericles.tools.errors import ConfigError
from pericles.tools.web.addresses import AllowList, refusal


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1"]
)
def test_the_public_internet(address):
    assert refusal(address) is None


@pytest.mark.parametrize(
    "address",
    """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7
    203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a00:1 64:ff9b::7f00:1 64:ff9b::808:808
    64:ff9b:1::7f00:1 100::1 2001::1 2001:0:7f00:1::1 2001:2::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1 3fff::1
    fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1
    """.split(),  # noqa: SIM905
)
def test_everything_else_is_refused(address):
    assert refusal(address)


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_refused(address):
    assert refusal(address) == "no IP address"


def test_allowed():
    allow = AllowList.read(["Wiki.LAN", "localhost:8080", "[fd00::1]:80", "10.1.0.0/16", "192.168.1.5", "fd00:1::/64"])
    assert allow.allows("wiki.lan", 1234, "192.168.7.7")
    assert allow.allows("WIKI.lan.", 1234, "192.168.7.7")
    assert allow.allows("localhost", 8080, "127.0.0.1")
    assert allow.allows("any.name", 80, "fd00::1")
    assert allow.allows("any.name", 99, "10.1.2.3")
    assert allow.allows("any.name", 99, "192.168.1.5")
    assert allow.allows("any.name", 99, "fd00:1::7")


def test_not_allowed():
    allow = AllowList.read(["wiki.lan", "localhost:8080", "10.1.0.0/16"])
    assert not allow.allows("evil.wiki.lan", 80, "10.2.0.1")
    assert not allow.allows("wiki.lan.evil", 80, "10.2.0.1")
    assert not allow.allows("localhost", 8081, "127.0.0.1")
    assert not allow.allows("x", 80, "::ffff:10.1.0.1")
    assert not AllowList().allows("x", 80, "127.0.0.1")


@pytest.mark.parametrize(
    "entry", ["", "10.1.0.5/16", "host:port", "host:70000", "http://wiki.lan", "a b", "10.0.0.0/99"]
)
def test_an_entry_that_cannot_be_read(entry):
    with pytest.raises(ConfigError, match=r"fetch\.allow"):
        AllowList.read([entry])
