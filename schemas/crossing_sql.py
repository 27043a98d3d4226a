"""The questions of ``schemas.crossing``, in SQL. Each step makes one table of the ordinals of rows that do not stand.

``seen`` has a row's ordinal, generation, whether it is sound, barred or marked deleted, and two halves of the hash of
its key, its event and its record. Ordinals grow with generations.
"""

TABLES = """
CREATE TABLE spilt (
    ordinal BIGINT, generation INTEGER, sound BOOLEAN, barred BOOLEAN, deleted BOOLEAN, key_a UBIGINT, key_b UBIGINT,
    event_a UBIGINT, event_b UBIGINT, record_a UBIGINT, record_b UBIGINT
);
CREATE TABLE fault (ordinal BIGINT, number INTEGER, "column" VARCHAR, reason VARCHAR);
CREATE TABLE refers (ordinal BIGINT, number INTEGER, "column" VARCHAR, target_a UBIGINT, target_b UBIGINT);
CREATE TABLE referred (ordinal BIGINT, number INTEGER, target_a UBIGINT, target_b UBIGINT);
CREATE TABLE removed (ordinal BIGINT);
CREATE TABLE dangling (ordinal BIGINT, number INTEGER, "column" VARCHAR);
CREATE TABLE replaced (ordinal BIGINT);
CREATE TABLE barred (ordinal BIGINT);
CREATE TABLE repeated (ordinal BIGINT);
CREATE TABLE told (ordinal BIGINT, number INTEGER, "column" VARCHAR, reason VARCHAR);
"""
LIVE = """
CREATE VIEW live AS
    SELECT ordinal, key_a, key_b, event_a, event_b, record_a, record_b FROM seen
    ANTI JOIN (
        SELECT ordinal FROM replaced UNION ALL SELECT ordinal FROM dangling
        UNION ALL SELECT ordinal FROM barred UNION ALL SELECT ordinal FROM repeated
    ) USING (ordinal) WHERE sound
"""
STEPS = {
    "removed": """
        INSERT INTO removed SELECT ordinal FROM seen
        JOIN (SELECT key_a, key_b, max(ordinal) AS newest FROM seen WHERE deleted GROUP BY ALL) USING (key_a, key_b)
        WHERE NOT deleted AND ordinal < newest""",
    "dangling": """
        INSERT INTO dangling SELECT ordinal, number, "column" FROM refers ANTI JOIN removed USING (ordinal)
        ANTI JOIN (FROM referred ANTI JOIN removed USING (ordinal)) USING (number, target_a, target_b)""",
    "replaced": """
        INSERT INTO replaced FROM removed UNION
        SELECT ordinal FROM seen JOIN (
            SELECT key_a, key_b, max(generation) AS newest FROM seen
            ANTI JOIN removed USING (ordinal) ANTI JOIN dangling USING (ordinal)
            WHERE sound OR barred OR deleted GROUP BY ALL
        ) USING (key_a, key_b) WHERE NOT deleted AND generation < newest""",
    "barred": """
        INSERT INTO barred SELECT ordinal FROM seen ANTI JOIN replaced USING (ordinal) WHERE barred
        UNION SELECT ordinal FROM seen SEMI JOIN (
            SELECT record_a, record_b FROM seen ANTI JOIN replaced USING (ordinal) WHERE barred
        ) USING (record_a, record_b) ANTI JOIN replaced USING (ordinal) WHERE NOT deleted""",
    "repeated": """
        INSERT INTO repeated SELECT ordinal FROM live JOIN (
            SELECT key_a, key_b, max(ordinal) AS newest FROM live GROUP BY ALL HAVING count(*) > 1
        ) USING (key_a, key_b) WHERE ordinal < newest""",
}
TOLD = """
INSERT INTO told SELECT * FROM (
    SELECT ordinal, number, "column", reason FROM fault
        ANTI JOIN barred USING (ordinal) ANTI JOIN replaced USING (ordinal)
    UNION ALL SELECT ordinal, 1000 + number, "column", 'unknown_reference' FROM dangling
        ANTI JOIN barred USING (ordinal) ANTI JOIN replaced USING (ordinal)
    UNION ALL SELECT ordinal, 0, $bar, 'limited_access' FROM barred
    UNION ALL SELECT ordinal, 0, $row_key, 'repeated' FROM repeated
) ORDER BY ordinal, number
"""
COUNTS = 'SELECT reason, "column", count(DISTINCT ordinal) AS rows FROM told GROUP BY ALL ORDER BY rows DESC, 1, 2'
NUMBERS = """
SELECT (SELECT count(DISTINCT ordinal) FROM told), (SELECT count(*) FROM barred), (SELECT count(*) FROM replaced)
"""
FAULTS = """
SELECT (ordinal - $first)::UINTEGER AS row, "column", reason FROM told
WHERE ordinal >= $first AND ordinal < $stop ORDER BY ordinal, number
"""


def last_of(name: str) -> str:
    """The ordinals of the rows that stand and are the last with their event or record."""
    return f"SELECT max(ordinal) FROM live WHERE {name}_a IS NOT NULL GROUP BY {name}_a, {name}_b"  # noqa: S608
