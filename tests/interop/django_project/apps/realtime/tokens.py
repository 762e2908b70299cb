"""Access tokens that say who is staff and who is a mentor, so that nobody has to look it up."""

from rest_framework_simplejwt.serializers import TokenObtainPairSerializer


class RoleTokenSerializer(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token["is_staff"] = user.is_staff
        is_mentor = user.groups.filter(name="mentors").exists()
        token["role"] = "mentor" if is_mentor else "student"
        return token
