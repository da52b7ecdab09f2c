"""``python -m cleanrooms_ml_cli``."""

import sys

from .main import main

sys.exit(main())
