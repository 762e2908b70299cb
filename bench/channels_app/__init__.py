"""The Django application that Carillon is measured against: one endpoint with Channels."""
