"""The kinds of AWS Clean Rooms that bring data into a collaboration: tables, their rules, identifiers of people."""

from __future__ import annotations

from .kind import Kind, Needed, Parent, Unique, Verb

_RULE = {"type": "analysisRuleType", "policy": "analysisRulePolicy"}

TABLE_KINDS = (
    Kind(
        name="ConfiguredTable",
        arn_field="arn",
        arn_path="configuredtable",
        arn_service="cleanrooms",
        id_field="configuredTableIdentifier",
        wrapped="configuredTable",
        operations={
            "CreateConfiguredTable": Verb.CREATE,
            "GetConfiguredTable": Verb.GET,
            "ListConfiguredTables": Verb.LIST,
            "UpdateConfiguredTable": Verb.UPDATE,
            "DeleteConfiguredTable": Verb.DELETE,
        },
    ),
    # Documented: only one analysis rule can be created for a configured table.
    Kind(
        name="ConfiguredTableAnalysisRule",
        arn_service="cleanrooms",
        key="{configuredTableIdentifier}#{analysisRuleType}",
        wrapped="analysisRule",
        operations={
            "CreateConfiguredTableAnalysisRule": Verb.CREATE,
            "GetConfiguredTableAnalysisRule": Verb.GET,
            "UpdateConfiguredTableAnalysisRule": Verb.UPDATE,
            "DeleteConfiguredTableAnalysisRule": Verb.DELETE,
        },
        parents=(Parent("ConfiguredTable", "configuredTableIdentifier", needed=Needed.NEVER),),
        lives_with="configuredTableArn",
        only_one_per=("configuredTableIdentifier",),
        shown_as=_RULE,
    ),
    Kind(
        name="ConfiguredTableAssociation",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/configuredtableassociation",
        arn_service="cleanrooms",
        id_field="configuredTableAssociationIdentifier",
        wrapped="configuredTableAssociation",
        operations={
            "CreateConfiguredTableAssociation": Verb.CREATE,
            "GetConfiguredTableAssociation": Verb.GET,
            "ListConfiguredTableAssociations": Verb.LIST,
            "UpdateConfiguredTableAssociation": Verb.UPDATE,
            "DeleteConfiguredTableAssociation": Verb.DELETE,
        },
        parents=(Parent("ConfiguredTable", "configuredTableIdentifier"),),
        # Queries name the table by it.
        unique=Unique.COLLABORATION,
    ),
    Kind(
        name="ConfiguredTableAssociationAnalysisRule",
        with_membership=True,
        arn_service="cleanrooms",
        key="{configuredTableAssociationIdentifier}#{analysisRuleType}",
        wrapped="analysisRule",
        operations={
            "CreateConfiguredTableAssociationAnalysisRule": Verb.CREATE,
            "GetConfiguredTableAssociationAnalysisRule": Verb.GET,
            "UpdateConfiguredTableAssociationAnalysisRule": Verb.UPDATE,
            "DeleteConfiguredTableAssociationAnalysisRule": Verb.DELETE,
        },
        parents=(Parent("ConfiguredTableAssociation", "configuredTableAssociationIdentifier", needed=Needed.NEVER),),
        lives_with="configuredTableAssociationArn",
        only_one_per=("configuredTableAssociationIdentifier",),
        shown_as=_RULE,
    ),
    Kind(
        name="IdNamespaceAssociation",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/idnamespaceassociation",
        arn_service="cleanrooms",
        id_field="idNamespaceAssociationIdentifier",
        wrapped="idNamespaceAssociation",
        operations={
            "CreateIdNamespaceAssociation": Verb.CREATE,
            "GetIdNamespaceAssociation": Verb.GET,
            "GetCollaborationIdNamespaceAssociation": Verb.GET,
            "ListIdNamespaceAssociations": Verb.LIST,
            "ListCollaborationIdNamespaceAssociations": Verb.LIST,
            "UpdateIdNamespaceAssociation": Verb.UPDATE,
            "DeleteIdNamespaceAssociation": Verb.DELETE,
        },
    ),
    Kind(
        name="IdMappingTable",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/idmappingtable",
        arn_service="cleanrooms",
        id_field="idMappingTableIdentifier",
        wrapped="idMappingTable",
        operations={
            "CreateIdMappingTable": Verb.CREATE,
            "GetIdMappingTable": Verb.GET,
            "ListIdMappingTables": Verb.LIST,
            "UpdateIdMappingTable": Verb.UPDATE,
            "DeleteIdMappingTable": Verb.DELETE,
        },
        # Queries name the table by it.
        unique=Unique.COLLABORATION,
    ),
    # Its versions are the protected queries that fill it.
    Kind(
        name="IntermediateTable",
        arn_field="arn",
        arn_path="membership/{membershipIdentifier}/intermediatetable",
        arn_service="cleanrooms",
        id_field="intermediateTableIdentifier",
        wrapped="intermediateTable",
        operations={
            "CreateIntermediateTable": Verb.CREATE,
            "GetIntermediateTable": Verb.GET,
            "ListIntermediateTables": Verb.LIST,
            "UpdateIntermediateTable": Verb.UPDATE,
            "DeleteIntermediateTable": Verb.DELETE,
        },
        # Queries name the table by it.
        unique=Unique.COLLABORATION,
    ),
    Kind(
        name="IntermediateTableAnalysisRule",
        with_membership=True,
        arn_service="cleanrooms",
        key="{intermediateTableIdentifier}#{analysisRuleType}",
        wrapped="analysisRule",
        operations={
            "CreateIntermediateTableAnalysisRule": Verb.CREATE,
            "GetIntermediateTableAnalysisRule": Verb.GET,
            "UpdateIntermediateTableAnalysisRule": Verb.UPDATE,
            "DeleteIntermediateTableAnalysisRule": Verb.DELETE,
        },
        parents=(Parent("IntermediateTable", "intermediateTableIdentifier", needed=Needed.NEVER),),
        lives_with="intermediateTableArn",
        only_one_per=("intermediateTableIdentifier",),
        shown_as=_RULE,
    ),
)
