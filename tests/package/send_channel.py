"""Run by a test in a process of its own: creates a channel with Spark properties through the handlers' client.

Nothing is sent: the request is caught after botocore has validated and serialized it, and printed as JSON.
With --without-model the client's search path for service models is taken away again.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from cleanrooms_ml_handlers.client import Service

REQUEST = {
    "membershipIdentifier": "a1b2c3d4-5678-90ab-cdef-111111111111",
    "configuredModelAlgorithmAssociations": [
        "arn:aws:cleanrooms-ml:us-east-1:111122223333:membership/a1b2c3d4-5678-90ab-cdef-111111111111"
        "/configured-model-algorithm-association/a1b2c3d4-5678-90ab-cdef-222222222222"
    ],
    "inputChannel": {
        "roleArn": "arn:aws:iam::111122223333:role/cleanrooms-ml/channel",
        "dataSource": {
            "protectedQueryInputParameters": {
                "sqlParameters": {"queryString": "SELECT 1"},
                "computeConfiguration": {
                    "worker": {
                        "type": "CR.4X",
                        "number": 16,
                        "properties": {"spark": {"spark.sql.shuffle.partitions": "400"}},
                    }
                },
            }
        },
    },
    "name": "channel",
    "retentionInDays": 30,
}


class Body:
    """The raw answer, as urllib3 would give it."""

    def stream(self, *_: object, **__: object) -> list[bytes]:
        return [b'{"mlInputChannelArn": "arn"}']


def main() -> None:
    sent: list[Any] = []

    def catch(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent.append(json.loads(request.body))
        return AWSResponse(request.url, 200, {"Content-Type": "application/json"}, Body())

    if "--without-model" in sys.argv:
        del os.environ["AWS_DATA_PATH"]
    session = botocore.session.get_session()
    session.set_config_variable("region", "us-east-1")
    session.set_credentials("a", "b")
    session.register("before-send.cleanroomsml.CreateMLInputChannel", catch)
    service = Service(session)
    service.call("cleanroomsml", "CreateMLInputChannel", REQUEST)
    print(json.dumps({"botocore": botocore.__version__, "model": service.model_path, "sent": sent}))


if __name__ == "__main__":
    main()
