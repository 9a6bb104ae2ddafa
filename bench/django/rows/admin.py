from django.contrib import admin

from .models import Row


@admin.register(Row)
class RowAdmin(admin.ModelAdmin):
    list_display = ["group", "measure", "period", "before", "status", "value", "comment", "expected"]
    list_editable = ["status", "value", "comment"]
    list_per_page = 50
