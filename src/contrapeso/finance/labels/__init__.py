"""Labels as people type them: proposals to group spellings and to set aside notes, reviewed before use."""

from contrapeso.finance.labels._proposals import LabelProposal, LabelProposals, Status, apply_labels
from contrapeso.finance.labels._propose import propose_labels

__all__ = ["LabelProposal", "LabelProposals", "Status", "apply_labels", "propose_labels"]
