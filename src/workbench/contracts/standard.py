"""The names of the Open Data Contract Standard, version 3.1, that a contract may use.

Names outside these lists are mistakes, so that a misspelt `requried` is not a check
that silently never happens. A test compares them with the standard's own models.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILE_KEYS = _words(
    """apiVersion authoritativeDefinitions context contractCreatedTs customProperties
    dataProduct description domain id kind name price roles schema servers
    slaDefaultElement slaProperties status support tags team tenant version"""
)
SERVER_KEYS = _words(
    """account catalog catalogUrl customProperties database dataset delimiter
    description encoding endpointUrl environment format host id location namespace path
    port project region regionName roles schema server serviceName stagingDir stream
    type warehouse workgroup"""
)
SCHEMA_KEYS = _words(
    """authoritativeDefinitions businessName context customProperties
    dataGranularityDescription deprecated description id logicalType name physicalName
    physicalType properties quality relationships synonyms tags"""
)
COLUMN_KEYS = _words(
    """authoritativeDefinitions businessName classification criticalDataElement
    customProperties deprecated description encryptedName enum examples id items
    logicalType logicalTypeOptions map name partitionKeyPosition partitioned
    physicalName physicalType primaryKey primaryKeyPosition properties quality
    relationships required semanticType synonyms tags transformDescription
    transformLogic transformSourceObjects unique"""
)
PROPERTY_KEYS = frozenset({"id", "property", "value", "description", "vendor"})
REQUIRED_KEYS = ("apiVersion", "kind", "id", "version", "status", "servers", "schema")
