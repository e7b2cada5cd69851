"""Samplers as ONNX graphs: the same rows as torch for the same numbers, and the law of ``sample``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

import onnx
import onnxruntime as runtime
import torch

from contrapeso.errors import InvalidParameterError, NotFittedError, UnsupportedOperationError
from contrapeso.generators import (
    AutoregressiveNetwork,
    AutoregressiveSynthesizer,
    ConditionalGANSynthesizer,
    DiffusionNetwork,
    DiffusionSynthesizer,
    GANNetwork,
    GANSynthesizer,
    Training,
    VAESynthesizer,
)
from contrapeso.generators.deep._onnx import export_onnx, normal_cdf, normal_quantile, sampler_graph
from contrapeso.tables.encoding import Encoded

SHORT = Training(epochs=2, batch_size=128, probes=0)
QUICK = ("gan",)
WAYS = tuple(
    way if way in QUICK else pytest.param(way, marks=pytest.mark.slow)  # an export takes 5 to 10 s
    for way in ("fixed", "any", "candidates", "vae", "gan", "cgan")
)
CONDITIONAL = tuple(way for way in WAYS if way != "gan")


class Exported(NamedTuple):
    """A fitted generator, its graph in torch and its graph in the runtime."""

    model: Any
    graph: Any
    session: Any
    path: Path

    def run(self, uniform: NDArray[np.float32], given: NDArray[np.int64] | None = None) -> list[NDArray[Any]]:
        feed: dict[str, NDArray[Any]] = {"uniform": uniform}
        if self.graph.takes_given:
            feed["given"] = self.free(len(uniform)) if given is None else given
        result: list[NDArray[Any]] = self.session.run(None, feed)
        return result

    def numbers(self, n: int, seed: int = 0) -> NDArray[np.float32]:
        return np.random.default_rng(seed).random((n, self.graph.n_uniform), dtype=np.float32)

    def free(self, n: int) -> NDArray[np.int64]:
        return np.full((n, self.graph.n_tokens), -1, dtype=np.int64)


def table(n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    kind = rng.choice(["pix", "ted", "doc"], n, p=[0.5, 0.3, 0.2])
    x = rng.normal(size=n) + 1.5 * (kind == "doc")
    return pd.DataFrame(
        {"kind": kind, "amount": np.round(np.exp(x), 4), "late": rng.random(n) < 1 / (1 + np.exp(-2 * x))}
    )


def unfitted(way: str) -> Any:
    if way == "vae":
        return VAESynthesizer(training=SHORT, random_state=0)
    if way == "gan":
        return GANSynthesizer(GANNetwork(width=32), training=SHORT, random_state=0)
    if way == "cgan":
        return ConditionalGANSynthesizer(training=SHORT, random_state=0)
    network = AutoregressiveNetwork(order="any" if way == "any" else "fixed")
    return AutoregressiveSynthesizer(network, training=SHORT, random_state=0)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made: dict[str, Exported] = {}

    def of(way: str) -> Exported:
        if way not in made:
            model = unfitted(way).fit(table(), target="kind")
            candidates = 8 if way == "candidates" else 1
            path = tmp_path_factory.mktemp(way) / "sampler.onnx"
            export_onnx(model, path, candidates=candidates)
            session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            made[way] = Exported(model, sampler_graph(model, candidates=candidates), session, path)
        return made[way]

    return of


@pytest.mark.parametrize("way", WAYS)
def test_the_file_is_one_valid_model_with_no_random_operation_and_no_path(way: str, exported: Any) -> None:
    found = exported(way)
    model = onnx.load(str(found.path))
    onnx.checker.check_model(model, full_check=True)
    assert not [node.op_type for node in model.graph.node if "Random" in node.op_type or node.op_type == "Multinomial"]
    assert [path.name for path in found.path.parent.iterdir()] == ["sampler.onnx"]
    assert b"contrapeso/generators" not in found.path.read_bytes()
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert int(told["n_uniform"]) == found.graph.n_uniform
    assert told["family"] == found.model.family


@pytest.mark.parametrize("way", WAYS)
def test_the_runtime_gives_the_codes_of_torch_for_the_same_numbers(way: str, exported: Any) -> None:
    found = exported(way)
    uniform = found.numbers(3000)
    feed = (uniform, found.free(3000)) if found.graph.takes_given else (uniform,)
    with torch.no_grad():
        codes, position = found.graph(*(torch.from_numpy(values) for values in feed))
    out = found.run(uniform)
    same = out[0] == codes.numpy()
    assert same.mean() > 0.999
    rows = same.all(axis=1)
    assert_allclose(out[1][rows], position.numpy()[rows], atol=2e-3)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", [1, 7, 100])
def test_any_number_of_rows_goes_through(way: str, n: int, exported: Any) -> None:
    found = exported(way)
    codes, position = found.run(found.numbers(n))
    assert codes.shape == (n, found.graph.n_tokens)
    assert position.shape[0] == n
    sizes = [token.n_codes for token in found.model.encoder_.tokens_]
    assert (codes >= 0).all()
    assert (codes < sizes).all()
    frame = found.model.encoder_.decode(
        Encoded(codes.astype(np.int32), position if position.shape[1] else None), np.random.default_rng(0)
    )
    assert list(frame.columns) == ["kind", "amount", "late"]


@pytest.mark.parametrize("way", WAYS)
def test_a_row_depends_on_its_own_numbers_only(way: str, exported: Any) -> None:
    found = exported(way)
    uniform = found.numbers(64)
    together, alone = found.run(uniform), found.run(uniform[10:20])
    assert (together[0][10:20] == alone[0]).mean() > 0.99


@pytest.mark.parametrize("way", CONDITIONAL)
def test_what_is_given_comes_out_as_it_went_in(way: str, exported: Any) -> None:
    found = exported(way)
    given = found.free(200)
    rng = np.random.default_rng(3)
    for t, token in enumerate(found.model.encoder_.tokens_):
        asked = rng.random(200) < 0.4
        given[asked, t] = rng.integers(0, token.n_codes, 200)[asked]
    codes, _ = found.run(found.numbers(200), given)
    assert_array_equal(codes[given >= 0], given[given >= 0])


@pytest.mark.parametrize("way", WAYS)
def test_rows_follow_the_law_of_sample(way: str, exported: Any) -> None:
    """Total variation of two samples of 6000 rows from one law stays under .06 for up to 40 codes, all but surely."""
    found = exported(way)
    codes, _ = found.run(found.numbers(6000))
    other = found.model.encoder_.encode(found.model.sample(6000, random_state=1)).codes
    for t, token in enumerate(found.model.encoder_.tokens_):
        assert variation(codes[:, t], other[:, t], token.n_codes) < 0.06, token.column


@pytest.mark.slow
@pytest.mark.parametrize("way", ["any", "candidates"])
def test_a_condition_on_a_later_column_changes_the_earlier_ones_as_in_sample(way: str, exported: Any) -> None:
    """The standard error of a share of 4000 rows is under .008; the two laws differ by the candidates only."""
    found = exported(way)
    asked = pd.DataFrame({"late": [True] * 4000})
    codes, _ = found.run(found.numbers(4000), found.model.encoder_.given(asked).codes.astype(np.int64))
    other = found.model.sample(4000, conditions={"late": True}, random_state=2)
    kinds = found.model.encoder_.encode(other).codes[:, 0]
    assert variation(codes[:, 0], kinds, found.model.encoder_.tokens_[0].n_codes) < 0.05


def test_normal_quantiles_and_probabilities_agree_with_scipy() -> None:
    p = np.concatenate([np.geomspace(1e-10, 0.1, 500), np.linspace(0.1, 0.9, 500), 1 - np.geomspace(1e-7, 0.1, 500)])
    assert_allclose(normal_quantile(torch.from_numpy(p)).numpy(), ndtri(p), rtol=3e-7, atol=3e-7)
    x = np.linspace(-6, 6, 500)
    assert_allclose(normal_cdf(torch.from_numpy(x)).numpy(), ndtr(x), atol=2e-7)


def test_a_family_that_iterates_says_which_ones_can_be_exported(tmp_path: Path) -> None:
    network = DiffusionNetwork(width=16, n_blocks=1, residual_width=16)
    model = DiffusionSynthesizer(network, training=SHORT, random_state=0).fit(table(120))
    with pytest.raises(UnsupportedOperationError, match="autoregressive family, the VAE, the GAN"):
        export_onnx(model, tmp_path / "sampler.onnx")


@pytest.mark.parametrize("way", ["any", "gan", "cgan"])
def test_candidates_are_refused_where_nothing_weighs_them(way: str, tmp_path: Path) -> None:
    model = unfitted(way).fit(table(120), target="kind")
    with pytest.raises(InvalidParameterError, match="candidates must be 1"):
        export_onnx(model, tmp_path / "sampler.onnx", candidates=4)
    with pytest.raises(InvalidParameterError, match="at least 1"):
        export_onnx(model, tmp_path / "sampler.onnx", candidates=0)


def test_an_unfitted_model_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        export_onnx(AutoregressiveSynthesizer(), tmp_path / "sampler.onnx")


def variation(a: NDArray[Any], b: NDArray[Any], n_codes: int) -> float:
    """Total variation between the frequencies of two samples of codes."""
    shares = [np.bincount(codes, minlength=n_codes) / len(codes) for codes in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
