"""From stored conversations to training data: what people say about replies becomes rankings and demonstrations."""

from .demonstrations import ChatDemonstrations, chat_demonstrations
from .exporting import Exported, chat_rankings
from .feedback_log import FeedbackLog
from .records import Again, Edit, Thumb
from .redaction import redact, redact_messages

__all__ = [
    "Again",
    "ChatDemonstrations",
    "Edit",
    "Exported",
    "FeedbackLog",
    "Thumb",
    "chat_demonstrations",
    "chat_rankings",
    "redact",
    "redact_messages",
]
