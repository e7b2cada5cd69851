"""Refuse an accidental CUDA build of PyTorch (pass --gpu where one was asked for)."""

import sys

import torch

if torch.version.cuda is not None and "--gpu" not in sys.argv[1:]:
    sys.exit(f"torch {torch.__version__} is a CUDA {torch.version.cuda} build; the recipe asks for the CPU build.")
sys.stdout.write(f"torch {torch.__version__}\n")
