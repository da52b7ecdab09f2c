"""Every assumption of docs/assumptions.md, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import looks, runs
from .account import Account
from .runs import Runs
from .seen import Price, Seen


@dataclass(frozen=True)
class Assumption:
    """One thing about AWS that is in no document.

    Attributes:
        name: By what it is called here; also `sandbox up --assume` knows those that `values` has.
        question: What is not known.
        library: What the library does, which is right in either case.
        values: The sides that a sandbox can play, its default first; empty if it plays but one.
        look: Tries it without any cost; None if nothing that is there could show it.
        run: Tries it by a run; None if that would not show it either.
        price: What such a run costs.
        why_not: Why nothing tries it, if nothing does.
    """

    name: str
    question: str
    library: str
    values: tuple[str, ...] = ()
    look: Callable[[Account], Seen] | None = None
    run: Callable[[Runs], Seen] | None = None
    price: Price = Price.NOTHING
    why_not: str = ""


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "inactive-frees-name",
        "Does an `INACTIVE` channel or model free its name?",
        "It takes another name for a new run, which is right in either case.",
        ("no", "yes"),
        looks.inactive_frees_name,
        runs.inactive_frees_name,
        Price.TWO_QUERIES,
    ),
    Assumption(
        "unlisted-spark-keys",
        "Does the service refuse Spark properties that the user guide does not list?",
        "`cdk synth` warns (`cleanrooms-ml:spark-key`) and names the nearest one. A refusal fails the create with the "
        "service's message.",
        ("accepted", "refused"),
        looks.unlisted_spark_keys,
        runs.unlisted_spark_keys,
        Price.QUERY,
    ),
    Assumption(
        "busy-delete",
        "Which error does deleting something busy get?",
        "It reads the status, and deletes only what is not busy; it waits for the end or cancels. After a refusal it "
        "reads the status again, and goes on if it is busy by then.",
        ("conflict", "validation"),
        None,
        runs.busy_delete,
        Price.QUERY,
    ),
    Assumption(
        "deleting-holds",
        "Does what is being deleted still keep what it was built on?",
        "It reports a resource as deleted when nothing holds data any more, and tries a refused delete again until the "
        "deadline.",
        ("yes", "no"),
        why_not="it would delete a resource on which another was built",
    ),
    Assumption(
        "tag-inactive",
        "Can an `INACTIVE` record be tagged?",
        "A change of tags alone succeeds without a call.",
        ("conflict", "ok"),
        looks.tag_inactive,
        runs.tag_inactive,
        Price.QUERY,
    ),
    Assumption(
        "inactive-figures",
        "Does an `INACTIVE` record still show its figures?",
        "Missing figures are empty attributes, and gates are then passed over.",
        ("yes", "no"),
        looks.inactive_figures,
        runs.inactive_figures,
        Price.QUERY,
    ),
    Assumption(
        "new-version",
        "When does incremental training create a version of a model, and when a model?",
        "The answer of the create says which one it is, and the physical id has both parts. Versions share their tags: "
        "each is known as the stack's by its physical id, or by the time at which it was created, and the tag of any "
        "resource of the stack.",
        ("same-name", "always"),
        looks.new_version,
        runs.new_version,
        Price.TRAINING,
    ),
    Assumption(
        "latest-version",
        "Which version of a model does a training continue that names none, once the latest has failed or is deleted?",
        "It names the latest one that neither has failed nor is deleted. The first version has no identifier: if it is "
        "that one, it names none, and a refusal fails the create with what to do.",
        ("usable", "any"),
        why_not="it would train a model twice and delete one",
    ),
    Assumption(
        "undeclared-not-found",
        "What do operations of AWS Clean Rooms that do not declare `ResourceNotFoundException` answer?",
        "No handler reads, changes or deletes a resource with one of them.",
        ("not-found", "access-denied"),
        looks.undeclared_not_found,
    ),
    Assumption(
        "default-sizes",
        "Which sizes does a configured audience model without `audience_sizes` offer?",
        "Exports of any size are left to the service; with sizes, others are refused at synth.",
        why_not="only an export of each size would show it",
    ),
    Assumption(
        "source-arn",
        "Which `aws:SourceArn` does the service send for the roles of channels and algorithms?",
        "These roles have a condition on `aws:SourceAccount` alone, which holds if the service sends none.",
        why_not="it is in CloudTrail's events of AssumeRole, as far as the service shows it",
    ),
    Assumption(
        "read-after-write",
        "How long after a write does a read show it?",
        '"Not found" proves nothing for 30 seconds; then a list and a get decide together.',
        why_not="no number of tries shows the longest time",
    ),
    Assumption(
        "omitted-member",
        "What does an omitted member of an update mean?",
        "It sends every member, the empty value for one that was removed, or creates a new resource where there is "
        "none.",
        why_not="it would change a resource of the account",
    ),
    Assumption(
        "reply-address",
        "How long does the reply address of a custom resource live?",
        "It answers within `ServiceTimeout`, 3,600 seconds.",
        why_not="CloudFormation gives one to custom resources alone",
    ),
    Assumption(
        "lambda-boto3",
        "Which boto3 does the Lambda runtime have?",
        "The service model is beside the code, so that an old boto3 knows new members.",
        why_not="it would need a function of its own",
    ),
    Assumption(
        "relevance",
        "Is a relevance between 0 and 1?",
        "A gate may be what either allows, -1 to 10.",
        look=looks.relevance,
    ),
    Assumption(
        "seed-in-output-bucket",
        "May the seed be in the output's bucket?",
        "Advice: the owner of the model reads the output (`cleanrooms-ml:output-bucket`).",
        look=looks.seed_in_output_bucket,
    ),
    Assumption(
        "cloudformation-sizes",
        "Does CloudFormation take sizes of an association above its schema?",
        "They are refused at synth (`cleanrooms-ml:cloudformation-size`).",
        why_not="only a deployment would show it",
    ),
    Assumption(
        "distinct-items",
        "Does the service enforce that items of its sets are distinct?",
        "They are refused at synth (`cleanrooms-ml:distinct-items`).",
        why_not="if it does not, the call creates a resource",
    ),
    Assumption(
        "exclusive-members",
        "Are `dataSource` and `sqlParameters` exclusive, and `queryString` and `analysisTemplateArn`?",
        "Exactly one of each is allowed.",
        why_not="if they are not, the call starts a run whose input nobody chose",
    ),
    Assumption(
        "lookalike-key",
        "Does a lookalike model with a customer managed key need the grants of custom models?",
        "It gets the same permissions.",
        why_not="it would train a lookalike model of its own for hours",
    ),
    Assumption(
        "several-budgets",
        "Is a budget of several tables the least of them?",
        "Attributes are the least; a gate holds for each.",
        look=looks.budgets,
    ),
    Assumption(
        "quota-name",
        "What does `quotaName` of `ServiceQuotaExceededException` contain?",
        "A quota of runs in progress is known by a part of its name; any other fails at once.",
        why_not="it would need more runs at the same time than the account may have",
    ),
)
