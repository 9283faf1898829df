"""Settings of TLS and of our own credentials: what they ask of each other, and where their files are."""

from configuring import GATEWAY, load, mistakes

from gateway.config import Credential
from gateway.domain.party import Address, Party

OCS = Address(Party.OCS)
PARTNER = '[partners.ocs]\nurl = "https://ocs.example/services/ocs"\n'


def test_tls_is_off(tmp_path):
    """Nothing is served over TLS unless a certificate is named."""
    config = load(tmp_path)
    assert (config.tls.certificate, config.gateway.public_url) == (None, "http://127.0.0.1:7001")


def test_files_are_beside_the_configuration(tmp_path):
    """A certificate is found from the directory of the file that names it, and partners are told https."""
    config = load(tmp_path, GATEWAY + '[tls]\ncertificate = "tls/a.pem"\nkey = "tls/a.key"\n')
    assert config.tls.certificate == tmp_path / "tls/a.pem"
    assert config.gateway.public_url == "https://127.0.0.1:7001"


def test_a_public_address_that_is_given_stays(tmp_path):
    """Behind a proxy the address may be what it is."""
    text = GATEWAY + 'public_url = "http://vsop.example"\n[tls]\ncertificate = "a.pem"\nkey = "a.key"\n'
    assert load(tmp_path, text).gateway.public_url == "http://vsop.example"


def test_certificate_without_key(tmp_path):
    """One is of no use without the other."""
    expected = ["gateway.toml:4: tls.key and certificate go together"]
    assert mistakes(tmp_path, GATEWAY + '[tls]\ncertificate = "a.pem"\n') == expected


def test_required_by_whom(tmp_path):
    """Certificates of callers cannot be required without a CA."""
    text = GATEWAY + '[tls]\ncertificate = "a.pem"\nkey = "a.key"\nclient_required = true\n'
    assert mistakes(tmp_path, text) == ["gateway.toml:7: tls.client_required needs tls.client_ca, by which certificates are judged"]


def test_call_is_the_default_of_partners(tmp_path):
    """The CA and our certificate stand once in [call]; a partner's section may name others."""
    text = GATEWAY + '[call]\nca = "ca.pem"\ncertificate = "me.pem"\nkey = "me.key"\n' + PARTNER + 'ca = "theirs.pem"\n'
    partner = load(tmp_path, text).partners[OCS]
    assert (partner.ca, partner.certificate, partner.key) == (tmp_path / "theirs.pem", tmp_path / "me.pem", tmp_path / "me.key")


def test_https_needs_a_ca(tmp_path):
    """There is no call without verification, so an address without a CA is a mistake."""
    expected = ["gateway.toml:5: partners.ocs.url is https and needs the CA of its certificate: ca here or in [call]"]
    assert mistakes(tmp_path, GATEWAY + PARTNER) == expected


def test_token_needs_user_and_password(tmp_path):
    """A UsernameToken cannot be made of less."""
    text = GATEWAY + '[partners.ocs]\nurl = "http://ocs/"\ncredential = "username-token"\nuser = "vsop"\n'
    assert mistakes(tmp_path, text) == ["gateway.toml:6: partners.ocs.credential needs user and password_file"]


def test_signature_needs_certificate_and_key(tmp_path):
    """Nor a signature."""
    text = GATEWAY + '[partners.ocs]\nurl = "http://ocs/"\ncredential = "signature"\nsigning_key = "k"\n'
    assert mistakes(tmp_path, text) == ["gateway.toml:6: partners.ocs.credential needs signing_certificate and signing_key"]


def test_token_is_read(tmp_path):
    """A whole one is taken, its password by the name of a file."""
    text = GATEWAY + '[partners.ocs]\nurl = "http://ocs/"\ncredential = "username-token"\nuser = "vsop"\npassword_file = "p"\n'
    partner = load(tmp_path, text).partners[OCS]
    assert (partner.credential, partner.user, partner.password_file) == (Credential.USERNAME_TOKEN, "vsop", tmp_path / "p")


def test_own_vsop_is_called_over_tls(tmp_path):
    """The PPM of a gateway with TLS tells its own VSOP by https, which needs a CA."""
    text = GATEWAY + '[tls]\ncertificate = "a.pem"\nkey = "a.key"\n[ppm]\nserve = true\n'
    assert len(mistakes(tmp_path, text)) == 1
    config = load(tmp_path, text + '[call]\nca = "ca.pem"\n')
    assert config.partners[Address(Party.VSOP, "15")].url == "https://127.0.0.1:7001/services/vsop"
