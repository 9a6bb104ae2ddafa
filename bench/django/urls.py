"""The editable list, and the same rows as JSON."""

from django.contrib import admin
from django.urls import path
from rest_framework import generics, serializers

from rows.models import Row


class RowSerializer(serializers.ModelSerializer):
    class Meta:
        model = Row
        fields = "__all__"


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/rows", generics.ListAPIView.as_view(queryset=Row.objects.all(), serializer_class=RowSerializer)),
]
