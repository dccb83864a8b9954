"""Whoever writes mails, in memory."""

from router.letters import Letters, LetterStand, LettersUnavailable


class FakeLetters(Letters):
    def __init__(self):
        self.letters = {}
        self.questions = {}
        self.mailbox = "help@example.com"
        self.away = False

    def sender(self, queue):
        return self.mailbox

    async def send(self, letter):
        self._here()
        return _stand(self.letters.setdefault((letter.about, letter.id), letter))

    async def about(self, contact):
        self._here()
        return [_stand(one) for one in self.letters.values() if one.about == contact]

    async def ask(self, question):
        self._here()
        self.questions.setdefault(question.id, question)

    def _here(self):
        if self.away:
            raise LettersUnavailable("The disk is full.")


def _stand(letter):
    return LetterStand(
        id=letter.id,
        to=(letter.to,),
        subject=letter.subject,
        at=1,
        state="held",
        due=2,
        agent=letter.agent,
    )
