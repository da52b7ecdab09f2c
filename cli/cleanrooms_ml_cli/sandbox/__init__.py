"""A local AWS with Clean Rooms ML, on one address.

```python
from cleanrooms_ml_cli.sandbox import Sandbox

with Sandbox.start() as sandbox:
    result = sandbox.cdk("deploy", "--all", folder="my-app")
    print(sandbox.emulator.records())
```
"""

from .control import EmulatorControl
from .errors import Prerequisite, SandboxError
from .sandbox import Sandbox
from .toolchain import CDK_VERSION, CdkResult

__all__ = ["CDK_VERSION", "CdkResult", "EmulatorControl", "Prerequisite", "Sandbox", "SandboxError"]
