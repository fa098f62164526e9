"""Users and rules of amqtt for the test matrix, from the environment."""

import os

from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin


class Users(BaseAuthPlugin):
    """One user."""

    async def authenticate(self, *, session):
        return (session.username, session.password) == (os.environ["MATRIX_USER"], os.environ["MATRIX_PASSWORD"])


class Rules(BaseTopicPlugin):
    """One topic that nobody may subscribe to."""

    async def topic_filtering(self, *, session=None, topic=None, action=None):
        return action != Action.SUBSCRIBE or not (topic or "").startswith(os.environ["MATRIX_DENIED"] + "/")
