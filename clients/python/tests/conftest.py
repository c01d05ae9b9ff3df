import pytest
from scripted import ScriptedCoordinator


@pytest.fixture
def coordinator(tmp_path):
    coordinator = ScriptedCoordinator(tmp_path / "scripted")
    yield coordinator
    coordinator.close()
