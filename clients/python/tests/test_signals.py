"""Events that follow from saving a model."""

from typing import Any

import pytest
from django.core import serializers
from django.db.models import signals

from carillon import DASHBOARD_GROUP, student_group
from carillon.django.signals import broadcast_on_save, connect_grades, connect_submissions
from carillon.django.testing import RealtimeTestCase
from tests.project.school.models import Submission


class SignalsTestCase(RealtimeTestCase):
    """Leaves no receiver behind."""

    def setUp(self) -> None:
        super().setUp()
        for signal in (signals.post_save, signals.pre_save):
            before = signal.receivers[:]
            self.addCleanup(setattr, signal, "receivers", before)
            self.addCleanup(signal.sender_receivers_cache.clear)

    def sent(self, action: Any) -> list[tuple[str, dict[str, Any]]]:
        with self.captureEvents() as events:
            action()
        return [(event.group, event.message) for event in events]


def number(submission: Submission) -> dict[str, Any]:
    return {"id": submission.pk}


class BroadcastOnSave(SignalsTestCase):
    def test_a_save_sends_what_serialize_says(self) -> None:
        broadcast_on_save(
            Submission, to=DASHBOARD_GROUP, event_type="submission_saved", serialize=number
        )
        made = Submission(student_id=7)
        for _ in range(2):
            sent = self.sent(made.save)
            assert sent == [(DASHBOARD_GROUP, {"type": "submission_saved", "id": made.pk})]

    def test_when_says_which_saves(self) -> None:
        for when in ("created", "updated", "saved"):
            broadcast_on_save(
                Submission, to="g", event_type=f"was_{when}", serialize=number, when=when
            )
        broadcast_on_save(
            Submission,
            to="g",
            event_type="long_text",
            serialize=number,
            when=lambda submission, created: len(submission.text) > 3,
        )
        made = Submission(student_id=7, text="long")
        types = [message["type"] for _, message in self.sent(made.save)]
        assert types == ["was_created", "was_saved", "long_text"]
        made.text = ""
        types = [message["type"] for _, message in self.sent(made.save)]
        assert types == ["was_updated", "was_saved"]

    def test_it_decorates_serialize_and_to_may_ask_the_instance(self) -> None:
        @broadcast_on_save(
            Submission, to=lambda s: [student_group(s.student_id), "all"], event_type="x"
        )
        def serialize(submission: Submission) -> dict[str, Any] | None:
            return {"text": submission.text} if submission.text else None

        assert callable(serialize)
        assert self.sent(Submission(student_id=7, text="a").save) == [
            ("student_7", {"type": "x", "text": "a"}),
            ("all", {"type": "x", "text": "a"}),
        ]
        assert self.sent(Submission(student_id=7).save) == []

    def test_no_group_means_no_event(self) -> None:
        broadcast_on_save(
            Submission, to=lambda s: None, event_type="x", serialize=lambda s: {"a": 1 / 0}
        )
        assert self.sent(Submission(student_id=7).save) == []

    def test_fixtures_send_nothing(self) -> None:
        broadcast_on_save(Submission, to="g", event_type="x", serialize=number)
        text = serializers.serialize("json", [Submission(pk=5, student_id=7)])

        def load() -> None:
            for deserialized in serializers.deserialize("json", text):
                deserialized.save()

        assert self.sent(load) == []

    def test_what_is_rolled_back_sends_nothing(self) -> None:
        from django.db import transaction

        broadcast_on_save(Submission, to="g", event_type="x", serialize=number)

        def rolled_back() -> None:
            with pytest.raises(RuntimeError), transaction.atomic():
                Submission.objects.create(student_id=7)
                raise RuntimeError

        assert self.sent(rolled_back) == []

    def test_registered_twice_under_one_uid_counts_once(self) -> None:
        for _ in range(2):
            broadcast_on_save(
                Submission, to="g", event_type="x", serialize=number, dispatch_uid="once"
            )
        assert len(self.sent(Submission(student_id=7).save)) == 1

    def test_what_can_never_be_sent_is_told_when_it_is_registered(self) -> None:
        with pytest.raises(ValueError, match="reserved"):
            broadcast_on_save(Submission, to="g", event_type="pong", serialize=number)
        with pytest.raises(ValueError, match="cannot be a group"):
            broadcast_on_save(Submission, to="a b", event_type="x", serialize=number)

    def test_a_type_from_serialize_is_refused(self) -> None:
        broadcast_on_save(Submission, to="g", event_type="x", serialize=lambda s: {"type": "y"})
        with pytest.raises(ValueError, match='returned a "type"'):
            Submission.objects.create(student_id=7)


class Submissions(SignalsTestCase):
    def test_a_new_one_is_told_to_the_dashboard_and_its_mentor(self) -> None:
        connect_submissions(Submission)
        made = Submission(student_id=7, mentor_id=3)
        sent = self.sent(made.save)
        described = {"submission": {"id": made.pk}}
        assert sent == [
            (
                "dashboard_updates",
                {"type": "submission_created", "submission_id": made.pk, **described},
            ),
            ("mentor_3", {"type": "student_submission", **described}),
        ]
        assert self.sent(made.save) == []

    def test_without_a_mentor_the_dashboard_alone_is_told(self) -> None:
        connect_submissions(Submission, serialize=lambda s: {"text": s.text})
        sent = self.sent(Submission(student_id=7, text="a").save)
        assert [group for group, _ in sent] == ["dashboard_updates"]
        assert sent[0][1]["submission"] == {"text": "a"}

    def test_a_project_without_mentors_says_so(self) -> None:
        connect_submissions(Submission, mentor=None)
        assert len(self.sent(Submission(student_id=7, mentor_id=3).save)) == 1


class Grades(SignalsTestCase):
    def setUp(self) -> None:
        super().setUp()
        connect_grades(Submission)
        self.submission = Submission.objects.create(student_id=7)

    def test_the_first_grade_is_told_to_the_student_and_the_dashboard(self) -> None:
        self.submission.grade = 92
        grade = {"grade": {"score": 92, "submission_id": self.submission.pk}}
        assert self.sent(self.submission.save) == [
            ("student_7", {"type": "grade_received", **grade}),
            ("dashboard_updates", {"type": "grade_updated", **grade}),
        ]

    def test_a_changed_grade_is_told_and_an_unchanged_one_is_not(self) -> None:
        self.submission.grade = 92
        assert len(self.sent(self.submission.save)) == 2
        self.submission.text = "other"
        assert self.sent(self.submission.save) == []
        self.submission.grade = 93
        assert len(self.sent(self.submission.save)) == 2

    def test_a_change_by_another_instance_is_seen(self) -> None:
        other = Submission.objects.get(pk=self.submission.pk)
        other.grade = 50
        other.save()
        self.submission.grade = 50
        assert self.sent(self.submission.save) == []

    def test_a_grade_that_is_taken_back_is_not_told(self) -> None:
        Submission.objects.filter(pk=self.submission.pk).update(grade=92)
        self.submission.grade = None
        assert self.sent(self.submission.save) == []

    def test_a_save_of_other_fields_neither_asks_nor_tells(self) -> None:
        self.submission.grade = 92
        with self.assertNumQueries(1):
            assert self.sent(lambda: self.submission.save(update_fields=["text"])) == []
        assert len(self.sent(lambda: self.submission.save(update_fields=["grade"]))) == 2

    def test_one_created_with_a_grade_is_told(self) -> None:
        assert len(self.sent(Submission(student_id=8, grade=1).save)) == 2
