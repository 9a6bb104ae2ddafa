"""A cell as the entry grid shows it."""

from django.db import models


class Row(models.Model):
    group = models.TextField()
    measure = models.TextField()
    period = models.TextField()
    before = models.TextField(blank=True)
    status = models.CharField(max_length=6, choices=[("valeur", "Valeur"), ("NR", "NR"), ("NA", "NA")])
    value = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    comment = models.TextField(blank=True)
    expected = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
