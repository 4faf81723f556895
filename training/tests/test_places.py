"""ZIP codes and where they lie."""

import zipcodes

from training.places import Place, place_of


def test_a_zip_code_has_a_middle_and_a_city():
    assert place_of("65101") == Place(38.5462, -92.1525, "Jefferson City")


def test_what_is_no_zip_code_lies_nowhere():
    assert [place_of(text) for text in ("", "00000", "6510", "65101-1234", "abcde", "６５１０１", "65101\n")] == [
        None
    ] * 7


def test_every_zip_code_of_missouri_lies_in_or_near_the_state():
    in_missouri = zipcodes.filter_by_state("MO")
    places = [place_of(one["zip_code"]) for one in in_missouri]
    assert len(places) > 1000
    assert all(35.9 < one.latitude < 40.7 and -95.8 < one.longitude < -89.0 for one in places)
