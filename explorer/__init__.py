"""The Django project and its one app: pages, sockets and the record of what a learner did."""
