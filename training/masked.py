"""Masked words of real news, guessed: what an encoder made for the likeness of sentences learns before all else.

BERT's way (Devlin et al. 2019). `training.appraiser` and `training.distil` begin with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertModel

from pipeline.extract.windows import CLS, SEP
from training.fitting import rate
from training.network import DEVICE

MASK = 103
"""The wordpiece that stands for a hidden one."""
SPECIAL = 999
"""Wordpieces up to this number are no words, but [CLS] and the like, and characters."""


def hidden(ids: Tensor, share: float) -> Tensor:
    """Return the wordpieces with a share of them hidden."""
    hide = (torch.rand(ids.shape, device=ids.device) < share) & (ids > MASK)
    return torch.where(hide, torch.full_like(ids, MASK), ids)


def read_news(read: BertModel, pieces: Tensor, config: dict[str, Any]) -> None:
    """Let an encoder guess masked words of real news; what of it shall not learn does not (`requires_grad`)."""
    words, width, length = read.embeddings.word_embeddings.weight, read.config.hidden_size, config["length"] - 2
    head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width)).to(DEVICE)
    bias = nn.Parameter(torch.zeros(len(words), device=DEVICE))
    learned = [*(one for one in read.parameters() if one.requires_grad), *head.parameters(), bias]
    optimizer = torch.optim.AdamW(learned, lr=config["learning_rate"], weight_decay=0.01, betas=(0.9, 0.98))
    read.train()
    lately: list[Tensor] = []
    for step in range(config["steps"]):
        starts = torch.randint(0, len(pieces) - length, (config["batch"], 1), device=DEVICE)
        text = pieces[starts + torch.arange(length, device=DEVICE)]
        edge = torch.ones_like(starts)
        ids = torch.cat([CLS * edge, text, SEP * edge], dim=1)
        asked = (torch.rand(ids.shape, device=DEVICE) < config["masked"]) & (ids > SPECIAL)
        draw = torch.rand(ids.shape, device=DEVICE)
        shown = torch.where(asked & (draw < 0.8), torch.full_like(ids, MASK), ids)
        shown = torch.where(asked & (draw > 0.9), torch.randint_like(ids, SPECIAL + 1, len(words)), shown)
        for group in optimizer.param_groups:
            group["lr"] = config["learning_rate"] * max(0.02, rate((step + 1) / config["steps"], 0.03))
        with torch.autocast(DEVICE, torch.bfloat16):
            guessed = head(read(input_ids=shown).last_hidden_state[asked]) @ words.t() + bias
        error = nn.functional.cross_entropy(guessed.float(), ids[asked])
        optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        lately.append(error.detach())
        if (step + 1) % 300 == 0:
            print(f"news, step {step + 1}: loss {np.mean([one.item() for one in lately]):.3f}", flush=True)
            lately.clear()
