"""A service class takes its own section or the whole documented dict, and refuses every key it does not know."""

import pytest

from contrapeso.errors import UnknownConfigKeyError
from contrapeso.services._config import DEFAULTS, section
from contrapeso.services.quality_assessment_engine import QualityAssessmentEngine
from contrapeso.services.smote_implementation import SMOTEImplementation


@pytest.mark.parametrize("name", DEFAULTS)
def test_nothing_given_means_the_documented_defaults(name: str) -> None:
    assert section(name, None) == section(name, {}) == section(name, dict(DEFAULTS)) == DEFAULTS[name]


def test_a_section_and_the_whole_dict_say_the_same() -> None:
    own = SMOTEImplementation({"k_neighbors": 3})
    whole = SMOTEImplementation({"smote": {"k_neighbors": 3}, "synthetic": {"epochs": 5}})
    assert own.config == whole.config == {"random_state": 42, "k_neighbors": 3, "sampling_strategy": "auto"}
    thresholds = {"quality_thresholds": {"statistical_similarity": 0.7}}
    assert QualityAssessmentEngine(thresholds).config == QualityAssessmentEngine({"quality": thresholds}).config


@pytest.mark.parametrize(
    ("config", "nearest"),
    [
        ({"k_neighbours": 3}, "k_neighbors"),
        ({"smote": {"k_neighbours": 3}}, "k_neighbors"),
        ({"smote": {}, "synthetics": {}}, "synthetic"),
        ({"smote": {}, "synthetic": {"epoch": 1}}, "epochs"),
    ],
)
def test_an_unknown_key_names_the_nearest_one(config: dict[str, object], nearest: str) -> None:
    with pytest.raises(UnknownConfigKeyError) as caught:
        SMOTEImplementation(config)
    assert caught.value.details["nearest"] == nearest


def test_a_section_beside_loose_settings_is_refused() -> None:
    with pytest.raises(UnknownConfigKeyError, match="'k_neighbors'"):
        SMOTEImplementation({"smote": {}, "k_neighbors": 3})
