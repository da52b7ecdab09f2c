"""Complete use cases of Clean Rooms ML, each as one construct."""

from __future__ import annotations

from .custom_model_training import CustomModelInference, CustomModelTraining
from .lookalike import LookalikeConsumer, LookalikeProvider

__all__ = ["CustomModelInference", "CustomModelTraining", "LookalikeConsumer", "LookalikeProvider"]
