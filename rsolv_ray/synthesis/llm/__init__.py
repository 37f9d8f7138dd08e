"""What is a language model asked, and what is taken of its answer? Values alone: who talks to one is `rsolv_ray.proposers`."""

from rsolv_ray.synthesis.llm.answer import Offer, candidate_of, offers
from rsolv_ray.synthesis.llm.question import Question, Turn, again, question, unfit

__all__ = ["Offer", "Question", "Turn", "again", "candidate_of", "offers", "question", "unfit"]
