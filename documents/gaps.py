"""What each published table does not hold, or holds less well than it looks: for the data dictionary."""

from collections.abc import Mapping

GAPS: Mapping[str, tuple[str, ...]] = {
    "person": (
        "Persons of feeds that are not linked are not here: those feeds tell of events alone.",
        "Only the year of birth is kept, so that an age can be one year more than on the day.",
        "Two records that are wrongly joined are one person here, and two that are wrongly apart are two: the table "
        "release says how often that is estimated to happen.",
    ),
    "event": (
        "One happening can be several events: count incidents, not events.",
        "Street-level crime repeats recorded crime, by month and map point; the hospital's return of assaults repeats "
        "its attendances. Count one or the other.",
        "A small area is that of the nearest of the areas' points: of places drawn evenly, 78 in 100 are given the "
        "right one.",
        "Of a fire, nothing says whether it was deliberate.",
        "An attribute is blank for events of feeds that do not have it: that is not a no.",
    ),
    "involvement": (
        "A part that nobody is named for is not here; event.persons counts those who are.",
        "An assessment is as the feed last stated it for that event, and not a history.",
    ),
    "incident": (
        "Two patients of one assault that the police never heard of stay two incidents.",
        "Incidents that tell again what another feed tells (told_again) are to be left out of counts.",
    ),
    "factor": (
        "That nobody stated a factor does not mean that it is not there: most people were never assessed.",
        "People whom a service knows well have more factors stated than others as much at risk.",
        "Homes are not kept, so that an area's factors are of where events happened, and not of where people live.",
        "No feed shows a factor of the societal level.",
    ),
    "intervention": (
        "Primary prevention, which is for everybody, has no list of persons and is not here.",
        "Work of the voluntary sector, of schools and of hospital youth workers is here only where an authority's feed "
        "tells of it.",
        "Who was offered help was chosen for being at risk: to compare them with others is not to measure the help.",
    ),
    "area": (
        "An index by the small areas of 2011 leaves those blank whose boundaries changed in 2021.",
        "Deciles compare with England, and not within the borough; a ward has none.",
        "Where synthetic is true, the figures are made up.",
    ),
    "person_history": ("After the recipient's key was turned, earlier ids can be followed no more.",),
    "release": (
        "Its name and version stand in the manifest alone: the bytes of this table are part of what decides them.",
        "Rows are those that an authority sent. What it never recorded, no figure shows.",
    ),
}
