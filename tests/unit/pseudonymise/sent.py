"""Sound rows as sources send them, with canaries in what must go no further: free text, places, names, scores."""

CANARIES = (
    "Quillfeather", "KT9 9ZY", "100029999999", "518123", "169123", "51.987654", "66.61", "A9999ZY", "2026-07-29",
)  # fmt: skip

CRIME = {
    "Crime Reference": "01/100000/26", "HO Code": "008/01", "Committed From": "01/08/2026 22:15",
    "Recorded Date": "02/08/2026", "Person Role": "VICTIM", "Person Number": "1", "Forename": "Quillfeather",
    "Surname": "Quillfeatherson", "Date of Birth": "17/03/2001", "Age": "25", "Sex": "F", "Ethnicity": "W1",
    "Address": "1 Quillfeather Road", "Postcode": "KT9 9ZY", "UPRN": "100029999999", "Easting": "518123",
    "Northing": "169123", "Weapon": "Knife", "Relationship": "Stranger", "Location Type": "Street",
    "Outcome Type": "1", "Outcome Date": "29/08/2026",
}  # fmt: skip
INCIDENT = {
    "IncidentNumber": "000123-01082026", "DateOfCall": "01 Aug 2026", "CalYear": "2026", "TimeOfCall": "00:31:07",
    "HourOfCall": "0", "IncidentGroup": "Fire", "StopCodeDescription": "Secondary Fire",
    "PropertyCategory": "Outdoor", "PropertyType": "Quillfeather Hall", "AddressQualifier": "near Quillfeather",
    "Postcode_full": "KT9 9ZY", "Postcode_district": "KT9", "UPRN": "100029999999", "Easting_m": "518123.0",
    "Northing_m": "169123.0", "Easting_rounded": "518150", "Northing_rounded": "169150", "Latitude": "51.987654",
    "IncidentStationGround": "Quillfeather",
}  # fmt: skip
ASSAULT = {
    "REPORTING PERIOD START DATE": "2026-07-01", "REPORTING PERIOD END DATE": "2026-09-30",
    "SITE CODE (OF TREATMENT)": "RAX01", "ARRIVAL DATE": "2026-07-29", "ARRIVAL TIME": "01:20:00",
    "ASSAULT DATE": "2026-07-28", "ASSAULT TIME": "00:30:00", "ASSAULT METHOD": "fist",
    "ASSAULT LOCATION TYPE": "60", "ASSAULT LOCATION DESCRIPTION": "by my cousin at the Quillfeather Arms",
}  # fmt: skip
SUPERVISED = {
    "crn": "X000001", "nomsNumber": "A9999ZY", "name.forename": "Quillfeather", "name.surname": "Quillfeatherson",
    "name.middleName": "Quillfeather", "dateOfBirth": "1991-03-17", "gender": "Female", "ethnicity": "W1",
    "address.postcode": "KT9 9ZY", "address.uprn": "100029999999", "limitedAccessOffender": "false",
    "supervision.eventNumber": "1", "supervision.startDate": "2026-05-01",
    "supervision.orderType": "Community Order", "supervision.mainOffenceCode": "008/01",
    "riskPredictors.OVP.ovp2Year": "66.61", "riskPredictors.OVP.ovpRisk": "High",
    "riskPredictors.RSR.rsrPercentageScore": "66.61", "riskPredictors.RSR.scoreLevel": "High",
    "rosh.public": "HIGH", "mappa.category": "2", "mappa.level": "1", "mappa.startDate": "2026-07-29",
}  # fmt: skip
