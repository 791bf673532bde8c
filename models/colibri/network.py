"""The network: a small Llama in plain PyTorch, whose weights load unchanged into Hugging Face's `LlamaForCausalLM`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PREVIOUS_LAYER, FOLLOWING_LAYER = 1, 3
"""The layers whose first heads are taught to copy: to look at the token before, and at what followed the like."""

GUIDE_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network; parameters are counted by `Colibri.parameter_count`."""

    vocab: int
    hidden: int = 256
    layers: int = 6
    heads: int = 8
    kv_heads: int = 4
    mlp: int = 704
    context: int = 1024
    # Two thirds of a head's width turn slowly enough to match words by content over a whole prompt; at the customary
    # 10,000 and so narrow a head it would be a third, and copying would form much later.
    rope_theta: float = 1_000_000.0
    norm_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        """Return the width of one attention head."""
        return self.hidden // self.heads

    def hugging_face_config(self, pad_id: int, bos_id: int, eos_id: int) -> dict[str, Any]:
        """Return the `config.json` of the checkpoint, as Hugging Face and the onnxruntime-genai builder read it."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": self.vocab,
            "hidden_size": self.hidden,
            "intermediate_size": self.mlp,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "hidden_act": "silu",
            "max_position_embeddings": self.context,
            "rms_norm_eps": self.norm_eps,
            "rope_theta": self.rope_theta,
            "rope_parameters": {"rope_type": "default", "rope_theta": self.rope_theta},
            "attention_bias": False,
            "mlp_bias": False,
            "tie_word_embeddings": True,
            "pad_token_id": pad_id,
            "bos_token_id": bos_id,
            "eos_token_id": eos_id,
            "dtype": "float32",
        }


class RMSNorm(nn.Module):
    """Root-mean-square normalisation with a learned scale, computed in fp32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis."""
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Apply rotary positions to `x` [batch, heads, length, head_dim]; halves are paired as in Llama."""
    half = x.shape[-1] // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Attention(nn.Module):
    """Causal self-attention with grouped key and value heads.

    Written out in matrix products: on a CPU and for sequences of some hundred tokens that takes a quarter less time a
    training step than PyTorch's fused kernel.
    """

    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.shape = s
        self.q_proj = nn.Linear(s.hidden, s.heads * s.head_dim, bias=False)
        self.k_proj = nn.Linear(s.hidden, s.kv_heads * s.head_dim, bias=False)
        self.v_proj = nn.Linear(s.hidden, s.kv_heads * s.head_dim, bias=False)
        self.o_proj = nn.Linear(s.heads * s.head_dim, s.hidden, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Attend within each row of `x` [batch, length, hidden]; `mask` [length, length] is added to the scores.

        Returns what is added to the stream, and the scores [batch, kv_heads, group, length, length].
        """
        s = self.shape
        b, n, _ = x.shape
        group = s.heads // s.kv_heads
        q = self.q_proj(x).view(b, n, s.heads, s.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(b, n, s.kv_heads, s.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(b, n, s.kv_heads, s.head_dim).transpose(1, 2)
        q, k = rotate(q, cos, sin) * s.head_dim**-0.5, rotate(k, cos, sin)
        q = q.reshape(b, s.kv_heads, group * n, s.head_dim)
        scores = (q @ k.transpose(-1, -2)).view(b, s.kv_heads, group, n, n)
        scores = scores + mask.to(scores.dtype)
        mixed = (scores.softmax(-1).view(b, s.kv_heads, group * n, n) @ v).view(b, s.heads, n, s.head_dim)
        return self.o_proj(mixed.transpose(1, 2).reshape(b, n, s.heads * s.head_dim)), scores


class MLP(nn.Module):
    """The gated feed-forward block (SwiGLU)."""

    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(s.hidden, s.mlp, bias=False)
        self.up_proj = nn.Linear(s.hidden, s.mlp, bias=False)
        self.down_proj = nn.Linear(s.mlp, s.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Transform each position on its own."""
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    """One layer: attention and MLP, each behind a norm and added to the stream."""

    def __init__(self, s: Shape) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(s.hidden, s.norm_eps)
        self.self_attn = Attention(s)
        self.post_attention_layernorm = RMSNorm(s.hidden, s.norm_eps)
        self.mlp = MLP(s)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the stream after this layer, and the scores of its attention."""
        attended, scores = self.self_attn(self.input_layernorm(x), cos, sin, mask)
        x = x + attended
        return x + self.mlp(self.post_attention_layernorm(x)), scores


class Colibri(nn.Module):
    """The whole network, input and output embeddings tied."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocab, shape.hidden)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = RMSNorm(shape.hidden, shape.norm_eps)
        inverse = shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2).float() / shape.head_dim)
        angles = torch.outer(torch.arange(shape.context).float(), inverse)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        future = torch.full((shape.context, shape.context), float("-inf")).triu(1)
        self.register_buffer("future", future, persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.embed_tokens.weight, std=0.02)
        for name, p in self.layers.named_parameters():
            if p.ndim == 2:
                residual = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(p, std=0.02 / (2 * self.shape.layers) ** 0.5 if residual else 0.02)

    def hidden(self, ids: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the normed hidden states [batch, length, hidden] of `ids` [batch, length], and each layer's scores."""
        x = self.embed_tokens(ids)
        n = ids.shape[1]
        cos, sin, mask = self.cos[:n].to(x.dtype), self.sin[:n].to(x.dtype), self.future[:n, :n]
        scores = []
        for layer in self.layers:
            x, layer_scores = layer(x, cos, sin, mask)
            scores.append(layer_scores)
        return self.norm(x), scores

    def loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """Return the cross-entropy over the positions whose target is not -100 (the answers)."""
        return self._cross_entropy(self.hidden(ids)[0], targets)

    def guided_loss(self, ids: Tensor, targets: Tensor) -> Tensor:
        """Return `loss` plus what teaches a few heads to copy.

        Copying takes two heads in a row: one that looks at the token before, and one that looks at what followed the
        same token earlier. Neither is of use without the other, so that the pair forms late and by chance; both are
        told here where to look. Source: Olsson et al. 2022, "In-context Learning and Induction Heads".
        """
        states, scores = self.hidden(ids)
        before = scores[PREVIOUS_LAYER][:, 0].float().log_softmax(-1)
        looks_back = -before.diagonal(-1, -2, -1).mean()
        same = (ids[:, :-1].unsqueeze(1) == ids.unsqueeze(2)) & (ids[:, 1:].unsqueeze(1) == targets.unsqueeze(2))
        same = F.pad(same, (1, 0)).tril()
        found = same.any(-1)
        after = scores[FOLLOWING_LAYER][:, :2].float().log_softmax(-1)
        there = after.masked_fill(~same[:, None, None], float("-inf"))
        there = torch.where(found[:, None, None], there.logsumexp(-1), 0.0)
        looks_there = -there.sum() / (found.sum().clamp(min=1) * there.shape[1] * there.shape[2])
        return self._cross_entropy(states, targets) + GUIDE_WEIGHT * (looks_back + looks_there)

    def _cross_entropy(self, states: Tensor, targets: Tensor) -> Tensor:
        # A row's tokens together weigh as the square root of their number, so that an answer of ten tokens (a choice,
        # a classification) is not drowned by one of a hundred.
        answered = targets != -100
        keep = answered.flatten().nonzero().squeeze(1)
        logits = F.linear(states.flatten(0, 1).index_select(0, keep), self.embed_tokens.weight).float()
        each = F.cross_entropy(logits, targets.flatten().index_select(0, keep), reduction="none")
        lengths = answered.sum(1, keepdim=True).clamp(min=1)
        weights = lengths.rsqrt().expand_as(targets).flatten().index_select(0, keep)
        return (each * weights).sum() / weights.sum()

    @property
    def device(self) -> torch.device:
        """Return where the weights are."""
        return self.embed_tokens.weight.device

    def parameter_count(self) -> int:
        """Return the number of trained numbers, the tied table counted once."""
        return sum(p.numel() for p in self.parameters())

    def hugging_face_state(self) -> dict[str, Tensor]:
        """Return the weights under the names of Hugging Face's Llama, fp32."""
        return {f"model.{k}": v.detach().float().cpu().contiguous() for k, v in self.state_dict().items()}

    def description(self) -> dict[str, Any]:
        """Return the shape as plain values, for checkpoints."""
        return asdict(self.shape)
