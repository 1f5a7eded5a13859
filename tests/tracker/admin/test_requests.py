"""What no page of the admin takes."""

import pytest


@pytest.mark.parametrize(
    "address",
    [
        "/admin/programmes/budget/?status__exact=%00",
        "/admin/programmes/budget/?%00=1",
        "/admin/countries/country/%00/change/",
        "/admin/autocomplete/?term=%00",
    ],
)
def test_null_character_in_an_address_is_refused(admin_client, address):
    assert admin_client.get(address).status_code == 400
