import pytest

from router.edge.settings import EdgeSettings
from server.branch_process import branch_of


@pytest.mark.parametrize(
    ("tenant", "user", "branch"),
    [("main", "leeds", "leeds"), ("acme", "acme.leeds", "leeds"), ("main", "acme.leeds", None)],
)
def test_at_a_broker_of_several_tenants_the_branch_is_called_as_its_user_without_the_tenant(
    tenant, user, branch
):
    settings = EdgeSettings(host="127.0.0.1", port=1883, tenant=tenant, username=user)
    assert branch_of(settings) == (branch or user)
